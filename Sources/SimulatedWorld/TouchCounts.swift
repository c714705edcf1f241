import PromotionModel

/// How often each kind of call was made.
struct TouchCounts: Sendable {
  private var counts = [Int](repeating: 0, count: Touch.allCases.count)

  subscript(touch: Touch) -> Int {
    get { counts[touch.number] }
    set { counts[touch.number] = newValue }
  }

  /// Those that were made at all.
  var made: [Touch: Int] {
    Dictionary(uniqueKeysWithValues: Touch.allCases.filter { self[$0] > 0 }.map { ($0, self[$0]) })
  }
}

extension Touch {
  /// Its place among all cases, from 0. A case without a payload is stored as just that, in one byte.
  var number: Int { withUnsafeBytes(of: self) { Int($0[0]) } }

  /// By the number: the raw value is for people, and long.
  public func hash(into hasher: inout Hasher) { hasher.combine(number) }

  /// What ``Chance`` knows each kind by, made of its raw value once.
  private static let purposes = Touch.allCases.map { StableHash.of($0.rawValue) }
  var purpose: UInt64 { Self.purposes[number] }
}
