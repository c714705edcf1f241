import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `freeze` and `thaw`. The simulated clock starts on Monday 2026-01-05 at 18:00 UTC.
@Suite struct FreezeTests {
  private static let teams = "{ on-call: [grace] }"
  private static let freeze = "freeze production until 2026-01-08T08:00+00:00 because \"a holiday\""
  private static let promotion = "validate staging api\npromote api by commit\nmonitor 30m"

  private func stage(_ text: String = Self.promotion, announcing: Bool = false) throws -> Stage {
    var future = Future(text).configured("policy: { teams: \(Self.teams) }")
    if announcing { future = future.configured("announce: { places: { team: { webhook: SLACK_URL } } }") }
    return try future.stage()
  }

  @Test func frozenEnvironmentIsNotPromotedTo() throws {
    let stage = try stage()
    let frozen = try stage.run(Self.freeze, as: "run-1", by: "ada@laptop")
    #expect(frozen.ending == .ok, "\(frozen.story)")
    let told = try stage.run(Self.promotion, as: "run-2", by: "bob@laptop")
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("production is frozen until 2026-01-08T08:00:00Z by ada@laptop: a holiday"))
    #expect(told.message.contains("`thaw production because"))
    told.expectUntouched()
  }

  @Test func freezeEndsByItself() throws {
    let stage = try stage()
    _ = try stage.run(Self.freeze, as: "run-1")
    try stage.pass(.seconds(4 * 86_400))
    let told = try stage.run(Self.promotion, as: "run-2")
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func teamThatIsExceptedGoesOnAndIsWarned() throws {
    let stage = try stage()
    let text = "freeze production until 2026-01-08T08:00+00:00 except on-call because \"a holiday\""
    #expect(try stage.run(text, as: "run-1").ending == .ok)
    #expect(try stage.run(Self.promotion, as: "run-2", by: "bob@laptop").ending == .refused)
    let told = try stage.run(Self.promotion, as: "run-3", by: "grace@ci")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("grace@ci is of on-call") })
  }

  // Where there are teams, the checker knows them.
  @Test func teamWhereNoneIsConfiguredIsRefusedBeforeAnythingIsDone() throws {
    let told = try Future("freeze production until 2026-01-08T08:00+00:00 except onc because \"x\"").run()
    #expect(told.exit == 2 && told.begun.isEmpty)
    #expect(told.message.contains("`except onc`: there is no such team; none is configured (`policy.teams`)"))
  }

  @Test func rollbackDoesNotAsk() throws {
    let stage = try stage()
    #expect(try stage.run(Self.promotion, as: "run-1").ending == .ok)
    #expect(try stage.run(Self.freeze, as: "run-2").ending == .ok)
    let told = try stage.run("rollback production api because \"login\"", as: "run-3")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.tag(api) == "api-v1.2.2")
  }

  @Test func freezeIsAnnouncedAndSoIsItsEarlyEnd() throws {
    let stage = try stage(announcing: true)
    _ = try stage.run(Self.freeze, as: "run-1", by: "ada@laptop")
    let thawed = try stage.run("thaw production because \"a fix for logins\"", as: "run-2", by: "bob@laptop")
    #expect(thawed.ending == .ok, "\(thawed.story)")
    let texts = stage.simulated.announcements.map(\.announcement.text)
    try #require(texts.count == 2)
    #expect(texts[0] == "❄️ production is frozen until 2026-01-08T08:00:00Z by ada@laptop: a holiday")
    #expect(texts[1].hasPrefix("☀️ production is thawed by bob@laptop: a fix for logins. "))
    #expect(stage.simulated.repository.freezes.isEmpty)
    #expect(try stage.run(Self.promotion, as: "run-3").ending == .ok)
  }

  @Test func thawOfWhatIsNotFrozenIsSuccessAndSaysSo() throws {
    let told = try stage().run("thaw production because \"nothing\"")
    #expect(told.ending == .ok)
    #expect(told.message(of: "thaw") == "production is not frozen")
  }

  @Test func longerFreezeIsNotCutShort() throws {
    let stage = try stage()
    _ = try stage.run(Self.freeze, as: "run-1")
    let told = try stage.run("freeze production until 2026-01-06T08:00+00:00 because \"less\"", as: "run-2")
    #expect(told.ending == .refused)
    #expect(told.message.contains("it is frozen for longer already"))
    let longer = try stage.run("freeze production until 2026-01-09T08:00+00:00 because \"more\"", as: "run-3")
    #expect(longer.ending == .ok)
    #expect(stage.simulated.repository.freezes[production]?.reason == "more")
  }

  @Test func pastIsRefused() throws {
    let told = try stage().run("freeze production until 2026-01-05T17:59+00:00 because \"late\"")
    #expect(told.ending == .refused && told.message.contains("is past"), "\(told.story)")
  }

  @Test(arguments: [CallFault.answerLost, .fails(.unreachable), .hangs(for: .seconds(20))])
  func lostAnswerFreezesOnce(fault: CallFault) throws {
    var future = Future(Self.freeze).configured("policy: { teams: \(Self.teams) }")
    future = future.with(.call(.repositorySetFreeze, occurrence: 1, fault))
    let told = try future.run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.simulated.repository.freezes[production]?.reason == "a holiday")
  }

  @Test(arguments: 1...6)
  func resumedFreezeStandsOnce(write: Int) throws {
    let stage = try stage(Self.freeze, announcing: true)
    let first = try stage.run(Self.freeze, dying: .atWrite(write))
    let told = first.ending == .ok ? first : try stage.run(Self.freeze)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.repository.freezes[production]?.run == told.run)
    #expect(stage.simulated.announcements.count <= 1)
  }

  @Test func resumedPromotionThatWasNotPushedAsksAgain() throws {
    let stage = try stage()
    // Cut off before anything was pushed.
    var write = 1
    var cut: Told?
    while write < 30, stage.commitsOfRuns.isEmpty {
      let told = try stage.run(Self.promotion, as: "run-\(write)", dying: .atWrite(write))
      if told.ending == .interrupted, told.verbs.last == "promote" {
        cut = told
        break
      }
      write += 1
    }
    let told = try #require(cut)
    _ = try stage.run(Self.freeze, as: "freezing")
    let resumed = try stage.run(Self.promotion, as: told.run.text)
    #expect(resumed.ending == .refused, "\(resumed.story)")
    #expect(stage.tag(api) == "api-v1.2.2")
  }

  @Test func aFreezeIsAChangeThatIsSaid() throws {
    let stays = "production is frozen until 2026-01-08T08:00:00Z by ada@laptop: a holiday, and stays so: "
    let ends = "`thaw production because \"…\"` ends it"
    for end in ["stop \"enough\"", "fail \"no\"", "require false"] {
      let told = try stage().run("\(Self.freeze)\n\(end)", by: "ada@laptop")
      #expect(told.message.contains(stays + ends), "\(told.message)")
      #expect(!told.message.contains("Nothing was changed"), "\(told.message)")
    }
    // Its own, and over: all is as before.
    let thawed = try stage().run("\(Self.freeze)\nthaw production because \"never mind\"\nstop \"enough\"")
    #expect(thawed.message == "stopped: enough. Nothing was changed")
    let stage = try stage()
    _ = try stage.run(Self.freeze, as: "run-1", by: "ada@laptop")
    let others = try stage.run("thaw production because \"sooner\"\nfail \"no\"", as: "run-2")
    #expect(others.message.contains("production stays thawed; before, production is frozen until"), "\(others.message)")
  }

  @Test func aResumedRunKnowsItsFreeze() throws {
    let text = "\(Self.freeze)\nwait 1h\nfail \"no\""
    let stage = try stage(text)
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(600))).ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .failed && told.message.contains("and stays so"), "\(told.story)")
  }
}
