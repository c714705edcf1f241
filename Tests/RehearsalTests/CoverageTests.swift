import FleetConfiguration
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Testing

@testable import Rehearsal

@Suite struct CoverageTests {
  /// What the scenarios of a runbook came by.
  private func coverage(_ text: String, imports: [String: String] = [:]) throws -> Coverage {
    let configuration = SourceText(name: "slipway.yaml", text: announcing)
    let fleet = try #require(FleetConfiguration.load(configuration).0)
    let source = SourceText(name: "test.runbook", text: text)
    let (file, syntax) = parse(source)
    let result = check(file, source: source, fleet: fleet, imports: .stored(imports))
    let runbook = try #require(result.runbook, "\(syntax) \(result.findings)")
    var coverage = Coverage(of: runbook, named: "a/tests/../test.runbook")
    #expect(coverage.statements.allSatisfy { $0.scenarios == 0 })
    let run = try ScenarioRun(runbook: runbook, source: source, configuration: configuration, seed: 1)
    for scenario in runbook.scenarios {
      let outcome = try run.run(scenario)
      #expect(outcome.unmet.isEmpty, "\(ScenarioMessages.failure(outcome, in: "test.runbook"))")
      coverage.add(outcome)
    }
    return coverage
  }

  @Test func itKnowsWhatNoScenarioReached() throws {
    let coverage = try coverage(release + "\nscenario \"all is well\" { expect ok }")
    #expect(coverage.missed.map(\.text) == ["rollback promoted"])
    #expect(coverage.percent == 80)
    #expect(coverage.failurePercent == 0)
  }

  @Test func statementsOnOneLineAreToldApart() throws {
    let coverage = try coverage(
      """
      validate staging api; promote api by commit; if version of api in production is v9.9.9 { fail "no" } else { monitor 30m }; on failure { rollback promoted; announce "x" }
      scenario "good" { expect ok }
      """
    )
    #expect(coverage.missed.map(\.text) == ["fail \"no\"", "rollback promoted", "announce \"x\""])
    #expect(coverage.percent == 57)
    #expect(coverage.failurePercent == 0)
  }

  @Test func aLineOfAnImportedFileIsNoneOfTheRunbooks() throws {
    let coverage = try coverage(
      """
      import "lib.runbook"
      validate staging api
      promote api by commit
      watch()
      on failure {
        rollback promoted
      }
      scenario "good" { expect ok }
      """,
      imports: ["lib.runbook": "procedure watch() {\n\n\n\n\n  monitor 30m\n  on failure { announce \"x\" }\n}"]
    )
    #expect(coverage.files == ["a/test.runbook", "a/lib.runbook"])
    #expect(coverage.missed.map(\.text) == ["rollback promoted", "announce \"x\""])
    let own = coverage.of("a/test.runbook")
    #expect(own.statements.map(\.line) == [2, 3, 4, 6])
    #expect(own.percent == 75)
    let lib = coverage.of("a/lib.runbook")
    #expect(lib.statements.map(\.line) == [6, 7])
    #expect(lib.failurePercent == 0)
  }

  @Test func aProcedureCountsOnceAndOnceMoreWhereItAnswersFailures() throws {
    let runbook = """
      procedure tell(what) {
        announce "{what}"
      }
      validate staging api
      tell("one")
      for one in api {
        retry 2 times { tell("two") }
      }
      promote api by commit
      monitor 30m
      on failure {
        rollback promoted
        tell("three")
      }

      """
    let good = "scenario \"good\" { expect ok }\n"
    let bad = "scenario \"bad\" {\n  given production api crashes\n  expect failed\n}\n"
    let once = try coverage(runbook + good)
    #expect(once.statements.count { $0.text == "announce \"{what}\"" } == 2)
    #expect(once.missed.map(\.line) == [2, 12, 13])
    #expect(once.missed.allSatisfy { $0.isInFailureBranch })
    let both = try coverage(runbook + good + bad)
    #expect(both.percent == 100)
    #expect(both.failurePercent == 100)
    #expect(both.statements.map(\.scenarios) == [2, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1])
  }

  @Test func whatSeveralFilesOfScenariosCameByIsAddedUp() throws {
    let runbook = release + "\n"
    let good = try coverage(runbook + "scenario \"good\" { expect ok }")
    let bad = try coverage(runbook + "scenario \"bad\" { given production api crashes; expect failed }")
    var both = Coverage()
    both.add(good)
    #expect(both == good)
    both.add(bad)
    #expect(both.statements.map(\.scenarios) == [2, 2, 2, 2, 1])
    #expect(both.files == ["a/test.runbook"])
  }

  @Test(arguments: [
    ("a.runbook", "a.runbook"), ("./a.runbook", "a.runbook"), ("x/../a.runbook", "a.runbook"),
    ("../a.runbook", "../a.runbook"), ("../x/../../a.runbook", "../../a.runbook"), ("/x/../a.runbook", "/a.runbook"),
    ("/../a.runbook", "/../a.runbook"), ("x/y/../../z/a.runbook", "z/a.runbook"),
  ]) func aPathIsFolded(path: String, folded: String) {
    #expect(Coverage.folded(path) == folded)
  }

  @Test func reportsAreLineByLine() throws {
    let text = "validate staging api; if version of api in production is v9.9.9 { fail \"no\" }\nwait 5m\n"
    let coverage = try coverage(text + "scenario \"good\" { expect ok }\n")
    let listing = ScenarioMessages.listing("a/test.runbook", SourceText(name: "x", text: text), coverage)
    #expect(
      listing.split(separator: "\n").map(String.init) == [
        "a/test.runbook: how many scenarios came by each statement",
        "! 1/1/0  1 | validate staging api; if version of api in production is v9.9.9 { fail \"no\" }",
        "      1  2 | wait 5m",
      ]
    )
    #expect(
      LCOVReport.text(coverage)
        == "TN:\nSF:a/test.runbook\nDA:1,0\nDA:2,1\nLF:2\nLH:1\nend_of_record\n"
    )
    let suites = [
      ScenarioSuite(name: "a/test.runbook", runbook: "a/test.runbook"),
      ScenarioSuite(name: "b.runbook", runbook: "b.runbook", mistake: "b.runbook:1: unknown <x>\nmore"),
    ]
    let junit = JUnitReport.text(suites, coverage)
    #expect(junit.contains("<property name=\"coverage.statements\" value=\"75\"/>"))
    #expect(junit.contains("<property name=\"coverage.missed-lines\" value=\"1\"/>"))
    #expect(junit.contains("<testsuite name=\"b.runbook\" tests=\"1\" failures=\"0\" errors=\"1\">"))
    #expect(junit.contains("<error message=\"b.runbook:1: unknown &lt;x&gt;\">"))
  }
}
