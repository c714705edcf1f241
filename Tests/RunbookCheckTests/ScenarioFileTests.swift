import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Testing

/// Scenarios that stand beside the runbook that they test.
@Suite struct ScenarioFileTests {
  private static let files = [
    "books/release.runbook": """
    import "../common.runbook"
    procedure tell() { show versions }
    validate staging api
    promote api by commit
    tell()
    watch(api)
    on failure { rollback promoted }
    scenario "its own" { expect ok }
    """,
    "common.runbook": "procedure watch(services) {\n  monitor 30m production services\n}",
    "wrong.runbook": "validate stagin api",
    "unreadable.runbook": "validte staging api",
    "warned.runbook": "validate staging api\npromote api by commit",
  ]

  private func check(_ text: String) throws -> Checked {
    Checked(text, named: "tests.runbook", fleet: try CaseFleet.load(), files: Self.files)
  }

  @Test func aFileOfScenariosTestsTheRunbookThatItImports() throws {
    let checked = try check(
      """
      # What can go wrong on a Friday.
      runbook "Tests of the release"
      import "books/release.runbook"
      scenario "good" { expect ok }
      scenario "bad" {
        given production api crashes
        expect failed at monitor
        expect timed out at wait merge
      }
      """
    )
    #expect(checked.findings.isEmpty, "\(checked.rendered)")
    let tested = try #require(checked.result.tested)
    #expect(tested.source.name == "books/release.runbook")
    #expect(tested.runbook.scenarios.map(\.title) == ["good", "bad"])
    #expect(tested.runbook.scenarios.map(\.line) == [4, 5])
    #expect(tested.runbook.body.statements.count == 4)
    #expect(Array(tested.runbook.imports.keys) == ["../common.runbook"])
    // Whoever runs the file of scenarios runs nothing.
    let own = try #require(checked.result.runbook)
    #expect(own.body.statements.isEmpty && own.scenarios.isEmpty)
  }

  @Test(arguments: [
    ("import \"books/release.runbook\"\nscenario \"x\" { expect failed at tel }", "tests.runbook", "expected a verb"),
    ("import \"gone.runbook\"\nscenario \"x\" { expect ok }", "tests.runbook", "cannot be read"),
    ("import \"/etc/x.runbook\"\nscenario \"x\" { expect ok }", "tests.runbook", ""),
    ("import \"wrong.runbook\"\nscenario \"x\" { expect ok }", "wrong.runbook", "unknown environment `stagin`"),
    ("import \"unreadable.runbook\"\nscenario \"x\" { expect ok }", "unreadable.runbook", "unknown statement"),
    (
      "import \"common.runbook\"\nscenario \"x\" { expect ok }", "tests.runbook",
      "`common.runbook` has nothing to run that scenarios could test"
    ),
    (
      "import \"books/release.runbook\"\nimport \"common.runbook\"\nscenario \"x\" { expect ok }", "tests.runbook",
      "a file of scenarios imports the one runbook that it tests"
    ),
    // With anything else in it, it is a runbook, and what it imports has procedures only.
    (
      "import \"books/release.runbook\"\nwait 5m\nscenario \"x\" { expect ok }", "books/release.runbook",
      "an imported file has procedures and imports only"
    ),
    (
      "import \"books/release.runbook\"\nscenario \"x\" { given prod api crashes }", "tests.runbook",
      "unknown environment"
    ),
  ])
  func mistakesAreFoundWhereTheyStand(text: String, file: String, summary: String) throws {
    let checked = try check(text)
    #expect(
      checked.findings.contains { $0.source.name == file && $0.isError && $0.diagnostic.summary.contains(summary) },
      "\(checked.rendered)"
    )
    #expect(checked.result.tested == nil && checked.result.runbook == nil)
  }

  @Test func warningsOfTheRunbookAreItsOwn() throws {
    let checked = try check("import \"warned.runbook\"\nscenario \"x\" { expect undetermined }")
    #expect(checked.findings.isEmpty, "\(checked.rendered)")
    #expect(checked.result.tested != nil)
  }
}
