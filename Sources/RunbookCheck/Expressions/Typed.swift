import PromotionModel

/// An expression that was looked at.
struct Typed {
  /// nil: not known, because of a mistake that was reported, or in a procedure that nobody calls. Nothing more is said
  /// about such an expression.
  var type: ValueType?
  /// nil where the type is not known, or the value is wrong.
  var checked: CheckedExpression?
  /// The word `all`, or a parameter that was given it.
  var isAll = false

  static let unknown = Typed(type: nil, checked: nil)

  static func constant(_ value: Value, _ type: ValueType) -> Typed {
    Typed(type: type, checked: CheckedExpression(.constant(value), type))
  }

  /// The value, where the runbook alone tells it.
  var constant: Value? {
    if case .constant(let value)? = checked?.kind { value } else { nil }
  }
}

extension ValueType {
  /// As it stands in messages: "a duration".
  var phrase: String {
    switch self {
    case .string: "a string"
    case .duration: "a duration"
    case .version: "a version"
    case .integer: "a whole number"
    case .decimal: "a number"
    case .percentage: "a percentage"
    case .boolean: "a condition"
    case .clockTime: "a time of day"
    case .dateTime: "a moment"
    case .service: "a service"
    case .environment: "an environment"
    case .health: "a state of health"
    case .sync: "a state of synchronisation"
    case .list(let element): "a list of \(element.plural)"
    }
  }

  private var plural: String {
    switch self {
    case .string: "strings"
    case .duration: "durations"
    case .version: "versions"
    case .integer: "whole numbers"
    case .decimal: "numbers"
    case .percentage: "percentages"
    case .boolean: "conditions"
    case .clockTime: "times of day"
    case .dateTime: "moments"
    case .service: "services"
    case .environment: "environments"
    case .health, .sync: "states"
    case .list: "lists"
    }
  }

  /// How one is written, for messages that say what is due.
  var example: String {
    switch self {
    case .string: "\"text\""
    case .duration: "30m"
    case .version: "v1.2.3"
    case .integer: "3"
    case .decimal: "1.5"
    case .percentage: "0.5%"
    case .boolean: "version of api in staging is v1.2.3"
    case .clockTime: "18:00"
    case .dateTime: "2026-12-24T18:00+00:00"
    case .service: "api"
    case .environment: "staging"
    case .health: "healthy"
    case .sync: "synced"
    case .list: "[api, web]"
    }
  }

  /// Whether `<` and `>` say something about two of them.
  var isOrdered: Bool {
    switch self {
    case .integer, .decimal, .percentage, .duration, .version, .clockTime, .dateTime: true
    case .string, .boolean, .service, .environment, .health, .sync, .list: false
    }
  }

  var isNumber: Bool { self == .integer || self == .decimal }

  /// Whether `is` can hold between two values of these types.
  func isComparable(with other: ValueType) -> Bool {
    if self == other { return true }
    if isNumber, other.isNumber { return true }
    if (self == .percentage && other == .decimal) || (self == .decimal && other == .percentage) { return true }
    if case .list(let a) = self, case .list(let b) = other { return a.isComparable(with: b) }
    return false
  }
}
