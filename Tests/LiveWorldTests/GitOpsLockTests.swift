import LiveWorld
import PromotionModel
import Synchronization
import Testing

@Suite struct GitOpsLockTests {
  private let production = GitOpsFixture.production

  private func take(_ writer: GitRepositoryWriter, _ claim: LockHolder, takingOver: Bool = false) async throws
    -> LockLease
  {
    let outcome = try await writer.takeLock(claim, takingOver: takingOver)
    guard case .held(let lease, _) = outcome else { throw Unexpected(what: "\(outcome)") }
    return lease
  }

  struct Unexpected: Error { var what: String }

  @Test func aFreeLockIsTakenAndReleased() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      #expect(try await repository.lockHolder(of: production) == nil)
      let claim = try fixture.claim("run-1")
      let lease = try await take(writer, claim)
      #expect(lease.holder == claim)
      #expect(try await repository.lockHolder(of: production) == claim)
      try await writer.releaseLock(lease)
      #expect(try await repository.lockHolder(of: production) == nil)
      try await writer.releaseLock(lease)
      #expect(
        try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "fsck", "--strict", "--no-dangling"]) == ""
      )
    }
  }

  @Test func aLiveLockHoldsOthersOff() async throws {
    try await GitOpsFixture.with { fixture in
      let first = GitRepositoryWriter(fixture.repository())
      let claim = try fixture.claim("run-1", pullRequest: "https://github.test/pull/7")
      let lease = try await take(first, claim)
      let second = GitRepositoryWriter(fixture.repository())
      #expect(try await second.takeLock(fixture.claim("run-2"), takingOver: false) == .heldBy(claim))
      // The same run adopts its own, as it does when resumed.
      let resumed = GitRepositoryWriter(fixture.repository())
      guard case .held(let adopted, from: nil) = try await resumed.takeLock(fixture.claim("run-1"), takingOver: false)
      else {
        Issue.record("not adopted")
        return
      }
      #expect(adopted.object != lease.object)
    }
  }

  @Test func anExpiredLockIsFree() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let old = try fixture.claim("run-1", lasting: .seconds(60))
      _ = try await take(GitRepositoryWriter(repository), old)
      fixture.clock.advance(.seconds(61))
      #expect(try await repository.lockHolder(of: production) == old)
      let outcome = try await GitRepositoryWriter(repository).takeLock(fixture.claim("run-2"), takingOver: false)
      guard case .held(_, from: nil) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await repository.lockHolder(of: production)?.run == RunID("run-2"))
    }
  }

  /// A holder that stood still past its expiry: another had the lock meanwhile, and its lock has expired too.
  @Test func aLockThatAnotherTookIsNotRenewed() async throws {
    try await GitOpsFixture.with { fixture in
      let stopped = GitRepositoryWriter(fixture.repository())
      let own = try fixture.claim("run-1", lasting: .seconds(60))
      let lease = try await take(stopped, own)
      fixture.clock.advance(.seconds(61))
      let other = try fixture.claim("run-2", lasting: .seconds(60))
      _ = try await take(GitRepositoryWriter(fixture.repository()), other)
      fixture.clock.advance(.seconds(61))
      #expect(try await stopped.renewLock(lease, as: own) == .heldBy(other))
      #expect(try await fixture.repository().lockHolder(of: production) == other)
    }
  }

  /// The same, and the other has freed it: what was planned under the lock was not alone, so it is not taken again.
  @Test func aLockThatAnotherHadAndFreedIsLost() async throws {
    try await GitOpsFixture.with { fixture in
      let stopped = GitRepositoryWriter(fixture.repository())
      let own = try fixture.claim("run-1", lasting: .seconds(60))
      let lease = try await take(stopped, own)
      let changes = try await fixture.repository().plan(
        fixture.request(["api": "1.3.0"]),
        at: fixture.repository().head().id
      )
      fixture.clock.advance(.seconds(61))
      let second = GitRepositoryWriter(fixture.repository())
      try await second.releaseLock(take(second, fixture.claim("run-2")))
      #expect(try await stopped.renewLock(lease, as: own) == .lost)
      let tip = try await fixture.tip()
      #expect(try await stopped.commit(changes, message: fixture.message(), under: lease) == .lostLock(nil))
      #expect(
        try await stopped.propose(changes, branch: "b", message: fixture.message(), under: lease) == .lostLock(nil)
      )
      #expect(try await fixture.tip() == tip)
      #expect(try await fixture.repository().lockHolder(of: production) == nil)
    }
  }

  /// The push of a commit landed with the lock, and its answer was lost: the lock is still this run's.
  @Test func aPushWhoseAnswerWasLostLosesNoLock() async throws {
    try await GitOpsFixture.with { fixture in
      let isDeaf = Deafness()
      let deaf = InterruptedPrograms(
        fixture.programs,
        at: "push",
        after: { result in
          guard isDeaf.ends() else { return result }
          throw WorldError(tool: "git", reason: .timedOut, message: "no answer")
        }
      )
      let repository = fixture.repository(deaf)
      let writer = GitRepositoryWriter(repository)
      let lease = try await take(writer, fixture.claim("run-1"))
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: repository.head().id)
      isDeaf.begin()
      guard case .pushed = try await writer.commit(changes, message: fixture.message(), under: lease) else {
        Issue.record("the push was not found")
        return
      }
      let renewed = try await writer.renewLock(lease, as: fixture.claim("run-1", lasting: .seconds(900)))
      guard case .held(let now, _) = renewed else {
        Issue.record("\(renewed)")
        return
      }
      try await writer.releaseLock(now)
      #expect(try await fixture.repository().lockHolder(of: production) == nil)
    }
  }

  /// Whether the next answer is lost.
  private final class Deafness: Sendable {
    private let isNext = Mutex(false)
    func begin() { isNext.withLock { $0 = true } }
    func ends() -> Bool {
      isNext.withLock { next in
        defer { next = false }
        return next
      }
    }
  }

  @Test func whoLostTheLockCannotWrite() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      let lease = try await take(writer, fixture.claim("run-1"))
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: repository.head().id)
      let rescuer = GitRepositoryWriter(fixture.repository())
      let claim = try fixture.claim("run-2")
      guard case .held(_, let from?) = try await rescuer.takeLock(claim, takingOver: true) else {
        Issue.record("not taken over")
        return
      }
      #expect(from.run == RunID("run-1"))
      let tip = try await fixture.tip()
      #expect(try await writer.commit(changes, message: fixture.message(), under: lease) == .lostLock(claim))
      #expect(
        try await writer.propose(changes, branch: "b", message: fixture.message(), under: lease) == .lostLock(claim)
      )
      #expect(try await writer.renewLock(lease, as: fixture.claim("run-1")) == .heldBy(claim))
      try await writer.releaseLock(lease)
      #expect(try await repository.lockHolder(of: production) == claim)
      #expect(try await fixture.tip() == tip)
      #expect(try await repository.tip(ofBranch: "b") == nil)
    }
  }

  @Test func aLockLostInTheMiddleOfAPushStopsIt() async throws {
    try await GitOpsFixture.with { fixture in
      let claim = try fixture.claim("run-2")
      let racing = InterruptedPrograms(
        fixture.programs,
        at: "push",
        before: { count in
          // The first push takes the lock, the second is the commit's.
          if count == 2 { _ = try await GitRepositoryWriter(fixture.repository()).takeLock(claim, takingOver: true) }
        }
      )
      let repository = fixture.repository(racing)
      let writer = GitRepositoryWriter(repository)
      let lease = try await take(writer, fixture.claim("run-1"))
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: repository.head().id)
      let tip = try await fixture.tip()
      #expect(try await writer.commit(changes, message: fixture.message(), under: lease) == .lostLock(claim))
      #expect(try await fixture.tip() == tip)
    }
  }

  @Test func everyPushRenewsTheLocksObject() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      let lease = try await take(writer, fixture.claim("run-1"))
      for (step, version) in [("1", "1.3.0"), ("2", "1.4.0"), ("3", "1.5.0")] {
        let changes = try await repository.planTags(
          [ServiceName("api"): "api-v\(version)"],
          in: production,
          at: repository.head().id
        )
        // The lease is the one first given: the writer keeps up with what its own pushes made of it.
        let outcome = try await writer.commit(changes, message: fixture.message(step: step), under: lease)
        #expect(try await outcome == .pushed(repository.head()))
        let renewed = try await writer.renewLock(lease, as: fixture.claim("run-1", lasting: .seconds(900)))
        guard case .held(let now, from: nil) = renewed else {
          Issue.record("\(renewed)")
          return
        }
        #expect(now.object != lease.object)
      }
      // A process that resumes the run takes it up; that which had it before has lost it.
      let resumed = GitRepositoryWriter(fixture.repository())
      let own = try await take(resumed, fixture.claim("run-1"))
      #expect(try await writer.renewLock(lease, as: fixture.claim("run-1")) == .lost)
      try await writer.releaseLock(lease)
      #expect(try await repository.lockHolder(of: production) == own.holder)
      #expect(try await fixture.show("apps/production/api.yaml") == GitOpsFixture.file("api", "1.5.0"))
      try await resumed.releaseLock(own)
      #expect(try await repository.lockHolder(of: production) == nil)
    }
  }

  @Test func ofManyClaimsOneWins() async throws {
    try await GitOpsFixture.with { fixture in
      _ = try await fixture.repository().head()
      var winners: [String] = []
      var told: Set<String> = []
      try await withThrowingTaskGroup(of: (String, LockOutcome).self) { group in
        for number in 1...5 {
          group.addTask {
            let writer = GitRepositoryWriter(fixture.repository())
            return ("run-\(number)", try await writer.takeLock(fixture.claim("run-\(number)"), takingOver: false))
          }
        }
        for try await (run, outcome) in group {
          switch outcome {
          case .held: winners.append(run)
          case .heldBy(let holder): told.insert(holder.run.text)
          case .lost: Issue.record("a claim is no renewal")
          }
        }
      }
      #expect(winners.count == 1)
      #expect(told == Set(winners))
    }
  }

  @Test func aLockThatNobodyWroteIsNotReadAsFree() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let remote = "--git-dir=\(fixture.folder)/remote.git"
      try await fixture.git([remote, "update-ref", "refs/slipway/lock/production", fixture.tip().text])
      let writer = GitRepositoryWriter(repository)
      await #expect { try await repository.lockHolder(of: production) } throws: {
        ($0 as? WorldError)?.reason == .nonsense
      }
      await #expect(throws: WorldError.self) { try await writer.takeLock(fixture.claim("run-1"), takingOver: false) }
      // Whatever stands there, the rest of the repository can be read, and a rescue goes on.
      let blob = try await fixture.git([remote, "hash-object", "-w", "--stdin"], input: "x")
      try await fixture.git([remote, "update-ref", "refs/slipway/lock/production", String(blob.prefix(40))])
      #expect(try await repository.head().id == fixture.tip())
      let claim = try fixture.claim("run-1")
      _ = try await take(writer, claim, takingOver: true)
      #expect(try await repository.lockHolder(of: production) == claim)
    }
  }
}
