import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `diagnose` in the simulated world.
@Suite struct DiagnoseTests {
  private static let diagnosis = "diagnose production api"

  /// A promotion that goes wrong as the future says, diagnosed some minutes later.
  private static let late = """
    validate staging api
    promote api by commit
    wait 15m
    diagnose production api
    """

  private func findings(_ told: Told) -> [Finding] {
    told.events.compactMap { event in
      guard event.step?.verb == "diagnose", case .finding(let finding) = event.body else { return nil }
      return finding
    }
  }

  private func finding(_ told: Told, _ check: String, _ result: Finding.Result) -> Finding? {
    findings(told).first { $0.check == check && $0.result == result }
  }

  private func lines(_ told: Told) -> [String] {
    told.events.compactMap { if case .logLine(_, _, let line) = $0.body { line } else { nil } }
  }

  @Test func whatIsWellIsSaidToBeWell() throws {
    let told = try Future(Self.diagnosis).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "diagnose") == "nothing is found to be wrong")
    for check in [
      "version", "sync policy", "sync", "rollout", "pods", "events", "resources", "nodes", "probes", "endpoints",
      "health within", "health",
    ] {
      #expect(finding(told, check, .good)?.service == api, "\(check): \(findings(told))")
    }
    #expect(lines(told).isEmpty)
    told.expectUntouched()
  }

  @Test func crashLoopIsToldWithItsEndAndItsLastWords() throws {
    let told = try Future(Self.late).with(api, .crashes(after: .seconds(60))).run()
    #expect(told.ending(of: "diagnose") == .ok, "\(told.story)")
    let pods = try #require(finding(told, "pods", .bad), "\(findings(told))")
    #expect(pods.message.contains("is in CrashLoopBackOff; it ended with exit code 1 (Error)"))
    #expect(pods.advice == "rollback production api")
    #expect(finding(told, "events", .warning)?.message.contains("BackOff") == true)
    #expect(finding(told, "rollout", .bad) != nil)
    #expect(lines(told).contains { $0.contains("error unrecoverable, exiting with status 1") }, "\(lines(told))")
    #expect(told.message(of: "diagnose").contains("wrong (") && told.message(of: "diagnose").contains("api pods"))
  }

  @Test func imageThatCannotBePulledIsTold() throws {
    let told = try Future(Self.late).with(api, .cannotBePulled).run()
    let pods = try #require(finding(told, "pods", .bad), "\(findings(told))")
    #expect(pods.message.contains("ImagePullBackOff"))
    #expect(finding(told, "version", .bad) == nil || finding(told, "version", .bad)?.advice != nil)
    #expect(finding(told, "events", .warning)?.message.contains("Failed") == true)
  }

  @Test func probeThatDoesNotPassIsToldWithItsConfigurationAndTheEndpointWithin() throws {
    let told = try Future(Self.late).with(api, .neverReady).run()
    let probes = try #require(finding(told, "probes", .bad), "\(findings(told))")
    #expect(probes.message.contains("readiness GET :8080/health every 10s, 3 failures; does not pass in"))
    #expect(finding(told, "health within", .bad)?.message.contains("503 from GET :8080/health of") == true)
    #expect(finding(told, "pods", .bad)?.message.contains("is not ready") == true)
    #expect(lines(told).contains { $0.contains("serving requests") })
  }

  @Test func nobodyReadyIsNoTraffic() throws {
    let told = try Future("diagnose production api")
      .with(.image(ImageFault(api, in: production, versions: .any, .neverReady))).run()
    let endpoints = try #require(finding(told, "endpoints", .bad), "\(findings(told))")
    #expect(endpoints.message.contains("Service api has no ready address (0 ready, 2 not): no traffic reaches it"))
    #expect(finding(told, "health", .bad) != nil)
  }

  @Test func changeMadePastGitIsToldWithBothVersions() throws {
    let told = try Future("wait 2m; diagnose production api")
      .with(.liveImage(api, production, try #require(Version("1.2.0")))).run()
    let version = findings(told).first { $0.check == "version" }
    let sync = findings(told).filter { $0.check == "sync" && $0.result == .bad }
    #expect(version?.result == .bad || !sync.isEmpty, "\(findings(told))")
    #expect(told.ending == .ok)
  }

  // MARK: What could not be told

  @Test func clusterThatCannotBeReadIsSaidAndTheRestToldAllTheSame() throws {
    let told = try Future("diagnose production api\nshow versions")
      .with(.call(.clusterExamine, occurrence: 1, .fails(.unauthorized))).run()
    #expect(told.ending(of: "diagnose") == .ok, "\(told.story)")
    #expect(finding(told, "cluster", .unknown)?.message.contains("unauthorized") == true)
    #expect(finding(told, "health", .good) != nil)
    #expect(findings(told).allSatisfy { $0.check != "pods" })
    #expect(told.message(of: "diagnose").contains("could not be told (cluster)"))
  }

  @Test(arguments: [Touch.repositoryHead, .repositoryDeclared, .probesProbe, .clusterIdentify])
  func onePartThatCannotBeReadIsAFinding(touch: Touch) throws {
    // Which place it is would be asked again after a moment.
    let reason: WorldError.Reason = touch == .clusterIdentify ? .unauthorized : .timedOut
    let told = try Future(Self.diagnosis).with(.call(touch, occurrence: 1, .fails(reason))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(findings(told).contains { $0.result == .unknown && $0.message.contains(reason.rawValue) })
    #expect(finding(told, "pods", .good) != nil)
  }

  @Test func ignoranceOfEverythingIsNotOk() throws {
    let told = try Future(Self.diagnosis).with(.networkLost(for: .seconds(3600))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
  }

  @Test func anotherClusterIsNotDiagnosed() throws {
    let told = try Future(Self.diagnosis).with(.anotherCluster(production)).run()
    #expect(told.ending != .ok, "\(told.story)")
    #expect(findings(told).isEmpty)
  }

  @Test func logsThatCannotBeReadAreSaidBehindTheFindings() throws {
    let told = try Future("wait 15m; diagnose production api")
      .with(.image(ImageFault(api, in: production, versions: .any, .crashes(after: .seconds(5)))))
      .with(.call(.clusterLogs, occurrence: 1, .fails(.unreachable))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(finding(told, "logs", .unknown) != nil)
    #expect(finding(told, "pods", .bad) != nil)
  }

  @Test func handlerGoesOnBehindIt() throws {
    let told = try Future(
      "validate staging api; promote api by commit; monitor 30m\non failure { diagnose production api; rollback promoted }"
    ).with(api, .crashes(after: .seconds(60))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(finding(told, "pods", .bad) != nil)
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  @Test func allMeansEveryServiceAndEachIsTold() throws {
    let told = try Future("diagnose production all").run()
    #expect(Set(findings(told).compactMap(\.service)) == [api, web, management])
  }
}
