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
    // Every kubectl proxy of this run, stopped for as long as a network may be away.
    let pids = try await Rig.run("pgrep", ["-f", "kubectl proxy --unix-socket=.*--context=production"])
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

  @Test func aMissingToolIsNamed() async throws {
    let fleet = try await RigFleet.create("tools")
    let state = try #require(Rig.state)
    for tool in ["git", "kubectl", "gh"] {
      // A PATH that has every tool but one.
      let folder = "\(state)/without-\(tool)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in ["git", "kubectl", "gh", "curl", "sh"] where name != tool {
        let path = try await Rig.run("sh", ["-c", "command -v \(name)"]).trimmingSuffix("\n")
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: path)
      }
      let run = SlipwayRun(fleet, home: "without-\(tool)")
      let outcome = try await run.runbook(try Self.release(monitor: "2s"), environment: ["PATH": folder])
      #expect(outcome.status != 0)
      let text = run.raw.joined(separator: "\n")
      #expect(text.contains("no program \(tool)"), "\(tool): \(text)")
      #expect(try await fleet.git("for-each-ref", "--format=%(refname)") == "refs/heads/main", "\(tool)")
    }
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
