import PromotionModel
import RunLog

/// The writing half of a simulated world that tells what is written there, so that a rehearsal can show every text that a
/// real run would publish.
package struct ToldWriting {
  private let tell: @Sendable (PlannedWrite) -> Void

  package init(tell: @escaping @Sendable (PlannedWrite) -> Void) { self.tell = tell }

  package func writing(_ world: WorldWriting, branch: String) -> WorldWriting {
    var told = world
    told.repository = ToldRepository(inner: world.repository, branch: branch, tell: tell)
    told.delivery = ToldDelivery(inner: world.delivery, tell: tell)
    told.announcer = ToldAnnouncer(inner: world.announcer, tell: tell)
    told.forge = world.forge.map { ToldForge(inner: $0, tell: tell) }
    return told
  }
}

private struct ToldRepository: RepositoryWriting {
  let inner: any RepositoryWriting
  let branch: String
  let tell: @Sendable (PlannedWrite) -> Void

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    let outcome = try await inner.commit(changes, message: message, under: lease)
    if case .pushed = outcome { tell(.commit(branch: branch, message: message.text)) }
    return outcome
  }

  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    let outcome = try await inner.propose(changes, branch: branch, message: message, under: lease)
    if case .pushed = outcome { tell(.commit(branch: branch, message: message.text)) }
    return outcome
  }

  func deleteBranch(_ branch: String, at tip: CommitID) async throws { try await inner.deleteBranch(branch, at: tip) }

  // Locks come and go with a run; `lock.taken` tells of them.
  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    try await inner.takeLock(claim, takingOver: takingOver)
  }

  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    try await inner.renewLock(lease, as: claim)
  }

  func releaseLock(_ lease: LockLease) async throws { try await inner.releaseLock(lease) }

  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    let outcome = try await inner.setFreeze(freeze, of: environment, replacing: seen)
    if outcome == .done { tell(.freeze(environment, freeze)) }
    return outcome
  }
}

private struct ToldForge: ForgeWriting {
  let inner: any ForgeWriting
  let tell: @Sendable (PlannedWrite) -> Void

  func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    let pull = try await inner.open(draft)
    tell(.pullRequest(draft))
    return pull
  }

  func close(_ number: Int, comment: String) async throws -> PullRequest {
    let pull = try await inner.close(number, comment: comment)
    if pull.state == .closed { tell(.close(number: number, comment: comment)) }
    return pull
  }

  func merge(_ order: MergeOrder) async throws -> PullRequest {
    let pull = try await inner.merge(order)
    if pull.state == .merged || order.isThroughQueue && pull.isQueued { tell(.merge(order)) }
    return pull
  }

  func leaveQueue(_ number: Int) async throws -> PullRequest { try await inner.leaveQueue(number) }

  func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    try await inner.setStatus(status, on: commit)
    tell(.status(status))
  }
}

private struct ToldAnnouncer: Announcing {
  let inner: any Announcing
  let tell: @Sendable (PlannedWrite) -> Void

  func obstacle(to place: AnnouncementPlace) -> String? { inner.obstacle(to: place) }

  func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    try await inner.send(announcement, to: place)
    tell(.announcement(place: place.name, text: announcement.text))
  }
}

private struct ToldDelivery: DeliveryWriting {
  let inner: any DeliveryWriting
  let tell: @Sendable (PlannedWrite) -> Void

  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
    try await inner.refresh(services, in: environment)
    tell(.cluster("Argo CD is asked to compare \(Self.list(services)) in \(environment) with git now"))
  }

  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    try await inner.terminateOperations(of: services, in: environment)
    tell(.cluster("Argo CD is asked to end running syncs of \(Self.list(services)) in \(environment)"))
  }

  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    let answer = try await inner.carryOut(order, for: service, in: environment)
    if case .accepted = answer { tell(.cluster("\(service) in \(environment) \(order.participle)")) }
    return answer
  }

  private static func list(_ services: [ServiceName]) -> String { services.map(\.text).joined(separator: ", ") }
}
