/// Operators as other languages spell them.
enum ForeignOperator {
  /// What the operator means here between two values, or nil where that is not certain.
  static func meaning(_ text: String) -> BinaryOperator? {
    switch text {
    case "==", "===": .is
    case "!=", "!==", "<>": .isNot
    case "&&": .and
    case "||": .or
    case "=>": .greaterOrEqual
    case "=<": .lessOrEqual
    default: nil
    }
  }

  /// How the operator is written here, where that is certain.
  static func right(_ text: String) -> String? { text == "!" ? "not" : meaning(text)?.rawValue }

  /// `AND`, `Or` and the like.
  static func capitals(_ text: String) -> BinaryOperator? {
    guard text.utf8.count <= 3 else { return nil }
    switch text.lowercased() {
    case "and": return .and
    case "or": return .or
    case "is": return .is
    case "in": return .in
    default: return nil
    }
  }
}
