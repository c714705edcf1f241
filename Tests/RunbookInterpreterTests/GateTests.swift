import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `require`, `confirm`, `wait until`, and what this version cannot do.
@Suite struct GateTests {
  // MARK: require

  @Test func requirementThatHoldsTellsWhatWasSeen() throws {
    let told = try Future("require version of api in staging > version of api in production").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "require") == "version of api in staging is 1.3.0; version of api in production is 1.2.2")
  }

  @Test func requirementThatDoesNotHoldIsRefusedWithTheValues() throws {
    let told = try Future("require version of api in staging is version of api in production").run()
    #expect(told.exit == 2)
    #expect(
      told.message.contains("does not hold: version of api in staging is version of api in production"),
      "\(told.message)"
    )
    #expect(told.message.contains("(version of api in staging is 1.3.0; version of api in production is 1.2.2)"))
    let named = try Future("input size = 5\nrequire size < 3 else \"too many: {size}\"").run()
    #expect(named.message == "too many: 5 (size is 5)")
  }

  // MARK: Windows: the simulated clock starts on Monday 2026-01-05 at 18:00 UTC

  @Test(
    arguments: [
      ("weekdays 18:00 to 22:00 \"UTC\"", true), ("weekdays 18:01 to 22:00 \"UTC\"", false),
      ("weekdays 12:00 to 18:00 \"UTC\"", false), ("weekends 18:00 to 22:00", false), ("daily 17:00 to 02:00", true),
      ("monday 22:00 to 19:00", false), ("sunday 22:00 to 19:00", true),
    ]
  )
  func windowIsOfItsDaysAndTimes(window: String, holds: Bool) throws {
    let told = try Future("require window \(window)").run()
    #expect(told.ending == (holds ? .ok : .refused), "\(told.story)")
    #expect(holds || told.message.contains("it is Monday 18:00 in UTC"))
  }

  struct Ahead: TimeZoneReading {
    func secondsAheadOfUTC(in zone: String, at time: Timestamp) throws -> Int { 5 * 3600 + 1800 }
  }

  @Test func windowIsOfItsZone() throws {
    let text = "require window weekdays 23:00 to 23:59 \"Asia/Kolkata\""
    let told = try Future(text).standingIn { $0.zones = Ahead() }.run()
    #expect(told.ending == .ok, "\(told.story)")
    let unknown = try Future(text).run()
    #expect(unknown.ending == .refused)
    #expect(unknown.message.contains("Asia/Kolkata"))
  }

  @Test func configuredWindowIsAskedFor() throws {
    let none = try Future("require window").run()
    #expect(none.ending == .refused)
    #expect(none.message.contains("no window is configured"))
    func window(_ from: String) -> Future {
      Future("require window").configured(
        "policy: { window: { days: weekdays, from: \"\(from)\", to: \"22:00\", zone: UTC } }"
      )
    }
    #expect(try window("18:00").run().ending == .ok)
    #expect(try window("19:00").run().ending == .refused)
  }

  // MARK: wait until

  @Test func waitUntilATimeOfDayIsTheNextOne() throws {
    #expect(try Future("wait until 18:30").run().elapsed == .seconds(1800))
    #expect(try Future("wait until 18:00").run().elapsed == .zero)
    #expect(try Future("wait 1m; wait until 18:00").run().elapsed == .seconds(86_400))
    #expect(
      try Future("wait until 23:45").standingIn { $0.zones = Ahead() }
        .configured("policy: { window: { days: daily, from: \"18:00\", to: \"22:00\", zone: Asia/Kolkata } }")
        .run().elapsed == .seconds(900)
    )
  }

  @Test func waitUntilSaysWhichMomentThatIs() throws {
    func lines(_ told: Told) -> [String] {
      told.events.compactMap { event in
        switch event.body {
        case .progress(let message), .warning(let message): message
        default: nil
        }
      }
    }
    let today = lines(try Future("wait until 18:30").run())
    #expect(today == ["until Monday 18:30 in UTC (2026-01-05), in 30m"])
    let tomorrow = lines(try Future("wait 1m; wait until 18:00").run())
    #expect(
      tomorrow.contains(
        "18:00 is past today: it is Monday 18:01 in UTC (2026-01-05), so this waits for Tuesday 18:00 in UTC (2026-01-06)"
      )
    )
    #expect(tomorrow.last == "until Tuesday 18:00 in UTC (2026-01-06), in 23h59m")
    let elsewhere = try Future("wait until 23:45").standingIn { $0.zones = Ahead() }
      .configured("policy: { window: { days: daily, from: \"18:00\", to: \"22:00\", zone: Asia/Kolkata } }").run()
    #expect(lines(elsewhere) == ["until Monday 23:45 in Asia/Kolkata (2026-01-05T18:15:00Z), in 15m"])
  }

  @Test func waitUntilAMomentThatIsPastDoesNotWait() throws {
    #expect(try Future("wait until 2026-01-05T18:00:30+00:00").run().elapsed == .seconds(30))
    let told = try Future("wait until 2025-12-24T18:00+00:00").run()
    #expect(told.ending == .ok)
    #expect(told.elapsed == .zero)
  }

  // MARK: confirm

  @Test func peopleAreAsked() throws {
    let told = try Future("input what = \"this\"\nconfirm \"Go on with {what}?\"\nrun \"next\"").run()
    #expect(told.ending == .ok, "\(told.story)")
    let body = RunEvent.Body.confirmed(question: "Go on with this?", answer: true, by: "somebody@rehearsal")
    #expect(told.events.contains { $0.body == body })
    #expect(told.stage.simulated.commands.lines == ["next"])
  }

  @Test func noIsRefused() throws {
    let told = try Future("confirm \"Go on?\"; run \"never\"")
      .standingIn { $0.person = .answersNo(after: .seconds(5)) }.run()
    #expect(told.exit == 2)
    #expect(told.message.contains("answered no to: Go on?"))
    #expect(told.stage.simulated.commands.lines.isEmpty)
  }

  @Test func nobodyToAskIsFoundOutBeforeAnythingIsDone() throws {
    let told = try Future("validate staging api; promote api by commit; wait rollout; confirm \"Well?\"")
      .standingIn { $0.person = .isAbsent }.run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.begun.isEmpty)
    #expect(told.message.contains("`--yes` answers yes"))
    told.expectUntouched()
    let perhaps = Future("input ask = false\nif ask { confirm \"Well?\" }").standingIn { $0.person = .isAbsent }
    #expect(try perhaps.run().ending == .ok)
    #expect(try perhaps.set("ask=true").run().ending == .refused)
  }

  @Test func personWhoDoesNotAnswerHasADeadline() throws {
    let told = try Future("confirm \"Well?\"").standingIn { $0.person = .neverAnswers }.run()
    #expect(told.ending == .timedOut)
    #expect(told.elapsed == .seconds(3600))
  }

  // MARK: run

  @Test func wordsAreNeverSplitAgain() throws {
    let told = try Future("input name = \"a b; rm -rf /\"\nrun \"echo {name} 'two words'\" in \"tests\" within 1m")
      .run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.output.first?.contains("simulated, not run") == true)
    #expect(told.stage.simulated.commands.lines == ["echo a b; rm -rf / two words"])
  }

  @Test func statusThatIsNotZeroFailsWithTheLastLines() throws {
    let lines = (1...700).map { CommandOutput($0.isMultiple(of: 2) ? .error : .output, "line \($0)") }
    let told = try Future("run \"smoke\"").standingIn { $0.programs = [.init("smoke", status: 2, output: lines)] }.run()
    #expect(told.ending == .failed)
    #expect(
      told.message == "it ended with status 2; its last lines: line 696 / line 697 / line 698 / line 699 / line 700"
    )
    #expect(told.output.count == 500)
    #expect(told.progress.contains("200 more lines are not shown"))
  }

  @Test func programHasADeadline() throws {
    let slow = StandIns.Program("slow", duration: .seconds(5000))
    let told = try Future("run \"slow\"").standingIn { $0.programs = [slow] }.run()
    #expect(told.ending == .timedOut)
    #expect(told.elapsed == .seconds(600))
    #expect(try Future("run \"slow\" within 2m").standingIn { $0.programs = [slow] }.run().elapsed == .seconds(120))
    #expect(told.stage.simulated.commands.endedLines.isEmpty)
  }

  // MARK: show

  @Test func tablesAreShown() throws {
    let told = try Future("show status production; show versions; show history production api; show pods staging").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.tables.map(\.title) == ["status", "versions", "history", "pods"])
    let status = try #require(told.tables.first)
    #expect(status.columns.count == 7)
    #expect(
      status.rows.contains { $0[0] == "production" && $0[1] == "api" && $0[2] == "api-v1.2.2" && $0[4] == "synced" }
    )
    let versions = told.tables[1]
    #expect(versions.columns == ["SERVICE", "STAGING", "PRODUCTION"])
    #expect(versions.rows.contains(["api", "api-v1.3.0", "api-v1.2.2"]))
    #expect(versions.rows.contains { $0[0] == "docs" && $0[2].hasSuffix("(disabled)") })
    #expect(!told.tables[2].rows.isEmpty && told.tables[2].rows.allSatisfy { $0[1] == "api" })
    #expect(told.tables.allSatisfy { table in table.rows.allSatisfy { $0.count == table.columns.count } })
    told.expectUntouched()
  }

  @Test func suspendedAutoSyncIsShownWithWhoSuspendedIt() throws {
    let stage = try Future("show status production").stage()
    try stage.do { world in
      _ = try await world.writing.delivery.carryOut(.suspendAutoSync(by: "run-0"), for: api, in: production)
    }
    let told = try stage.run("show status production")
    let rows = try #require(told.tables.first).rows
    #expect(rows.contains { $0[1] == "api" && $0[4] == "synced, auto-sync suspended by run-0" }, "\(rows)")
    #expect(rows.contains { $0[1] == "web" && $0[4] == "synced" })
  }

  @Test func logsAreShownLineByLine() throws {
    let told = try Future("show logs production api").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(!told.logLines.isEmpty)
    #expect(told.message(of: "show") == "\(told.logLines.count) lines")
  }

  @Test func logsAreFollowedAndNoLineIsShownTwice() throws {
    let told = try Future("show logs production api follow").with(api, .logsErrors(perMinute: 6, after: .zero))
      .configured("policy: { deadlines: { follow: 10m } }").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.elapsed >= .seconds(600) && told.elapsed < .seconds(620))
    let lines = told.events.compactMap { event -> String? in
      if case .logLine(let pod, _, let line) = event.body { "\(pod) \(line)" } else { nil }
    }
    #expect(lines.count > 100 && Set(lines).count == lines.count)
  }

  @Test func diffShowsWhatAPromotionWouldChangeAndChangesNothing() throws {
    let told = try Future("show diff production api").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.tables.first?.columns == ["SERVICE", "PRODUCTION", "WOULD BE"])
    #expect(told.tables.first?.rows == [["api", "api-v1.2.2", "api-v1.3.0"]])
    #expect(told.message(of: "show") == "1 file would change")
    let promoted = try Future(quickRelease).run()
    guard case .planned(_, let diffs) = promoted.first("planned")?.body else {
      Issue.record("\(promoted.story)")
      return
    }
    #expect(told.tables.dropFirst().flatMap(\.columns) == diffs.map(\.file))
    let lines = told.tables.dropFirst().flatMap(\.rows).flatMap(\.self)
    #expect(lines == diffs.flatMap { $0.unified.split(separator: "\n").map(String.init) })
    told.expectUntouched()
  }

  @Test func diffOfEverythingIsWhatPromoteAllWouldTake() throws {
    let told = try Future("show diff").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.tables.first?.rows.map(\.first) == ["api", "web", "project-management"])
    told.expectUntouched()
  }

  @Test func diffOfAnEnvironmentThatNothingIsPromotedToIsRefused() throws {
    let told = try Future("show diff staging").run()
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("nothing is promoted to staging"))
  }

  @Test func diffAfterAPromotionIsEmpty() throws {
    let told = try Future("validate staging api; promote api by commit; monitor 30m; show diff production api").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "show") == "nothing would change")
    #expect(told.tables.map(\.rows) == [[]])
  }

  // MARK: Windows of a run that is gone on with

  private static let inWindow = "require window weekdays 18:00 to 22:00 \"UTC\"\n"
  private static let later = "validate staging api\nwait 1h\npromote api by commit\nmonitor 30m"

  @Test func windowIsAskedForAgainBeforeAResumedRunPromotes() throws {
    let text = Self.inWindow + Self.later
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(600))).ending == .interrupted)
    try stage.pass(.seconds(4 * 3600))
    let told = try stage.run(text)
    #expect(told.exit == 2 && told.ending(of: "promote") == .refused, "\(told.story)")
    #expect(told.message.contains("the run was gone on with when its window was closed"), "\(told.message)")
    #expect(told.message.contains("it is Monday 22:10 in UTC"), "\(told.message)")
    told.expectUntouched()
  }

  @Test func windowThatIsOpenStillLetsAResumedRunGoOn() throws {
    let text = Self.inWindow + Self.later
    let stage = try Future(text).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    try stage.pass(.seconds(3600))
    #expect(try stage.run(text).ending == .ok)
  }

  @Test func configuredWindowIsAskedForAgainToo() throws {
    let text = "require window\n" + Self.later
    let stage = try Future(text).configured(
      "policy: { window: { days: weekdays, from: \"18:00\", to: \"22:00\", zone: UTC } }"
    ).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    try stage.pass(.seconds(5 * 3600))
    #expect(try stage.run(text).ending(of: "promote") == .refused)
  }

  @Test func mergeOfAResumedRunAsksAgain() throws {
    let text =
      Self.inWindow + "validate staging api\npromote api\nmerge within 20h\nmonitor 30m\n"
      + "on failure { rollback promoted }"
    let stage = try Future(text).with(.reviewer(.merges(after: .seconds(5 * 3600)))).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(600))).ending == .interrupted)
    try stage.pass(.seconds(4 * 3600))
    let told = try stage.run(text)
    #expect(told.ending(of: "merge") == .refused, "\(told.story)")
    told.expectUntouched()
  }

  @Test func withoutABreakAWindowIsAskedForOnce() throws {
    let text = Self.inWindow + "validate staging api\nwait 5h\npromote api by commit\nmonitor 30m"
    #expect(try Future(text).run().ending == .ok)
  }

  @Test func rescueAsksForNoWindow() throws {
    let text = Self.inWindow + quickRelease
    let stage = try Future(text).with(api, .crashes(after: .seconds(600))).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(300))).ending == .interrupted)
    try stage.pass(.seconds(6 * 3600))
    let told = try stage.run(text)
    #expect(told.exit == 3, "\(told.story)")
  }

  @Test func whatWasPushedBeforeTheBreakIsSeenToItsEnd() throws {
    let text = Self.inWindow + quickRelease
    for write in 1...20 {
      let stage = try Future(text).stage()
      _ = try stage.run(text, dying: .atWrite(write))
      try stage.pass(.seconds(5 * 3600))
      let told = try stage.run(text)
      let isPushed = stage.tag(api) == "api-v1.3.0"
      #expect(told.ending == (isPushed ? .ok : .refused), "write \(write): \(told.story)")
      #expect(stage.locks.isEmpty)
    }
  }
}
