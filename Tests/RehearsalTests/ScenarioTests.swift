import FleetConfiguration
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import SimulatedWorld
import Testing

@testable import Rehearsal

@Suite struct ScenarioTests {
  /// The outcomes of the scenarios behind a runbook.
  private func outcomes(
    _ scenarios: String,
    of runbook: String = release,
    _ configuration: String = Rehearsal.standardConfiguration
  ) throws -> [ScenarioOutcome] {
    let (checked, source, configuration) = try runbookWithScenarios(runbook + "\n" + scenarios, configuration)
    let run = try ScenarioRun(runbook: checked, source: source, configuration: configuration, seed: 1)
    return try checked.scenarios.map { try run.run($0) }
  }

  private func runbookWithScenarios(
    _ text: String,
    _ configuration: String = Rehearsal.standardConfiguration
  ) throws -> (CheckedRunbook, SourceText, SourceText) {
    let configuration = SourceText(name: "slipway.yaml", text: configuration)
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
    ("production api logs 1 error per 1h", "ok"),
    ("production api logs 1 error per 10m", "failed at monitor"),
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
    ("production api does not answer after 5m", "failed at monitor"),
    ("production api is pushed again", "failed at monitor"),
    ("production is locked for 2h", "refused at promote"),
    ("production is frozen for 2h", "refused at promote"),
    ("production leads to another cluster", "undetermined"),
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
    #expect(events.first?.fault(in: runbook.fleet)?.effect.words == "production api crashes after 3m")
    #expect(Rehearsal.events(of: try runbookWithScenarios(release).0).isEmpty)
  }

  /// What explore calls a fault, `given` and `--fail` take.
  @Test(arguments: [
    "production api is set to v1.1.1 by hand", "production api is scaled to 0 by hand",
    "production api is deleted by hand", "production api heals itself", "production api scales to 5",
    "production api migrates for 2m", "production api cannot be migrated", "production api is evicted",
    "production api is drained", "production api does not answer", "production api is pushed again",
    "production is locked for 2h", "production is frozen for 2h", "production leads to another cluster",
    "metric \"rate\" of api in production has no data",
    "production api logs 1 error per 1h", "production api logs 20 errors per 1m",
  ]) func aFaultIsCalledAsItIsGiven(words: String) throws {
    let text = Rehearsal.source(SourceText(name: "test.runbook", text: release), given: [words])
    let (runbook, _, _) = try runbookWithScenarios(text.text(text.span))
    #expect(Rehearsal.events(of: runbook).map { $0.fault(in: runbook.fleet)?.effect.words } == [words])
  }

  @Test(arguments: [
    ("program \"npm run smoke\" fails", "failed at run"), ("program \"npm\" fails after 1m", "failed at run"),
    ("program \"npm run smoke\" never ends", "timed out at run"), ("the person says no", "refused at confirm"),
    ("the person never answers", "timed out at confirm"), ("program \"npm test\" fails", "ok"),
  ]) func programsAndPersonsAreGiven(given: String, expected: String) throws {
    let runbook = "validate staging api\nconfirm \"Go?\"\nrun \"npm run smoke\"\nrun \"npm {run.id}\""
    try expectMet("scenario \"one\" {\n  given \(given)\n  expect \(expected)\n}", of: runbook)
  }

  @Test func metricsAndAlertsAreGiven() throws {
    let configuration =
      Rehearsal.standardConfiguration + """
        metrics:
          address: http://prometheus.example:9090
          alerts: { app: "{service}" }
          queries: { error-rate: { query: "errors[{window}]", at-most: 0.1 } }

        """
    for (given, expected) in [
      ("alert \"TooSlow\" of api in production fires after 5m", "failed at monitor"),
      ("metric \"error-rate\" of api in production is 0.5 after 5m", "failed at monitor"),
      ("metric \"error-rate\" of api in production has no data after 5m", "undetermined at monitor"),
    ] {
      let text = "scenario \"one\" {\n  given \(given)\n  expect \(expected)\n}"
      for outcome in try outcomes(text, of: release, configuration) {
        #expect(outcome.unmet.isEmpty, "\(ScenarioMessages.failure(outcome, in: "test.runbook"))")
      }
      let (runbook, _, _) = try runbookWithScenarios(release + "\n" + text, configuration)
      let fault = try #require(runbook.scenarios.first?.events.first).fault(in: runbook.fleet)
      #expect(fault?.effect.words == given)
    }
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
    let report = JUnitReport.text(
      [ScenarioSuite(name: "a&b.runbook", runbook: "a&b.runbook", outcomes: [outcome])],
      Coverage()
    )
    #expect(report.contains("<testsuite name=\"a&amp;b.runbook\" tests=\"1\" failures=\"1\">"))
  }

  private func unmet(_ runbook: String, _ expectation: String) throws -> String? {
    let scenario = "scenario \"one\" {\n  \(expectation)\n}"
    let outcome = try #require(try outcomes(scenario, of: runbook, announcing).first)
    return outcome.unmet.first?.found
  }

  @Test func aTextWithTheWordOfAnAnnouncementIsNoSuchAnnouncement() throws {
    let text = "announce \"not complete: we planned more; rolled-back later\""
    for word in ["planned", "complete", "rolled-back"] {
      #expect(try unmet(text, "expect announced \(word)") == "`\(word)` was not announced")
    }
    let release = "validate staging api\npromote api by commit\nmonitor 30m\nannounce complete\nannounce \"x\""
    #expect(try unmet(release, "expect announced complete") == nil)
    #expect(try unmet(release, "expect announced planned") == "`planned` was not announced")
    // Nothing was taken back, so nothing was said of it.
    #expect(try unmet("announce rolled-back", "expect announced rolled-back") == "`rolled-back` reached nobody")
  }

  @Test func safeIsWhicheverVersionIsRight() throws {
    let bare = "validate staging api\npromote api by commit\nmonitor 30m"
    func unmet(_ given: String, _ others: String, of runbook: String) throws -> [ScenarioOutcome.Unmet] {
      let text = "scenario \"one\" {\n  \(given)\n  expect safe\n\(others)\n}"
      return try #require(try outcomes(text, of: runbook).first).unmet
    }
    let crash = "given production api crashes after 3m"
    #expect(try unmet("", "expect ok\nexpect api in production is v1.3.0", of: bare) == [])
    #expect(try unmet(crash, "expect exit 3\nexpect api in production is v1.2.2", of: quickRelease) == [])
    // Honest, and to be gone on with.
    let others = "given production api is set to v1.1.1 by hand after 20m"
    #expect(try unmet(others, "expect undetermined at monitor", of: bare) == [])
    let broken = try unmet(crash, "expect failed at monitor", of: bare)
    #expect(broken.map(\.expectation) == ["expect safe"])
    let found = try #require(broken.first).found
    #expect(found.contains("it ended *failed*, and in production api runs api-v1.3.0"), "\(found)")
    #expect(found.hasSuffix("(failed leaves production whole)"), "\(found)")
    let left = try unmet("", "expect pull request open", of: "validate staging api\npromote api\nfail \"no\"")
    #expect(left.map(\.found) == ["the run is over, and its pull request #101 stays open (nothing is left behind)"])
  }

  @Test func everyPrintedScenarioFailsWhereItWasFoundAndPassesWhereItIsMended() throws {
    let bare = "validate staging api\npromote api by commit\nmonitor 30m"
    let mended = try exploration(quickRelease)
    var printed = 0
    for future in try exploration(bare).singles() where future.faults.contains(where: \.isOutside) {
      guard let scenario = try exploration(bare).explore(future).unsafe?.scenario else { continue }
      printed += 1
      let outcome = try #require(try outcomes(scenario, of: bare).first)
      #expect(outcome.unmet.map(\.expectation) == ["expect safe"], "\(scenario)")
      guard try mended.explore(future).unsafe == nil else { continue }
      try expectMet(scenario, of: quickRelease)
    }
    #expect(printed > 10)
  }

  @Test func aPrintedScenarioSaysOnceWhatTheReviewerDoes() throws {
    let bare = "validate staging api\npromote api\nwait merge\nmonitor 30m"
    let faults = [Fault(.reviewer(.closes(after: .seconds(60)))), Fault(.reviewer(.merges(after: .seconds(120))))]
    let account = try exploration(bare).account(of: ExploredFuture(faults))
    let text = try #require(ScenarioText(account, fleet: try exploration(bare).runbook.fleet).text)
    #expect(text.contains("given the reviewer merges after 2m\n") && !text.contains("given the reviewer closes"))
    _ = try runbookWithScenarios(bare + "\n" + text)
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

  @Test func futuresOfProgramsPersonsAndStagingArePrintedAsScenarios() throws {
    let answer = "on failure { run \"notify oncall\"; confirm \"Back?\"; rollback promoted }"
    let bare = "validate staging api\npromote api by commit\nmonitor 30m\n\(answer)"
    let crash = Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(180)))))
    for (fault, words) in [
      (Fault(.call(.programRun, occurrence: 1, .fails(.refused))), "given program \"notify oncall\" fails"),
      (
        Fault(.call(.programRun, occurrence: 1, .hangs(for: .seconds(90_000)))),
        "given program \"notify oncall\" never ends"
      ),
      (Fault(.call(.personAsk, occurrence: 1, .fails(.refused))), "given the person says no"),
      (Fault(.call(.personAsk, occurrence: 1, .hangs(for: .seconds(90_000)))), "given the person never answers"),
    ] {
      let unsafe = try #require(try exploration(bare).explore(ExploredFuture([crash, fault])).unsafe)
      let scenario = try #require(unsafe.scenario)
      #expect(scenario.contains("  \(words)\n"), "\(scenario)")
      let outcome = try #require(try outcomes(scenario, of: bare).first)
      #expect(!outcome.unmet.isEmpty)
      let safe =
        "validate staging api\npromote api by commit\nmonitor 30m\n"
        + "on failure { rollback promoted; run \"notify oncall\"; confirm \"Well?\" }"
      try expectMet(scenario, of: safe)
    }
    let unwell = Fault(.image(ImageFault(api, in: staging, versions: .any, .health(.status(503), after: .zero))))
    let account = try exploration(bare).account(of: ExploredFuture([unwell]))
    let text = try #require(ScenarioText(account, fleet: try exploration(bare).runbook.fleet).text)
    #expect(text.contains("given staging api answers 503\n"), "\(text)")
  }
}

extension Fault {
  fileprivate var isOutside: Bool { if case .call = effect { false } else { true } }
}
