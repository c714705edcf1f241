import PromotionModel
import Testing

@testable import SimulatedWorld

/// How single calls go wrong, and how a process dies.
@Suite struct CallFaultTests {
  private func world(_ touch: Touch, _ fault: CallFault, occurrence: Int = 1) throws -> SimulatedWorld {
    try TestFleet.world([Fault(.call(touch, occurrence: occurrence, fault))])
  }

  @Test func callThatHangsHasNoEffectAndTimesOut() throws {
    let world = try world(.repositoryCommit, .hangs(for: .seconds(60)))
    let start = world.time.now
    let error = try world.time.run { () async -> WorldError? in
      do {
        try await TestRun(world: world).promote()
        return nil
      } catch {
        return error as? WorldError
      }
    }
    #expect(error?.reason == .timedOut)
    #expect(world.time.now - start > .seconds(60))
    #expect(world.tag(of: api, in: production) == "api-v1.2.2")
  }

  @Test func lateAnswerIsAnAnswer() throws {
    let world = try world(.repositoryCommit, .late(by: .seconds(90)))
    let start = world.time.now
    try world.time.run { _ = try await TestRun(world: world).promote() }
    #expect(world.time.now - start > .seconds(90))
    #expect(world.tag(of: api, in: production) == "api-v1.3.0")
  }

  @Test func staleReadAnswersWhatWasTrueBefore() throws {
    // The second head is that of before the push; the third is new again.
    let world = try world(.repositoryHead, .stale(by: .seconds(60)), occurrence: 2)
    let heads = try world.time.run { () async throws -> [CommitID] in
      let first = try await world.repository.head().id
      let head = try await world.repository.declared(staging, at: first)
      let tag = head.services[api]?.tag ?? ""
      let changes = try await world.repository.planTags([api: tag], in: production, at: first)
      _ = try await world.repository.commit(changes, message: TestRun(world: world).message("1"), under: nil)
      return [first, try await world.repository.head().id, try await world.repository.head().id]
    }
    #expect(heads[0] == heads[1])
    #expect(heads[2] != heads[0])
  }

  @Test(arguments: [CallFault.Moment.before, .after])
  func processThatDiesHearsNothingAndChangesNothingMore(moment: CallFault.Moment) throws {
    let world = try world(.repositoryCommit, .processDies(moment))
    let told = Record<Bool>()
    world.whenProcessIsGone { told.add(true) }
    let (first, second) = try world.time.run { () async -> (Bool, Bool) in
      func isCancelled(_ body: () async throws -> Void) async -> Bool {
        do {
          try await body()
          return false
        } catch {
          return error is CancellationError
        }
      }
      return (
        await isCancelled { try await TestRun(world: world).promote() },
        await isCancelled { _ = try await world.repository.head() }
      )
    }
    #expect(first && second)
    #expect(told.all == [true])
    #expect(world.isProcessGone)
    #expect(world.tag(of: api, in: production) == (moment == .after ? "api-v1.3.0" : "api-v1.2.2"))
    world.startProcess()
    let commit = try world.time.run { try await TestRun(world: world).promote() }
    #expect(commit.trailer(Trailer.run) == "run-1")
    #expect(world.repository.commits.count { $0.trailer(Trailer.run) == "run-1" } == 1)
  }

  @Test(arguments: [CallFault.Interruption.before, .after, .answered])
  func interruptedRunHasTwoSecondsToStop(moment: CallFault.Interruption) throws {
    let world = try world(.repositoryCommit, .interrupted(moment))
    let told = Record<Bool>()
    world.whenInterrupted { told.add(true) }
    let isHeard = try world.time.run { () async -> Bool in
      do {
        try await TestRun(world: world).promote()
        return true
      } catch {
        return !(error is CancellationError)
      }
    }
    #expect(isHeard == (moment == .answered))
    #expect(told.all == [true])
    #expect(world.interrupted == world.time(of: .repositoryCommit, 1))
    #expect(world.tag(of: api, in: production) == (moment == .before ? "api-v1.2.2" : "api-v1.3.0"))
    // It is still there, and then it is stopped.
    try world.time.run { try await world.clock.sleep(for: .milliseconds(1900)) }
    #expect(!world.isProcessGone)
    try world.time.run { try await world.clock.sleep(for: .milliseconds(200)) }
    #expect(world.isProcessGone)
    world.startProcess()
    #expect(world.interrupted == nil && !world.isProcessGone)
  }

  @Test func interruptionConcernsNoProcessThatFollows() throws {
    let world = try world(.repositoryCommit, .interrupted(.before))
    _ = try world.time.run { try? await TestRun(world: world).promote() }
    world.startProcess()
    try world.time.run { try await world.clock.sleep(for: .seconds(10)) }
    #expect(!world.isProcessGone)
  }

  @Test func watchThatCannotBeginSeesAgainAfterAWhile() throws {
    let world = try world(.clusterObserve, .fails(.unreachable))
    let start = world.time.now
    let seen = try world.time.run { () async -> [String] in
      var seen: [String] = []
      for await observation in world.cluster.observe(production) {
        switch observation {
        case .lost(let error): seen.append(error.reason.rawValue)
        case .seen: return seen + ["seen"]
        }
      }
      return seen
    }
    #expect(seen == ["unreachable", "seen"])
    #expect(world.time.now - start == .seconds(30))
  }

  @Test func foreignLockIsTakenOver() throws {
    let world = try TestFleet.world([
      Fault(.foreignLock(production, for: .seconds(600)), start: .after(.seconds(10)))
    ])
    try world.time.run {
      _ = try await world.repository.takeLock(TestRun(world: world).claim(), takingOver: false)
      try await world.clock.sleep(for: .seconds(20))
    }
    #expect(world.repository.locks[production]?.holder == "grace@desk")
  }

  @Test func anotherClusterIsTheWrongPlace() throws {
    let world = try TestFleet.world([Fault(.anotherCluster(production))])
    let reasons = try world.time.run { () async -> [WorldError.Reason?] in
      var reasons: [WorldError.Reason?] = []
      for environment in [staging, production] {
        do {
          _ = try await world.cluster.identify(environment)
          reasons.append(nil)
        } catch {
          reasons.append((error as? WorldError)?.reason)
        }
      }
      return reasons
    }
    #expect(reasons == [nil, .wrongPlace])
  }

  @Test func imageThatWasPushedAgainHasAnotherDigest() throws {
    let world = try TestFleet.world([Fault(.image(ImageFault(api, in: production, .anotherDigest)))])
    try world.time.run {
      try await TestRun(world: world).promote()
      try await world.clock.sleep(for: .seconds(120))
    }
    #expect(world.runningVersion(of: api, in: production) == Version("1.3.0"))
    let there = world.truth(of: production)[api]?.digests
    #expect(there?.count == 1)
    #expect(there != world.truth(of: staging)[api]?.digests)
  }

  @Test func roundsThatAreFoldedCountAsMade() throws {
    // The same looks with and without foresight: the same calls, at the same times.
    func looks(folding: Bool) throws -> [String] {
      let world = try TestFleet.world([], seed: 11)
      let foresight = try #require(world.world.reading.foresight)
      try world.time.run {
        var began = world.time.now
        while began < VirtualTime.usualStart + .seconds(600) {
          try await world.clock.sleep(until: began + .seconds(10))
          began = world.time.now
          async let logs = world.cluster.logs([], in: production)
          async let probes = world.probes.probe([])
          _ = try await (logs, probes)
          guard folding else { continue }
          let passed = foresight.pass(
            .lookAround(production, probes: true, logs: true, metrics: false, alerts: false),
            every: .seconds(10),
            after: began,
            limit: 7,
            before: .distantFuture
          )
          began = passed.last
          try await world.clock.sleep(until: began)
        }
      }
      return world.touches.filter { $0.time < VirtualTime.usualStart + .seconds(500) }
        .map { "\($0.time) \($0.touch.rawValue) \($0.occurrence)" }
    }
    let folded = try looks(folding: true)
    #expect(folded.count > 90)
    #expect(try looks(folding: false) == folded)
  }
}
