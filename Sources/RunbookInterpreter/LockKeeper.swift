public import PromotionModel
import RunLog
public import RunbookCheck

/// Takes, renews and frees the locks of a run (the ref `refs/slipway/lock/<environment>`).
struct LockKeeper: Sendable {
  let setup: RunSetup
  let memory: RunMemory

  private var repository: any RepositoryWriting { setup.world.writing.repository }
  private var clock: any WorldClock { setup.world.reading.clock }
  private var lifetime: Duration { setup.runbook.fleet.policy.lockLifetime }

  /// How often a lock that is waited for is looked at.
  private static let pace = Duration.seconds(10)

  /// Takes the lock, as soon as it is free where there is patience for that. A run that does the same already is not
  /// waited for: afterwards there would be nothing left to do.
  ///
  /// - Parameter waiting: called when it begins to wait: another run holds it, and what was looked at before may be so no longer.
  ///   A caller that asks again after an error must remember it.
  /// - Throws: ``Halt`` with *refused* when another run holds it: the message says whose it is and what it does.
  func take(
    _ environment: EnvironmentName,
    plan: [String],
    reason: String,
    takingOver: Bool,
    step: StepContext,
    waiting: () -> Void = {}
  ) async throws -> LockLease {
    let patience = clock.now() + setup.lockPatience
    var shown: RunID?
    while true {
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
        let isSame = other.plan == plan
        let now = clock.now()
        guard !isSame, now < patience else { throw Halt(.refused, await describe(other, samePlan: isSame)) }
        waiting()
        if shown != other.run {
          let words = await describe(other, samePlan: false)
          step.emit(.progress("waiting for the lock until \(patience): \(words)"), environment: environment)
        }
        shown = other.run
        let expiry = max(other.expires, now + .seconds(1))
        try await clock.sleep(until: min(patience, expiry, now + Self.pace))
      case .lost: throw Halt(.undetermined, "whether the lock of \(environment) was taken could not be told")
      }
    }
  }

  /// - Parameter knowsPulls: whether the forge was asked for the pull request.
  static func message(_ other: LockHolder, samePlan: Bool, knowsPulls: Bool = true) -> String {
    let pull = other.pullRequest.map { ": \($0)" } ?? (knowsPulls ? ", and its pull request is not open yet" : "")
    if samePlan { return "run \(other.run) of \(other.holder) already does the same\(pull)" }
    return "\(other.environment) is locked by run \(other.run) of \(other.holder) (\(other.reason)) until "
      + "\(other.expires)" + (other.pullRequest.map { ": \($0)" } ?? "")
  }

  /// What another holder does, with its pull request where there is one: its branch is named after its run.
  private func describe(_ other: LockHolder, samePlan: Bool) async -> String {
    var other = other
    if other.pullRequest == nil, let forge = setup.world.reading.forge {
      let branch = Promotion.branch(other.run, to: other.environment)
      // Only for the message: that it could not be asked changes nothing about who holds the lock.
      other.pullRequest = try? await forge.pullRequest(fromBranch: branch)?.url
    }
    // The pull requests of others are no part of what a dry run begins with.
    return Self.message(other, samePlan: samePlan, knowsPulls: setup.record.world != RunRecord.dryRun)
  }

  private func renew(_ lease: LockLease, as claim: LockHolder, lasting: Duration? = nil) async throws {
    var claim = claim
    claim.expires = clock.now() + (lasting ?? lifetime)
    let outcome = try await repository.renewLock(lease, as: claim)
    // A rollback of this run may have taken the lock anew while this was on its way: then that lease counts, whatever became
    // of the one before.
    guard memory.current.leases[claim.environment] == lease else { return }
    switch outcome {
    case .held(let renewed, _): memory.update { $0.leases[claim.environment] = renewed }
    case .heldBy(let other):
      memory.update { _ = $0.leases.removeValue(forKey: claim.environment) }
      emit(.warning("lost the lock: " + Self.message(other, samePlan: false)))
    case .lost:
      memory.update { _ = $0.leases.removeValue(forKey: claim.environment) }
      emit(.warning("lost the lock of \(claim.environment): another held it since, or still does for this run"))
    }
  }

  /// Takes back the locks that an earlier process of this run held for what is not taken back yet, and for what it wrote
  /// otherwise. That another run holds one by now is only said: without it nothing can be written, and looking needs none.
  func retake() async {
    let state = memory.current
    let open = state.promotions.filter { !$0.isTakenBack }
    let promoted = open.map { ($0.changes.environment, $0.changes.plan, $0.pullRequest?.url) }
    let others = state.written.keys.sorted().map { ($0, [String](), String?.none) }
    for (environment, plan, pullRequest) in promoted + others where memory.current.leases[environment] == nil {
      await tellOfLapse(environment)
      let claim = LockHolder(
        environment: environment,
        run: setup.run,
        holder: setup.identity,
        reason: "resumed",
        plan: plan,
        pullRequest: pullRequest,
        expires: clock.now() + lifetime
      )
      do {
        switch try await repository.takeLock(claim, takingOver: false) {
        case .held(let lease, _): memory.update { $0.leases[claim.environment] = lease }
        case .heldBy(let other): emit(.warning(await describe(other, samePlan: false)))
        case .lost: break
        }
      } catch {
        emit(.warning("the lock of \(claim.environment) could not be taken again: \(error)"))
      }
    }
  }

  /// The lock of a suspended run is still its own, or others may have promoted meanwhile: then that is said. What was planned
  /// is compared with what stands there by the statements that go on.
  private func tellOfLapse(_ environment: EnvironmentName) async {
    guard setup.record.ending == .suspended else { return }
    do {
      let holder = try await setup.world.reading.repository.lockHolder(of: environment)
      if let holder, holder.run == setup.run || holder.expires > clock.now() { return }
      emit(
        .warning("the lock of \(environment) lapsed while the run was suspended: others may have promoted meanwhile")
      )
    } catch {
      emit(.warning("whether the lock of \(environment) was kept could not be told: \(error)"))
    }
  }

  /// Renews every lock that is held a few times in its lifetime, until the task is cancelled.
  /// - Parameter first: when to begin; nil: in a third of that.
  func renewUntilCancelled(first: Timestamp? = nil) async {
    var next = first ?? clock.now() + lifetime / 3
    while !Task.isCancelled {
      memory.update { [next] in $0.renewal = next }
      do {
        try await clock.sleep(until: next)
      } catch {
        return
      }
      memory.update { $0.renewal = nil }
      for (environment, lease) in memory.current.leases {
        var claim = lease.holder
        let promotion = memory.current.promotions.last { $0.changes.environment == environment }
        claim.pullRequest = promotion?.pullRequest?.url ?? claim.pullRequest
        do {
          try await renew(lease, as: claim)
        } catch is CancellationError {
          return
        } catch {
          // Every push is made under the lock, so a lock that could not be renewed stops writing by itself. The others are
          // renewed all the same.
          if !Task.isCancelled { emit(.warning("the lock of \(environment) could not be renewed: \(error)")) }
        }
      }
      next = clock.now() + lifetime / 3
    }
  }

  /// A suspended run keeps its locks for as long as what it has seen counts (rule 9): nobody else's plan slips in between
  /// the review and its merge without a word. `abort` and `unlock` free them before; a `rollback` takes them over.
  func keepWhileSuspended() async {
    for (environment, lease) in memory.current.leases {
      var claim = lease.holder
      claim.reason = "suspended: \(claim.reason)"
      let promotion = memory.current.promotions.last { $0.changes.environment == environment }
      claim.pullRequest = promotion?.pullRequest?.url ?? claim.pullRequest
      do {
        try await renew(lease, as: claim, lasting: max(lifetime, setup.runbook.fleet.policy.sealLifetime))
      } catch {
        emit(
          .warning(
            "the lock of \(environment) could not be kept for the suspended run and expires at "
              + "\(lease.holder.expires): \(error)"
          )
        )
      }
    }
  }

  /// Frees what an earlier process of this run held and had no time to free.
  private func releaseLeftOver() async {
    guard setup.isResumed else { return }
    let statements = setup.runbook.body.everyStatement
    let locked = Set(statements.compactMap { $0.action.lockedEnvironment })
    for environment in locked.sorted() where memory.current.leases[environment] == nil {
      do {
        let holder = try await setup.world.reading.repository.lockHolder(of: environment)
        guard let holder, holder.run == setup.run else { continue }
        guard case .held(let lease, _) = try await repository.takeLock(holder, takingOver: false) else { continue }
        try await repository.releaseLock(lease)
      } catch {
        emit(.warning("whether this run still holds the lock of \(environment) could not be told: \(error)"))
      }
    }
  }

  func releaseAll() async {
    await releaseLeftOver()
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

extension Action {
  /// The environment whose lock the statement takes: it changes what that is to run. nil for every other statement.
  public var lockedEnvironment: EnvironmentName? {
    switch self {
    case .promote(let action): action.target
    case .rollback(let action): action.environment
    case .reconcile(let action): action.environment
    case .validate, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .sync, .restart,
      .diagnose,
      .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .branch, .loop, .retry, .within, .call, .stop,
      .fail:
      nil
    }
  }
}
