public import PromotionModel

/// The record of a freeze (``GitRecord``). A ref beside the branch: freezing sets no pipeline off, and asks nobody's review.
enum GitFreeze {
  /// nil when the message is no freeze of `environment`.
  static func freeze(_ message: String, of environment: EnvironmentName) -> Freeze? {
    guard var freeze = GitRecord.value(of: message, as: Freeze.self), freeze.environment == environment else {
      return nil
    }
    freeze.holder = LocalPrograms.sanitize(line: freeze.holder)
    freeze.reason = LocalPrograms.sanitize(line: freeze.reason, limit: 500)
    freeze.except = freeze.except.map { LocalPrograms.sanitize(line: $0) }
    return freeze
  }
}

extension GitStore {
  func freeze(_ object: CommitID, of environment: EnvironmentName) async throws -> Freeze {
    try await record(object, ("\(GitNames.freezePrefix)\(environment)", "freeze")) {
      GitFreeze.freeze($0, of: environment)
    }
  }
}

extension GitRepositoryWriter {
  public func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    let ref = try GitNames.freezeRef(environment)
    for attempt in 1...Self.attempts {
      let current = try await store.remote().freezes[environment]
      var standing: Freeze?
      if let current { standing = try await store.freeze(current, of: environment) }
      if standing == freeze { return .done }
      guard standing == seen else { return .changed(standing) }
      var object: CommitID?
      if let freeze {
        object = try await builder.build(nil, lock: try GitRecord.message(freeze, replacing: current)).lock
        guard object != nil else { throw store.nonsense("no freeze was made") }
      }
      switch try await store.push([RefUpdate(ref: ref, from: current, to: object)]) {
      case .done: return .done
      case .raced: try await pause(attempt)
      case .unclear(let error):
        guard try await store.remote().freezes[environment] == object else { throw error }
        return .done
      }
    }
    throw Self.outrun("freeze of \(environment)")
  }
}
