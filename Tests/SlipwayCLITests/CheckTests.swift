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

  @Test("--fix writes what is certain, says so, and checks what is left")
  func fix() async throws {
    let folder = try PrivateFolder()
    let wrong = "valdate staging apy # as always\r\nrollback production api v1.2.2\r\nmonitor 5m production api\r\n"
    try await Slipway("check", "--fix", in: folder).runbook(wrong).fleet(Fleets.files).expecting(
      stdout: .nothing,
      stderr: .containing(
        "release.runbook:1: fixed: write `validate staging apy` [SW1002]",
        "fixed: write `api` [SW3001]",
        "release.runbook:2: fixed: write `rollback production api to v1.2.2` [SW1019]",
        "[SW3104]",
        "release.runbook: 1 warning\n"
      ),
      exit: 0
    )
    let path = "\(folder.work)/release.runbook"
    let data = try #require(FileManager.default.contents(atPath: path))
    let right = "validate staging api # as always\r\nrollback production api to v1.2.2\r\nmonitor 5m production api\r\n"
    #expect(String(decoding: data, as: UTF8.self) == right)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.work).sorted() == ["release.runbook", "slipway.yaml"]
    )
  }

  @Test("--fix leaves a file with nothing to correct untouched, and needs a file")
  func nothingToFix() async throws {
    let folder = try PrivateFolder()
    _ = try await Slipway("check", in: folder).runbook(Self.sound).fleet(Fleets.files).expecting(exit: 0)
    let path = "\(folder.work)/release.runbook"
    let before = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    try await Slipway("check", "release.runbook", "--fix", in: folder)
      .expecting(stdout: .nothing, stderr: "release.runbook: nothing wrong found\n", exit: 0)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == before)
    try await Slipway("check", "--fix", "-").standardInput("valdate staging api\n").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("--fix needs a file that it can write"), exit: 64)
    try await Slipway("check", "--fix", "-c", "valdate staging api").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("--fix needs a file that it can write"), exit: 64)
  }

  @Test("imports are read beside the runbook, and their mistakes have their file's name")
  func imports() async throws {
    let importing = "import \"../shared/common.runbook\"\nlook(api)\n"
    let sound = Array("procedure look(services) { validate staging services }\n".utf8)
    try await Slipway("check").file("shared/common.runbook", sound).runbook(importing, named: "books/release.runbook")
      .fleet(Fleets.files).expecting(stdout: .nothing, stderr: "books/release.runbook: nothing wrong found\n", exit: 0)
    let wrong = Array("procedure look(services) { validate stagin services }\n".utf8)
    try await Slipway("check").file("shared/common.runbook", wrong).runbook(importing, named: "books/release.runbook")
      .fleet(Fleets.files).expecting(
        stdout: .nothing,
        stderr: .containing("books/../shared/common.runbook:1:37: error: unknown environment `stagin`"),
        exit: 65
      )
    try await Slipway("check").runbook(importing).fleet(Fleets.files).expecting(
      stdout: .nothing,
      stderr: .containing(
        "`../shared/common.runbook` cannot be read: No such file or directory [SW3041]",
        ": 1 error\n"
      ),
      exit: 65
    )
  }
}

@Suite("slipway explain")
struct ExplainTests {
  private struct Page: Decodable {
    var code: String
    var title: String
    var wrong: String?
  }

  @Test("a page says what a finding means, with a wrong and a right runbook")
  func page() async throws {
    try await Slipway("explain", "SW3001").expecting(
      stdout: .containing("SW3001  unknown service  (error)\n", "Wrong:\n\n    validate staging apy\n", "Right:\n"),
      stderr: .nothing,
      exit: 0
    )
    try await Slipway("explain", "sw3001").expecting(stdout: .containing("SW3001  unknown service"), exit: 0)
  }

  @Test("without a code, all are listed; as JSON, a page a line")
  func list() async throws {
    let outcome = try await Slipway("explain").expecting(stderr: .nothing, exit: 0)
    let lines = outcome.stdout.split(separator: "\n")
    #expect(lines.count > 100 && lines.allSatisfy { $0.hasPrefix("SW") })
    let pages = try await Slipway("explain", "--json").expecting(stderr: .nothing, exit: 0).objects(Page.self)
    #expect(pages.map(\.code) == lines.map { String($0.prefix(6)) })
    #expect(pages.first { $0.code == "SW3001" }?.wrong == "validate staging apy")
  }

  @Test("an unknown code: the nearest one")
  func unknown() async throws {
    try await Slipway("explain", "SW3O01")
      .expecting(stdout: .nothing, stderr: .containing("there is no code `SW3O01`; did you mean SW3001?"), exit: 64)
  }
}
