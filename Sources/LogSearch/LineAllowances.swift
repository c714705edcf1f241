import PromotionModel

/// Which lines were let pass by allowances, as far back as that matters.
public struct LineBudget: Hashable, Sendable {
  private var passed: [Int: [Timestamp]] = [:]

  public init() {}

  /// Whether a line that was written at `time` is within the allowance with that number.
  mutating func lets(_ rule: Int, pass time: Timestamp, _ allowances: [LineAllowance]) -> Bool {
    guard allowances.indices.contains(rule) else { return false }
    let allowance = allowances[rule]
    // No more than `count` are kept, so this is short.
    var window = (passed[rule] ?? []).filter { time - $0 < allowance.per }
    let isWithin = window.count < allowance.count
    if isWithin { window.append(time) }
    passed[rule] = window
    return isWithin
  }
}

/// Error lines that wait to be counted, with one example of each kind.
struct HeldLines: Hashable, Sendable {
  struct Line: Hashable, Sendable {
    var rule: Int
    var time: Timestamp?
    /// The number of its kind.
    var kind: Int
  }

  private(set) var lines: [Line] = []
  private(set) var kinds: [ErrorLines.Kind] = []
  private var places: [[UInt8]: Int] = [:]

  mutating func add(_ line: UnsafeRawBufferPointer, _ folded: FoldedLine, at time: Timestamp?, for rule: Int) {
    let kind = place(folded.bytes) {
      ErrorLines.Kind(
        count: 0,
        first: nil,
        last: nil,
        example: Array(line.prefix(ErrorLines.longestExample)),
        folded: folded.bytes
      )
    }
    lines.append(Line(rule: rule, time: time, kind: kind))
  }

  mutating func merge(_ other: HeldLines) {
    let numbers = other.kinds.map { kind in place(kind.folded) { kind } }
    lines += other.lines.map { Line(rule: $0.rule, time: $0.time, kind: numbers[$0.kind]) }
  }

  private mutating func place(_ folded: [UInt8], _ make: () -> ErrorLines.Kind) -> Int {
    if let known = places[folded] { return known }
    // Of more kinds than anybody reads, the last stands for the rest.
    if kinds.count == ErrorLines.mostKinds { return kinds.count - 1 }
    places[folded] = kinds.count
    kinds.append(make())
    return kinds.count - 1
  }
}
