import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Somebody else brings the very version that the run brings: what stands is theirs, and nothing of it is taken back (rule 1).
@Suite struct EqualChangeTests {
  private func theirs() throws -> Fault.Effect { .foreignTag(api, production, try #require(Version("1.3.0"))) }

  @Test func whatSomebodyElsePromotedMeanwhileIsNotTheRuns() throws {
    let told = try Future(quickRelease).with(theirs(), .before(.repositoryCommit, occurrence: 1))
      .with(api, .crashes(after: .seconds(300))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("somebody else has promoted the same meanwhile"), "\(told.message)")
    #expect(told.stage.tag(api) == "api-v1.3.0")
    #expect(told.stage.commitsOfRuns.isEmpty && told.stage.locks.isEmpty)
  }

  @Test func onlyTheRunsOwnPartIsTakenBack() throws {
    let text = """
      validate staging api, web
      promote api, web by commit
      monitor 30m
      on failure { rollback promoted }
      """
    let told = try Future(text).with(theirs(), .before(.repositoryCommit, occurrence: 1))
      .with(web, .crashes(after: .seconds(300))).run()
    #expect(told.warnings.contains { $0.contains("api-v1.3.0 stands already") }, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.3.0")
    #expect(told.stage.tag(web) == "web-v5.0.0", "\(told.story)")
  }

  @Test func whatWasTakenBackAndIsSetAgainIsSomebodyElses() throws {
    let text = """
      validate staging api
      retry 2 times every 1m {
        promote api by commit
        monitor 30m
        on failure { rollback promoted }
      }
      """
    let told = try Future(text).with(api, .crashes(after: .zero))
      .with(theirs(), .before(.deliveryRefresh, occurrence: 2)).run()
    #expect(told.commits.count == 2, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.3.0", "\(told.story)")
    #expect(!told.superseded.isEmpty)
  }

  @Test func aWaitDoesNotEndWellOverWhatSomebodyElseSetInGit() throws {
    let text = "validate staging api\npromote api by commit\nwait rollout"
    let other = try #require(Version("1.2.9"))
    let told = try Future(text).with(.slowDelivery(production, by: .seconds(120)))
      .with(.foreignTag(api, production, other), .afterPromotion(.seconds(20))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.superseded.first?.found == "api-v1.2.9")
  }

  /// A server that shows the branch as it was before the promotion makes what was promoted look as if it stood as before.
  @Test(arguments: 1...12) func anOlderHeadHidesNothingFromARollback(occurrence: Int) throws {
    let text = """
      validate staging api, web
      promote api by commit
      wait rollout
      promote web by commit
      monitor 30m
      on failure { rollback promoted }
      """
    let told = try Future(text).with(web, .crashes(after: .seconds(10)))
      .with(.call(.repositoryHead, occurrence: occurrence, .stale(by: .seconds(60)))).run()
    #expect(told.stage.tag(web) == "web-v5.0.0", "\(told.story)")
  }
}
