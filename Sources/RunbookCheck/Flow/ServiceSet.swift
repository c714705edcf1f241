import PromotionModel

/// Services as far as they are known before a run: named ones, and whatever certain variables stand for.
struct ServiceSet: Hashable {
  var known: Set<ServiceName> = []
  /// Slots of variables whose services are known in the run only.
  var symbols: Set<Int> = []

  init() {}

  init(_ known: some Sequence<ServiceName>) { self.known = Set(known) }

  init(symbol: Int) { symbols = [symbol] }

  var isEmpty: Bool { known.isEmpty && symbols.isEmpty }

  mutating func formUnion(_ other: ServiceSet) {
    known.formUnion(other.known)
    symbols.formUnion(other.symbols)
  }

  mutating func formIntersection(_ other: ServiceSet) {
    known.formIntersection(other.known)
    symbols.formIntersection(other.symbols)
  }

  mutating func subtract(_ other: ServiceSet) {
    known.subtract(other.known)
    symbols.subtract(other.symbols)
  }

  /// Puts what a loop's variable goes through in its place.
  mutating func replace(_ symbol: Int, with other: ServiceSet) {
    if symbols.remove(symbol) != nil { formUnion(other) }
  }
}
