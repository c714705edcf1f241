import PromotionModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import FoundationEssentials
#endif

/// A lock's object: a commit without parents and without files, whose message is the holder as one line of JSON.
///
/// A second paragraph names the object that it replaces, and the process that wrote it. So a renewed lock is always another object, also when its
/// holder is the same: git skips a ref that is up to date, and with it the comparison that a push depends on.
enum GitLock {
  private static let chain = "Slipway-Replaces: "
  private static let writer = "Slipway-Process: "

  static func message(_ holder: LockHolder, replacing: CommitID?, by process: UInt64) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = String(decoding: try encoder.encode(holder), as: UTF8.self)
    return "\(line)\n\n\(chain)\(replacing?.text ?? "nothing")\n\(writer)\(String(process, radix: 16))\n"
  }

  /// nil when the message is no lock of `environment`.
  static func holder(_ message: String, of environment: EnvironmentName) -> LockHolder? {
    let line = message.prefix { $0 != "\n" }
    guard var holder = try? JSONDecoder().decode(LockHolder.self, from: Data(line.utf8)),
      holder.environment == environment
    else { return nil }
    holder.holder = LocalPrograms.sanitize(line: holder.holder)
    holder.reason = LocalPrograms.sanitize(line: holder.reason, limit: 500)
    holder.plan = holder.plan.map { LocalPrograms.sanitize(line: $0, limit: 300) }
    holder.pullRequest = holder.pullRequest.map { LocalPrograms.sanitize(line: $0) }
    return holder
  }
}

extension GitStore {
  func lockHolder(_ object: CommitID, of environment: EnvironmentName) async throws -> LockHolder {
    guard let holder = GitLock.holder(try await message(of: object), of: environment) else {
      throw WorldError(
        tool: Git.tool,
        reason: .nonsense,
        message: "\(GitNames.lockPrefix)\(environment) is no lock that Slipway wrote",
        advice: "Look at it, and remove it with git push --delete"
      )
    }
    return holder
  }
}
