import PromotionModel
import RunLog
import RunbookCheck

/// Works out expressions. Deterministic, given what was read: facts and variables of the environment are stored before
/// they are used, and a resumed run takes the stored ones.
struct Evaluator {
  /// What was read on the way, in order: for messages that say why a condition does not hold.
  struct Reading: Hashable {
    var name: String
    var value: Bound
  }

  let step: StepContext
  private(set) var readings: [Reading] = []

  init(step: StepContext) { self.step = step }

  mutating func value(of expression: CheckedExpression) async throws -> Bound {
    switch expression.kind {
    case .constant(let value): return Bound(value)
    case .variable(let variable):
      guard let bound = step.scope.variables[variable.slot] else { throw EvaluationMessages.noValue(variable) }
      return noted(variable.name, bound)
    case .runValue(let value): return noted(value.rawValue, Bound(try Self.value(of: value, step)))
    case .environmentVariable(let name): return noted("env(\"\(name)\")", try step.environmentVariable(name))
    case .interpolated(let segments): return try await text(segments)
    case .list(let elements):
      var values: [Bound] = []
      for element in elements { values.append(try await value(of: element)) }
      return Bound(.list(values.map(\.value)), isSecret: values.contains(where: \.isSecret))
    case .not(let operand):
      let operand = try await boolean(operand)
      return Bound(.boolean(!operand.isTrue), isSecret: operand.isSecret)
    case .and(let left, let right):
      let left = try await boolean(left)
      guard left.isTrue else { return Bound(.boolean(false), isSecret: left.isSecret) }
      let right = try await boolean(right)
      return Bound(.boolean(right.isTrue), isSecret: left.isSecret || right.isSecret)
    case .or(let left, let right):
      let left = try await boolean(left)
      guard !left.isTrue else { return Bound(.boolean(true), isSecret: left.isSecret) }
      let right = try await boolean(right)
      return Bound(.boolean(right.isTrue), isSecret: left.isSecret || right.isSecret)
    case .compare(let comparison, let left, let right):
      return try await both(left, right) { .boolean($0.compares(comparison, to: $1)) }
    case .contains(let element, in: let list):
      return try await both(element, list) { element, list in
        guard case .list(let values) = list else { throw EvaluationMessages.wrongType(list, due: "a list") }
        return .boolean(values.contains { $0.order(to: element) == .same })
      }
    case .add(let left, let right): return try await both(left, right) { try $0.adding($1) }
    case .subtract(let left, let right): return try await both(left, right) { try $0.subtracting($1) }
    case .fact(let fact): return try await read(fact)
    }
  }

  /// - Throws: ``Halt`` with *refused* for anything but a boolean.
  mutating func boolean(_ expression: CheckedExpression) async throws -> (isTrue: Bool, isSecret: Bool) {
    let bound = try await value(of: expression)
    guard case .boolean(let isTrue) = bound.value else {
      throw EvaluationMessages.wrongType(bound.value, due: "a condition")
    }
    return (isTrue, bound.isSecret)
  }

  private mutating func both(
    _ left: CheckedExpression,
    _ right: CheckedExpression,
    _ combine: (Value, Value) throws -> Value
  ) async throws -> Bound {
    let left = try await value(of: left)
    let right = try await value(of: right)
    return Bound(try combine(left.value, right.value), isSecret: left.isSecret || right.isSecret)
  }

  private mutating func text(_ segments: [CheckedExpression.Segment]) async throws -> Bound {
    var (text, isSecret) = ("", false)
    for segment in segments {
      switch segment {
      case .text(let part): text += part
      case .value(let expression):
        let bound = try await value(of: expression)
        text += bound.value.text
        isSecret = isSecret || bound.isSecret
      }
    }
    return Bound(.string(text), isSecret: isSecret)
  }

  private mutating func read(_ fact: CheckedFact) async throws -> Bound {
    let service = try await value(of: fact.service).value
    let name: ServiceName
    switch service {
    case .service(let service): name = service
    case .string(let text): name = ServiceName(text)
    case .duration, .version, .integer, .decimal, .percentage, .boolean, .clockTime, .dateTime, .environment, .health,
      .sync, .list:
      throw EvaluationMessages.wrongType(service, due: "a service")
    }
    var window: Duration?
    switch fact.kind {
    case .errors(since: let expression?), .metric(name: _, over: let expression?):
      window = try Duration.setting(try await value(of: expression).value)
    case .version, .previousVersion, .health, .sync, .image, .ready, .replicas, .restarts, .age, .errors, .metric: break
    }
    let reading = FactReading(kind: fact.kind, service: name, environment: fact.environment, window: window, step: step)
    return noted(reading.text, Bound(try await reading.value(ordinal: fact.ordinal)))
  }

  private mutating func noted(_ name: String, _ bound: Bound) -> Bound {
    let reading = Reading(name: name, value: bound)
    if !readings.contains(reading) { readings.append(reading) }
    return bound
  }

  /// `version of api in staging is 1.2.2; soak is 30m`; empty when nothing was read.
  var told: String { readings.map { "\($0.name) is \($0.value.shown)" }.joined(separator: "; ") }

  private static func value(of value: RunValue, _ step: StepContext) throws -> Value {
    switch value {
    case .runID: return .string(step.run.text)
    case .runURL: return .string(step.setup.url)
    case .promoted:
      let last = step.memory.current.promotions.last { !$0.isWithdrawn }
      return .list((last?.services ?? []).map(Value.service))
    case .pullRequestURL:
      guard let url = step.memory.current.promotions.last(where: { $0.pullRequest != nil })?.pullRequest?.url else {
        throw EvaluationMessages.noPullRequest
      }
      return .string(url)
    case .failureMessage, .failureKind, .failureServices, .failureStatement:
      guard let failure = step.scope.failure else { throw EvaluationMessages.onlyInHandler(value) }
      return Self.value(of: value, failure)
    }
  }

  private static func value(of value: RunValue, _ failure: Failure) -> Value {
    switch value {
    case .failureKind: .string(failure.ending.rawValue)
    case .failureServices: .list(failure.services.map(Value.service))
    case .failureStatement: .string(failure.statement)
    case .failureMessage, .runID, .runURL, .promoted, .pullRequestURL: .string(failure.message)
    }
  }
}
