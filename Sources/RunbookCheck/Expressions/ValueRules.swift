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

  static func isEqual(_ a: Value, _ b: Value) -> Bool? {
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
}
