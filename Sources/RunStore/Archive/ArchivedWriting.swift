public import PromotionModel

/// The writing half of a world whose run is archived: what is about to be done is in the archive before it is done. Where
/// it cannot be put there, nothing is done but what rescues: the cluster is undone because git is out of reach, and then the
/// archive is too; rescue is not locked out.
public struct ArchivedWriting: Sendable {
  private let archivist: RunArchivist

  public init(_ archivist: RunArchivist) { self.archivist = archivist }

  public func writing(_ world: WorldWriting) -> WorldWriting {
    var archived = world
    archived.repository = ArchivedRepository(inner: world.repository, archivist: archivist)
    archived.delivery = ArchivedDelivery(inner: world.delivery, archivist: archivist)
    archived.forge = world.forge.map { ArchivedForge(inner: $0, archivist: archivist) }
    archived.commands = ArchivedCommands(inner: world.commands, archivist: archivist)
    archived.announcer = ArchivedAnnouncer(inner: world.announcer, archivist: archivist)
    return archived
  }
}

private struct ArchivedRepository: RepositoryWriting {
  let inner: any RepositoryWriting
  let archivist: RunArchivist

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    try await archivist.store(always: true)
    return try await inner.commit(changes, message: message, under: lease)
  }

  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    try await archivist.store(always: true)
    return try await inner.propose(changes, branch: branch, message: message, under: lease)
  }

  func deleteBranch(_ branch: String, at tip: CommitID) async throws {
    try await archivist.store(always: true)
    try await inner.deleteBranch(branch, at: tip)
  }

  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    try await archivist.store()
    return try await inner.takeLock(claim, takingOver: takingOver)
  }

  /// The evidence of a long watch goes along.
  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    try await archivist.store()
    return try await inner.renewLock(lease, as: claim)
  }

  // Nothing is lost with a lock that is freed; one that is not this process's any more is not freed by it.
  func releaseLock(_ lease: LockLease) async throws { try await inner.releaseLock(lease) }

  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    try await archivist.store(always: true)
    return try await inner.setFreeze(freeze, of: environment, replacing: seen)
  }
}

private struct ArchivedDelivery: DeliveryWriting {
  let inner: any DeliveryWriting
  let archivist: RunArchivist

  // Argo CD is asked to look sooner than it would: nothing that had to be known.
  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
    try await inner.refresh(services, in: environment)
  }

  // A running sync would bring the bad version again.
  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    try await archivist.storeUnlessUnreachable()
    try await inner.terminateOperations(of: services, in: environment)
  }

  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    switch order {
    case .suspendAutoSync, .undo, .restoreAutoSync: try await archivist.storeUnlessUnreachable()
    case .restart, .sync: try await archivist.store(always: true)
    }
    return try await inner.carryOut(order, for: service, in: environment)
  }
}

private struct ArchivedForge: ForgeWriting {
  let inner: any ForgeWriting
  let archivist: RunArchivist

  func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    try await archivist.store(always: true)
    return try await inner.open(draft)
  }

  // What is closed is not merged behind everybody's back.
  func close(_ number: Int, comment: String) async throws -> PullRequest {
    try await archivist.storeUnlessUnreachable()
    return try await inner.close(number, comment: comment)
  }

  func merge(_ order: MergeOrder) async throws -> PullRequest {
    try await archivist.store(always: true)
    return try await inner.merge(order)
  }

  func leaveQueue(_ number: Int) async throws -> PullRequest {
    try await archivist.storeUnlessUnreachable()
    return try await inner.leaveQueue(number)
  }

  func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    try await archivist.store()
    try await inner.setStatus(status, on: commit)
  }
}

private struct ArchivedCommands: CommandRunning {
  let inner: any CommandRunning
  let archivist: RunArchivist

  func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32 {
    try await archivist.store(always: true)
    return try await inner.run(command, output: output)
  }
}

private struct ArchivedAnnouncer: Announcing {
  let inner: any Announcing
  let archivist: RunArchivist

  func obstacle(to place: AnnouncementPlace) -> String? { inner.obstacle(to: place) }

  func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    try await archivist.store(always: true)
    try await inner.send(announcement, to: place)
  }
}
