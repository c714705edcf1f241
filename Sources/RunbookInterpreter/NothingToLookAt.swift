import PromotionModel
import RunLog

/// What a `promote` meant and did not change, because the environment had it already.
struct StandsAlready: Hashable, Sendable, Codable {
  /// The note of its step.
  static let noteKey = "stands-already"

  var environment: EnvironmentName
  var services: [ServiceName]
}

extension StepContext {
  /// Stored, so that what follows knows why there is nothing of this run to look at.
  func noteStanding(_ services: [ServiceName], in environment: EnvironmentName) throws {
    let standing = StandsAlready(environment: environment, services: services.sorted())
    try note(StandsAlready.noteKey, standing)
    memory.update { $0.standing.append(standing) }
  }

  /// What a statement ends with that has no service to look at: an empty set proves nothing (rule 2), so it is no good ending
  /// but where the run knows that nothing had to be changed. In a handler it makes nothing worse.
  /// - Throws: ``Halt`` with *refused*.
  func nothing(to verb: String, _ targets: TargetList, in environment: EnvironmentName) throws -> String {
    switch targets {
    case .all:
      throw Halt(.refused, "there is nothing to \(verb): every service of \(environment) is disabled, or left out")
    case .services, .promoted: break
    }
    let standing = memory.current.standing.filter { $0.environment == environment }.flatMap(\.services)
    guard standing.isEmpty || !memory.promoted(to: environment, orTakenBack: true).isEmpty else {
      let names = standing.map(\.text).joined(separator: ", ")
      return "nothing to \(verb): nothing was promoted, because \(environment) had it already (\(names))"
    }
    let why = "nothing to \(verb): nothing of this run reached \(environment)"
    guard !scope.isAnswer else { return why }
    throw Halt(.refused, "\(why); name the services that are meant, or promote first")
  }
}
