import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct MonitorTests {
  private func expectTakenBack(_ told: Told, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(told.ending == .failed, "\(told.story)", sourceLocation: sourceLocation)
    #expect(told.exit == 3, sourceLocation: sourceLocation)
    #expect(told.ending(of: "monitor") == .failed, sourceLocation: sourceLocation)
    #expect(told.ending(of: "rollback") == .ok, sourceLocation: sourceLocation)
    #expect(told.stage.tag(api) == "api-v1.2.2", sourceLocation: sourceLocation)
    #expect(told.stage.running(api) == "1.2.2", sourceLocation: sourceLocation)
    #expect(told.stage.locks.isEmpty, sourceLocation: sourceLocation)
    #expect(told.has("bad-sign"), sourceLocation: sourceLocation)
  }

  // MARK: Bad signs

  @Test func crashLoopIsTakenBackInGitAndCluster() throws {
    let told = try Future(release).with(api, .crashes(after: .seconds(180))).run()
    expectTakenBack(told)
    #expect(told.stage.tag(web) == "web-v5.0.0")
    #expect(told.stage.running(management) == "10.44.3")
    #expect(
      told.stage.commitsOfRuns.last?.subject
        == "rollback(api, web, project-management): revert production to v1.2.2, v5.0.0, v10.44.3 due to a failed promotion"
    )
    // At once: within two seconds of what the cluster showed, not at the next round.
    let sign = try #require(told.first("bad-sign")?.time)
    let end = try #require(told.events.first { $0.step?.verb == "monitor" && $0.name == "step.ended" }?.time)
    #expect(end - sign < .seconds(2))
  }

  @Test func imageThatCannotBePulledIsABadSign() throws {
    let told = try Future(quickRelease).with(api, .cannotBePulled).run()
    expectTakenBack(told)
    #expect(told.message.contains("ImagePull"))
  }

  @Test func podsThatNeverGetReadyExceedTheProgressDeadline() throws {
    let told = try Future(quickRelease).with(api, .neverReady).run()
    expectTakenBack(told)
    #expect(told.message.contains("progress deadline"))
  }

  @Test func healthEndpointThatFailsRunningIsABadSign() throws {
    let told = try Future(quickRelease).with(api, .health(.status(503), after: .seconds(300))).run()
    expectTakenBack(told)
    #expect(told.message.contains("health answers 503, 3 times running"))
  }

  @Test func errorLinesAboveTheAllowanceAreABadSign() throws {
    let told = try Future(quickRelease).with(api, .logsErrors(perMinute: 6, after: .seconds(300))).run()
    expectTakenBack(told)
    #expect(told.message.contains("error lines in 1m, 0 allowed"))
  }

  @Test func errorLinesWithinTheAllowanceAreNone() throws {
    // Two pods of three lines a minute each.
    let told = try Future("validate staging api; promote api by commit; monitor 30m allowing 6 errors per 1m")
      .with(api, .logsErrors(perMinute: 3, after: .seconds(60))).run()
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test(arguments: [(3, true), (4, false)]) func allowanceOfAPatternLetsSoManyPass(lines: Int, isWell: Bool) throws {
    // Two pods, six lines a minute or eight.
    let future = Future(quickRelease).with(api, .logsErrors(perMinute: lines, after: .seconds(60)))
      .configured("policy: { error-allowances: [{ pattern: error, count: 6 }] }")
    let told = try future.run()
    if isWell {
      #expect(told.ending == .ok, "\(told.story)")
    } else {
      expectTakenBack(told)
      #expect(told.message.contains("error lines in 1m, 0 allowed"))
    }
  }

  @Test func errorLinesOfOneKindAreShownOnceWithTheirCount() throws {
    let told = try Future(quickRelease).with(api, .logsErrors(perMinute: 60, after: .seconds(300))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(
      told.message.contains(/\d+× error request failed: upstream answered 500 \(\d\d:\d\d:\d\d to \d\d:\d\d:\d\d\)/)
    )
  }

  @Test func allowancesAndTolerancesOfAServiceAreItsOwn() throws {
    func noisy(_ configuration: String) throws -> Told {
      try Future(quickRelease).replacing("tag: \"api-v{version}\"\n", "tag: \"api-v{version}\"\n    \(configuration)\n")
        .with(api, .logsErrors(perMinute: 6, after: .seconds(300))).run()
    }
    #expect(try noisy("tolerated-errors: ['upstream answered \\d+$']").ending == .ok)
    #expect(try noisy("tolerated-errors: ['upstream answered 4']").exit == 3)
    // Two pods of six lines a minute each.
    #expect(try noisy("allowed-errors: 12").ending == .ok)
    #expect(try noisy("allowed-errors: 11").exit == 3)
  }

  @Test func errorLinesAsBeforeThePromotionAreNone() throws {
    let noisy = Fault.Effect.image(
      ImageFault(api, in: production, versions: .any, .logsErrors(perMinute: 4, after: .zero))
    )
    let told = try Future("wait 20m; validate staging api; promote api by commit; monitor 30m").with(noisy).run()
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func restartsAreCountedAgainstTheAllowance() throws {
    let crash = ImageFault.Behaviour.crashes(after: .seconds(120))
    let strict = try Future(quickRelease).with(api, crash).run()
    #expect(strict.ending(of: "monitor") == .failed)
    #expect(strict.message.contains("restarted once, 0 allowed") || strict.message.contains("CrashLoop"))
  }

  /// Each container of two pods restarts as often as a single one may: together it is too often, also when a pod is gone by then.
  @Test(arguments: [(allowed: 1, isBad: true), (allowed: 2, isBad: false)])
  func restartsAreCountedPerService(allowed: Int, isBad: Bool) throws {
    let stage = try Future("wait 1m").stage()
    let service = try #require(stage.fleet.service(api))
    let target = ArrivalTarget(service: service, tag: "api-v1.3.0", digest: nil, commit: nil)
    let first = try stage.do { try await $0.reading.cluster.snapshot(of: staging) }
    let snapshot = try #require(first.services[api])
    let pods = snapshot.pods
    try #require(pods.count == 2)
    func restarted(_ names: [String], without gone: String? = nil) -> EnvironmentSnapshot {
      var copy = snapshot
      for workload in copy.workloads.indices {
        copy.workloads[workload].pods.removeAll { $0.name == gone }
        for pod in copy.workloads[workload].pods.indices where names.contains(copy.workloads[workload].pods[pod].name) {
          copy.workloads[workload].pods[pod].containers[0].restarts += 1
        }
      }
      var later = first
      later.services[api] = copy
      return later
    }
    for gone in [nil, pods[0].name] {
      var signs = BadSigns(environment: staging, targets: [target], allowedRestarts: allowed, first: first)
      #expect(signs.look(restarted([pods[0].name]), [:]).isEmpty)
      let found = signs.look(restarted(pods.map(\.name), without: gone), [:]).map(\.1)
      #expect(found.contains { $0.contains("its containers restarted 2 times") } == isBad, "\(found)")
    }
  }

  @Test func nothingToLookAtIsNoGoodEnding() throws {
    let never = "let go = false\nif go { promote api by commit without validation because \"x\" }\n"
    for verb in ["monitor 30m production promoted", "verify production promoted", "wait rollout production promoted"] {
      let told = try Future(never + verb).run()
      #expect(told.ending == .refused, "\(told.story)")
      #expect(told.message.contains("nothing of this run reached production"), "\(told.message)")
    }
  }

  @Test func allThatIsDisabledIsNothingToLookAt() throws {
    let told = try Future("monitor 30m production all")
      .containing { $0.disabled[production] = [api, web, management, docs] }.run()
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("every service of production is disabled, or left out"), "\(told.message)")
  }

  @Test func nothingToLookAtWhereAllWasThereAlreadyIsGoodAndSaysSo() throws {
    let same = try version("1.2.2")
    let text = "validate staging api\npromote api by commit\nmonitor 30m\nwait 1h"
    let stage = try Future(text).containing { $0.versions[staging]?[api] = same }.stage()
    let cut = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    #expect(
      cut.message(of: "monitor") == "nothing to monitor: nothing was promoted, because production had it already (api)"
    )
    #expect(try stage.run(text).ending == .ok)
  }

  @Test func handlerWithNothingToLookAtMakesNothingWorse() throws {
    let told = try Future(
      """
      let go = false
      if go { promote api by commit without validation because "x" }
      fail "no"
      on failure { monitor 5m production promoted }
      """
    ).run()
    #expect(told.ending == .failed && told.message.contains("no"), "\(told.story)")
    #expect(told.ending(of: "monitor") == .ok, "\(told.story)")
  }

  @Test func troubleOfTheVersionBeforeIsNoSignAgainstItsFix() throws {
    let old = Fault.Effect.image(
      ImageFault(api, in: production, versions: .exactly(try version("1.2.2")), .crashes(after: .zero))
    )
    let told = try Future("wait 10m; validate staging api; promote api by commit; monitor 30m").with(old).run()
    #expect(told.ending == .ok, "\(told.story)")
  }

  // MARK: Rule 2: arrived

  @Test func slowArgoCDDoesNotEndTheMonitorBeforeTheNewDigestRuns() throws {
    let told = try Future(quickRelease).with(.slowDelivery(production, by: .seconds(1200))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0")
    // Twenty minutes at the old revision, and then half an hour of evidence.
    #expect(told.elapsed > .seconds(3000))
    #expect(told.progress.contains { $0.contains("is still at") })
  }

  @Test func argoCDThatDoesNotComeTimesOut() throws {
    let told = try Future(quickRelease).with(.slowDelivery(production, by: .seconds(86_400))).run()
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.message.contains("not arrived in time"))
    // Rule 5: the handler holds, and says how to take it back.
    #expect(told.ending(of: "rollback") == .undetermined)
    #expect(told.stage.tag(api) == "api-v1.3.0")
    #expect(told.waysBack.last == "rollback production api")
  }

  // MARK: Rule 1: superseded

  @Test func whoFixesProductionInGitKeepsTheirValue() throws {
    let told = try Future(release).with(
      .foreignTag(api, production, try version("1.2.9")),
      .afterPromotion(.seconds(600))
    )
    .run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.message.contains("hands off"))
    #expect(told.superseded.first?.by?.author == "Ada")
    #expect(told.stage.tag(api) == "api-v1.2.9")
    try told.stage.pass(.seconds(300))
    #expect(told.stage.running(api) == "1.2.9")
    #expect(told.stage.running(web) == "5.0.1")
    #expect(told.stage.commitsOfRuns.allSatisfy { !$0.subject.hasPrefix("rollback") })
  }

  @Test func whoFixesProductionWithKubectlKeepsTheirValue() throws {
    let told = try Future(quickRelease)
      .with(.liveImage(api, production, try version("1.2.9")), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.message.contains("api-v1.2.9 in the cluster"))
    #expect(told.stage.tag(api) == "api-v1.3.0")
    try told.stage.pass(.seconds(300))
    #expect(told.stage.running(api) == "1.2.9")
  }

  // MARK: Rule 8: seen time only

  @Test func timeWithoutSightDoesNotCount() throws {
    let told = try Future(quickRelease).with(.networkLost(for: .seconds(900)), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.names.count { $0 == "sight.lost" } == 1)
    #expect(told.names.count { $0 == "sight.regained" } == 1)
    #expect(told.elapsed > .seconds(1800 + 900))
    let lost = try #require(told.first("sight.lost")?.time)
    let regained = try #require(told.first("sight.regained")?.time)
    #expect(told.events.allSatisfy { $0.name != "evidence" || $0.time <= lost || $0.time >= regained })
  }

  @Test func sightLostTooLongIsUndetermined() throws {
    let told = try Future(quickRelease).with(.networkLost(for: .seconds(7200)), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.message.contains("of 30m of evidence"))
    #expect(told.stage.tag(api) == "api-v1.3.0")
  }

  @Test(arguments: ["monitor 30m", "wait rollout", "verify"])
  func aNetworkThatIsLostForAMomentEndsNoWatchThatBegins(_ watch: String) throws {
    let promotion = "validate staging api; promote api by commit; wait 5m; "
    let identified = try Future(promotion + "wait 1s").run().stage.simulated.calls[.clusterIdentify] ?? 0
    let told = try Future(promotion + watch)
      .with(.networkLost(for: .seconds(20)), .before(.clusterIdentify, occurrence: identified + 1)).run()
    #expect(told.names.contains("warning"), "\(told.story)")
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func linesReadLateCountInTheMinuteOfTheirWriting() throws {
    // Ten minutes of lines come at once when the network is back, and none of the minutes had too many.
    let told = try Future("validate staging api; promote api by commit; monitor 30m allowing 6 errors per 1m")
      .with(api, .logsErrors(perMinute: 3, after: .seconds(60)))
      .with(.networkLost(for: .seconds(600)), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func repositoryThatDoesNotAnswerIsAskedAgainThoughNothingChanges() throws {
    // The last look at the commit, when everything has settled, fails; the cluster shows no further change.
    var future = Future(quickRelease)
    for number in 1...40 {
      future = future.with(.call(.repositoryContains, occurrence: number, .fails(.timedOut)))
    }
    let told = try future.run()
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func probesThatHangEndUndetermined() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    let clock = world.reading.clock
    world.reading.probes = StrangeProbes(probes: world.reading.probes) { number in
      if number > 20 { try await clock.sleep(for: .seconds(86_400)) }
    }
    let told = try stage.run(quickRelease, world: world)
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.elapsed < .seconds(2 * 3600))
  }

  @Test func timeBetweenGoodLooksWithABadOneInItIsNoEvidence() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    // Every second round is bad, never three running: no definite sign, and not healthy either.
    world.reading.probes = StrangeProbes(probes: world.reading.probes, isGood: { $0.isMultiple(of: 2) || $0 < 3 })
    let told = try stage.run(quickRelease, world: world)
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("health answers 503"))
    #expect(stage.tag(api) == "api-v1.3.0")
  }

  @Test func roundsFarApartAreNoEvidenceForTheTimeBetween() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    let clock = world.reading.clock
    world.reading.probes = StrangeProbes(probes: world.reading.probes) { number in
      if number == 20 { try await clock.sleep(for: .seconds(1200)) }
    }
    let told = try stage.run(quickRelease, world: world)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.elapsed > .seconds(1800 + 1200))
    #expect(told.warnings.contains { $0.contains("nothing was looked at for 20m") })
  }

  // MARK: Rule 4

  @Test func changeThatNothingLookedAtEndsUndetermined() throws {
    let told = try Future("validate staging api; promote api by commit").run()
    #expect(told.ending == .undetermined)
    #expect(told.exit == 4)
    #expect(told.message.contains("nothing looked at it"))
  }

  @Test func waitSyncAloneIsNoLook() throws {
    let told = try Future("validate staging api; promote api by commit; wait sync").run()
    #expect(told.ending == .undetermined, "\(told.story)")
    let seen = try Future("validate staging api; promote api by commit; wait rollout").run()
    #expect(seen.ending == .ok, "\(seen.story)")
  }

  @Test func pullRequestLeftOpenChangedNothing() throws {
    let told = try Future("validate staging api; promote api").with(.reviewer(.neverComes)).run()
    #expect(told.ending == .ok)
    #expect(told.exit == 0)
    #expect(told.stage.pullRequests.map(\.state) == [.open])
    #expect(told.stage.locks.isEmpty)
  }
}

/// Probes before which something is done, or which are bad, by the number of the round.
struct StrangeProbes: Probing {
  let probes: any Probing
  let before: @Sendable (Int) async throws -> Void
  let isGood: @Sendable (Int) -> Bool
  private let rounds = Counter()

  init(
    probes: any Probing,
    before: @escaping @Sendable (Int) async throws -> Void = { _ in },
    isGood: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) {
    (self.probes, self.isGood, self.before) = (probes, isGood, before)
  }

  func probe(_ targets: [ProbeTarget]) async throws -> [ProbeResult] {
    let round = rounds.next()
    try await before(round)
    guard !isGood(round) else { return try await probes.probe(targets) }
    return targets.map { ProbeResult(target: $0, answer: .status(503)) }
  }
}
