import PromotionModel
import RunbookDiagnostics
import Synchronization

/// Stands in front of the writing half of the live world: nothing is written to a protected environment that a person has
/// not agreed to in this moment. What was shown and agreed to passes; everything else is asked here, whatever statement,
/// block or procedure it comes from.
final class Gate: Sendable {
  /// What was agreed to for the statement that runs.
  struct Permit: Sendable {
    var environments: Set<EnvironmentName> = []
    /// Lines of plans: what is done to versions.
    var plan: Set<String> = []
    /// Pull requests that may be closed.
    var closesPullRequests = false
  }

  private let fleet: Fleet
  private let desk: QuestionDesk
  private let permit = Mutex(Permit())

  init(fleet: Fleet, desk: QuestionDesk) { (self.fleet, self.desk) = (fleet, desk) }

  func allow(_ permit: Permit) { self.permit.withLock { $0 = permit } }
  func close() { allow(Permit()) }

  func world(_ real: World) -> World {
    var world = real
    world.writing.repository = GatedRepository(gate: self, inner: real.writing.repository)
    world.writing.delivery = GatedDelivery(gate: self, inner: real.writing.delivery)
    world.writing.forge = real.writing.forge.map { GatedForge(gate: self, inner: $0) }
    return world
  }

  private func isProtected(_ environment: EnvironmentName) -> Bool {
    fleet.environment(environment)?.isProtected ?? true
  }

  /// - Throws: `CancellationError` when the person says no: then the statement has been stopped by a person.
  fileprivate func pass(_ changes: ChangeSet, _ message: CommitMessage) async throws {
    guard isProtected(changes.environment) else { return }
    let isAgreed = permit.withLock { permit in
      permit.environments.contains(changes.environment) && permit.plan.isSuperset(of: changes.plan)
    }
    if isAgreed { return }
    let plan = changes.plan.map { "  \(visible($0))" }.joined(separator: "\n")
    try await ask(
      changes.environment,
      "This is about to be written:\n\(plan)\n  commit: \(visible(message.subject))"
    )
  }

  fileprivate func pass(_ environment: EnvironmentName, _ what: String) async throws {
    guard isProtected(environment), !permit.withLock({ $0.environments.contains(environment) }) else { return }
    try await ask(environment, what)
  }

  fileprivate func passClosing(_ number: Int) async throws {
    if permit.withLock(\.closesPullRequests) { return }
    try await ask(nil, "The pull request #\(number) is about to be closed.")
  }

  fileprivate func pass(_ order: MergeOrder) async throws {
    guard isProtected(order.environment) else { return }
    let plan = order.plan.map { "  \(visible($0))" }.joined(separator: "\n")
    try await ask(
      order.environment,
      "The pull request #\(order.number) is about to be merged at \(order.head.short):\n\(plan)"
    )
  }

  private func ask(_ environment: EnvironmentName?, _ what: String) async throws {
    let word = fleet.policy.promptKey == .name ? environment?.text : nil
    guard try await desk.decide(what, typing: word) else { throw CancellationError() }
  }
}

private struct GatedRepository: RepositoryWriting {
  let gate: Gate
  let inner: any RepositoryWriting

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    try await gate.pass(changes, message)
    return try await inner.commit(changes, message: message, under: lease)
  }

  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    try await gate.pass(changes, message)
    return try await inner.propose(changes, branch: branch, message: message, under: lease)
  }

  func deleteBranch(_ branch: String, at tip: CommitID) async throws { try await inner.deleteBranch(branch, at: tip) }

  // A lock changes nothing that runs; whose it was is said before.
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
    try await gate.pass(environment, visible(freeze?.message ?? "The freeze of \(environment) is about to end."))
    return try await inner.setFreeze(freeze, of: environment, replacing: seen)
  }
}

private struct GatedForge: ForgeWriting {
  let gate: Gate
  let inner: any ForgeWriting

  // What is opened was pushed before, and asked about then.
  func open(_ draft: PullRequestDraft) async throws -> PullRequest { try await inner.open(draft) }

  func close(_ number: Int, comment: String) async throws -> PullRequest {
    try await gate.passClosing(number)
    return try await inner.close(number, comment: comment)
  }

  func merge(_ order: MergeOrder) async throws -> PullRequest {
    try await gate.pass(order)
    return try await inner.merge(order)
  }

  // It takes back what was asked about before.
  func leaveQueue(_ number: Int) async throws -> PullRequest { try await inner.leaveQueue(number) }

  func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    try await inner.setStatus(status, on: commit)
  }
}

private struct GatedDelivery: DeliveryWriting {
  let gate: Gate
  let inner: any DeliveryWriting

  // Argo CD is asked to look: nothing changes but when it does.
  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
    try await inner.refresh(services, in: environment)
  }

  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    try await gate.pass(
      environment,
      "Running syncs of \(services.map(\.text).joined(separator: ", ")) are about to be ended."
    )
    try await inner.terminateOperations(of: services, in: environment)
  }

  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    try await gate.pass(
      environment,
      "This is about to be done: \(service) in \(environment) \(visible(order.participle))."
    )
    return try await inner.carryOut(order, for: service, in: environment)
  }
}
