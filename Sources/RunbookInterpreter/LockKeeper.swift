import PromotionModel
import RunLog

/// Takes, renews and frees the locks of a run (the ref `refs/slipway/lock/<environment>`).
struct LockKeeper: Sendable {
  let setup: RunSetup
  let memory: RunMemory

  private var repository: any RepositoryWriting { setup.world.writing.repository }
  private var clock: any WorldClock { setup.world.reading.clock }
  private var lifetime: Duration { setup.runbook.fleet.policy.lockLifetime }

  /// - Throws: ``Halt`` with *refused* when another run holds it: the message says whose it is and what it does.
  func take(
    _ environment: EnvironmentName,
    plan: [String],
    reason: String,
    takingOver: Bool,
    step: StepContext
  ) async throws -> LockLease {
    let claim = LockHolder(
      environment: environment,
      run: setup.run,
      holder: setup.identity,
      reason: reason,
      plan: plan,
      expires: clock.now() + lifetime
    )
    switch try await repository.takeLock(claim, takingOver: takingOver) {
    case .held(let lease, let from):
      memory.update { $0.leases[environment] = lease }
      step.emit(.lockTaken(lease.holder, from: from), environment: environment)
      return lease
    case .heldBy(let other):
      throw Halt(.refused, Self.message(other, samePlan: other.plan == plan))
    }
  }

  static func message(_ other: LockHolder, samePlan: Bool) -> String {
    let pull = other.pullRequest.map { ": \($0)" } ?? ", its pull request is not open yet"
    if samePlan { return "run \(other.run) of \(other.holder) already does the same\(pull)" }
    return "\(other.environment) is locked by run \(other.run) of \(other.holder) (\(other.reason)) until "
      + "\(other.expires)" + (other.pullRequest.map { ": \($0)" } ?? "")
  }

  /// Writes the pull request into the lock, so that a second run can be told of it.
  func announce(_ pullRequest: String, in environment: EnvironmentName) async throws {
    guard let lease = memory.current.leases[environment] else { return }
    var claim = lease.holder
    claim.pullRequest = pullRequest
    try await renew(lease, as: claim)
  }

  private func renew(_ lease: LockLease, as claim: LockHolder) async throws {
    var claim = claim
    claim.expires = clock.now() + lifetime
    switch try await repository.renewLock(lease, as: claim) {
    case .held(let renewed, _): memory.update { $0.leases[claim.environment] = renewed }
    case .heldBy(let other):
      memory.update { _ = $0.leases.removeValue(forKey: claim.environment) }
      emit(.warning("lost the lock: " + Self.message(other, samePlan: false)))
    }
  }

  /// Renews every lock that is held a few times in its lifetime, until the task is cancelled.
  func renewUntilCancelled() async {
    while !Task.isCancelled {
      do {
        try await clock.sleep(for: lifetime / 3)
        for (_, lease) in memory.current.leases { try await renew(lease, as: lease.holder) }
      } catch is CancellationError {
        return
      } catch {
        // Every push is made under the lock, so a lock that could not be renewed stops writing by itself.
        if !Task.isCancelled { emit(.warning("a lock could not be renewed: \(error)")) }
      }
    }
  }

  func releaseAll() async {
    for (environment, lease) in memory.current.leases {
      do {
        try await repository.releaseLock(lease)
        memory.update { _ = $0.leases.removeValue(forKey: environment) }
      } catch {
        emit(.warning("the lock of \(environment) could not be freed and expires at \(lease.holder.expires): \(error)"))
      }
    }
  }

  private func emit(_ body: RunEvent.Body) {
    setup.log.emit(RunEvent(run: setup.run, time: clock.now(), body: body))
  }
}
