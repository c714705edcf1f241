import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  @Test func theRunMergesWhatWasApproved() async throws {
    let fleet = try await RigFleet.create("approved")
    try fleet.script {
      $0.reviewer.action = "approve"
      $0.github = RigFleet.Script.GitHub(requiresReview: true)
    }
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(
      "validate staging api\npromote api\nmerge within 1m\nmonitor 3s\nshow pull requests\non failure { rollback promoted }"
    )
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    let pulls = try await fleet.pulls()
    #expect(pulls.count == 1 && pulls.first?.state == "closed")
    #expect(pulls.first?.body?.contains("Plan `sha256:") == true)
    #expect(try await fleet.declared("api") == "api-v1.3.0")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.3.0")
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }

  @Test func theRunMergesThroughTheQueueOfTheBranch() async throws {
    let fleet = try await RigFleet.create("queued")
    try fleet.script {
      $0.reviewer.action = "approve"
      $0.github = RigFleet.Script.GitHub(requiresReview: true, queue: .init(after: 600))
    }
    // A queue that is too slow is left again: nothing is merged behind the run's back.
    let slow = SlipwayRun(fleet)
    let late = try await slow.runbook("validate staging api\npromote api\nmerge within 6s")
    #expect(late.status == 4, "\(late.standardError)\n\(slow.raw.joined(separator: "\n"))")
    let message = late.events.last?.message ?? ""
    #expect(
      message.contains("it waits in the merge queue") && message.contains("no longer in the merge queue"),
      "\(message)"
    )
    try fleet.script {
      $0.reviewer.action = "approve"
      $0.github = RigFleet.Script.GitHub(requiresReview: true, queue: .init(after: 2))
    }
    let resumed = SlipwayRun(fleet)
    let outcome = try await resumed.slipway(["resume", try #require(late.events.first?.run), "--json"])
    #expect(outcome.events.contains { $0.message?.contains("it waits in the merge queue") == true })
    let pulls = try await fleet.pulls()
    #expect(pulls.map(\.state) == ["closed"], "\(resumed.raw.joined(separator: "\n"))")
    #expect(try await fleet.declared("api") == "api-v1.3.0")
  }

  @Test(arguments: ["branch", "staging", "base"]) func anApprovalOfAnotherPlanIsVoid(what: String) async throws {
    let fleet = try await RigFleet.create("void-\(what)")
    try fleet.script { $0.reviewer.action = "none" }
    let run = SlipwayRun(fleet)
    async let running = run.runbook("validate staging api\npromote api\n\(what == "staging" ? "merge" : "wait merge")")
    let opened = try await run.wait { $0.event == "pull-request.opened" }
    switch what {
    case "branch":
      try await fleet.foreignCommit(fleet.file("web"), branch: "production-promotion-\(opened.run)") { $0 + "x: 1\n" }
    case "staging":
      try await fleet.foreignCommit(fleet.file("api", in: "staging")) { $0.replacing("api-v1.3.0", with: "api-v1.3.1") }
    default: try await fleet.foreignCommit(fleet.file("api")) { $0 + "more: true\n" }
    }
    let outcome = try await running
    #expect(outcome.status == 2, "\(outcome.standardError)\n\(run.raw.suffix(5).joined(separator: "\n"))")
    let message = outcome.events.last?.message ?? ""
    #expect(message.contains("is void: "), "\(message)")
    switch what {
    case "branch": #expect(message.contains("commits were added to production-promotion-"), "\(message)")
    case "staging":
      #expect(message.contains("api in staging is no longer api-v1.3.0 but api-v1.3.1, by Mallory Stone"), "\(message)")
    default: #expect(message.contains("was changed on main since it was planned") && message.contains("`+more: true`"))
    }
    #expect(try await fleet.pulls().map(\.state) == ["open"])
    #expect(try await fleet.declared("api") == "api-v1.2.2")
  }
}
