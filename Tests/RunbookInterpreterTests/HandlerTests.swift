import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `on failure`, the endings, and the rules 4 and 5.
@Suite struct HandlerTests {
  private let promoted = "validate staging api; promote api by commit; wait rollout"

  @Test func failureIsAnsweredAndGoesOnUp() throws {
    let told = try Future("\(promoted); fail \"the smoke test is red\"; on failure { rollback promoted }").run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 3)
    #expect(told.message == "the smoke test is red. What was promoted was taken back")
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func handlerMayStandInFrontOfWhatItAnswers() throws {
    let told = try Future("on failure { rollback promoted }\n\(promoted); fail \"no\"").run()
    #expect(told.exit == 3, "\(told.story)")
  }

  @Test func withoutAHandlerNothingIsTakenBack() throws {
    let told = try Future("\(promoted); fail \"no\"").run()
    #expect(told.ending == .failed)
    #expect(told.exit == 1)
    #expect(
      told.message
        == "no. production/api api-v1.2.2 -> api-v1.3.0 stays; to take it back: rollback production api"
    )
    #expect(told.stage.running(api) == "1.3.0")
    #expect(told.stage.locks.isEmpty)
  }

  @Test func statementsAfterAFailureAreNotRun() throws {
    let told = try Future("promote api by commit; validate staging api; monitor 30m production api").run()
    #expect(told.ending == .refused)
    #expect(told.ending(of: "validate") == nil)
  }

  @Test func stopEndsTheRunWellAndSaysWhatStays() throws {
    let told = try Future("\(promoted); stop \"enough for today\"").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "stop").contains("production/api api-v1.2.2 -> api-v1.3.0 stays; nothing is undone"))
    #expect(told.exit == 0)
  }

  @Test func stopIsNoGoodEndingInIgnorance() throws {
    let told = try Future("validate staging api; promote api by commit; stop \"enough\"").run()
    #expect(told.ending == .undetermined)
    #expect(told.exit == 4)
  }

  // MARK: Rule 4

  @Test func refusedAfterAChangeCountsAsFailed() throws {
    let told = try Future("validate staging api; promote api by commit; wait rollout; promote web by commit")
      .run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(told.message.contains("web was not validated"))
  }

  @Test func refusedAfterAChangeIsAnswered() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait rollout; promote web by commit; on failure { rollback promoted }"
    ).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func refusedWithoutAChangeStaysRefused() throws {
    let told = try Future("validate staging api; promote web by commit; on failure { rollback promoted }").run()
    #expect(told.ending == .refused)
    #expect(told.exit == 2)
    told.expectUntouched()
  }

  @Test func changeThatWasTakenBackButNotSeenIsNotTakenBack() throws {
    let told = try Future("\(promoted); fail \"no\"; on failure { rollback promoted }")
      .with(.slowDelivery(production, by: .seconds(86_400)), .before(.repositoryCommit, occurrence: 2)).run()
    #expect(told.ending == .failed)
    #expect(told.exit == 1)
    #expect(told.ending(of: "rollback") == .timedOut)
  }

  // MARK: Rule 5

  @Test func undeterminedIsHeldAndTheCommandIsPrinted() throws {
    let told = try Future("\(promoted); monitor 30m; on failure { rollback promoted }")
      .with(.networkLost(for: .seconds(7200)), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.stage.tag(api) == "api-v1.3.0")
    #expect(told.waysBack.last == "rollback production api")
    #expect(told.message(of: "rollback").contains("which is no proof against api"))
  }

  @Test func evenIfUndeterminedActs() throws {
    let told = try Future("\(promoted); monitor 30m; on failure { rollback promoted even if undetermined }")
      .with(.networkLost(for: .seconds(4200)), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.ending(of: "rollback") == .ok)
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func worldThatDoesNotAnswerIsUndeterminedNotFailed() throws {
    let told = try Future("validate staging api; promote api by commit; wait rollout")
      .with(.call(.clusterSnapshot, occurrence: 1, .fails(.unreachable))).run()
    #expect(told.ending == .undetermined)
    #expect(told.exit == 4)
    #expect(told.message.contains("kubectl unreachable"))
    told.expectUntouched()
  }

  @Test func aHandlerOfARunThatPromotedNothingWaitsForNobody() throws {
    let told = try Future("validate staging api; promote api by commit; on failure { rollback promoted }")
      .with(.networkLost(for: .seconds(86_400))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.ending(of: "rollback") == .ok)
    #expect(told.message(of: "rollback") == "nothing was promoted, so there is nothing to take back")
    #expect(told.elapsed < .seconds(600), "\(told.story)")
    told.expectUntouched()
  }

  @Test func anotherClusterIsUndeterminedAndNothingRuns() throws {
    let told = try Future(quickRelease).with(.call(.clusterIdentify, occurrence: 2, .fails(.wrongPlace))).run()
    #expect(told.exit == 4, "\(told.story)")
    told.expectUntouched()
  }

  @Test func everyStepIsStoredWithItsEnding() throws {
    let told = try Future("\(promoted); fail \"no\"; on failure { rollback promoted }").run()
    let steps = try told.stage.journal.steps(of: told.run)
    #expect(steps.map(\.verb) == ["validate", "promote", "wait rollout", "fail", "rollback"])
    #expect(steps.map { $0.outcome?.ending } == [.ok, .ok, .ok, .failed, .ok])
    #expect(steps.last?.step.description == "4/on-failure/0")
    let record = try #require(try told.stage.journal.run(told.run))
    #expect(record.ending == .failed)
    #expect(record.exit == 3)
  }
}
