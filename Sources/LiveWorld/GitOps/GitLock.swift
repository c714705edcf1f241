import PromotionModel

/// The record of a lock (``GitRecord``): who holds it.
enum GitLock {
  static func message(_ holder: LockHolder, replacing: CommitID?, by process: UInt64) throws -> String {
    try GitRecord.message(holder, replacing: replacing, by: process)
  }

  /// nil when the message is no lock of `environment`.
  static func holder(_ message: String, of environment: EnvironmentName) -> LockHolder? {
    guard var holder = GitRecord.value(of: message, as: LockHolder.self), holder.environment == environment else {
      return nil
    }
    holder.holder = LocalPrograms.sanitize(line: holder.holder)
    holder.reason = LocalPrograms.sanitize(line: holder.reason, limit: 500)
    holder.plan = holder.plan.map { LocalPrograms.sanitize(line: $0, limit: 300) }
    holder.pullRequest = holder.pullRequest.map { LocalPrograms.sanitize(line: $0) }
    return holder
  }
}

extension GitStore {
  func lockHolder(_ object: CommitID, of environment: EnvironmentName) async throws -> LockHolder {
    try await record(object, ("\(GitNames.lockPrefix)\(environment)", "lock")) { GitLock.holder($0, of: environment) }
  }
}
