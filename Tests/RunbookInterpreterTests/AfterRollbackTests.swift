import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What is looked at once something was taken back.
@Suite struct AfterRollbackTests {
  @Test(arguments: ["monitor 30m production api", "wait 10m; verify production api"])
  func whatOthersChangeAfterARollbackIsNoticed(_ look: String) throws {
    // Rule 1: the run that brought v1.2.1 back does not end well over somebody else's v1.2.9.
    let other = try #require(Version("v1.2.9"))
    for seconds in [60, 240] as [Int64] {
      let told = try Future("rollback production api because \"incident\"; " + look)
        .with(.foreignTag(api, production, other), .after(.seconds(seconds))).run()
      #expect(told.ending(of: "rollback") == .ok, "\(told.story)")
      #expect(told.ending == .undetermined, "\(told.story)")
      #expect(told.message.contains("superseded, hands off"), "\(told.message)")
      #expect(told.stage.tag(api) == "api-v1.2.9")
    }
  }

  @Test func whatOthersChangeAfterAReconciliationIsNoticed() throws {
    let (drifted, other) = (try #require(Version("v1.2.5")), try #require(Version("v1.2.9")))
    let told = try Future("wait 5m; reconcile production api; monitor 30m production api")
      .with(.liveImage(api, production, drifted)).with(.foreignTag(api, production, other), .after(.seconds(900))).run()
    #expect(told.ending(of: "reconcile") == .ok, "\(told.story)")
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("superseded, hands off"), "\(told.message)")
  }

  @Test func whatDoesNotPassTheLookAfterItsRollbackIsNotTakenBack() throws {
    // Exit status 3 would say: as before, and seen to be so.
    let text = """
      validate staging api; promote api by commit; monitor 30m
      on failure { rollback promoted; monitor 30m production api }
      """
    let told = try Future(text).with(api, .crashes(after: .seconds(180)))
      .with(.liveReplicas(api, production, 0), .after(.seconds(900))).run()
    #expect(told.ending(of: "rollback") == .ok, "\(told.story)")
    #expect(told.ending == .failed)
    #expect(told.exit == ExitStatus.failed, "\(told.story)")
    #expect(told.message.contains("Not well after it was taken back: api: `monitor 30m production api` ended"))
    // The same without anybody's hand in it.
    let back = try Future(text).with(api, .crashes(after: .seconds(180))).run()
    #expect(back.exit == ExitStatus.takenBack, "\(back.story)")
  }

  @Test func aResumedRunKnowsWhatItBroughtBack() throws {
    let text = "rollback production api because \"incident\"; monitor 30m production api"
    let stage = try Future(text).stage()
    let cut = try stage.run(text, dying: .interrupted(after: .seconds(300)))
    #expect(cut.ending(of: "rollback") == .ok, "\(cut.story)")
    try stage.commit("api-v1.2.9", of: api, in: production)
    try stage.pass(.seconds(600))
    let told = try stage.run(text)
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("superseded, hands off"), "\(told.message)")
  }
}
