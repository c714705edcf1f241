import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What the configuration asks of promotions and of people.
@Suite struct PolicyTests {
  private static let promotion = "validate staging api\npromote api by commit\nmonitor 30m"
  private static let checklist = "policy: { checklist: [\"The feature works\", \"Support knows\"] }"

  // MARK: confirm checklist

  @Test func everyItemIsAskedAndAnswered() throws {
    let told = try Future("confirm checklist").configured(Self.checklist).run()
    #expect(told.ending == .ok, "\(told.story)")
    let questions = told.events.compactMap { event -> String? in
      if case .confirmed(let question, true, _) = event.body { question } else { nil }
    }
    #expect(questions == ["The feature works (1 of 2)", "Support knows (2 of 2)"])
    #expect(told.message(of: "confirm") == "all 2 items of the checklist, by somebody@rehearsal")
  }

  @Test func oneNoRefuses() throws {
    let told = try Future("confirm checklist\n" + Self.promotion).configured(Self.checklist)
      .standingIn { $0.person = .answersNo(after: .seconds(5)) }.run()
    #expect(told.exit == 2 && told.message.contains("The feature works (1 of 2)"), "\(told.story)")
    told.expectUntouched()
  }

  @Test func nobodyToAskIsKnownBeforeAnythingIsDone() throws {
    let told = try Future("validate staging api\nconfirm checklist").configured(Self.checklist)
      .standingIn { $0.person = .isAbsent }.run()
    #expect(told.exit == 2 && told.begun.isEmpty, "\(told.story)")
    let none = try Future("validate staging api\nconfirm checklist").run()
    #expect(none.exit == 2 && none.begun.isEmpty && none.message.contains("no checklist is configured"))
  }

  @Test(arguments: 1...6)
  func resumedRunAsksNoItemTwice(write: Int) throws {
    let stage = try Future("confirm checklist").configured(Self.checklist).stage()
    let first = try stage.run("confirm checklist", dying: .atWrite(write))
    guard first.ending != .ok else { return }
    let second = try stage.run("confirm checklist")
    #expect(second.ending == .ok, "\(second.story)")
    let stored = try stage.journal.notes(of: second.run, step: StepPath([.statement(0)])).keys.sorted()
    #expect(stored == ["answer.0", "answer.1"])
  }

  @Test func pullRequestShowsChecklistAndRisk() throws {
    let told = try Future("validate staging api\npromote api by pr").configured(Self.checklist).run()
    let pull = try #require(told.stage.pullRequests.first, "\(told.story)")
    let body = try #require(told.stage.simulated.forge.body(of: pull.number))
    #expect(body.contains("- [ ] The feature works\n- [ ] Support knows\n"), "\(body)")
    #expect(body.contains("Risk level: Medium\n"))
  }

  // MARK: Reasons and announcements

  @Test func reasonIsAskedFor() throws {
    let policy = "policy: { require-reason: true }"
    let told = try Future(Self.promotion).configured(policy).run()
    #expect(told.exit == 2 && told.message.contains("asks for a reason"), "\(told.story)")
    told.expectUntouched()
    let given = Self.promotion.replacing("by commit", with: "by commit because \"weekly\"")
    #expect(try Future(given).configured(policy).run().ending == .ok)
    #expect(try Future(Self.promotion).configured("policy: { require-reason: false }").run().ending == .ok)
  }

  private static let announcing = """
    announce: { places: { team: { webhook: SLACK_URL } } }
    policy: { require-announcement: true }
    """

  @Test func announcementIsAskedForAndMustHaveArrived() throws {
    let told = try Future(Self.promotion).configured(Self.announcing).run()
    #expect(told.exit == 2 && told.message.contains("asks for an announcement first"), "\(told.story)")
    told.expectUntouched()
    let announced = "announce planned\n" + Self.promotion
    #expect(try Future(announced).configured(Self.announcing).run().ending == .ok)
    let lost = try Future(announced).configured(Self.announcing)
      .with(.call(.announce, occurrence: 1, .fails(.refused))).run()
    #expect(lost.exit == 2, "\(lost.story)")
    lost.expectUntouched()
  }

  @Test func announcementOfAnEarlierProcessCounts() throws {
    let text = "announce planned\n" + Self.promotion
    let stage = try Future(text).configured(Self.announcing).stage()
    let first = try stage.run(text, dying: .interrupted(after: .seconds(120)))
    #expect(first.ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.announcements.count == 1)
  }
}
