import FoundationEssentials
import LiveWorld
import PromotionModel
import TerminalSession
import Testing

/// The prompt in the live world, as a person has it.
extension OnTheRig {
  /// A terminal in a fleet's folder, with a live prompt that is ready.
  private func prompt(_ fleet: RigFleet, _ body: (TerminalSession) async throws -> Void) async throws {
    let home = fleet.folder + "/state"
    let socket = "/tmp/slipway-\(UInt32.random(in: 0 ... .max))"
    let terminal = try await TerminalSession(
      "'\(Rig.binary)' repl --no-color",
      in: fleet.folder,
      socket: socket,
      environment: ["XDG_STATE_HOME": home, "XDG_CACHE_HOME": home + "/cache"],
      width: 140,
      height: 60
    )
    do {
      try await terminal.shows("LIVE production ▸")
      try await body(terminal)
      try await terminal.close()
    } catch {
      try await terminal.close()
      throw error
    }
  }

  /// Promotes api by hand, as a former run of somebody did.
  private func promoted(_ fleet: RigFleet) async throws {
    let run = SlipwayRun(fleet, home: "state")
    let outcome = try await run.runbook("validate staging api\npromote api by commit\nwait rollout within 60s\n")
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }

  @Test func aLiveRollbackIsRefusedAndAcceptedAtThePrompt() async throws {
    let fleet = try await RigFleet.create("prompt", count: 2)
    try await promoted(fleet)
    let before = try #require(try await fleet.declared("api"))
    let head = try await fleet.git("rev-parse", "main")
    try await prompt(fleet) { terminal in
      // What happens outside is told above the line that is being typed, and leaves it whole.
      try await terminal.type("rollback ap")
      // Again, if need be: the prompt is there before it has seen the fleet for the first time, and pods are soon back.
      var told: [String]?
      for _ in 0..<10 where told == nil {
        _ = try await fleet.kubectl("delete", "pod", "--all", "--wait=false", "-n", "\(fleet.name)-production")
        told = try? await terminal.shows("production/web is not ready", seconds: 5)
      }
      #expect(TerminalSession.last(try #require(told)) == "LIVE production ▸ rollback ap")
      try await terminal.shows("production/api is ready again", seconds: 30)
      try await terminal.enter("i")
      let asked = try await terminal.shows("Type production to do it:", seconds: 30)
      let api = try #require(asked.first { $0.contains(" → ") })
      #expect(api.contains(before), "\(api)")
      for piece in [
        "@@", "commit:", "rollback(api): revert production", "told:", "way back: rollback production api to v",
      ] {
        #expect(asked.contains { $0.contains(piece) }, "\(piece) in\n\(asked.joined(separator: "\n"))")
      }
      // What is pasted or is another word does nothing.
      try await terminal.paste("production\n")
      try await terminal.enter("y")
      try await terminal.shows("Not done: nothing was changed.")
      #expect(try await fleet.git("rev-parse", "main") == head)

      try await terminal.enter("rollback api")
      try await terminal.shows("asked again", seconds: 30) {
        TerminalSession.last($0).hasPrefix("Type production to do it:")
      }
      try await terminal.enter("production")
      try await terminal.shows("again, in git", seconds: 60)
      #expect(try await fleet.declared("api") != before)
      #expect(try await !fleet.image("api").hasSuffix(before))
      // Ctrl-C in the middle says what was pushed and what looks at it, and the session goes on.
      try fleet.script { $0.argocd.delay = 5 }
      try await terminal.enter("undo")
      try await terminal.shows("y runs it")
      try await terminal.type("y")
      try await terminal.shows("asked for the way back", seconds: 30) {
        TerminalSession.last($0).hasPrefix("Type production to do it:")
      }
      try await terminal.enter("production")
      try await terminal.shows("pushed", seconds: 30) { lines in
        lines.count { $0.contains("  pushed  ") } == 2
      }
      try await terminal.press("C-c")
      let stopped = try await terminal.shows("Stopped. Pushed before that: production/api")
      #expect(
        stopped.contains { $0.contains("`wait rollout production api` looks") || $0.contains(":undo sets it back") }
      )
      try await terminal.enter("wait rollout production api")
      try await terminal.shows("[wait rollout]", seconds: 60) { lines in
        lines.contains { $0.contains("  ok  ") && $0.contains("wait rollout") }
      }
      #expect(try await fleet.image("api").hasSuffix(before))
      try await terminal.press("C-d")
      try await terminal.shows("[ended 0]", seconds: 30)
    }
    let status = try await Rig.run(
      Rig.binary,
      ["status", "production", "api"],
      in: fleet.folder,
      environment: ["XDG_STATE_HOME": fleet.folder + "/state", "XDG_CACHE_HOME": fleet.folder + "/state/cache"]
    )
    #expect(status.contains("production   api ") && status.contains(before) && status.contains("all well"), "\(status)")
    // Nothing stays locked, and nothing that was started for the session runs on.
    #expect(try await fleet.git("for-each-ref", "refs/slipway").isEmpty)
  }

  /// From the first sign to a rollback that was seen, in five statements; then the session as a runbook and a timeline.
  @Test func anIncidentFromDetectionToVerifiedRollback() async throws {
    let fleet = try await RigFleet.create("incident", count: 2)
    try await promoted(fleet)
    let bad = try #require(try await fleet.declared("api"))
    let began = SystemClock().now()
    try await prompt(fleet) { terminal in
      // The new version begins to answer 503.
      try fleet.script { $0.behaviours["production/\(bad)"] = RigFleet.Script.Behaviour(status: 503) }
      try await terminal.enter("watch status production")
      try await terminal.shows(" 503 ", seconds: 30)
      try await terminal.press("C-c")
      try await terminal.shows("Watched until")
      try await terminal.enter("rollback api because \"it answers 503\"")
      try await terminal.shows("Type production to do it:", seconds: 30)
      try await terminal.enter("production")
      try await terminal.shows("again, in git", seconds: 60)
      try await terminal.enter("monitor 5s production api")
      try await terminal.shows("5s of evidence", seconds: 60)
      try await terminal.enter("status production api")
      try await terminal.shows("all well", seconds: 30)
      try await terminal.enter(":save night.runbook")
      try await terminal.shows("night.runbook:", seconds: 15)
      try await terminal.enter(":timeline night.md")
      try await terminal.shows("night.md is written.")
      try await terminal.press("C-d")
      try await terminal.shows("[ended 0]", seconds: 30)
    }
    let ended = SystemClock().now()
    let saved = try #require(FileManager.default.contents(atPath: fleet.folder + "/night.runbook"))
    #expect(String(decoding: saved, as: UTF8.self).contains("require version of api in production is"))

    let rehearsed = try await SlipwayRun(fleet, home: "rehearsed")
      .slipway(["rehearse", "night.runbook", "--fleet", "night.fleet.yaml", "--json"])
    #expect(rehearsed.status == 0, "\(rehearsed.standardError) \(rehearsed.events.suffix(3))")

    // Its times are the ones of the commit and of the clock.
    let timeline = String(
      decoding: try #require(FileManager.default.contents(atPath: fleet.folder + "/night.md")),
      as: UTF8.self
    )
    let rows = timeline.split(separator: "\n").compactMap { line -> (Timestamp, String)? in
      let cells = line.split(separator: "|").map { $0.trimmingPrefix(" ") }
      guard cells.count == 2, let time = Timestamp(String(cells[0].prefix { $0 != " " })) else { return nil }
      return (time, String(cells[1]))
    }
    #expect(rows.count > 5 && rows.map(\.0) == rows.map(\.0).sorted())
    #expect(rows.allSatisfy { began.wholeSecond <= $0.0 && $0.0 <= ended })
    let pushed = try #require(rows.first { $0.1.hasPrefix("pushed ") })
    let commit = try await fleet.git("log", "-1", "--format=%ct", "main")
    let committed = Timestamp(secondsSinceEpoch: try #require(Int64(commit)))
    // The push is told when the server has taken it, which is after the commit was made.
    #expect(pushed.0 >= committed && pushed.0 - committed <= .seconds(2), "\(pushed) \(committed)")
  }
}
