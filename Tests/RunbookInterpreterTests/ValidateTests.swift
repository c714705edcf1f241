import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct ValidateTests {
  private func validate(_ behaviour: ImageFault.Behaviour, after wait: String = "10m") throws -> Told {
    try Future("wait \(wait); validate staging api; promote api by commit; monitor 30m")
      .with(.image(ImageFault(api, in: staging, versions: .any, behaviour))).run()
  }

  private func result(_ told: Told, _ check: String) -> Finding.Result? {
    told.findings.first { $0.check == check && $0.service == api }?.result
  }

  @Test func everyFindingIsShownAndWhatPassedIsSealed() throws {
    let told = try Future("validate staging all").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.findings.count == 4 * 7)
    #expect(told.names.count { $0 == "sealed" } == 4)
    guard case .sealed(let seal) = told.events.first(where: { $0.service == api && $0.name == "sealed" })?.body else {
      Issue.record("no seal")
      return
    }
    #expect(seal.tag == "api-v1.3.0")
    #expect(seal.environment == staging)
    #expect(
      seal.digest == told.stage.simulated.snapshot(of: staging).services[api]?.pods.first?.containers.first?.digest
    )
    told.expectUntouched()
  }

  @Test func noHealthEndpointIsNotCheckedAndNeverGood() throws {
    let told = try Future("validate staging docs").run()
    #expect(told.ending == .ok)
    #expect(told.findings.first { $0.check == "health" }?.result == .notChecked)
  }

  @Test func crashingPodsFail() throws {
    let told = try validate(.crashes(after: .zero))
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(result(told, "pods") == .bad)
    told.expectUntouched()
  }

  @Test func podsThatAreNotReadyFail() throws {
    let told = try validate(.neverReady)
    #expect(told.ending == .failed)
    #expect(result(told, "pods") == .bad)
    told.expectUntouched()
  }

  /// Who looks again doubts: what passed before stands for nothing once it does not pass.
  @Test func validationThatFailsTakesTheEarlierSealBack() throws {
    let told = try Future(
      "validate staging api; wait 10m; validate staging api; on failure { promote api by commit; wait rollout }"
    ).with(.image(ImageFault(api, in: staging, versions: .any, .health(.status(503), after: .seconds(60))))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.ending(of: "promote") == .refused)
    #expect(told.message(of: "promote").contains("api was not validated in staging by this run"))
    told.expectUntouched()
  }

  @Test func healthThatIsNot200Fails() throws {
    let told = try validate(.health(.status(500), after: .zero))
    #expect(told.ending == .failed)
    #expect(result(told, "health") == .bad)
    #expect(told.message.contains("500 from https://staging-api.example/health"))
    // The others are shown all the same.
    #expect(result(told, "pods") == .good)
    told.expectUntouched()
  }

  @Test func healthThatDoesNotAnswerFails() throws {
    let told = try validate(.health(.unreachable("connection refused"), after: .zero))
    #expect(told.ending == .failed)
    told.expectUntouched()
  }

  @Test func errorLinesFail() throws {
    let told = try validate(.logsErrors(perMinute: 1, after: .zero))
    #expect(told.ending == .failed)
    #expect(result(told, "logs") == .bad)
    #expect(told.message.contains("0 allowed"))
  }

  @Test func clusterThatDoesNotRunWhatGitSaysFails() throws {
    let told = try Future("wait 5m; validate staging api")
      .with(.liveImage(api, staging, try version("1.1.0"))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(result(told, "image") == .bad)
  }

  @Test func stagingThatIsNotSyncedAtWhatGitSaysFails() throws {
    let told = try Future("wait 5m; validate staging api")
      .with(.slowDelivery(staging, by: .seconds(3600)))
      .with(.foreignTag(api, staging, try version("1.3.1"))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(result(told, "sync") == .bad)
  }

  @Test func whatFailsSealsNothingAndTheOthersAreSealed() throws {
    let told = try Future("wait 10m; validate staging api, web")
      .with(.image(ImageFault(api, in: staging, versions: .any, .health(.status(500), after: .zero)))).run()
    #expect(told.ending == .failed)
    let sealed = told.events.filter { $0.name == "sealed" }.compactMap(\.service)
    #expect(sealed == [web])
  }

  @Test(arguments: [Touch.repositoryHead, .repositoryDeclared, .clusterSnapshot, .clusterLogs, .probesProbe])
  func whatCannotBeToldIsUndetermined(touch: Touch) throws {
    let told = try Future(quickRelease).with(.call(touch, occurrence: 1, .fails(.nonsense))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    told.expectUntouched()
  }

  @Test func whatHangsEndsAtTheDeadline() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    let clock = world.reading.clock
    world.reading.probes = StrangeProbes(probes: world.reading.probes) { _ in
      try await clock.sleep(for: .seconds(86_400))
    }
    let told = try stage.run(quickRelease, world: world)
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.message.contains("`validate` was not done within 2m"))
    told.expectUntouched()
  }

  @Test func namesOfImagesWithLatestAreNoVersions() throws {
    let service = try #require(try Future("stop \"x\"").stage().fleet.service(api))
    let declared = DeclaredService(file: "f.yaml", tag: "latest", version: nil)
    let findings = ServiceFindings(
      service: service,
      declared: declared,
      snapshot: nil,
      declaredAtRevision: nil,
      logs: [],
      probe: nil,
      policy: Policy()
    )
    #expect(findings.version.result == .bad)
    #expect(findings.version.message.contains("`latest` is no semantic version (due: api-v1.2.3)"))
    #expect(findings.pods.result == .unknown)
    #expect(findings.logFinding.result == .unknown)
    #expect(findings.sync.result == .bad)
    #expect(findings.health.result == .notChecked)
  }

  @Test(
    arguments: [
      ([], Finding.Result.notChecked), ([JobSnapshot.State.complete], .good), ([.complete, .active], .bad),
      ([.failed], .bad),
    ] as [([JobSnapshot.State], Finding.Result)]
  )
  func migrationsMustBeComplete(states: [JobSnapshot.State], result: Finding.Result) throws {
    let service = try #require(try Future("stop \"x\"").stage().fleet.service(api))
    let jobs = states.enumerated().map { JobSnapshot(name: "migrate-\($0.offset)", state: $0.element) }
    let findings = ServiceFindings(
      service: service,
      declared: nil,
      snapshot: ServiceSnapshot(application: nil, jobs: jobs),
      declaredAtRevision: nil,
      logs: [],
      probe: nil,
      policy: Policy()
    )
    #expect(findings.migrations.result == result)
  }
}
