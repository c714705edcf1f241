import FleetConfiguration
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Testing

@testable import Rehearsal

@Suite struct ScenarioTests {
  /// The outcomes of the scenarios behind a runbook.
  private func outcomes(_ scenarios: String, of runbook: String = release) throws -> [ScenarioOutcome] {
    let (checked, source, configuration) = try runbookWithScenarios(runbook + "\n" + scenarios)
    let run = try ScenarioRun(runbook: checked, source: source, configuration: configuration, seed: 1)
    return try checked.scenarios.map { try run.run($0) }
  }

  private func runbookWithScenarios(_ text: String) throws -> (CheckedRunbook, SourceText, SourceText) {
    let configuration = SourceText(name: "slipway.yaml", text: Rehearsal.standardConfiguration)
    let fleet = try #require(FleetConfiguration.load(configuration).0)
    let source = SourceText(name: "test.runbook", text: text)
    let (file, syntax) = parse(source)
    let result = check(file, source: source, fleet: fleet)
    let runbook = try #require(result.runbook, "\(syntax) \(result.findings)")
    return (runbook, source, configuration)
  }

  private func expectMet(_ scenario: String, of runbook: String = release) throws {
    for outcome in try outcomes(scenario, of: runbook) {
      #expect(outcome.unmet.isEmpty, "\(ScenarioMessages.failure(outcome, in: "test.runbook"))")
    }
  }

  @Test func goodRelease() throws {
    try expectMet(
      """
      scenario "all is well" {
        expect ok
        expect exit 0
        expect api in production is v1.3.0
        expect pull request merged
        expect within 2h
      }
      """
    )
  }

  @Test func newImageThatCrashes() throws {
    try expectMet(
      """
      scenario "the new api crashes three minutes in" {
        given production api crashes after 3m
        given the reviewer merges after 20m
        expect failed at monitor
        expect exit 3
        expect api in production is v1.2.2
        expect web in production is v5.0.0
        expect pull request merged
      }
      """
    )
  }

  @Test(arguments: [
    ("production api cannot be pulled", "failed at monitor"),
    ("production web never becomes ready", "failed at monitor"),
    ("production api answers 503 after 5m", "failed at monitor"),
    ("production api logs 20 errors per 1m", "failed at monitor"),
    ("staging api crashes", "failed at validate"),
    ("production api syncs slowly by 5m", "ok"),
    ("production api is set to v1.1.1 by hand after 30m", "undetermined at monitor"),
    ("production api is scaled to 1 by hand after 30m", "undetermined at monitor"),
    ("production api is deleted by hand after 30m", "failed at monitor"),
    ("production api heals itself", "ok"),
    ("production api migrates for 2m", "ok"),
    ("production api cannot be migrated", "failed at monitor"),
    ("production api scales to 5 after 30m", "ok"),
    ("production api scales to 1 after 30m", "ok"),
    ("production api is evicted after 30m", "ok"),
    ("production api is drained after 30m", "ok"),
    ("the network is lost for 10m after 20m", "ok"),
    ("the reviewer closes after 5m", "refused at wait merge"),
    ("the reviewer never comes", "timed out at wait merge"),
    ("the reviewer edits api to v1.2.9", "failed at wait merge"),
    ("1 pushes are rejected", "refused at promote"),
    ("foreign commits every 90s", "ok"),
  ])
  func eachFormOfGiven(given: String, expected: String) throws {
    try expectMet("scenario \"one\" {\n  given \(given)\n  expect \(expected)\n}")
  }

  @Test func failIsReadLikeGiven() throws {
    let text = Rehearsal.source(
      SourceText(name: "test.runbook", text: release),
      given: [
        "production api crashes after 3m", "the reviewer merges after 20m",
      ]
    )
    let (runbook, _, _) = try runbookWithScenarios(text.text(text.span))
    let events = Rehearsal.events(of: runbook)
    #expect(events.map(\.text) == ["given production api crashes after 3m", "given the reviewer merges after 20m"])
    #expect(events.first?.fault(in: runbook.fleet).effect.words == "production api crashes after 3m")
    #expect(Rehearsal.events(of: try runbookWithScenarios(release).0).isEmpty)
  }

  /// What explore calls a fault, `given` and `--fail` take.
  @Test(arguments: [
    "production api is set to v1.1.1 by hand", "production api is scaled to 0 by hand",
    "production api is deleted by hand", "production api heals itself", "production api scales to 5",
    "production api migrates for 2m", "production api cannot be migrated", "production api is evicted",
    "production api is drained",
  ]) func aFaultIsCalledAsItIsGiven(words: String) throws {
    let text = Rehearsal.source(SourceText(name: "test.runbook", text: release), given: [words])
    let (runbook, _, _) = try runbookWithScenarios(text.text(text.span))
    #expect(Rehearsal.events(of: runbook).map { $0.fault(in: runbook.fleet).effect.words } == [words])
  }

  @Test func unmetExpectationsSayWhatIsSoInstead() throws {
    let outcome = try #require(
      try outcomes(
        """
        scenario "wrong" {
          given production api crashes after 3m
          expect ok
          expect exit 0
          expect api in production is v1.3.0
          expect no pull request
          expect within 1m
        }
        """
      ).first
    )
    #expect(outcome.unmet.map(\.line) == [8, 9, 10, 11, 12])
    #expect(outcome.unmet.map(\.expectation).first == "expect ok")
    #expect(outcome.unmet[0].found.contains("it ended failed"))
    #expect(outcome.unmet[1].found == "the exit status is 3")
    #expect(outcome.unmet[2].found.contains("runs api-v1.2.2"))
    #expect(outcome.unmet[3].found.contains("#101"))
    #expect(outcome.unmet[4].found.contains("it took"))
    let report = JUnitReport.text([("a&b.runbook", [outcome])])
    #expect(report.contains("<testsuite name=\"a&amp;b.runbook\" tests=\"1\" failures=\"1\">"))
  }

  @Test func coverageKnowsWhatNoScenarioReached() throws {
    let text = release + "\nscenario \"all is well\" { expect ok }"
    let (runbook, source, configuration) = try runbookWithScenarios(text)
    var coverage = Coverage(of: runbook)
    #expect(coverage.percent == 0)
    let run = try ScenarioRun(runbook: runbook, source: source, configuration: configuration, seed: 1)
    for scenario in runbook.scenarios { coverage.add(try run.run(scenario)) }
    #expect(coverage.missed.map(\.text) == ["rollback promoted"])
    #expect(coverage.percent == 80)
    #expect(coverage.failurePercent == 0)
  }

  @Test func storyOfExploreIsAScenarioThatFails() throws {
    // What `explore` prints to paste fails on the runbook that it was found in.
    let bare = "validate staging api\npromote api by commit\nmonitor 30m"
    let future = try #require(
      try exploration(bare).singles().first { $0.name == "production api crashes after 3m" }
    )
    let scenario = try #require(try exploration(bare).explore(future).unsafe?.scenario)
    let outcome = try #require(try outcomes(scenario, of: bare).first)
    #expect(!outcome.unmet.isEmpty)
    try expectMet(scenario, of: quickRelease)
  }
}
