import PromotionModel
import Synchronization

@testable import SimulatedWorld

/// The server of a simulated GitOps repository, which can be away while everything else answers. What a clone has is read all
/// the same, as the real git does: only what asks the server, or pushes to it, goes wrong.
final class GitServer: Sendable {
  enum Trouble: String, Sendable, CaseIterable {
    case down, refusing
  }

  private struct Outage {
    var trouble: Trouble
    var end: Timestamp
  }

  private let repository: SimulatedRepository
  private let clock: any WorldClock
  private let outage = Mutex<Outage?>(nil)

  init(_ stage: Stage) { (repository, clock) = (stage.simulated.repository, stage.simulated.clock) }

  /// From now on, for so long.
  func breaks(_ trouble: Trouble, for duration: Duration = .seconds(86_400)) {
    outage.withLock { $0 = Outage(trouble: trouble, end: clock.now() + duration) }
  }

  func isBack() { outage.withLock { $0 = nil } }

  func world(_ stage: Stage) -> World {
    var world = stage.simulated.world
    world.reading.repository = ReadThrough(repository: repository, server: self)
    world.writing.repository = WrittenThrough(repository: repository, server: self)
    return world
  }

  private var trouble: Trouble? {
    outage.withLock { outage in outage.flatMap { clock.now() < $0.end ? $0.trouble : nil } }
  }

  fileprivate func requireRead() throws {
    guard trouble == .down else { return }
    throw WorldError(tool: "git", reason: .unreachable, message: "Could not resolve host: git.example")
  }

  fileprivate func requirePush() throws {
    try requireRead()
    guard trouble == .refusing else { return }
    throw WorldError(tool: "git", reason: .refused, message: "the server refused the push (pre-receive hook declined)")
  }
}

private struct ReadThrough: RepositoryReading {
  let repository: SimulatedRepository
  let server: GitServer

  func head() async throws -> Commit {
    try server.requireRead()
    return try await repository.head()
  }
  func tip(ofBranch branch: String) async throws -> CommitID? {
    try server.requireRead()
    return try await repository.tip(ofBranch: branch)
  }
  func lockHolder(of environment: EnvironmentName) async throws -> LockHolder? {
    try server.requireRead()
    return try await repository.lockHolder(of: environment)
  }
  func freeze(of environment: EnvironmentName) async throws -> Freeze? {
    try server.requireRead()
    return try await repository.freeze(of: environment)
  }

  func declared(_ environment: EnvironmentName, at commit: CommitID) async throws -> DeclaredEnvironment {
    try await repository.declared(environment, at: commit)
  }
  func files(at commit: CommitID) async throws -> [String: [UInt8]] { try await repository.files(at: commit) }
  func plan(_ request: PromotionRequest, at commit: CommitID) async throws -> ChangeSet {
    try await repository.plan(request, at: commit)
  }
  func planReturn(of changes: ChangeSet, services: [ServiceName], at commit: CommitID) async throws -> ReturnPlan {
    try await repository.planReturn(of: changes, services: services, at: commit)
  }
  func planRevert(of name: String, in environment: EnvironmentName, at commit: CommitID) async throws -> RevertPlan {
    try await repository.planRevert(of: name, in: environment, at: commit)
  }
  func planTags(_ tags: [ServiceName: String], in environment: EnvironmentName, at commit: CommitID) async throws
    -> ChangeSet
  {
    try await repository.planTags(tags, in: environment, at: commit)
  }
  func preview(_ changes: ChangeSet) async throws -> [FileDiff] { try await repository.preview(changes) }
  func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool {
    try await repository.contains(ancestor, in: descendant)
  }
  func history(of services: [ServiceName], in environment: EnvironmentName, limit: Int) async throws
    -> [ServiceName: [DeclaredChange]]
  {
    try await repository.history(of: services, in: environment, limit: limit)
  }
}

private struct WrittenThrough: RepositoryWriting {
  let repository: SimulatedRepository
  let server: GitServer

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    try server.requirePush()
    return try await repository.commit(changes, message: message, under: lease)
  }
  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    try server.requirePush()
    return try await repository.propose(changes, branch: branch, message: message, under: lease)
  }
  func deleteBranch(_ branch: String, at tip: CommitID) async throws {
    try server.requirePush()
    try await repository.deleteBranch(branch, at: tip)
  }
  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    try server.requirePush()
    return try await repository.takeLock(claim, takingOver: takingOver)
  }
  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    try server.requirePush()
    return try await repository.renewLock(lease, as: claim)
  }
  func releaseLock(_ lease: LockLease) async throws {
    try server.requirePush()
    try await repository.releaseLock(lease)
  }
  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    try server.requirePush()
    return try await repository.setFreeze(freeze, of: environment, replacing: seen)
  }
}
