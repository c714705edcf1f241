import FoundationEssentials
import Testing

@Suite("slipway runs and resume")
struct RunsTests {
  private struct Summary: Decodable {
    var run: String
    var started: String
    var ended: String?
    var ending: String?
    var exit: Int32?
    var world: String
    var source: String
  }

  @Test("none yet")
  func none() async throws {
    try await Slipway("runs").expecting(stdout: .nothing, stderr: "no runs yet\n", exit: 0)
    try await Slipway("runs", "--json").expecting(stdout: .nothing, stderr: .nothing, exit: 0)
  }

  @Test("newest first, at most as many as asked, also as JSON")
  func list() async throws {
    let folder = try PrivateFolder()
    try await Slipway("run", in: folder).runbook("stop \"first\"\n", named: "first.runbook").fleet(Fleets.files)
      .expecting(exit: 0)
    try await Slipway("run", in: folder).runbook("fail \"second\"\n", named: "second.runbook").expecting(exit: 1)
    let json = try await Slipway("runs", "--json", in: folder).expecting(stderr: .nothing, exit: 0)
    let runs = try json.objects(Summary.self)
    #expect(runs.map(\.source) == ["second.runbook", "first.runbook"])
    #expect(runs.map(\.ending) == ["failed", "ok"])
    #expect(runs.map(\.exit) == [1, 0])
    #expect(runs.allSatisfy { $0.world == "live" && $0.ended != nil && $0.started.hasSuffix("Z") })
    #expect(
      try await Slipway("runs", "--json", "--limit", "1", in: folder).expecting(exit: 0).objects(Summary.self).count
        == 1
    )
    let text = try await Slipway("runs", in: folder).expecting(stderr: .nothing, exit: 0)
    let lines = text.stdout.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix(runs[0].run) && lines[0].hasSuffix("failed        second.runbook"))
    #expect(!lines[0].contains("." + "0"), "no fractions of a second")
  }

  @Test("what cannot be resumed")
  func notResumable() async throws {
    let folder = try PrivateFolder()
    try await Slipway("resume", "20260101-000000-abcd", in: folder).expecting(
      stdout: .nothing,
      stderr: .containing("there is no run `20260101-000000-abcd` in the journal", "slipway runs"),
      exit: 64
    )
    try await Slipway("resume", "\u{1B}[31mx", in: folder).expecting(stderr: .containing("\\u{1B}[31mx"), exit: 64)
    try await Slipway("run", "-c", "fail \"x\"", in: folder).fleet(Fleets.files).expecting(exit: 1)
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    let run = try #require(runs.first?.run)
    try await Slipway("resume", run, in: folder).expecting(
      stdout: .nothing,
      stderr: .containing("run \(run) ended failed: there is nothing to go on with"),
      exit: 64
    )
  }

  @Test("a run is named, or its pull request, and not both", arguments: ["resume", "abort"])
  func choice(command: String) async throws {
    try await Slipway(command).expecting(stdout: .nothing, stderr: .containing("name one run"), exit: 64)
    try await Slipway(command, "20260101-000000-abcd", "--pull-request", "7")
      .expecting(stdout: .nothing, stderr: .containing("name one run"), exit: 64)
    try await Slipway(command, "--pull-request", "0")
      .expecting(stdout: .nothing, stderr: .containing("--pull-request takes a number from 1"), exit: 64)
    try await Slipway(command, "--pull-request", "7").fleet(Fleets.files).expecting(
      stdout: .nothing,
      stderr: .containing("no run in the journal of this machine opened pull request #7"),
      exit: 64
    )
  }

  @Test("a question that nobody answers yet suspends the run, and it goes on with --yes")
  func suspended() async throws {
    let folder = try PrivateFolder()
    let cut = try await Slipway("run", "--suspend", "-c", "confirm \"Go on?\"; stop \"done\"", in: folder)
      .fleet(Fleets.files).expecting(stderr: .containing("suspended", "slipway resume "), exit: 0)
    #expect(!cut.stderr.contains("done"))
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    #expect(runs.map(\.ending) == ["suspended"])
    let run = try #require(runs.first?.run)
    try await Slipway("resume", run, "--yes", in: folder).expecting(stderr: .containing("done"), exit: 0)
    let after = try await Slipway("runs", "--json", in: folder).expecting(exit: 0)
    #expect(try after.objects(Summary.self).map(\.ending) == ["ok"])
  }

  @Test("a changed runbook takes over where what was begun is unchanged, else it is refused with a diff")
  func changed() async throws {
    let folder = try PrivateFolder()
    try await Slipway("run", "--suspend", "first.runbook", in: folder)
      .file("first.runbook", Array("wait 1ms\nconfirm \"Go on?\"\nstop \"old\"\n".utf8)).fleet(Fleets.files)
      .expecting(exit: 0)
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    let run = try #require(runs.first?.run)
    try await Slipway("resume", run, "--yes", "--runbook", "other.runbook", in: folder)
      .file("other.runbook", Array("wait 2ms\nconfirm \"Go on?\"\nstop \"new\"\n".utf8)).expecting(
        stdout: .nothing,
        stderr: .containing(
          "-wait 1ms",
          "+wait 2ms",
          "`wait 1ms` (step 0) has been done, and is now `wait 2ms`",
          "cannot go on with other.runbook"
        ),
        exit: 65
      )
    try await Slipway("resume", run, "--yes", "--runbook", "other.runbook", in: folder)
      .file("other.runbook", Array("wait 1ms\nconfirm \"Go on?\"\nstop \"new\"\n".utf8))
      .expecting(stderr: .containing("new"), exit: 0)
  }

  @Test("a run that could not tell goes on where it was, with the runbook and configuration it began with")
  func resumed() async throws {
    let folder = try PrivateFolder()
    try folder.link("sh", to: "/bin/sh")
    try await Slipway("run", in: folder).runbook("wait 1ms\nvalidate staging api\n").fleet(Fleets.files)
      .ownProgramsOnly().expecting(exit: 4)
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    let run = try #require(runs.first?.run)
    let resumed = try await Slipway("resume", run, "--json", in: folder).file("release.runbook", Array("rubbish".utf8))
      .fleet("rubbish").ownProgramsOnly().expecting(exit: 4)
    let events = try resumed.objects(EventLine.self)
    #expect(events.contains { $0.event == "step.skipped" && $0.verb == "wait" && $0.ending == "ok" })
    #expect(events.contains { $0.event == "step.ended" && $0.verb == "validate" && $0.ending == "undetermined" })
    #expect(events.allSatisfy { $0.run == run })
  }

  private struct Status: Decodable {
    struct Step: Decodable {
      var step: String
      var verb: String
      var ending: String?
    }
    var run: String
    var ending: String?
    var running: Bool
    var resumable: Bool
    var steps: [Step]
  }

  @Test("one run, step by step, with what can be done now; given up, there is nothing more to do")
  func statusAndAbort() async throws {
    let folder = try PrivateFolder()
    try folder.link("sh", to: "/bin/sh")
    try await Slipway("run", in: folder)
      .runbook("wait 1ms\nvalidate staging api\non failure { show versions }\nfinally { wait 2ms }\n")
      .fleet(Fleets.files).ownProgramsOnly().expecting(exit: 4)
    let run = try #require(
      try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self).first
    )
    .run
    // It needs no configuration: the journal has it all.
    try await Slipway("status", run, in: folder).fleet("rubbish").expecting(
      stdout: .containing(
        "run \(run)  release.runbook  live\n",
        "undetermined (exit 4)",
        "  ok            wait 1ms\n",
        "  undetermined  validate staging api",
        "go on with: slipway resume \(run); give it up with: slipway abort \(run)\n"
      ),
      stderr: .nothing,
      exit: 0
    )
    let status = try await Slipway("status", run, "--json", in: folder).expecting(exit: 0).objects(Status.self)
    #expect(status.map(\.resumable) == [true])
    #expect(status.first?.running == false)
    #expect(status.first?.steps.prefix(2).map(\.verb) == ["wait", "validate"])
    try await Slipway("abort", run, "--because", "the day is over", in: folder).ownProgramsOnly()
      .expecting(stderr: .containing("aborted by tester@", "the day is over"), exit: 1)
    let after = try await Slipway("status", run, "--json", in: folder).expecting(exit: 0).objects(Status.self)
    #expect(after.first?.steps.first { $0.verb == "validate" }?.ending == "failed")
  }

  @Test("what cannot be given up, and whose status is not known")
  func notAbortable() async throws {
    let folder = try PrivateFolder()
    try await Slipway("run", "-c", "fail \"x\"", in: folder).fleet(Fleets.files).expecting(exit: 1)
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    let run = try #require(runs.first?.run)
    try await Slipway("abort", run, in: folder).expecting(
      stdout: .nothing,
      stderr: .containing("run \(run) ended failed: there is nothing to give up"),
      exit: 64
    )
    for command in ["abort", "status"] {
      try await Slipway(command, "20260101-000000-abcd", in: folder)
        .expecting(stdout: .nothing, stderr: .containing("there is no run `20260101-000000-abcd`"), exit: 64)
    }
    let status = try await Slipway("status", run, in: folder).expecting(exit: 0)
    #expect(!status.stdout.contains("resume"))
  }

  @Test("a run that is running cannot be resumed beside itself")
  func stillRunning() async throws {
    let folder = try PrivateFolder()
    try RunTests.equip(folder)
    try folder.link("sed", to: try RunTests.which("sed"))
    // A git that resumes the very run that asks it.
    let script = #"""
      #!/bin/sh
      run=$("$SLIPWAY" runs --json | sed 's/.*"run":"\([^"]*\)".*/\1/')
      "$SLIPWAY" resume "$run" >&2
      echo "resume ended with $?" >&2
      exit 1
      """#
    try folder.program("git", script)
    try await Slipway("run", "-c", "validate staging api", in: folder).fleet(Fleets.files).ownProgramsOnly()
      .variable("SLIPWAY", try Slipway.binary())
      .expecting(stderr: .containing("is still running in another process; resume ended with 4"), exit: 4)
  }
}
