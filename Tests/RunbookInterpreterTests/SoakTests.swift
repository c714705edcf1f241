import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `policy.soak`: a version runs where it comes from for a while before it is promoted.
@Suite struct SoakTests {
  private static let quick = "validate staging api\npromote api by commit\nmonitor 30m"

  private func future(_ text: String = Self.quick) -> Future { Future(text).configured("policy: { soak: 2h }") }

  /// A stage on which staging got another version of the api half an hour ago.
  private func fresh() throws -> Stage {
    let stage = try future().stage()
    try stage.commit("api-v1.3.1", of: api, in: staging)
    try stage.pass(.seconds(1800))
    return stage
  }

  @Test(arguments: ["2h", "1d", "9d"]) func whatHasRunForLongEnoughIsPromoted(soak: String) throws {
    let told = try Future(Self.quick).configured("policy: { soak: \(soak) }").run()
    #expect(told.ending == .ok, "\(told.story)")
    let finding = try #require(told.findings.first { $0.check == "soak" })
    #expect(finding.result == .good && finding.message.hasPrefix("api-v1.3.0 has run for "))
    #expect(finding.message.hasSuffix(", \(soak) are asked for"))
    // Nothing is promoted from production, so nothing has to soak there.
    #expect(told.findings.count { $0.check == "soak" } == 1)
  }

  @Test func tooShortIsRefusedAndSaysWhenItIsEnough() throws {
    let stage = try fresh()
    let told = try stage.run(Self.quick)
    #expect(told.ending == .refused && told.exit == 2, "\(told.story)")
    #expect(told.message.contains("api-v1.3.1 has run in staging for "))
    #expect(told.message.contains(" of 2h: long enough at 20") && told.message.contains(" UTC"))
    #expect(told.message.contains("`allowing unstaged because \"…\"` does it all the same"))
    #expect(told.findings.contains { $0.check == "soak" && $0.result == .warning })
    told.expectUntouched()
    try stage.pass(.seconds(2 * 3600))
    #expect(try stage.run("validate staging api\npromote api by commit\nmonitor 30m", as: "run-2").ending == .ok)
  }

  @Test func aReasonGoesOverIt() throws {
    let stage = try fresh()
    let text = "validate staging api\npromote api by pr allowing unstaged because \"hotfix\"\nwait merge\nmonitor 30m"
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    let body = try #require(stage.simulated.forge.body(of: stage.pullRequests[0].number))
    #expect(body.contains("- [ ] Ran there for as long as it must"), "\(body)")
    #expect(body.contains("Never ran in staging, or not for long enough: hotfix"))
  }

  @Test func serviceHasATimeOfItsOwn() throws {
    let future = try Future(Self.quick).replacing("tag: \"api-v{version}\"", "tag: \"api-v{version}\"\n    soak: 10m")
      .configured("policy: { soak: 2d }")
    let stage = try future.stage()
    try stage.commit("api-v1.3.1", of: api, in: staging)
    try stage.pass(.seconds(1800))
    let told = try stage.run(Self.quick)
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func withoutATimeNothingIsAsked() throws {
    let told = try Future(Self.quick).run()
    #expect(told.ending == .ok && !told.findings.contains { $0.check == "soak" })
  }

  // MARK: The evidence

  private static let start = Timestamp(secondsSinceEpoch: 1_795_000_000)

  private func verdict(
    history: [(tag: String?, ago: Int64)] = [("api-v1.3.0", 9000)],
    pods: [(tag: String, isReady: Bool, since: Int64?)]
  ) throws -> SoakTime.Verdict {
    let id = try #require(CommitID(String(repeating: "a", count: 40)))
    let changes = history.map { change in
      DeclaredChange(
        commit: Commit(id: id, author: "Ada", time: Self.start - .seconds(change.ago), subject: "x"),
        tag: change.tag
      )
    }
    let snapshots = pods.enumerated().map { index, pod in
      let container = ContainerSnapshot(
        name: "api",
        image: "ghcr.io/acme/api:\(pod.tag)",
        digest: nil,
        isReady: pod.isReady,
        restarts: 0,
        state: .running(since: pod.since.map { Self.start - .seconds($0) })
      )
      return PodSnapshot(
        name: "api-\(index)",
        uid: "\(index)",
        createdAt: Self.start - .seconds(100_000),
        isTerminating: false,
        isReady: pod.isReady,
        isCurrent: true,
        containers: [container]
      )
    }
    let workload = WorkloadSnapshot(
      kind: "Deployment",
      name: "api",
      uid: "1",
      generation: 1,
      observedGeneration: 1,
      desired: 1,
      updated: 1,
      ready: 1,
      available: 1,
      replicas: 1,
      images: [:],
      pods: snapshots
    )
    let seen = ServiceSnapshot(application: nil, workloads: [workload])
    return SoakTime(
      service: Service(name: api, tag: TagPattern(prefix: "api-v")),
      tag: "api-v1.3.0",
      needed: .seconds(7200),
      history: changes,
      snapshot: EnvironmentSnapshot(environment: staging, time: Self.start, services: [api: seen])
    ).verdict
  }

  @Test func theLaterOfGitAndClusterCounts() throws {
    #expect(try verdict(pods: [("api-v1.3.0", true, 8000)]) == .enough(.seconds(8000)))
    #expect(try verdict(history: [("api-v1.3.0", 7200)], pods: [("api-v1.3.0", true, 8000)]) == .enough(.seconds(7200)))
    #expect(
      try verdict(history: [("api-v1.3.0", 60)], pods: [("api-v1.3.0", true, 8000)])
        == .tooShort(.seconds(60), enoughAt: Self.start + .seconds(7140))
    )
    // One that was restarted does not hide another that was not; the one that is not ready proves nothing.
    #expect(
      try verdict(pods: [("api-v1.3.0", true, 60), ("api-v1.3.0", true, 7300)]) == .enough(.seconds(7300))
    )
    #expect(
      try verdict(pods: [("api-v1.3.0", true, 60), ("api-v1.3.0", false, 7300)])
        == .tooShort(.seconds(60), enoughAt: Self.start + .seconds(7140))
    )
  }

  @Test func whatCannotBeToldIsNotEnough() throws {
    func isUnknown(_ verdict: SoakTime.Verdict) -> Bool { if case .unknown = verdict { true } else { false } }
    #expect(isUnknown(try verdict(history: [], pods: [("api-v1.3.0", true, 8000)])))
    #expect(isUnknown(try verdict(history: [("api-v1.3.1", 60)], pods: [("api-v1.3.0", true, 8000)])))
    #expect(isUnknown(try verdict(pods: [("api-v1.3.0", true, nil)])))
    #expect(isUnknown(try verdict(pods: [("api-v1.2.9", true, 8000)])))
    #expect(isUnknown(try verdict(pods: [])))
  }
}
