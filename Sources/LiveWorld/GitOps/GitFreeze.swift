import FoundationEssentials
public import PromotionModel

/// A freeze's object: like that of a lock (``GitLock``), a commit without parents and files whose message is one line of
/// JSON, and that names what it replaces. A ref beside the branch: freezing sets no pipeline off, and asks nobody's review.
enum GitFreeze {
  private static let chain = "Slipway-Replaces: "

  static func message(_ freeze: Freeze, replacing: CommitID?) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = String(decoding: try encoder.encode(freeze), as: UTF8.self)
    return "\(line)\n\n\(chain)\(replacing?.text ?? "nothing")\n"
  }

  /// nil when the message is no freeze of `environment`.
  static func freeze(_ message: String, of environment: EnvironmentName) -> Freeze? {
    let line = message.prefix { $0 != "\n" }
    guard var freeze = try? JSONDecoder().decode(Freeze.self, from: Data(line.utf8)), freeze.environment == environment
    else { return nil }
    freeze.holder = LocalPrograms.sanitize(line: freeze.holder)
    freeze.reason = LocalPrograms.sanitize(line: freeze.reason, limit: 500)
    freeze.except = freeze.except.map { LocalPrograms.sanitize(line: $0) }
    return freeze
  }
}

extension GitStore {
  /// - Throws: ``WorldError`` for what is no freeze of ours: what nobody can read holds nobody's promotion back in silence,
  ///   and lets none pass.
  func freeze(_ object: CommitID, of environment: EnvironmentName) async throws -> Freeze {
    guard let freeze = GitFreeze.freeze(try await message(of: object), of: environment) else {
      throw WorldError(
        tool: Git.tool,
        reason: .nonsense,
        message: "\(GitNames.freezePrefix)\(environment) is no freeze that Slipway wrote",
        advice: "Look at it, and remove it with git push --delete"
      )
    }
    return freeze
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
        object = try await builder.build(nil, lock: try GitFreeze.message(freeze, replacing: current)).lock
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
