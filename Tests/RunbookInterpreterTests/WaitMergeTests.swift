import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct WaitMergeTests {
  @Test func closedPullRequestIsRefusedAndLeavesNothing() throws {
    let told = try Future(release).with(.reviewer(.closes(after: .seconds(300)))).run()
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.exit == 2)
    #expect(told.message.contains("closed without being merged"))
    #expect(told.stage.pullRequests.map(\.state) == [.closed])
    told.expectUntouched()
  }

  @Test func mergedWithOtherContentGoesOnWatchingAndFails() throws {
    let told = try Future("validate staging api; promote api; wait merge; monitor 30m")
      .with(.reviewer(.editsAndMerges(after: .seconds(300), api, try version("1.2.9")))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(told.message.contains("merged with other content than planned"))
    #expect(told.message.contains("it has arrived"))
    #expect(told.stage.running(api) == "1.2.9")
    #expect(told.ending(of: "monitor") == nil)
  }

  @Test func mergedWithOtherContentIsNotOursToTakeBack() throws {
    let told = try Future(release)
      .with(.reviewer(.editsAndMerges(after: .seconds(300), api, try version("1.2.9")))).run()
    #expect(told.ending == .failed, "\(told.story)")
    // Rule 1: the edited value stays, ours go back; that is no whole return.
    #expect(told.exit == 1)
    #expect(told.stage.tag(api) == "api-v1.2.9")
    #expect(told.stage.tag(web) == "web-v5.0.0")
    #expect(told.stage.running(web) == "5.0.0")
    #expect(told.ending(of: "rollback") == .undetermined)
  }

  /// Whoever merges while the run does something else, puts into production what nobody looked at (rule 4).
  @Test func mergedWhileNobodyWaitedIsNoGoodEnding() throws {
    let told = try Future("validate staging api\npromote api\nwait 30m").with(.reviewer(.merges(after: .seconds(600))))
      .run()
    #expect(told.exit == 4, "\(told.story)")
    #expect(told.message.contains("#101 merged by "), "\(told.message)")
    #expect(
      told.message.contains(
        "meanwhile, and nothing of this run looked at it; look at it with: slipway run -c 'monitor 30m production api'"
      ),
      "\(told.message)"
    )
  }

  @Test func leftOpenOnPurposeIsAGoodEnding() throws {
    let told = try Future("validate staging api\npromote api\nwait 30m").with(.reviewer(.neverComes)).run()
    #expect(told.exit == 0, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.open])
  }

  /// Rule 5.
  @Test func whetherItWasMergedMustBeToldForAGoodEnding() throws {
    let told = try Future("validate staging api\npromote api\nwait 1m").with(.reviewer(.neverComes))
      .with(.call(.forgePullRequest, occurrence: 1, .fails(.unauthorized))).run()
    #expect(told.exit == 4, "\(told.story)")
    #expect(told.message.contains("whether #101 was merged meanwhile could not be told"), "\(told.message)")
  }

  @Test func nobodyComingTimesOutAndThePullRequestStaysOpen() throws {
    let told = try Future(release).with(.reviewer(.neverComes)).run()
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.elapsed >= .seconds(4 * 3600))
    #expect(told.stage.pullRequests.map(\.state) == [.open])
    #expect(told.ending(of: "rollback") == .undetermined)
    #expect(told.message(of: "rollback").contains("holding"))
    #expect(told.stage.locks.isEmpty)
    #expect(told.stage.branches.count == 2)
  }

  @Test func evenIfUndeterminedWithdrawsThePullRequest() throws {
    let told = try Future(
      "validate staging api; promote api; wait merge within 1h; monitor 30m\n"
        + "on failure { rollback promoted even if undetermined }"
    ).with(.reviewer(.neverComes)).run()
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.stage.pullRequests.map(\.state) == [.closed])
    told.expectUntouched()
  }

  @Test func networkLostWhileWaitingIsNoEnd() throws {
    let told = try Future(release).with(.reviewer(.merges(after: .seconds(1200))))
      .with(.networkLost(for: .seconds(600)), .after(.seconds(300))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.has("sight.lost"))
    #expect(told.has("sight.regained"))
  }

  @Test func statusIsRedWhenTheBaseWasChanged() throws {
    let told = try Future("validate staging api; promote api; wait merge within 1h; monitor 30m")
      .with(.reviewer(.merges(after: .seconds(1200))))
      .with(.foreignTag(api, production, try version("1.2.9")), .after(.seconds(300))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("the approval of #101 is void: "))
    let pull = try #require(told.stage.pullRequests.first)
    #expect(told.stage.simulated.forge.statuses(of: pull.head)["slipway/plan"]?.state == .failure)
    #expect(told.stage.tag(api) == "api-v1.2.9")
  }

  @Test func nothingPromotedIsNothingToMerge() throws {
    let same = try version("1.2.2")
    let told = try Future("validate staging api; promote api; wait merge")
      .containing { $0.versions[staging]?[api] = same }.run()
    #expect(told.ending == .ok)
    #expect(told.message(of: "wait merge").contains("nothing was promoted"))
  }
}
