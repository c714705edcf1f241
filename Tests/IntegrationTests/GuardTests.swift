import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  @Test func stagingMovingAfterValidationRefuses() async throws {
    let fleet = try await RigFleet.create("moved")
    let run = SlipwayRun(fleet)
    async let running = run.runbook(
      """
      validate staging all
      wait 4s
      promote all
      wait merge within 30s
      monitor 2s
      on failure { rollback promoted }
      """
    )
    _ = try await run.wait { $0.event == "step.ended" && $0.verb == "validate" }
    try await fleet.foreignCommit(fleet.file("web", in: "staging")) { $0.replacing("web-v5.0.1", with: "web-v5.0.2") }
    let outcome = try await running
    #expect(outcome.status == 2, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "promote") == "refused")
    #expect(try await fleet.pulls().isEmpty)
    #expect(try await fleet.git("for-each-ref", "--format=%(refname)") == "refs/heads/main")
  }

  @Test func foreignCommitsAreNeverLost() async throws {
    let fleet = try await RigFleet.create("busy")
    let run = SlipwayRun(fleet)
    let foreign = Task {
      var count = 0
      while !Task.isCancelled {
        count += 1
        let number = count
        try await fleet.foreignCommit("notes/\(number).txt") { _ in "note \(number)\n" }
      }
      return count
    }
    let promoted = try await run.runbook(
      """
      validate staging all
      promote all by commit
      wait rollout within 2m
      rollback promoted because "a rehearsal on a busy branch"
      """
    )
    foreign.cancel()
    _ = await foreign.result
    #expect(promoted.status == 0, "\(promoted.standardError)\n\(run.raw.suffix(8).joined(separator: "\n"))")
    let log = try await fleet.git("log", "--format=%s", "main")
    let notes = log.split(separator: "\n").filter { $0.hasPrefix("by hand: notes/") }.count
    let files = try await fleet.git("ls-tree", "--name-only", "main", "notes/").split(separator: "\n").count
    #expect(notes >= 5)
    #expect(files == notes)
    #expect(log.contains("promote(api, web, project-management)"))
    #expect(log.contains("rollback(api, web, project-management)"))
    #expect(try await fleet.declared("api") == "api-v1.2.2")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
  }

  @Test func twoRunsWithTheSamePlanMakeOnePullRequest() async throws {
    let fleet = try await RigFleet.create("twice")
    try fleet.script { $0.reviewer.after = 12 }
    let (first, second) = (SlipwayRun(fleet, home: "one"), SlipwayRun(fleet, home: "two"))
    async let leading = first.runbook(try Self.release(monitor: "2s"))
    let opened = try await first.wait { $0.event == "pull-request.opened" }
    let refused = try await second.runbook(try Self.release(monitor: "2s"))
    #expect(refused.status == 2, "\(second.raw.joined(separator: "\n"))")
    let message = refused.events.last { $0.event == "step.ended" && $0.verb == "promote" }?.message ?? ""
    #expect(message.contains(opened.run), "\(message)")
    #expect(message.contains("/pull/1"), "\(message)")
    let outcome = try await leading
    #expect(outcome.status == 0, "\(first.raw.suffix(6).joined(separator: "\n"))")
    #expect(try await fleet.pulls().count == 1)
  }

  /// Started in the same moment: whoever takes the lock first promotes, the other is told whose run does it.
  @Test func twoRunsThatStartTogetherMakeOnePullRequest() async throws {
    let fleet = try await RigFleet.create("together")
    try fleet.script { $0.reviewer.after = 8 }
    let before = try await fleet.git("rev-parse", "main")
    let runs = [SlipwayRun(fleet, home: "one"), SlipwayRun(fleet, home: "two")]
    async let first = runs[0].runbook(try Self.release(monitor: "2s"))
    async let second = runs[1].runbook(try Self.release(monitor: "2s"))
    let outcomes = try await [first, second]
    let told = "\(runs.map { $0.raw.suffix(6).joined(separator: "\n") }.joined(separator: "\n\n"))"
    #expect(outcomes.map(\.status).sorted() == [0, 2], "\(told)")
    let winner = try #require(outcomes.first { $0.status == 0 }, "\(told)")
    let loser = try #require(outcomes.first { $0.status == 2 }, "\(told)")
    let message = loser.events.last { $0.event == "step.ended" && $0.verb == "promote" }?.message ?? ""
    #expect(message.contains(try #require(winner.events.first).run), "\(message)")
    #expect(message.contains("already does the same"), "\(message)")
    #expect(try await fleet.pulls().count == 1)
    // Nothing of the second run stands in the branch or beside it, and nothing of the first is lost.
    let subjects = try await fleet.git("log", "--format=%s", "\(before)..main").split(separator: "\n")
    #expect(subjects.filter { $0.hasPrefix("promote(") }.count == 1, "\(subjects)")
    for (service, tag) in [("api", "api-v1.3.0"), ("web", "web-v5.0.1"), ("project-management", "pm-v10.45.0")] {
      #expect(try await fleet.declared(service) == tag)
      #expect(try await fleet.image(service) == "registry.example/\(service):\(tag)")
    }
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }

  @Test func anOldHealthySyncIsNoArrival() async throws {
    let fleet = try await RigFleet.create("slow")
    let run = SlipwayRun(fleet)
    try fleet.script { $0.argocd.stuck = true }
    async let running = run.runbook(try Self.release(monitor: "3s"))
    let merged = try await run.wait { $0.event == "step.ended" && $0.verb == "wait merge" }
    try await SystemClockSleep.seconds(8)
    #expect(!run.events.contains { $0.event == "run.ended" })
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
    try fleet.script { $0.argocd.stuck = false }
    let outcome = try await running
    #expect(outcome.status == 0, "\(run.raw.suffix(8).joined(separator: "\n"))")
    let ended = try #require(outcome.events.last)
    #expect(ended.time - merged.time > .seconds(10))
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.3.0")
  }

  @Test(arguments: ["git", "kubectl"]) func somebodyElsesFixStays(hand: String) async throws {
    let fleet = try await RigFleet.create("fixed-\(hand)")
    if hand == "kubectl" {
      for service in ["api"] {
        _ = try await fleet.kubectl(
          "patch",
          "application",
          "\(service)-production",
          "-n",
          "\(fleet.name)-argocd",
          "--type=merge",
          "-p",
          #"{"spec":{"syncPolicy":{"automated":{"selfHeal":false}}}}"#
        )
      }
    }
    let run = SlipwayRun(fleet)
    async let running = run.runbook(try Self.release(monitor: "40s"))
    _ = try await run.wait { $0.event == "evidence" }
    if hand == "git" {
      try await fleet.foreignCommit(fleet.file("api")) { $0.replacing("api-v1.3.0", with: "api-v1.2.9") }
    } else {
      _ = try await fleet.kubectl(
        "set",
        "image",
        "deployment/api",
        "-n",
        "\(fleet.name)-production",
        "*=registry.example/api:api-v1.2.9"
      )
    }
    let outcome = try await running
    #expect(outcome.status == 4, "\(run.raw.suffix(8).joined(separator: "\n"))")
    #expect(outcome.ending(of: "monitor") == "undetermined")
    let superseded = try #require(outcome.events.first { $0.event == "superseded" })
    #expect(superseded.service == "api")
    if hand == "git" {
      #expect(superseded.message?.contains("Mallory Stone") == true)
      #expect(try await fleet.declared("api") == "api-v1.2.9")
    } else {
      #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.9")
    }
    // The handler holds: the other services stay too.
    #expect(try await fleet.declared("web") == "web-v5.0.1")
  }
}
