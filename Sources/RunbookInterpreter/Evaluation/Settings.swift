import PromotionModel
import RunbookCheck

/// What a clause of a statement can be given.
protocol SettingValue: Hashable, Sendable {
  /// - Throws: ``Halt`` with *refused* when the value is of another type or out of range.
  static func setting(_ value: Value) throws -> Self
}

extension String: SettingValue {
  static func setting(_ value: Value) throws -> String { value.text }
}

extension Duration: SettingValue {
  static func setting(_ value: Value) throws -> Duration {
    guard case .duration(let duration) = value, duration >= .zero else {
      throw EvaluationMessages.wrongType(value, due: "a duration")
    }
    return duration
  }
}

extension Version: SettingValue {
  static func setting(_ value: Value) throws -> Version {
    if case .version(let version) = value { return version }
    // A version that was given as text, as an input without a default is.
    if case .string(let text) = value, let version = Version(text) { return version }
    throw EvaluationMessages.wrongType(value, due: "a version")
  }
}

extension Int: SettingValue {
  /// Numbers, and times of day as minutes since midnight.
  static func setting(_ value: Value) throws -> Int {
    switch value {
    case .integer(let number) where number >= 0: return number
    case .clockTime(let minutes): return minutes
    case .integer: throw EvaluationMessages.notAtLeast("a number here", 0, value)
    case .string, .duration, .version, .decimal, .percentage, .boolean, .dateTime, .service, .environment, .health,
      .sync,
      .list:
      throw EvaluationMessages.wrongType(value, due: "a number")
    }
  }
}

extension Timestamp: SettingValue {
  static func setting(_ value: Value) throws -> Timestamp {
    guard case .dateTime(let time) = value else { throw EvaluationMessages.wrongType(value, due: "a date and time") }
    return time
  }
}

/// What the names in `TARGETS` stand for, once their expressions are worked out.
enum TargetList: Hashable, Sendable {
  case all(except: [ServiceName])
  case services([ServiceName])
  case promoted
}

extension StepContext {
  /// The value of a clause, worked out when its statement is run.
  func resolve<T: SettingValue>(_ setting: Setting<T>) async throws -> T {
    switch setting {
    case .constant(let value): return value
    case .computed(let expression):
      var evaluator = Evaluator(step: self)
      let bound = try await evaluator.value(of: expression)
      if bound.isSecret { memory.keepSecret(bound.value.text) }
      return try T.setting(bound.value)
    }
  }

  /// The same for a clause that may be left out.
  func resolve<T: SettingValue>(_ setting: Setting<T>?) async throws -> T? {
    switch setting {
    case nil: return nil
    case .some(let setting): return try await resolve(setting) as T
    }
  }

  /// A text for people: its secrets are taken out while they are whole, before it is escaped or shortened for some place.
  func told(_ setting: Setting<String>?) async throws -> String? {
    guard let text: String = try await resolve(setting) else { return nil }
    // A computed one was not seen by the checker.
    guard !text.allSatisfy(\.isWhitespace) else { throw Halt(.refused, EvaluationMessages.emptyReason) }
    return memory.withoutSecrets(text)
  }

  func resolve(_ targets: Targets) async throws -> TargetList {
    switch targets {
    case .all(let except): return .all(except: except)
    case .services(let services): return .services(services)
    case .promoted: return .promoted
    case .computed(let expressions):
      var services: [ServiceName] = []
      for expression in expressions {
        var evaluator = Evaluator(step: self)
        for name in try Self.services(in: try await evaluator.value(of: expression).value) {
          guard fleet.service(name) != nil else { throw Halt(.refused, "unknown service \(name)") }
          if !services.contains(name) { services.append(name) }
        }
      }
      return .services(services)
    }
  }

  private static func services(in value: Value) throws -> [ServiceName] {
    switch value {
    case .service(let name): return [name]
    case .string(let text): return [ServiceName(text)]
    case .list(let values): return try values.flatMap(services)
    case .duration, .version, .integer, .decimal, .percentage, .boolean, .clockTime, .dateTime, .environment, .health,
      .sync:
      throw EvaluationMessages.wrongType(value, due: "a service")
    }
  }

  /// `env("NAME")`, stored before it is used, so that a resumed run has the same; a secret is asked for again.
  func environmentVariable(_ name: String) throws -> Bound {
    if SecretVariables.isSecret(name, fleet) { return try secretVariable(name) }
    let key = SecretNotes.environmentPrefix + name
    if let known = try stored(key, as: String.self) {
      memory.keepSecret(known)
      return Bound(.string(known), isSecret: true)
    }
    guard let value = reading.surroundings.variables.variable(name) else { throw EvaluationMessages.notSet(name) }
    try note(key, value)
    memory.keepSecret(value)
    return Bound(.string(value), isSecret: true)
  }
}
