import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `announce`: the guide's messages, filled in by the run.
@Suite struct AnnounceTests {
  /// Two places, and a dashboard for the api.
  private static func configured(
    _ text: String,
    _ places: String = "{ team: { webhook: SLACK_URL }, ops: { command: [notify] } }"
  )
    -> Future
  { Future(text).configured("announce: { places: \(places) }") }

  private func texts(_ told: Told, at place: String = "team") -> [String] {
    told.stage.simulated.announcements.filter { $0.place == place }.map(\.announcement.text)
  }

  private static let guided = """
    validate staging api
    announce planned
    promote api by commit because "User authentication improvements"
    monitor 30m
    announce complete
    on failure { rollback promoted; announce rolled-back }
    """

  @Test func plannedAndCompleteHaveTheFieldsOfTheGuide() throws {
    let told = try Self.configured(Self.guided).run()
    #expect(told.ending == .ok, "\(told.story)")
    let texts = texts(told)
    try #require(texts.count == 2)
    #expect(texts[0].hasPrefix("🚀 Deployment to production planned\nService: api v1.3.0\nTime: 2026-01-05 18:0"))
    #expect(texts[0].contains("\nChanges: User authentication improvements\n"))
    #expect(texts[0].contains("\nValidated: ✅ in staging: "), "\(texts[0])")
    #expect(texts[0].contains("\nRisk level: Medium\nRollback plan: revert to api v1.2.2\n"))
    #expect(texts[1].hasPrefix("✅ Deployment to production complete\nService: api v1.3.0\nDeployed at: 2026-01-05 18:"))
    #expect(texts[1].contains("\nStatus: Healthy, no errors detected\n"))
    #expect(!texts[1].contains("Monitoring"), "a line without a value is left out: \(texts[1])")
    #expect(self.texts(told, at: "ops") == texts)
    #expect(told.events.count { $0.name == "announced" } == 4)
  }

  @Test func rolledBackSaysWhatCameBackAndWhy() throws {
    let told = try Self.configured(Self.guided).with(api, .crashes(after: .seconds(180))).run()
    #expect(told.exit == 3, "\(told.story)")
    let text = try #require(texts(told).last)
    #expect(text.hasPrefix("⏪ Deployment to production rolled back\nService: api v1.2.2\n"), "\(text)")
    #expect(text.contains("\nReason: "))
    #expect(text.contains("\nStatus: git and cluster have the former versions again\n"))
  }

  // MARK: Complete

  private static let always = """
    validate staging api, web
    promote api, web by commit
    WATCH
    finally { announce complete }
    """

  /// Rule 4 in what people are told: whatever looked last must have ended well, at every service.
  @Test(arguments: ["monitor 30m", "wait rollout\nmonitor 30m", "monitor 30m\nverify"])
  func whatALookFoundBadIsNotAnnouncedAsComplete(watch: String) throws {
    let told = try Self.configured(Self.always.replacing("WATCH", with: watch))
      .with(api, .crashes(after: .seconds(180))).run()
    #expect(told.exit == 1, "\(told.story)")
    #expect(texts(told).isEmpty, "\(texts(told))")
    let warning = try #require(told.warnings.first { $0.contains("not announced as complete") }, "\(told.story)")
    #expect(warning.contains("`monitor 30m` ended *failed*: api: "), "\(warning)")
  }

  @Test(arguments: ["wait 1m", "wait sync"]) func whatNobodyLookedAtIsNotAnnouncedAsComplete(watch: String) throws {
    let told = try Self.configured(Self.always.replacing("WATCH", with: watch)).run()
    #expect(told.exit == 4, "\(told.story)")
    #expect(texts(told).isEmpty, "\(texts(told))")
    #expect(told.warnings.contains { $0.contains("nothing has looked at api, web since") }, "\(told.story)")
  }

  @Test func whatWasLookedAtAgainAndIsWellIsAnnounced() throws {
    let text = Self.always.replacing("WATCH", with: "retry 3 times every 10m { monitor 5m }")
    let told = try Self.configured(text).with(.networkLost(for: .seconds(900)), .afterPromotion(.seconds(200))).run()
    #expect(told.ending == .ok, "\(told.story)")
    let endings = told.events.compactMap { event -> Ending? in
      guard event.step?.verb == "monitor", case .stepEnded(let ending, _) = event.body else { return nil }
      return ending
    }
    #expect(endings.first == .undetermined && endings.last == .ok, "\(told.story)")
    #expect(texts(told).count == 1)
  }

  /// What the monitor of an earlier process found is not forgotten.
  @Test func aResumedRunKnowsWhatALookFound() throws {
    let text = Self.always.replacing("WATCH", with: "monitor 30m").replacing("{ announce", with: "{ wait 1h; announce")
    let stage = try Self.configured(text).with(api, .crashes(after: .seconds(180))).stage()
    let cut = try stage.run(text, dying: .interrupted(after: .seconds(1800)))
    #expect(cut.ending == .interrupted && cut.ending(of: "monitor") == .failed, "\(cut.story)")
    let told = try stage.run(text)
    #expect(told.exit == 1, "\(told.story)")
    #expect(texts(told).isEmpty, "\(texts(told))")
    #expect(told.warnings.contains { $0.contains("`monitor 30m` ended *failed*: api: ") }, "\(told.story)")
  }

  @Test func nothingIsClaimedThatDidNotHappen() throws {
    let told = try Self.configured("announce complete\nannounce rolled-back\nannounce planned").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(texts(told).isEmpty)
    #expect(told.message(of: "announce").contains("nothing was planned"))
  }

  @Test func dashboardsAndTemplatesAreTheConfigurations() throws {
    let told = try Future("validate staging api\nannounce planned\npromote api by pr")
      .configured(
        "announce: { places: { team: { webhook: SLACK_URL } }, templates: { planned: \"{services}: {monitoring}\\nout\" } }"
      )
      .replacing("api:\n", "api:\n    dashboard: \"https://grafana.example.org/d/{environment}-api\"\n").run()
    #expect(texts(told) == ["api v1.3.0: https://grafana.example.org/d/production-api\nout"], "\(told.story)")
  }

  // MARK: Places

  @Test func onePlaceIsNamedWithTo() throws {
    let told = try Self.configured("announce \"all is well\" to ops").run()
    #expect(texts(told).isEmpty)
    #expect(texts(told, at: "ops") == ["all is well"])
  }

  // Where there are places, the checker knows them.
  @Test func noPlaceIsRefusedBeforeAnythingIsDone() throws {
    let none = try Future("validate staging api\npromote api by commit\nmonitor 30m\nannounce \"hello\" to team").run()
    #expect(none.exit == 2 && none.message.contains("no place to announce to is configured"))
    none.expectUntouched()
  }

  // MARK: When a place does not answer

  @Test func unreachableChatStopsNoRollback() throws {
    var future = Self.configured(
      """
      validate staging api
      promote api by commit
      monitor 30m
      on failure { announce "it fails"; rollback promoted; announce rolled-back }
      """,
      "{ team: { webhook: SLACK_URL } }"
    ).with(api, .crashes(after: .seconds(180)))
    for occurrence in 1...20 { future = future.with(.call(.announce, occurrence: occurrence, .fails(.unreachable))) }
    let told = try future.run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2")
    #expect(told.warnings.contains { $0.contains("not announced to team") })
    #expect(texts(told).isEmpty)
    // Nor is it kept waiting for as long as a message may be sent again.
    let failed = try #require(told.events.first { $0.name == "step.ended" && $0.step?.verb == "monitor" })
    let rescue = try #require(told.events.first { $0.name == "step.started" && $0.step?.verb == "rollback" })
    #expect(rescue.time - failed.time <= .seconds(10))
  }

  @Test func whatSurelyDidNotArriveIsSentAgain() throws {
    let told = try Self.configured("announce \"hello\" to team")
      .with(.call(.announce, occurrence: 1, .fails(.unreachable))).run()
    #expect(texts(told) == ["hello"], "\(told.story)")
  }

  @Test func whatMayHaveArrivedIsNotSentAgain() throws {
    let told = try Self.configured("announce \"hello\" to team").with(.call(.announce, occurrence: 1, .answerLost))
      .run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(texts(told) == ["hello"])
    #expect(told.warnings.contains { $0.contains("not announced to team") })
  }

  // MARK: Resuming

  @Test(arguments: 1...14)
  func resumedRunSendsNothingTwice(write: Int) throws {
    let text = "announce \"first\" to team\nwait 1m\nannounce \"second\" to team"
    let stage = try Self.configured(text).stage()
    let first = try stage.run(text, dying: .atWrite(write))
    let second = first.ending == .ok ? first : try stage.run(text)
    #expect(second.ending == .ok, "\(second.story)")
    let arrived = texts(second)
    #expect(arrived.count <= 2 && Set(arrived).count == arrived.count, "\(arrived)")
    // One that did not arrive, or of which nobody knows, is told.
    for message in ["first", "second"] where !arrived.contains(message) {
      #expect(second.warnings.contains { $0.contains("whether it arrived is not known") }, "\(second.story)")
    }
  }

  // MARK: Secrets

  @Test func secretsStandInNothingThatIsSentShownOrStored() throws {
    let text = """
      let token = env("DEPLOY_TOKEN")
      validate staging api
      promote api by pr because "with {token}"
      announce "the token is {token}, the hook https://u:pw@example.org"
      run "echo {token}"
      """
    var future = Self.configured(text)
    future.standIns.variables = [
      "DEPLOY_TOKEN": "s3cr3t-value_1", "SLACK_URL": "https://hooks.slack.com/services/T0/B0/x",
    ]
    let stage = try future.stage()
    let told = try stage.run(text)
    #expect(texts(told) == ["the token is ***, the hook https://***@example.org"], "\(told.story)")
    #expect(!told.story.contains("s3cr3t-value"))
    let pull = try #require(stage.pullRequests.first)
    #expect(stage.simulated.forge.body(of: pull.number)?.contains("with \\*\\*\\*") == true)
    #expect(stage.commitsOfRuns.allSatisfy { !$0.subject.contains("s3cr3t") })
    for record in try stage.journal.steps(of: told.run) {
      #expect(record.outcome?.message.contains("s3cr3t-value") != true)
    }
  }
}

/// The risk of a change, by SemVer.
@Suite struct RiskLevelTests {
  @Test(
    arguments: [
      ("1.2.2", "1.2.3", RiskLevel.low), ("1.2.2", "1.3.0", .medium), ("1.2.2", "2.0.0", .high),
      ("1.2.2", "1.2.1", .high), ("0.2.0", "0.3.0", .high), ("0.2.0", "0.2.1", .low),
    ]
  )
  func riskIsThatOfTheStep(from: String, to: String, level: RiskLevel) {
    #expect(RiskLevel(from: Version(from), to: Version(to)) == level)
  }

  @Test func newServiceIsOfMediumRisk() { #expect(RiskLevel(from: nil, to: Version("1.0.0")) == .medium) }
}
