import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct LockTests {
  private func holder(_ plan: [String], _ stage: Stage, lasting lifetime: Duration = .seconds(86_400)) throws
    -> LockHolder
  {
    LockHolder(
      environment: production,
      run: try #require(RunID("other-run")),
      holder: "grace@desk",
      reason: "the friday release",
      plan: plan,
      expires: stage.simulated.time.now + lifetime
    )
  }

  private func locked(
    _ plan: [String],
    lasting lifetime: Duration = .seconds(86_400),
    _ future: Future = Future(quickRelease)
  ) throws -> Stage {
    let stage = try future.stage()
    let claim = try holder(plan, stage, lasting: lifetime)
    _ = try stage.do { world in try await world.writing.repository.takeLock(claim, takingOver: false) }
    return stage
  }

  @Test func anotherPlanIsRefusedWithWhose() throws {
    let stage = try locked(["production/web web-v5.0.0 -> web-v5.0.1"])
    let told = try stage.run(quickRelease)
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.exit == 2)
    #expect(told.message.contains("locked by run other-run of grace@desk (the friday release)"))
    #expect(stage.tag(api) == "api-v1.2.2")
    #expect(stage.locks[production]?.run.text == "other-run")
    #expect(stage.commitsOfRuns.isEmpty)
  }

  @Test func theSamePlanIsToldWhoDoesIt() throws {
    let stage = try locked(["production/api api-v1.2.2 -> api-v1.3.0"])
    let told = try stage.run(quickRelease)
    #expect(told.ending == .refused)
    #expect(told.message.contains("run other-run of grace@desk already does the same"))
  }

  @Test func expiredLockIsNobodys() throws {
    let stage = try locked(["production/web …"], lasting: .seconds(60))
    try stage.pass(.seconds(120))
    #expect(try stage.run(quickRelease).ending == .ok)
  }

  @Test func rollbackTakesOverAndSaysWhose() throws {
    let stage = try locked(["production/web …"])
    let told = try stage.run("rollback production api")
    #expect(told.ending == .ok, "\(told.story)")
    let taken = try #require(told.first("lock.taken"))
    guard case .lockTaken(_, let from) = taken.body else { return }
    #expect(from?.holder == "grace@desk")
    #expect(stage.running(api) == "1.2.1")
    #expect(stage.locks.isEmpty)
  }

  @Test func lockIsRenewedAsLongAsTheRunLasts() throws {
    // The lock is good for ten minutes, the review takes three hours.
    let stage = try Future(release).with(.reviewer(.merges(after: .seconds(3 * 3600)))).stage()
    let told = try stage.run(release)
    #expect(told.ending == .ok, "\(told.story)")
    #expect((stage.simulated.calls[.repositoryRenewLock] ?? 0) > 50)
    #expect(stage.locks.isEmpty)
  }

  @Test func secondRunWithTheSamePlanIsToldThePullRequestOfTheFirst() throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    let first = try stage.run(release, as: "run-1", dying: .interrupted(after: .seconds(60)))
    #expect(first.ending == .interrupted)
    let second = try stage.run(release, as: "run-2", by: "grace@desk")
    #expect(second.ending == .refused, "\(second.story)")
    #expect(second.message.contains("run run-1 of ada@laptop already does the same"))
    #expect(second.message.contains("/pull/101"))
    #expect(stage.pullRequests.count == 1)
    #expect(stage.branches == ["main", "production-promotion-run-1"])
  }

  @Test(arguments: ["", " by commit"])
  func lockThatIsTakenOverEndsThePromotionWithoutAPush(way: String) throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    let claim = try holder(["rollback"], stage)
    world.writing.repository = Robbed(repository: stage.simulated.repository, claim: claim)
    let told = try stage.run("validate staging api; promote api\(way); monitor 30m", world: world)
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("the lock was lost to production is locked by run other-run"))
    #expect(stage.commitsOfRuns.isEmpty)
    #expect(stage.branches == ["main"])
    #expect(stage.locks[production]?.run.text == "other-run")
  }

  @Test func lockOfAnotherPlanIsWaitedFor() throws {
    let stage = try locked(["production/web …"], lasting: .seconds(300))
    let told = try stage.run(quickRelease, waiting: .seconds(600))
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.progress.count { $0.contains("waiting for the lock until") } == 1)
    #expect(told.progress.contains { $0.contains("locked by run other-run of grace@desk") })
    #expect(stage.tag(api) == "api-v1.3.0")
    #expect(stage.locks.isEmpty)
  }

  /// What was looked at before the wait is looked at again under the lock (rule 9).
  @Test func stagingThatMovedWhileTheLockWasWaitedForIsNotPromoted() throws {
    let future = try Future(quickRelease).with(.foreignTag(api, staging, version("1.3.1")), .after(.seconds(60)))
    let stage = try locked(["production/web …"], lasting: .seconds(300), future)
    let told = try stage.run(quickRelease, waiting: .seconds(600))
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("api in staging moved from api-v1.3.0, as validated, to api-v1.3.1"))
    #expect(stage.commitsOfRuns.isEmpty && stage.pullRequests.isEmpty && stage.branches == ["main"])
  }

  @Test func sealsThatExpiredWhileTheLockWasWaitedForAreNotReliedOn() throws {
    let future = Future(quickRelease).configured("policy: { seal: 1h }")
    let stage = try locked(["production/web …"], lasting: .seconds(2 * 3600), future)
    let told = try stage.run(quickRelease, waiting: .seconds(3 * 3600))
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("more than 1h ago"))
    #expect(stage.commitsOfRuns.isEmpty && stage.pullRequests.isEmpty && stage.branches == ["main"])
  }

  @Test func waitingForALockHasAnEnd() throws {
    let stage = try locked(["production/web …"])
    let told = try stage.run(quickRelease, waiting: .seconds(600))
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("locked by run other-run of grace@desk (the friday release)"))
    #expect(told.elapsed >= .seconds(600) && told.elapsed < .seconds(700))
    #expect(stage.commitsOfRuns.isEmpty)
  }

  @Test func whoDoesTheSameIsNotWaitedFor() throws {
    let stage = try locked(["production/api api-v1.2.2 -> api-v1.3.0"], lasting: .seconds(300))
    let told = try stage.run(quickRelease, waiting: .seconds(600))
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.elapsed < .seconds(60))
  }

  /// A holder that was stopped past its expiry, while another took the lock and left it to expire in turn.
  @Test func lockThatAnotherTookIsNotRenewed() throws {
    let stage = try Future(quickRelease).stage()
    let own = LockHolder(
      environment: production,
      run: try #require(RunID("run-1")),
      holder: "ada@laptop",
      reason: "release",
      plan: [],
      expires: stage.simulated.time.now + .seconds(600)
    )
    let claim = try holder(["another"], stage, lasting: .seconds(60))
    let outcome = try stage.do { world in
      guard case .held(let lease, _) = try await world.writing.repository.takeLock(own, takingOver: false) else {
        return LockOutcome?.none
      }
      _ = try await world.writing.repository.takeLock(claim, takingOver: true)
      try await world.reading.clock.sleep(for: .seconds(120))
      return try await world.writing.repository.renewLock(lease, as: own)
    }
    #expect(outcome == .heldBy(claim))
  }

  /// The same, and the other has freed it again: the lock is lost, and nothing of the plan is written.
  @Test func lockThatAnotherHadAndFreedIsLost() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    world.writing.repository = Robbed(
      repository: stage.simulated.repository,
      claim: try holder(["x"], stage),
      frees: true
    )
    let told = try stage.run("validate staging api; promote api by commit; monitor 30m", world: world)
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("the lock was lost"))
    #expect(stage.commitsOfRuns.isEmpty)
    #expect(stage.locks.isEmpty)
  }

  @Test func renewalOfALockThatIsGoneIsLost() throws {
    let stage = try Future(quickRelease).stage()
    let claim = try holder(["x"], stage)
    let outcome = try stage.do { world in
      let repository = world.writing.repository
      guard case .held(let lease, _) = try await repository.takeLock(claim, takingOver: false) else {
        return LockOutcome?.none
      }
      guard case .held(let renewed, _) = try await repository.renewLock(lease, as: claim) else { return nil }
      try await repository.releaseLock(renewed)
      return try await repository.renewLock(renewed, as: claim)
    }
    #expect(outcome == .lost)
    #expect(stage.locks.isEmpty)
  }

  @Test func twoRunsAtOnceMakeOneChange() throws {
    let stage = try Future(quickRelease).stage()
    let told = try stage.runAtOnce(quickRelease, as: ["run-1", "run-2"])
    #expect(told.map(\.ending).sorted() == [.ok, .refused])
    #expect(stage.commitsOfRuns.count == 1)
    #expect(stage.locks.isEmpty)
  }
}

/// A repository whose lock is taken over right after it was given.
private struct Robbed: RepositoryWriting {
  let repository: SimulatedRepository
  let claim: LockHolder
  /// It is let go at once.
  var frees = false

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    if case .held(let theirs, _) = try await repository.takeLock(claim, takingOver: true), frees {
      try await repository.releaseLock(theirs)
    }
    return try await repository.commit(changes, message: message, under: lease)
  }
  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    _ = try await repository.takeLock(claim, takingOver: true)
    return try await repository.propose(changes, branch: branch, message: message, under: lease)
  }
  func deleteBranch(_ branch: String, at tip: CommitID) async throws {
    try await repository.deleteBranch(branch, at: tip)
  }
  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    try await repository.takeLock(claim, takingOver: takingOver)
  }
  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    try await repository.renewLock(lease, as: claim)
  }
  func releaseLock(_ lease: LockLease) async throws { try await repository.releaseLock(lease) }
  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    try await repository.setFreeze(freeze, of: environment, replacing: seen)
  }
}
