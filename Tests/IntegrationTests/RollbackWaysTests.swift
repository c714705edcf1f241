import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// Must show: each way back ends with git, Argo CD and cluster agreeing.
  @Test(arguments: ["pr", "revert"]) func eachWayBackEndsWithAllAgreeing(way: String) async throws {
    let fleet = try await RigFleet.create("back-by-\(way)")
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(
      """
      validate staging all
      promote all
      wait merge within 1m
      wait rollout within 1m
      rollback promoted by \(way) because "a rehearsal"
      show status
      """
    )
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.suffix(8).joined(separator: "\n"))")
    let before = [("api", "api-v1.2.2"), ("web", "web-v5.0.0"), ("project-management", "pm-v10.44.1")]
    for (service, tag) in before {
      #expect(try await fleet.declared(service) == tag)
      #expect(try await fleet.image(service) == "registry.example/\(service):\(tag)")
      let application = try await fleet.kubectl(
        "get",
        "application",
        "\(service)-production",
        "-n",
        "\(fleet.name)-argocd",
        "-o",
        "jsonpath={.status.sync.status} {.status.health.status} {.status.sync.revision}"
      )
      #expect(application == "Synced Healthy \(try await fleet.git("rev-parse", "main"))")
    }
    #expect(try await fleet.pulls().count == (way == "pr" ? 2 : 1))
    let log = try await fleet.git("log", "--format=%B", "main")
    #expect(log.contains("): revert production to v1.2.2, ") && log.contains("due to a rehearsal"))
    #expect(log.contains("This reverts commit ") == (way == "revert"))
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }

  @Test func aRevertThatNoLongerAppliesIsRefused() async throws {
    let fleet = try await RigFleet.create("back-conflict")
    let promoted = try await SlipwayRun(fleet).runbook(
      "validate staging api\npromote api by commit\nwait rollout within 1m"
    )
    #expect(promoted.status == 0, "\(promoted.standardError)")
    let commit = try await fleet.git("rev-parse", "main")
    try await fleet.foreignCommit(fleet.file("api")) { $0.replacing("api-v1.3.0", with: "api-v1.3.1") }
    let told = try await SlipwayRun(fleet).runbook(
      "rollback production api by revert of \"\(commit.prefix(8))\" because \"a rehearsal\""
    )
    #expect(told.status == 2, "\(told.standardError)")
    #expect(told.events.last?.message?.contains("no longer applies") == true)
    #expect(try await fleet.declared("api") == "api-v1.3.1")
  }
}
