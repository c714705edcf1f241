import RunbookCheck

/// `+` and `-`. What cannot be is *refused* in words: a number beyond its range, a length of time below nothing.
extension Value {
  func adding(_ other: Value) throws -> Value { try sum(other, "+") }
  func subtracting(_ other: Value) throws -> Value { try sum(other, "-") }

  private func sum(_ other: Value, _ sign: String) throws -> Value {
    do {
      return try sum(other, isPlus: sign == "+")
    } catch {
      switch error {
      case .noSuchSum: throw EvaluationMessages.noSuchSum(self, sign, other)
      case .tooLarge: throw EvaluationMessages.tooLarge(self, sign, other)
      case .negative: throw EvaluationMessages.negative(self, sign, other)
      }
    }
  }
}
