import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// The road to the cluster breaks in the middle of a monitor: the clock stands, the road is taken up again, and the
  /// run says so.
  @Test func aLostRoadStopsTheClock() async throws {
    let fleet = try await RigFleet.create("lost")
    let run = SlipwayRun(fleet)
    async let running = run.runbook(try Self.release(monitor: "15s"))
    _ = try await run.wait { $0.event == "evidence" }
    let arrived = SystemClockSleep.now()
    // The kubectl proxy of this run, stopped for as long as a network may be away.
    let parent = try await Rig.run("pgrep", ["-f", run.path]).trimmingSuffix("\n")
    let pids = try await Rig.run("pgrep", ["-P", parent, "-f", "kubectl proxy .*--context=production"])
      .split(separator: "\n").map(String.init)
    #expect(!pids.isEmpty)
    try await Rig.run("kill", ["-STOP"] + pids)
    _ = try await run.wait { $0.event == "sight.lost" }
    try await SystemClockSleep.seconds(3)
    try await Rig.run("kill", ["-CONT"] + pids, mayFail: true)
    let outcome = try await running
    #expect(outcome.status == 0, "\(run.raw.suffix(10).joined(separator: "\n"))")
    #expect(outcome.events.contains { $0.event == "sight.regained" })
    // Fifteen seconds of evidence and at least the three that nobody saw.
    #expect(try #require(outcome.events.last).time - arrived > .seconds(17))
  }

  /// A `PATH` with the tools of a run and nothing else; `odd` is not there, or is the given script.
  private func tools(_ fleet: RigFleet, odd: String, script: String?) async throws -> String {
    let folder = "\(fleet.folder)/tools-\(odd)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["git", "kubectl", "gh", "curl", "sh", "sleep"] where name != odd {
      let path = try await Rig.run("sh", ["-c", "command -v \(name)"]).trimmingSuffix("\n")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: path)
    }
    guard let script else { return folder }
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: "\(folder)/\(odd)"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(odd)")
    return folder
  }

  /// Runs a release with one tool that is odd: it ends by itself and says which, and nothing stands on the server.
  private func release(_ name: String, odd tool: String, script: String?, says words: String) async throws {
    // What is asked again and again is given up soon.
    let fleet = try await RigFleet.create("\(name)-\(tool)") {
      $0.replacing("policy: {", with: "policy: { deadlines: { validate: 10s, promote: 10s },")
    }
    let run = SlipwayRun(fleet)
    let path = try await tools(fleet, odd: tool, script: script)
    let outcome = try await run.runbook(try Self.release(monitor: "2s"), environment: ["PATH": path])
    let text = run.raw.joined(separator: "\n")
    #expect([2, 4].contains(outcome.status), "\(tool) ended with \(outcome.status): \(text)")
    #expect(outcome.events.last?.event == "run.ended")
    #expect(text.contains(words), "\(tool): \(text)")
    #expect(try await fleet.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main", "\(tool)")
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "", "\(tool)")
    #expect(try await fleet.declared("api") == "api-v1.2.2", "\(tool)")
  }

  @Test(arguments: ["git", "kubectl", "gh"]) func aMissingToolIsNamed(tool: String) async throws {
    try await release("missing", odd: tool, script: nil, says: "no program \(tool)")
  }

  /// A proxy's page, and success: no answer of a tool is taken for what was asked.
  @Test(arguments: ["git", "kubectl", "gh"]) func anAnswerThatIsNoneIsNotBelieved(tool: String) async throws {
    try await release("nonsense", odd: tool, script: "echo '<html>Welcome to the hotel</html>'", says: tool)
  }

  @Test func notLoggedInIsSaid() async throws {
    let fleet = try await RigFleet.create("login")
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(try Self.release(monitor: "2s"), environment: ["GH_TOKEN": "invalid-token"])
    #expect(outcome.status == 2, "\(run.raw.suffix(6).joined(separator: "\n"))")
    let message = outcome.events.last { $0.event == "step.ended" && $0.verb == "promote" }?.message ?? ""
    #expect(message.contains("gh auth login"))
    #expect(!run.raw.joined().contains("invalid-token"))
    #expect(try await fleet.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main")
  }
}
