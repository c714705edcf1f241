import FoundationEssentials
import Testing

@Suite("slipway check")
struct CheckTests {
  private static let sound = """
    validate staging api
    promote api
    wait merge
    monitor 30m
    on failure { rollback promoted }

    """

  private struct Finding: Decodable {
    var code: String
    var severity: String
    var summary: String
    var file: String
    var line: Int
    var column: Int
    var endColumn: Int
  }

  @Test("a sound runbook is said to be one")
  func sound() async throws {
    try await Slipway("check").runbook(Self.sound).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: "release.runbook: nothing wrong found\n", exit: 0)
  }

  @Test("all mistakes at once, in order, each with a caret under the wrong word; nothing is touched")
  func allAtOnce() async throws {
    let folder = try PrivateFolder()
    let wrong = "validate stagin api\npromte all\nrollback api v1.2.2\nmonitor 30x\n"
    let check = try await Slipway("check", in: folder).runbook(wrong).fleet(Fleets.files).expecting(
      stdout: .nothing,
      stderr: .containing(
        "release.runbook:1:10: error: unknown environment `stagin`; did you mean `staging`?",
        "  1 | validate stagin api\n    |          ^^^^^^\n",
        "release.runbook:2:1: error: unknown statement `promte`; did you mean `promote`?",
        "  2 | promte all\n    | ^^^^^^\n",
        "  3 | rollback api v1.2.2\n    |              ^^^^^^\n",
        "  4 | monitor 30x\n    |         ^^^\n",
        "help: write `rollback api to v1.2.2`",
        "release.runbook: 4 errors\n"
      ),
      exit: 65
    )
    let run = try await Slipway("run", "release.runbook", in: folder).ownProgramsOnly().expecting(
      stdout: .nothing,
      exit: 65
    )
    #expect(run.stderr + "x" == check.stderr.split(separator: "release.runbook: 4 errors").first.map { $0 + "x" })
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/state/slipway"), "nothing was touched")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/cache").isEmpty)
  }

  @Test("as JSON: a finding a line, with its place")
  func json() async throws {
    let outcome = try await Slipway("check", "--json").runbook("validate stagin api\npromte all\n").fleet(Fleets.files)
      .expecting(stderr: .nothing, exit: 65)
    let findings = try outcome.objects(Finding.self)
    #expect(findings.first.map { [$0.line, $0.column, $0.endColumn] } == [1, 10, 16])
    #expect(findings.filter { $0.severity == "error" }.map(\.line) == [1, 2])
    #expect(findings.allSatisfy { $0.code.hasPrefix("SW") && $0.file == "release.runbook" && !$0.summary.isEmpty })
  }

  @Test("a statement that could not be read is not said to be missing")
  func noEcho() async throws {
    let text = Self.sound.replacing("monitor 30m", with: "monitor 30x")
    try await Slipway("check").runbook(text).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("release.runbook: 1 error\n"), exit: 65)
  }

  @Test("warnings stop nothing")
  func warnings() async throws {
    try await Slipway("check").runbook("validate staging api\npromote api\n").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("warning:", "[SW3102]", ": 2 warnings\n"), exit: 0)
  }

  @Test("without a configuration only names stay unchecked")
  func withoutConfiguration() async throws {
    try await Slipway("check").runbook("validate stagin api\n")
      .expecting(stdout: .nothing, stderr: .containing("names of services and environments were not checked"), exit: 0)
    try await Slipway("check").runbook("valdate staging api\n")
      .expecting(stdout: .nothing, stderr: .containing("did you mean `validate`?"), exit: 65)
  }

  @Test("standard input and -c")
  func otherSources() async throws {
    try await Slipway("check", "-").standardInput("promte api\n").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("-:1:1: error:"), exit: 65)
    try await Slipway("check", "-c", "validate staging api; wait 5x").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("-c:1:28: error:"), exit: 65)
    try await Slipway("check", "-c", "validate staging api").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: "-c: nothing wrong found\n", exit: 0)
  }

  @Test("a runbook that cannot be read")
  func unreadable() async throws {
    try await Slipway("check", "none.runbook").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("none.runbook cannot be read: No such file"), exit: 65)
    let folder = try PrivateFolder()
    try await Slipway("check", "folder", in: folder).file("folder/x", []).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("folder cannot be read: Is a directory"), exit: 65)
  }

  @Test("a file that is no runbook: the first findings, how many more there are, and no byte of it raw")
  func binary() async throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    let outcome = try await Slipway("check", "rubbish").file("rubbish", bytes).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("the text is not UTF-8 from here on", "are not shown"), exit: 65)
    #expect(Array(outcome.stderr.utf8).allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
    #expect(outcome.stderr.utf8.count < 300_000)
  }

  @Test("a megabyte of statements")
  func large() async throws {
    let text = String(repeating: "validate staging api\n", count: 50_000)
    try await Slipway("check").runbook(text).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("nothing wrong found"), exit: 0)
    try await Slipway("check").runbook(text + "promte api\n").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("release.runbook:50001:1: error:"), exit: 65)
  }
}
