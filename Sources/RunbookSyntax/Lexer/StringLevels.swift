/// How strings and interpolations lie in each other at a place of a string. It takes memory of its own only where they nest
/// deeper than anybody writes.
struct StringLevels {
  enum Level: UInt64 {
    case string = 0
    case interpolation = 1
  }

  /// The innermost 64 levels at most, the innermost the lowest bit.
  private var bits: UInt64 = 0
  /// Those outside of them, full words of 64 levels.
  private var outer: [UInt64] = []
  private(set) var count = 0

  /// The innermost level; nil outside of all.
  @inline(__always)
  var last: Level? {
    guard count > 0 else { return nil }
    return bits & 1 == 1 ? .interpolation : .string
  }

  @inline(__always)
  mutating func push(_ level: Level) {
    if count > 0, count % 64 == 0 { outer.append(bits) }
    bits = bits << 1 | level.rawValue
    count += 1
  }

  /// Leaves the innermost level, if there is one.
  @inline(__always)
  mutating func pop() {
    guard count > 0 else { return }
    count -= 1
    bits >>= 1
    if count > 0, count % 64 == 0 { bits = outer.removeLast() }
  }
}
