import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// Where the process of a run dies.
  enum Death: String, CaseIterable, Sendable {
    case beforeThePush = "lock.taken"
    case waitingForTheMerge = "pull-request.opened"
    case monitoring = "evidence"
  }

  @Test(arguments: Death.allCases) func aKilledRunIsResumed(death: Death) async throws {
    let fleet = try await RigFleet.create("killed-\(death.rawValue.replacing(".", with: "-"))")
    try fleet.script { $0.reviewer.after = 5 }
    let run = SlipwayRun(fleet)
    async let killed = run.runbook(try Self.release(monitor: "6s"))
    let last = try await run.wait { $0.event == death.rawValue }
    try await run.kill()
    let outcome = try await killed
    #expect(outcome.status == -9)

    let listed = SlipwayRun(fleet)
    let runs = try await fleetRuns(fleet)
    #expect(runs == [RunLine(run: last.run, ending: nil)])
    let resumed = try await listed.slipway(["resume", last.run, "--json"])
    #expect(resumed.status == 0, "\(resumed.standardError)\n\(listed.raw.joined(separator: "\n"))")
    #expect(resumed.events.contains { $0.event == "step.skipped" && $0.verb == "validate" })
    #expect(try await fleet.pulls().count == 1)
    #expect(try await fleet.declared("api") == "api-v1.3.0")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.3.0")
    // Pushed once: the branch's history has the promotion in one commit.
    let subjects = try await fleet.git("log", "--format=%s", "main").split(separator: "\n")
    #expect(subjects.filter { $0.hasPrefix("promote(api, web, project-management)") }.count == 1)
    #expect(try await fleetRuns(fleet) == [RunLine(run: last.run, ending: "ok")])
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }

  @Test func aLaterRunRollsBackWhatAFormerOnePromoted() async throws {
    let fleet = try await RigFleet.create("later")
    let first = try await SlipwayRun(fleet).runbook(try Self.release(monitor: "2s"))
    #expect(first.status == 0, "\(first.standardError)")
    let run = SlipwayRun(fleet)
    let second = try await run.runbook(#"rollback production api because "login fails since the release""#)
    #expect(second.status == 0, "\(run.raw.joined(separator: "\n"))")
    #expect(try await fleet.declared("api") == "api-v1.2.2")
    #expect(try await fleet.declared("web") == "web-v5.0.1")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
    let subject = try await fleet.git("log", "-1", "--format=%s", "main")
    #expect(subject == "rollback(api): revert production to v1.2.2 due to login fails since the release")
    // Without the journal the commits' trailers tell it; and never back to what was rolled back from.
    let third = SlipwayRun(fleet, home: "elsewhere")
    let web = try await third.runbook("rollback production web")
    #expect(web.status == 0, "\(third.raw.joined(separator: "\n"))")
    #expect(try await fleet.declared("web") == "web-v5.0.0")
    let again = SlipwayRun(fleet, home: "elsewhere")
    let refused = try await again.runbook("rollback production web")
    #expect(refused.status == 2, "\(again.raw.joined(separator: "\n"))")
    #expect(try await fleet.declared("web") == "web-v5.0.0")
  }

  struct RunLine: Decodable, Equatable {
    var run: String
    var ending: String?
  }

  private func fleetRuns(_ fleet: RigFleet) async throws -> [RunLine] {
    let text = try await Rig.run(
      Rig.binary,
      ["runs", "--json"],
      environment: ["XDG_STATE_HOME": "\(fleet.folder)/state"]
    )
    return try text.split(separator: "\n").map { try JSONDecoder().decode(RunLine.self, from: Data($0.utf8)) }
  }
}
