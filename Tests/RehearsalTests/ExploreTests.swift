import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import Rehearsal

@Suite struct ExploreTests {
  private func image(_ behaviour: ImageFault.Behaviour) -> ExploredFuture {
    ExploredFuture(.image(ImageFault(api, in: production, behaviour)))
  }

  @Test func everyCallGoesWrongInEveryWay() throws {
    let futures = try exploration(quickRelease).singles()
    let calls = Set(
      futures.flatMap(\.faults).compactMap { fault -> String? in
        guard case .call(let touch, let occurrence, _) = fault.effect else { return nil }
        return "\(touch.rawValue) #\(occurrence)"
      }
    )
    // The run looks around for half an hour: a round each ten seconds, and none is left out.
    #expect(calls.contains("probes probe #180"))
    #expect(calls.contains("repository commit #1"))
    #expect(calls.contains("repository take lock #1"))
    #expect(calls.contains("repository release lock #1"))
    #expect(calls.contains("cluster observe #1"))
    let commit = futures.filter { $0.name.hasPrefix("repository commit #1 ") }.map(\.name)
    for part in [
      "fails: timed out", "fails: unreachable", "fails: unauthorized", "fails: refused", "the answer is lost",
      "hangs for 1m", "answers after 1m30s", "right before its effect; resumed after 1m",
      "right after its effect; resumed after 1m", "right after its effect; resumed after 1d1h",
    ] {
      #expect(commit.contains { $0.contains(part) }, "\(part) in \(commit)")
    }
    #expect(Set(futures.map(\.name)).count == futures.count)
    #expect(futures.contains { $0.dyingWrite == 1 })
  }

  @Test func pairsAreDrawnFromWhatAnswersTrouble() {
    func pairs(seed: UInt64) -> [String] {
      var draw = PairDraw(seed: seed, count: 40)
      let calls: [(touch: Touch, occurrence: Int)] = [(.repositoryCommit, 2), (.deliveryTerminate, 1)]
      draw.add(Answer(image(.crashes(after: .zero)), calls: calls, statements: [], writes: 3))
      draw.add(Answer(image(.neverReady), calls: [], statements: [], writes: 1))
      return Array(draw).map(\.name)
    }
    let drawn = pairs(seed: 5)
    #expect(Set(drawn).count == drawn.count)
    #expect(drawn.contains { $0.hasPrefix("production api crashes, and delivery terminate #1") })
    #expect(drawn.contains { $0.hasPrefix("production api crashes, and repository commit #2") })
    #expect(drawn.contains { $0.hasPrefix("production api crashes, and the process dies at write #3") })
    #expect(pairs(seed: 5) == drawn)
    #expect(pairs(seed: 6) != drawn)
  }

  @Test func asManyPairsAreDrawnAsThereAre() {
    func draw(_ count: Int) -> PairDraw {
      var draw = PairDraw(seed: 3, count: count)
      draw.add(Answer(image(.crashes(after: .zero)), calls: [(.repositoryCommit, 2)], statements: [], writes: 5))
      draw.add(Answer(image(.neverReady), calls: [], statements: [], writes: 2))
      draw.add(Answer(image(.cannotBePulled), calls: [], statements: [], writes: 1))
      // As one that was tried elsewhere.
      draw.leaveOut(image(.neverReady).with(ExploredFuture(dyingWrite: 1)))
      return draw
    }
    // Each of three with each of the two others, each write but one, and each way in which the one answering call can go wrong.
    let all = 6 + 7 + CallFutures.of(.repositoryCommit, 2).count
    for count in [all, all + 1, 1000, .max] {
      var drawn = draw(count)
      var names: [String] = []
      while let pair = drawn.next() { names.append(pair.name) }
      #expect(names.count == all)
      #expect(Set(names).count == all)
      #expect(drawn.missing == count - all)
    }
    #expect(Array(draw(all - 1)).count == all - 1)
  }

  @Test func everyWriteOfAQuickReleaseIsSafe() throws {
    let exploration = try exploration(quickRelease)
    let futures = try exploration.singles().filter { future in
      if future.dyingWrite != nil { return true }
      guard case .call(let touch, let occurrence, _) = future.faults.first?.effect else { return false }
      return touch.isWrite && (touch != .repositoryRenewLock || occurrence == 2)
    }
    #expect(futures.count > 60)
    for future in futures {
      let unsafe = try exploration.explore(future).unsafe
      #expect(
        unsafe == nil,
        "\(unsafe.map { ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore") } ?? "")"
      )
    }
  }

  private static let writesOfAnUndo: [(Touch, Int)] = [
    (.deliverySuspend, 1), (.deliveryUndo, 1), (.repositoryCommit, 2), (.deliveryRestore, 1),
  ]

  /// A rollback in the cluster, with each of its calls gone wrong in every way. Auto-sync that stays suspended is no good
  /// ending; restored too early, an Argo CD that heals itself would bring the bad version again.
  @Test(arguments: writesOfAnUndo, [false, true])
  func everyWriteOfAnUndoIsSafe(_ write: (touch: Touch, occurrence: Int), heals: Bool) throws {
    let exploration = try exploration(quickRelease.replacing("rollback promoted", with: "rollback promoted by undo"))
    let (touch, occurrence) = write
    var crash = image(.crashes(after: .seconds(60)))
    if heals { crash = ExploredFuture(.selfHeal(production)).with(crash) }
    for call in CallFutures.of(touch, occurrence) {
      let unsafe = try exploration.explore(crash.with(call)).unsafe
      #expect(
        unsafe == nil,
        "\(unsafe.map { ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore") } ?? "")"
      )
    }
  }

  /// With a record of releases, whatever becomes of the calls that write it; every commit has its entry, and once.
  @Test(arguments: [quickRelease, quickRelease.replacing("promote api by commit", with: "promote api\nwait merge")])
  func everyWriteOfARecordIsSafe(text: String) throws {
    let configuration = Rehearsal.standardConfiguration.replacing(
      "copy: tag",
      with: "copy: tag\n  records: releases/{environment}/{date}-{run}.md"
    )
    let exploration = try exploration(text, seed: 1, configuration)
    let calls = [(Touch.repositoryCommit, 1), (.repositoryPropose, 1), (.repositoryPreview, 1)]
    let alone = calls.flatMap { CallFutures.of($0, $1) }
    let crash = image(.crashes(after: .seconds(60)))
    for future in alone + [crash] + calls.flatMap({ CallFutures.of($0, $1 + 1) }).map({ crash.with($0) }) {
      let unsafe = try exploration.explore(future).unsafe
      #expect(
        unsafe == nil,
        "\(unsafe.map { ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore") } ?? "")"
      )
    }
  }

  @Test(arguments: [
    "crashes after 3m", "cannot be pulled", "never becomes ready", "answers 503", "logs 20 errors",
    "syncs slowly by 20m", "moves to v1.2.9", "leads to another cluster, 3s", "the network is lost for 10m",
    "api is pushed again", "1 push is rejected, right before", "staging api is deleted by hand",
    "production api is scaled to 1 by hand", "production api is deleted by hand", "api scales to 4", "api scales to 1",
    "api is evicted", "api is drained", "migrates for 8m", "cannot be migrated", "heals itself, and production api is",
  ])
  func troubleOutsideIsSurvived(part: String) throws {
    let exploration = try exploration(quickRelease)
    let futures = try exploration.singles().filter { $0.name.contains(part) }.prefix(3)
    #expect(!futures.isEmpty)
    for future in futures {
      let unsafe = try exploration.explore(future).unsafe
      #expect(
        unsafe == nil,
        "\(unsafe.map { ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore") } ?? "")"
      )
    }
  }

  /// Handlers as people write them, each with what it must stand.
  @Test(arguments: [
    (
      "rollback api", ["staging api answers 503", "staging leads to another cluster", "production api moves to v1.2.9"]
    ),
    (
      "rollback production api to v1.2.2",
      ["production api moves to v1.2.9", "staging leads to another cluster", "repository declared"]
    ),
    ("rollback promoted by revert", ["repository head", "production api crashes"]),
    ("rollback promoted", ["repository release lock"]),
  ])
  func otherAnswersAreSafeToo(answer: String, parts: [String]) throws {
    let exploration = try exploration(quickRelease.replacing("rollback promoted", with: answer))
    let futures = try exploration.singles().filter { future in parts.contains { future.name.contains($0) } }
    #expect(parts.allSatisfy { part in futures.contains { $0.name.contains(part) } }, "\(futures.map(\.name))")
    for future in futures {
      let unsafe = try exploration.explore(future).unsafe
      #expect(
        unsafe == nil,
        "\(unsafe.map { ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore") } ?? "")"
      )
    }
  }

  @Test func mergeByTheRunIsSafe() throws {
    let text = "validate staging api\npromote api\nmerge within 2h\nmonitor 30m\non failure { rollback promoted }"
    let exploration = try exploration(text)
    let futures = try exploration.singles().filter {
      $0.name.contains("repository head") || $0.name.contains("forge merge")
    }
    #expect(futures.count > 10)
    for future in futures {
      let unsafe = try exploration.explore(future).unsafe
      #expect(
        unsafe == nil,
        "\(unsafe.map { ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore") } ?? "")"
      )
    }
  }

  @Test func runbookWithoutAnAnswerIsUnsafe() throws {
    let bare = "validate staging api\npromote api by commit\nmonitor 30m"
    let unsafe = try #require(try exploration(bare).explore(image(.crashes(after: .seconds(180)))).unsafe)
    #expect(unsafe.harms.map(\.invariant) == [.failedIsWhole])
    #expect(unsafe.exit == ExitStatus.failed)
    #expect(unsafe.line == 3)
    #expect(unsafe.statement == "monitor 30m")
    #expect(unsafe.advice.contains("on failure { rollback promoted }"))
    #expect(unsafe.story.first?.words == "line 1: validate staging api")
    #expect(unsafe.story.contains { $0.words.contains("crashes") })
    #expect(unsafe.story.last?.words.contains("exit 1") == true)
    #expect(zip(unsafe.story, unsafe.story.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(
      unsafe.scenario == """
        scenario "production api crashes after 3m" {
          given production api crashes after 3m
          expect safe
        }
        """
    )
    #expect(try exploration(quickRelease).explore(image(.crashes(after: .seconds(180)))).unsafe == nil)
  }

  @Test func goodEndingWithoutALookIsFound() throws {
    // `wait rollout` has seen it arrive, and nothing watches what comes after.
    let short = "validate staging api\npromote api by commit\nwait rollout\nwait 10m"
    let future = image(.crashes(after: .seconds(120)))
    #expect(try exploration(short).invariants(future) == [.okIsTrue])
  }

  @Test func pullRequestThatIsLeftOpenIsFound() throws {
    let text = "validate staging api\npromote api\nfail \"changed my mind\""
    #expect(try exploration(text).invariants(ExploredFuture()) == [.nothingIsLeft])
    let answered = text + "\non failure { rollback promoted }"
    #expect(try exploration(answered).invariants(ExploredFuture()) == [])
  }

  @Test func rejectedPushesDoNotStopARescue() throws {
    // Rule 7: a rejected push counts like an unreachable server.
    let crash = Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(300)))))
    let once = ExploredFuture([crash, Fault(.pushesRejected(1), start: .afterPromotion(.seconds(1)))])
    let result = try exploration(quickRelease).explore(once)
    #expect(result.exit == ExitStatus.takenBack)
    #expect(result.unsafe == nil)
    let always = ExploredFuture([crash, Fault(.pushesRejected(1000), start: .afterPromotion(.seconds(1)))])
    #expect(try exploration(quickRelease).explore(always).exit == ExitStatus.failed)
  }

  @Test func summaryCountsWhatWasTried() async throws {
    let exploration = try exploration(quickRelease)
    let summary = try await exploration.run(pairs: 0, isWanted: { $0.contains("take lock") }, found: { _ in })
    let wanted = try exploration.singles().filter { $0.name.contains("take lock") }
    #expect(summary.callFutures + summary.domainFutures == wanted.count)
    #expect(summary.exits.values.reduce(0, +) == summary.total)
    #expect(summary.touches.contains { $0.touch == .repositoryTakeLock && $0.count == 1 })
    #expect(ExploreMessages.summary(summary).contains("\(summary.total) futures in all"))
  }

  @Test func whatTheRunNeverComesToIsNotCalledSafe() async throws {
    let gated = "require window weekdays 02:00 to 04:00 \"UTC\"\npromote api by commit without validation because \"x\""
    let summary = try await exploration(gated).run(pairs: 0, isWanted: { $0 == "nothing goes wrong" }, found: { _ in })
    #expect(summary.undisturbed.exit == ExitStatus.refused)
    let text = ExploreMessages.summary(summary, isWhole: false)
    #expect(text.hasPrefix("When nothing goes wrong the run ends *refused*: line 1, `require`: "), "\(text)")
    #expect(text.contains("What it does not come to was not explored"))
    #expect(!text.contains("none left out"))
  }

  @Test func aRollbackByItselfMeetsImagesThatDoNotHold() throws {
    // What the run brings back may be as bad as what it takes away.
    let bare = try exploration("rollback production api because \"incident\"")
    let names = try bare.singles().map(\.name)
    #expect(names.contains("production api answers 503"), "\(names.prefix(5))")
    let ill = ExploredFuture(.image(ImageFault(api, in: production, .health(.status(503), after: .zero))))
    #expect(try bare.invariants(ill) == [.okIsTrue])
    let watched = try exploration(
      "rollback production api because \"incident\"\nmonitor 10m production api"
    )
    #expect(try watched.invariants(ill) == [])
  }

  @Test func whatTheRunOnlyReadsIsNotItsToAnswerFor() throws {
    let fleet = Rehearsal.standardConfiguration.replacing(
      "context: staging }",
      with: "context: staging, protected: true }"
    )
    let ill = ExploredFuture(.image(ImageFault(api, in: staging, versions: .any, .crashes(after: .zero))))
    let result = try exploration(quickRelease, fleet).explore(ill)
    #expect(result.exit == ExitStatus.failed)
    #expect(result.unsafe == nil)
  }

  @Test func aNetworkThatIsLostKeepsAnAnswerFromTheRun() throws {
    // What the cluster would have said nobody heard: going on is no fault then.
    let future = ExploredFuture([
      Fault(.networkLost(for: .seconds(30))), Fault(.call(.clusterIdentify, occurrence: 1, .fails(.wrongPlace))),
    ])
    #expect(try exploration(quickRelease).invariants(future) == [])
  }

  @Test func theWordsOfAShell() {
    #expect(ExploreMessages.shellWord("a/b-c.runbook") == "a/b-c.runbook")
    #expect(ExploreMessages.shellWord("it's $HOME") == "'it'\\''s $HOME'")
    #expect(ExploreMessages.shellWord("") == "''")
  }

  @Test func theSameSeedExploresTheSame() async throws {
    func whole(_ seed: UInt64, jobs: Int = 1) async throws -> [String] {
      var lines: [String] = []
      let bare = "validate staging api\npromote api by commit\nmonitor 30m"
      let summary = try await exploration(bare, seed: seed).run(
        pairs: 4,
        jobs: jobs,
        isWanted: { $0.contains("crashes after 3m") || $0.contains(", and production api crashes") },
        found: { lines.append(ExploreMessages.story($0, in: "test.runbook", like: 0, command: "slipway explore")) }
      )
      return lines + [ExploreMessages.summary(summary)]
    }
    let first = try await whole(3)
    #expect(first.count > 1)
    #expect(try await whole(3) == first)
    // However many run at a time.
    #expect(try await whole(3, jobs: 3) == first)
    #expect(try await whole(4) != first)
  }
}

/// `kill -9` at every journal write, and before and after every touch of the world, of the example release.
@Suite struct KilledReleaseTests {
  @Test(arguments: [release, quickRelease]) func endsAsIfNothingHadBeen(text: String) throws {
    let exploration = try exploration(text)
    let calm = try exploration.account(of: ExploredFuture())
    let futures = try exploration.singles().filter { future in
      if future.dyingWrite != nil { return true }
      guard future.pause == ExploredFuture.shortPause,
        case .call(let touch, let occurrence, .processDies) = future.faults.first?.effect
      else { return false }
      // Of the rounds of a wait that are all alike, the first and the third stand for the rest.
      return touch.isWrite || occurrence == 1 || occurrence == 3
    }
    #expect(futures.count > 80, "\(futures.count)")
    for future in futures {
      let account = try exploration.account(of: future)
      let name = Comment(rawValue: future.name)
      #expect(account.exit == calm.exit, name)
      #expect(account.world.repository.commits.map(\.subject) == calm.world.repository.commits.map(\.subject), name)
      #expect(account.world.repository.locks.isEmpty, name)
      #expect(account.world.repository.branches.keys.sorted() == calm.world.repository.branches.keys.sorted(), name)
      #expect(account.world.forge.pullRequests.map(\.state) == calm.world.forge.pullRequests.map(\.state), name)
      for service in [api, web, ServiceName("project-management")] {
        let (now, then) = (account.world, calm.world)
        #expect(now.tag(of: service, in: production) == then.tag(of: service, in: production), name)
        #expect(
          now.runningVersion(of: service, in: production) == then.runningVersion(of: service, in: production),
          name
        )
      }
    }
  }
}
