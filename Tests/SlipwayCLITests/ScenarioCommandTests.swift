import FoundationEssentials
import Testing

/// One line of `slipway test --json`; other keys are left aside.
private struct TestLine: Decodable {
  struct Statement: Decodable {
    var line: Int
    var text: String
    var answersFailure: Bool
    var scenarios: Int
  }

  var event: String
  var file: String?
  var title: String?
  var passed: Bool?
  var percent: Int?
  var failurePercent: Int?
  var minimum: Int?
  var enough: Bool?
  var statements: [Statement]?
  var message: String?
  var scenarios: Int?
  var failed: Int?
  var broken: Int?
  var exit: Int32?
}

@Suite("slipway test")
struct ScenarioCommandTests {
  private static let release = """
    import "common.runbook"
    validate staging api
    promote api by commit
    watch()
    on failure { rollback promoted }
    scenario "good" { expect ok }

    """
  private static let common = "procedure watch() {\n  monitor 30m\n}\n"

  private func folder(_ more: [String: String] = [:], _ arguments: String...) throws -> Slipway {
    var files = ["release.runbook": Self.release, "common.runbook": Self.common]
    files.merge(more) { $1 }
    var command = try Slipway("test")
    for argument in arguments { command = command.argument(argument) }
    for (name, text) in files { command = command.file("books/\(name)", Array(text.utf8)) }
    return command.argument("books")
  }

  @Test("a file of procedures in a folder is passed over")
  func procedures() async throws {
    try await folder().expecting(
      stdout: .containing(
        "passed  books/release.runbook:6  good",
        "books/release.runbook: scenarios came by 75 % of the statements, 0 % of those that answer failures",
        "books/release.runbook:5: never reached: `rollback promoted`",
        "books/common.runbook: scenarios came by 100 % of the statements",
        "1 scenario, all passed."
      ),
      stderr: .nothing,
      exit: 0
    )
  }

  @Test("one broken file does not stop the others, and fails")
  func broken() async throws {
    let tests = try folder(["a.runbook": "validate stagin api\n"], "--junit", "report.xml")
    try await tests.expecting(
      stdout: .containing("BROKEN  books/a.runbook", "passed  books/release.runbook:6", "1 file could not be tested."),
      stderr: .containing("unknown environment `stagin`"),
      exit: 65
    )
    let lines = try await folder(["a.runbook": "validate stagin api\n"], "--json").expecting(exit: 65)
      .objects(TestLine.self)
    #expect(lines.map(\.event) == ["broken", "scenario", "coverage", "coverage", "tested"])
    #expect(lines[0].file == "books/a.runbook" && lines[0].exit == 65)
    #expect(lines[0].message?.hasPrefix("books/a.runbook:1: unknown environment `stagin`") == true)
    #expect(lines[4].scenarios == 1 && lines[4].failed == 0 && lines[4].broken == 1 && lines[4].exit == 65)
  }

  @Test("scenarios of a file with procedures only have nothing to run")
  func nothingToRun() async throws {
    let text = Self.common + "scenario \"x\" { expect ok }\n"
    try await Slipway("test").runbook(text).expecting(
      stderr: .containing("has procedures only: there is nothing that its scenarios could run"),
      exit: 65
    )
    try await Slipway("test").runbook(Self.common).expecting(
      stdout: .containing("There is no scenario to run."),
      exit: 1
    )
  }

  @Test("what is covered too little is said, as JSON too")
  func minimum() async throws {
    try await folder([:], "--min-coverage", "50").expecting(
      stderr: .containing("books/release.runbook is covered by less than 50 %"),
      exit: 1
    )
    let lines = try await folder([:], "--json", "--min-coverage", "50").expecting(exit: 1).objects(TestLine.self)
    let covered = try #require(lines.first { $0.event == "coverage" && $0.file == "books/release.runbook" })
    #expect(covered.percent == 75 && covered.failurePercent == 0)
    #expect(covered.minimum == 50 && covered.enough == false)
    let statements = try #require(covered.statements)
    #expect(statements.map(\.line) == [2, 3, 4, 5] && statements.map(\.scenarios) == [1, 1, 1, 0])
    #expect(statements.map(\.answersFailure) == [false, false, false, true])
    #expect(lines.last?.event == "tested" && lines.last?.exit == 1)
  }

  @Test("line by line: as a listing, for lcov, and as properties of JUnit")
  func lineByLine() async throws {
    let shared = try PrivateFolder()
    try await Slipway("test", "--lines", "--lcov", "lcov.info", "--junit", "junit.xml", in: shared)
      .file("common.runbook", Array(Self.common.utf8)).runbook(Self.release).expecting(
        stdout: .containing("  1  2 | validate staging api", "! 0  5 | on failure { rollback promoted }"),
        exit: 0
      )
    func written(_ name: String) throws -> String {
      let data = try #require(FileManager.default.contents(atPath: "\(shared.work)/\(name)"))
      return String(decoding: data, as: UTF8.self)
    }
    let lcov = try written("lcov.info")
    #expect(lcov.contains("SF:release.runbook\nDA:2,1\nDA:3,1\nDA:4,1\nDA:5,0\nLF:4\nLH:3\nend_of_record\n"))
    #expect(lcov.contains("SF:common.runbook\nDA:2,1\n"))
    let junit = try written("junit.xml")
    #expect(junit.contains("<property name=\"coverage.statements\" value=\"75\"/>"))
    #expect(junit.contains("<property name=\"coverage.missed-lines\" value=\"5\"/>"))
  }

  @Test("scenarios beside the runbook: each counts for its coverage, and none can be run by mistake")
  func beside() async throws {
    let tests = """
      import "release.runbook"
      scenario "bad" {
        given production api crashes
        expect failed at monitor
      }

      """
    try await folder(["release.scenarios.runbook": tests]).expecting(
      stdout: .containing(
        "passed  books/release.scenarios.runbook:2  bad",
        "passed  books/release.runbook:6  good",
        "books/release.runbook: scenarios came by 100 % of the statements, 100 % of those that answer failures",
        "2 scenarios, all passed."
      ),
      stderr: .nothing,
      exit: 0
    )
    for command in ["run", "rehearse", "explore"] {
      try await Slipway(command).file("release.runbook", Array("validate staging api\n".utf8))
        .runbook(tests, named: "tests.runbook").fleet(Fleets.files).expecting(
          stderr: .containing("tests.runbook has procedures or scenarios only: there is nothing to run"),
          exit: 65
        )
    }
  }

  @Test("scenarios begin with the fleet that a file describes")
  func described() async throws {
    let text = """
      repository:
        files:
          environments/staging/services/api.yaml: |
            envName: staging
            service: { enabled: true, chartTag: api-v2.0.0 }
          environments/production/services/api.yaml: |
            envName: production
            service: { enabled: true, chartTag: api-v1.9.0 }
      environments: {}

      """
    let runbook = "validate staging api\nscenario \"x\" { expect api in production is v1.9.0 }\n"
    try await Slipway("test", "--fleet", "fleet.yaml").file("fleet.yaml", Array(text.utf8)).runbook(runbook)
      .fleet(Fleets.files).expecting(stdout: .containing("1 scenario, all passed."), exit: 0)
    try await Slipway("test").runbook(runbook).fleet(Fleets.files)
      .expecting(stdout: .containing("1 of 1 scenarios failed."), exit: 1)
  }

  @Test("a minimum counts runbooks without a scenario, but not those that are tested from beside them")
  func minimumWithoutScenarios() async throws {
    let bare = "validate staging web\nmonitor 30m staging web\n"
    let scenarios = "import \"lone.runbook\"\nscenario \"x\" { expect ok }\n"
    let books = ["bare.runbook": bare, "lone.runbook": bare, "lone.scenarios.runbook": scenarios]
    try await folder(books, "--min-coverage", "0").expecting(
      stdout: .containing("books/bare.runbook: scenarios came by 0 % of the statements"),
      stderr: .nothing,
      exit: 0
    )
    let told = try await folder(books, "--min-coverage", "1").expecting(exit: 1).stderr
    #expect(told.contains("books/bare.runbook is covered by less than 1 %: it has no scenario\n"), "\(told)")
    #expect(!told.contains("lone") && !told.contains("common"), "\(told)")
    let lines = try await folder(books, "--json", "--min-coverage", "1").expecting(exit: 1).objects(TestLine.self)
    let covered = try #require(lines.first { $0.event == "coverage" && $0.file == "books/bare.runbook" })
    #expect(covered.percent == 0 && covered.enough == false && covered.statements?.map(\.scenarios) == [0, 0])
    // Without a minimum they are passed over.
    #expect(!(try await folder(books).expecting(exit: 0).stdout.contains("bare.runbook")))
  }
}
