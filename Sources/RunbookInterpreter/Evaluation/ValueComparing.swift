import PromotionModel
import RunbookCheck

/// How two values stand to each other.
enum Order: Hashable, Sendable { case before, same, after }

extension Value {
  /// Versions by SemVer's precedence, in which build metadata does not count; numbers, decimals and percentages by their
  /// amount; texts by their Unicode scalars. nil where there is no order, which the checker does not let pass.
  func order(to other: Value) -> Order? {
    switch self {
    case .version(let a):
      guard case .version(let b) = other else { return nil }
      return a.hasSamePrecedence(as: b) ? .same : a < b ? .before : .after
    case .duration(let a): if case .duration(let b) = other { return Self.order(a, b) }
    case .clockTime(let a): if case .clockTime(let b) = other { return Self.order(a, b) }
    case .dateTime(let a): if case .dateTime(let b) = other { return Self.order(a, b) }
    case .boolean(let a): if case .boolean(let b) = other { return a == b ? .same : nil }
    case .list(let a):
      guard case .list(let b) = other, a.count == b.count else { return nil }
      return zip(a, b).allSatisfy { $0.order(to: $1) == .same } ? .same : nil
    case .integer(let a): if case .integer(let b) = other { return Self.order(a, b) }
    case .decimal, .percentage, .string, .service, .environment, .health, .sync: break
    }
    if let a = number, let b = other.number { return Self.order(a, b) }
    if let a = word, let b = other.word { return Self.order(a, b) }
    return nil
  }

  private static func order<T: Comparable>(_ a: T, _ b: T) -> Order { a == b ? .same : a < b ? .before : .after }

  var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .decimal(let number), .percentage(let number): number
    case .string, .duration, .version, .boolean, .clockTime, .dateTime, .service, .environment, .health, .sync, .list:
      nil
    }
  }

  /// Texts, and what is known by its name.
  private var word: String? {
    switch self {
    case .string(let text), .health(let text), .sync(let text): text
    case .service(let name): name.text
    case .environment(let name): name.text
    case .duration, .version, .integer, .decimal, .percentage, .boolean, .clockTime, .dateTime, .list: nil
    }
  }

  func compares(_ comparison: Comparison, to other: Value) -> Bool {
    let order = order(to: other)
    return switch comparison {
    case .equal: order == .same
    case .notEqual: order != .same
    case .less: order == .before
    case .lessOrEqual: order == .before || order == .same
    case .greater: order == .after
    case .greaterOrEqual: order == .after || order == .same
    }
  }
}
