import PromotionModel
import RunbookCheck

/// `+` and `-`. What cannot be is *refused* in words: a number beyond its range, a length of time below nothing.
extension Value {
  func adding(_ other: Value) throws -> Value {
    switch self {
    case .integer(let a):
      guard case .integer(let b) = other else { break }
      let (sum, overflow) = a.addingReportingOverflow(b)
      guard !overflow else { throw EvaluationMessages.tooLarge(self, "+", other) }
      return .integer(sum)
    case .duration(let a):
      if case .duration(let b) = other { return .duration(try duration(a, b, "+", other)) }
      if case .dateTime(let time) = other { return .dateTime(try moment(time, a, "+", other)) }
    case .dateTime(let time):
      if case .duration(let duration) = other { return .dateTime(try moment(time, duration, "+", other)) }
    case .string(let a): if case .string(let b) = other { return .string(a + b) }
    case .list(let a):
      if case .list(let b) = other { return .list(a + b) }
      return .list(a + [other])
    case .percentage(let a):
      if case .percentage(let b) = other { return .percentage(try finite(a + b, "+", other)) }
    case .version, .decimal, .boolean, .clockTime, .service, .environment, .health, .sync: break
    }
    guard let a = number, let b = other.number else { throw EvaluationMessages.noSuchSum(self, "+", other) }
    return .decimal(try finite(a + b, "+", other))
  }

  func subtracting(_ other: Value) throws -> Value {
    switch self {
    case .integer(let a):
      guard case .integer(let b) = other else { break }
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      guard !overflow else { throw EvaluationMessages.tooLarge(self, "-", other) }
      return .integer(difference)
    case .duration(let a): if case .duration(let b) = other { return .duration(try duration(a, b, "-", other)) }
    case .dateTime(let a):
      if case .duration(let duration) = other { return .dateTime(try moment(a, duration, "-", other)) }
      guard case .dateTime(let b) = other else { break }
      let (time, overflow) = a.nanosecondsSinceEpoch.subtractingReportingOverflow(b.nanosecondsSinceEpoch)
      guard !overflow else { throw EvaluationMessages.tooLarge(self, "-", other) }
      guard time >= 0 else { throw EvaluationMessages.negative(self, "-", other) }
      return .duration(.nanoseconds(time))
    case .list(let a):
      let removed: [Value] = if case .list(let b) = other { b } else { [other] }
      return .list(a.filter { value in !removed.contains { $0.order(to: value) == .same } })
    case .percentage(let a):
      if case .percentage(let b) = other { return .percentage(try finite(a - b, "-", other)) }
    case .version, .string, .decimal, .boolean, .clockTime, .service, .environment, .health, .sync: break
    }
    guard let a = number, let b = other.number else { throw EvaluationMessages.noSuchSum(self, "-", other) }
    return .decimal(try finite(a - b, "-", other))
  }

  private func duration(_ a: Duration, _ b: Duration, _ text: String, _ other: Value) throws -> Duration {
    let (x, y) = (a.wholeNanoseconds, b.wholeNanoseconds)
    let result = text == "+" ? x.addingReportingOverflow(y) : x.subtractingReportingOverflow(y)
    guard !result.overflow else { throw EvaluationMessages.tooLarge(self, text, other) }
    guard result.partialValue >= 0 else { throw EvaluationMessages.negative(self, text, other) }
    return .nanoseconds(result.partialValue)
  }

  private func moment(_ time: Timestamp, _ duration: Duration, _ text: String, _ other: Value) throws -> Timestamp {
    let (x, y) = (time.nanosecondsSinceEpoch, duration.wholeNanoseconds)
    let result = text == "+" ? x.addingReportingOverflow(y) : x.subtractingReportingOverflow(y)
    guard !result.overflow else { throw EvaluationMessages.tooLarge(self, text, other) }
    return Timestamp(nanosecondsSinceEpoch: result.partialValue)
  }

  private func finite(_ number: Double, _ text: String, _ other: Value) throws -> Double {
    guard number.isFinite else { throw EvaluationMessages.tooLarge(self, text, other) }
    return number
  }
}
