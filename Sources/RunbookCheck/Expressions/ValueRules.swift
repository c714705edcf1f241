import PromotionModel

/// What operators do with values that are known before the run. A run does the same, and refuses in words what here has no
/// value.
enum ValueRules {
  /// Whether a comparison holds; nil where it says nothing about these two, or the values are no numbers at all.
  ///
  /// Versions compare by SemVer's precedence, build metadata aside; numbers and percentages by their values.
  static func compare(_ comparison: Comparison, _ a: Value, _ b: Value) -> Bool? {
    switch comparison {
    case .equal: return isEqual(a, b)
    case .notEqual: return isEqual(a, b).map { !$0 }
    case .less: return isLess(a, b)
    case .greater: return isLess(b, a)
    case .lessOrEqual: return isLess(b, a).map { !$0 }
    case .greaterOrEqual: return isLess(a, b).map { !$0 }
    }
  }

  private static func isEqual(_ a: Value, _ b: Value) -> Bool? {
    if case .version(let x) = a, case .version(let y) = b { return x.hasSamePrecedence(as: y) }
    if case .list(let xs) = a, case .list(let ys) = b {
      guard xs.count == ys.count else { return false }
      var all = true
      for (x, y) in zip(xs, ys) {
        guard let same = isEqual(x, y) else { return nil }
        all = all && same
      }
      return all
    }
    if let x = number(a), let y = number(b) { return x.isNaN || y.isNaN ? nil : x == y }
    return a == b
  }

  private static func isLess(_ a: Value, _ b: Value) -> Bool? {
    switch (a, b) {
    case (.version(let x), .version(let y)): return !x.hasSamePrecedence(as: y) && x < y
    case (.duration(let x), .duration(let y)): return x < y
    case (.clockTime(let x), .clockTime(let y)): return x < y
    case (.dateTime(let x), .dateTime(let y)): return x < y
    case (.integer(let x), .integer(let y)): return x < y
    default:
      guard let x = number(a), let y = number(b), !x.isNaN, !y.isNaN else { return nil }
      return x < y
    }
  }

  /// An integer, a decimal or a percentage as a number.
  private static func number(_ value: Value) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .decimal(let number), .percentage(let number): number
    case .string, .duration, .version, .boolean, .clockTime, .dateTime, .service, .environment, .health, .sync, .list:
      nil
    }
  }

  /// The type of a sum or a difference; nil where there is none.
  static func sum(_ a: ValueType, _ b: ValueType, isPlus: Bool) -> ValueType? {
    switch (a, b) {
    case (.integer, .integer): .integer
    case (.integer, .decimal), (.decimal, .integer), (.decimal, .decimal): .decimal
    case (.percentage, .percentage): .percentage
    case (.duration, .duration): .duration
    case (.dateTime, .duration): .dateTime
    case (.duration, .dateTime) where isPlus: .dateTime
    case (.dateTime, .dateTime) where !isPlus: .duration
    case (.string, .string) where isPlus: .string
    case (.list(let x), .list(let y)) where x == y: .list(x)
    case (.list(let x), let y) where x == y: .list(x)
    default: nil
    }
  }

  /// `a + b` or `a - b`; nil where that is no value: what overflows, a time below nothing, types that do not go together.
  ///
  /// A list less a list is what the second does not have.
  static func sum(_ a: Value, _ b: Value, isPlus: Bool) -> Value? {
    switch (a, b) {
    case (.integer(let x), .integer(let y)):
      let (sum, overflows) = isPlus ? x.addingReportingOverflow(y) : x.subtractingReportingOverflow(y)
      return overflows ? nil : .integer(sum)
    case (.percentage(let x), .percentage(let y)): return .percentage(isPlus ? x + y : x - y)
    case (.duration(let x), .duration(let y)):
      let limit = UInt64(Int64.max / 1_000_000_000 / 2)
      guard x.components.seconds.magnitude < limit, y.components.seconds.magnitude < limit else { return nil }
      return isPlus || x >= y ? .duration(isPlus ? x + y : x - y) : nil
    case (.dateTime(let x), .duration(let y)): return .dateTime(isPlus ? x + y : x - y)
    case (.duration(let x), .dateTime(let y)) where isPlus: return .dateTime(y + x)
    case (.dateTime(let x), .dateTime(let y)) where !isPlus: return x >= y ? .duration(x - y) : nil
    case (.string(let x), .string(let y)) where isPlus: return .string(x + y)
    case (.list(let x), .list(let y)):
      return .list(isPlus ? x + y : x.filter { !y.contains($0) })
    case (.list(let x), let y): return .list(isPlus ? x + [y] : x.filter { $0 != y })
    default:
      guard case .decimal = a, let x = number(a), let y = number(b) else {
        guard case .decimal = b, let x = number(a), let y = number(b) else { return nil }
        return .decimal(isPlus ? x + y : x - y)
      }
      return .decimal(isPlus ? x + y : x - y)
    }
  }
}
