import FoundationEssentials
import PromotionModel
import Testing

/// Runs that outlive their machine, and those that do not idle.
extension OnTheRig {
  private func expectReleased(_ fleet: RigFleet, _ story: String) async throws {
    #expect(try await fleet.pulls().count == 1, "\(story)")
    #expect(try await fleet.declared("api") == "api-v1.3.0", "\(story)")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.3.0", "\(story)")
    let subjects = try await fleet.git("log", "--format=%s", "main").split(separator: "\n")
    #expect(subjects.filter { $0.hasPrefix("promote(api, web, project-management)") }.count == 1, "\(story)")
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "", "\(story)")
  }

  private struct Listed: Decodable {
    var run: String
    var ending: String?
  }

  private func listed(_ run: SlipwayRun) async throws -> [String?] {
    let text = try await Rig.run(
      Rig.binary,
      ["runs", "--json", "--store", "git"],
      in: run.fleet.folder,
      environment: ["XDG_STATE_HOME": run.home, "XDG_CACHE_HOME": run.home + "/cache", "HOME": run.home]
    )
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Listed.self, from: Data($0.utf8)).ending }
  }

  @Test func aKilledRunIsResumedOnAnotherMachine() async throws {
    let fleet = try await RigFleet.create("elsewhere")
    try fleet.script { $0.reviewer.after = 3 }
    let run = SlipwayRun(fleet)
    async let killed = run.runbook(try Self.release(monitor: "6s"), options: ["--store", "git"])
    let last = try await run.wait { $0.event == "evidence" }
    try await run.kill()
    #expect(try await killed.status == -9)

    // Two people press the button at once, each on a machine that has never seen the run: one goes on with it.
    let others = ["there", "yonder"].map { SlipwayRun(fleet, home: $0) }
    async let one = others[0].slipway(["resume", last.run, "--json", "--store", "git"])
    async let two = others[1].slipway(["resume", last.run, "--json", "--store", "git"])
    let outcomes = try await [one, two]
    let story = others.flatMap(\.raw).joined(separator: "\n") + outcomes.map(\.standardError).joined()
    #expect(outcomes.map(\.status).sorted() != [0, 0], "\(story)")
    // Who came second before the first was done has lost it, or is told that there is nothing left to do.
    let winner = try #require(outcomes.first { $0.status == 0 }, "\(story)")
    let loser = try #require(outcomes.first { $0.status != 0 }, "\(story)")
    let says = loser.standardError + others.flatMap(\.raw).joined()
    #expect(says.contains("another process has taken run \(last.run) up") || says.contains("nothing to go on with"))
    #expect(winner.events.contains { $0.event == "step.skipped" && $0.verb == "promote" })
    try await expectReleased(fleet, story)
    #expect(try await listed(SlipwayRun(fleet, home: "fourth")) == ["ok"])
    let status = try await SlipwayRun(fleet, home: "fourth").plain(["status", last.run, "--store", "git"])
    #expect(status.contains("monitor") && status.contains("stored by"), "\(status)")
  }

  @Test func aSuspendedRunIsResumedByItsPullRequest() async throws {
    let fleet = try await RigFleet.create("suspended")
    try fleet.script { $0.reviewer.after = 4 }
    let run = SlipwayRun(fleet)
    let first = try await run.runbook(try Self.release(monitor: "3s"), options: ["--suspend", "--store", "git"])
    #expect(first.status == 0, "\(first.standardError)")
    #expect(first.events.last?.ending == "suspended")
    #expect(first.events.last?.message?.contains("slipway resume --pull-request 1 --store git") == true)
    #expect(try await fleet.declared("api") == "api-v1.2.2")
    #expect(try await fleet.git("for-each-ref", "--format=%(refname)", "refs/slipway/lock") != "")
    let number = try #require(try await fleet.pulls().first?.number)
    try await fleet.waitUntilMerged()
    let other = SlipwayRun(fleet, home: "elsewhere")
    let second = try await other.slipway(
      ["resume", "--pull-request", String(number), "--json", "--suspend", "--store", "git"]
    )
    #expect(second.status == 0, "\(second.standardError)\n\(other.raw.joined(separator: "\n"))")
    #expect(second.ending(of: "monitor") == "ok")
    try await expectReleased(fleet, other.raw.joined(separator: "\n"))
    #expect(try await listed(other) == ["ok"])
    // Where it began, it is known to have gone on elsewhere.
    let late = try await run.slipway(["resume", "--pull-request", String(number), "--json"])
    #expect(late.status == 64)
    #expect(late.standardError.contains("ended ok: there is nothing to go on with"), "\(late.standardError)")
  }

  @Test func aSuspendedRunIsGivenUpElsewhere() async throws {
    let fleet = try await RigFleet.create("givenup")
    try fleet.script { $0.reviewer.after = 3600 }
    let first = try await SlipwayRun(fleet).runbook(try Self.release(), options: ["--suspend", "--store", "git"])
    #expect(first.status == 0, "\(first.standardError)")
    let other = SlipwayRun(fleet, home: "elsewhere")
    let second = try await other.slipway(
      ["abort", "--pull-request", "1", "--because", "wrong release", "--json", "--store", "git"]
    )
    // Exit status 3: what was to be undone is, and seen to be.
    #expect(second.status == 3, "\(second.standardError)\n\(other.raw.joined(separator: "\n"))")
    #expect(try await fleet.pulls().map(\.state) == ["closed"])
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
    #expect(try await fleet.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main")
    #expect(try await listed(other) == ["failed"])
  }
}
