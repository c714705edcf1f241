import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What verbs make of a cluster that others change: by hand past git, autoscalers, evictions.
@Suite struct ClusterChangeTests {
  private static let middle = Fault.Start.afterPromotion(.seconds(600))

  private func expectReleased(_ told: Told, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(told.ending == .ok && told.exit == 0, "\(told.story)", sourceLocation: sourceLocation)
    #expect(told.badSigns.isEmpty && told.superseded.isEmpty, sourceLocation: sourceLocation)
    #expect(told.stage.tag(api) == "api-v1.3.0" && told.stage.running(api) == "1.3.0", sourceLocation: sourceLocation)
    #expect(told.evidence.last == .seconds(1800), sourceLocation: sourceLocation)
  }

  private func workload(_ told: Told) throws -> WorkloadSnapshot {
    try #require(told.stage.simulated.snapshot(of: production).services[api]?.workloads.first)
  }

  // MARK: Autoscalers and evictions

  /// At once, in the middle of the rollout, and in the middle of the evidence.
  private static let starts: [Fault.Start] = [.after(.seconds(1)), .afterPromotion(.seconds(16)), middle]

  @Test(arguments: starts, [1, 5]) func anAutoscalerIsNoBadSign(start: Fault.Start, replicas: Int) throws {
    let told = try Future(quickRelease).with(.autoscaled(api, production, to: replicas), start).run()
    expectReleased(told)
    #expect(try workload(told).desired == replicas && workload(told).pods.count == replicas)
    // The time in which pods come and go is no evidence, and little of it.
    let baseline = try Future(quickRelease).run()
    #expect(told.elapsed < baseline.elapsed + .seconds(90), "\(told.elapsed)")
  }

  @Test(arguments: starts, PodLoss.allCases) func aPodThatGoesIsNoBadSign(start: Fault.Start, loss: PodLoss) throws {
    let told = try Future(quickRelease).with(.podLost(api, production, loss), start).run()
    expectReleased(told)
    #expect(try workload(told).pods.allSatisfy { $0.restarts == 0 })
  }

  @Test func everyPodMayBeEvictedInTurn() throws {
    var future = Future(quickRelease.replacing("monitor 30m", with: "monitor 30m\nverify"))
    for minute in 10...15 {
      future = future.with(.podLost(api, production, .evicted), .afterPromotion(.seconds(minute * 60)))
    }
    expectReleased(try future.run())
  }

  @Test func aCrashIsStillABadSignWhileAnAutoscalerIsAtWork() throws {
    let told = try Future(quickRelease).with(.autoscaled(api, production, to: 5), .afterPromotion(.seconds(550)))
      .with(api, .crashes(after: .seconds(600))).run()
    #expect(told.exit == 3 && told.ending(of: "rollback") == .ok, "\(told.story)")
    #expect(try workload(told).desired == 5 && workload(told).isRolledOut)
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func anUndoKeepsTheReplicasOfTheAutoscaler() throws {
    let runbook = quickRelease.replacing("rollback promoted", with: "rollback promoted by undo")
    let told = try Future(runbook).with(.autoscaled(api, production, to: 4), .afterPromotion(.seconds(200)))
      .with(api, .crashes(after: .seconds(600))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(try workload(told).desired == 4 && workload(told).isRolledOut)
  }

  // MARK: By hand

  private static let hands: [Fault.Effect] = [.liveReplicas(api, staging, 1), .liveDeletion(api, staging)]

  @Test(arguments: hands) func driftIsSeenByValidateAndStatus(_ effect: Fault.Effect) throws {
    let told = try Future("wait 5m; show status staging api; validate staging api").with(effect).run()
    #expect(told.ending(of: "validate") == .failed, "\(told.story)")
    #expect(told.findings.contains { $0.check == "sync" && $0.result == .bad && $0.message.contains("OutOfSync") })
    #expect(told.tables.contains { $0.rows.contains { $0.contains { $0.contains("out-of-sync") } } })
  }

  @Test func driftIsSeenByVerify() throws {
    let told = try Future("wait 5m; verify production api").with(.liveReplicas(api, production, 3)).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message.contains("OutOfSync"), "\(told.message)")
  }

  /// A Deployment that is gone is no kind that is not understood, and never well.
  @Test func deletedDeploymentIsSaidToBeGone() throws {
    let told = try Future("wait 5m; validate staging api").with(.liveDeletion(api, staging)).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(
      told.findings.contains {
        $0.check == "pods" && $0.result == .bad && $0.message.contains("Deployment api does not exist")
      }
    )
    let fact = try Future("wait 5m; if replicas of api in staging > 0 { wait 1m }").with(.liveDeletion(api, staging))
      .run()
    #expect(fact.ending == .undetermined && fact.message.contains("Deployment api does not exist"), "\(fact.story)")
  }

  @Test func driftThatStaysIsNoEvidence() throws {
    let told = try Future(quickRelease).with(.liveReplicas(api, production, 1), Self.middle).run()
    #expect(told.ending(of: "monitor") == .undetermined && told.exit == 4, "\(told.story)")
    #expect(told.message.contains("OutOfSync"), "\(told.message)")
    // Rule 5: the handler holds.
    #expect(told.stage.tag(api) == "api-v1.3.0")
  }

  @Test func whatSelfHealPutsBackIsWatchedFurther() throws {
    expectReleased(
      try Future(quickRelease).with(.selfHeal(production)).with(.liveReplicas(api, production, 1), Self.middle).run()
    )
  }

  @Test(arguments: [false, true]) func aDeletedDeploymentIsNeverAGoodEnding(heals: Bool) throws {
    var future = Future(quickRelease).with(.liveDeletion(api, production), Self.middle)
    if heals { future = future.with(.selfHeal(production)) }
    let told = try future.run()
    try told.stage.pass(.seconds(600))
    if heals {
      #expect(told.exit == 0 || told.exit == 3, "\(told.story)")
    } else {
      #expect(told.exit == 3, "\(told.story)")
    }
    #expect(told.stage.running(api) == (told.exit == 0 ? "1.3.0" : "1.2.2"), "\(told.story)")
    #expect(told.stage.tag(api) == "api-v\(told.stage.running(api) ?? "")")
  }

  // MARK: Self-heal

  @Test func undoSurvivesSelfHeal() throws {
    let runbook = quickRelease.replacing("rollback promoted", with: "rollback promoted by undo")
    let told = try Future(runbook).with(.selfHeal(production)).with(api, .crashes(after: .seconds(60))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2" && told.stage.running(api) == "1.2.2")
    let application = try #require(told.stage.simulated.snapshot(of: production).services[api]?.application)
    #expect(application.hasAutoSync && application.suspendedBy == nil && application.healsItself == true)
    #expect(application.sync == .synced)
    try told.stage.pass(.seconds(600))
    #expect(told.stage.running(api) == "1.2.2")
  }

  /// A canary: were auto-sync not suspended, Argo CD would bring the bad version again.
  @Test func anUndoAloneIsPutBack() throws {
    let stage = try Future(quickRelease).with(.selfHeal(production)).stage()
    let told = try stage.run(quickRelease)
    #expect(told.ending == .ok, "\(told.story)")
    _ = try stage.do { try await $0.writing.delivery.carryOut(.undo(toTag: "api-v1.2.2"), for: api, in: production) }
    try stage.pass(.seconds(300))
    #expect(stage.running(api) == "1.3.0")
  }
}
