import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// A run that does not wait for people: it is stored and left, and goes on in another process once they have decided.
@Suite struct SuspendTests {
  private func suspended(_ future: Future) throws -> Stage {
    let stage = try future.stage()
    let told = try stage.run(future.text, suspending: true)
    #expect(told.ending == .suspended, "\(told.story)")
    #expect(told.exit == 0)
    return stage
  }

  @Test func waitForTheMergeIsLeftAndGoesOnAfterIt() throws {
    let future = try Future(release + "\nfinally { show versions }").with(.reviewer(.merges(after: .seconds(3 * 3600))))
    let stage = try future.stage()
    let cut = try stage.run(future.text, suspending: true)
    #expect(cut.ending == .suspended, "\(cut.story)")
    #expect(cut.exit == 0)
    #expect(cut.elapsed < .seconds(120))
    #expect(cut.message.contains("go on with: slipway resume --pull-request 101"))
    #expect(cut.ending(of: "wait merge") == .suspended)
    #expect(cut.ending(of: "rollback") == nil)
    #expect(cut.ending(of: "show") == nil)
    #expect(stage.pullRequests.map(\.state) == [.open])
    #expect(try stage.journal.run(cut.run)?.ending == .suspended)
    #expect(try RunSearch.runs(ofPullRequest: 101, in: stage.journal) == [cut.run])
    #expect(try RunSearch.runs(ofPullRequest: 102, in: stage.journal).isEmpty)
    try stage.pass(.seconds(5 * 3600))
    let told = try stage.run(future.text, suspending: true)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.names.count { $0 == "step.skipped" } == 2)
    #expect(told.warnings.isEmpty, "\(told.warnings)")
    #expect(told.ending(of: "show") == .ok)
    #expect(stage.tag(api) == "api-v1.3.0")
    #expect(stage.running(api) == "1.3.0")
    #expect(stage.commitsOfRuns.count == 1)
    #expect(stage.locks.isEmpty)
  }

  @Test func resumedTooEarlyItIsSuspendedAgain() throws {
    let stage = try suspended(Future(release).with(.reviewer(.merges(after: .seconds(3 * 3600)))))
    try stage.pass(.seconds(3600))
    #expect(try stage.run(release, suspending: true).ending == .suspended)
    // Without the request it waits, with all of its time.
    let told = try stage.run(release)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.count == 1)
  }

  @Test func theLockOutlastsTheNightAndNamesThePullRequest() throws {
    let stage = try suspended(Future(release).with(.reviewer(.neverComes)))
    let lock = try #require(stage.locks[production])
    #expect(lock.reason.hasPrefix("suspended: "))
    #expect(lock.pullRequest?.hasSuffix("/pull/101") == true)
    try stage.pass(.seconds(20 * 3600))
    let other = try stage.run(quickRelease, as: "run-2", by: "grace@desk")
    #expect(other.ending == .refused, "\(other.story)")
    #expect(other.message.contains("run run-1 of ada@laptop"))
    #expect(other.message.contains("/pull/101"))
    #expect(stage.tag(api) == "api-v1.2.2")
  }

  @Test func aLockThatLapsedMeanwhileIsSaid() throws {
    let stage = try suspended(Future(release).with(.reviewer(.merges(after: .seconds(40 * 3600)))))
    try stage.pass(.seconds(26 * 3600))
    let hotfix = "validate staging web; promote web by commit; monitor 30m"
    #expect(try stage.run(hotfix, as: "run-2").ending == .ok)
    try stage.pass(.seconds(20 * 3600))
    let told = try stage.run(release)
    #expect(told.warnings.contains { $0.contains("lapsed while the run was suspended") }, "\(told.story)")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.tag(web) == "web-v5.0.1")
  }

  @Test func closedMeanwhileIsRefused() throws {
    let stage = try suspended(Future(release).with(.reviewer(.closes(after: .seconds(3600)))))
    try stage.pass(.seconds(2 * 3600))
    let told = try stage.run(release)
    #expect(told.ending == .refused, "\(told.story)")
    told.expectUntouched()
  }

  @Test func blocksAroundItGoOnWithTheirTime() throws {
    let text = """
      validate staging api
      promote api
      retry 2 times every 1m {
        within 1h { wait merge; monitor 30m }
      }
      on failure { rollback promoted }
      """
    let stage = try suspended(Future(text).with(.reviewer(.merges(after: .seconds(2 * 3600)))))
    try stage.pass(.seconds(5 * 3600))
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(!told.begun.contains { $0.contains("attempt-1") })
    #expect(stage.running(api) == "1.3.0")
  }

  @Test func aSuspendedRunIsGivenUp() throws {
    let stage = try suspended(Future(release).with(.reviewer(.neverComes)))
    try stage.pass(.seconds(3600))
    let told = try stage.run(release, aborting: Abortion(by: "grace@desk", reason: "wrong release"))
    #expect(told.ending == .failed, "\(told.story)")
    #expect(stage.pullRequests.map(\.state) == [.closed])
    told.expectUntouched()
  }

  @Test func aQuestionIsLeftUntilSomebodyCanBeAsked() throws {
    let text = "validate staging api; confirm \"Go on?\"; promote api by commit; monitor 30m"
    let stage = try suspended(Future(text).standingIn { $0.person = .isAbsent })
    #expect(stage.commitsOfRuns.isEmpty)
    var world = stage.simulated.world
    world.reading.surroundings.people = Assent(by: "--yes")
    let told = try stage.run(text, world: world, suspending: true)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.running(api) == "1.3.0")
  }

  @Test func afterAChangeOfProductionNothingIsSuspended() throws {
    let text = "validate staging api; promote api by commit; monitor 30m; confirm \"Well?\""
    let told = try Future(text).standingIn { $0.person = .isAbsent }.stage().run(text, suspending: true)
    // Found out before anything is begun.
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("`confirm` needs an answer"))
    told.expectUntouched()
    let perhaps =
      "input ask = true\nvalidate staging api; promote api by commit; monitor 30m; if ask { confirm \"Well?\" }"
    let late = try Future(perhaps).standingIn { $0.person = .isAbsent }.stage().run(perhaps, suspending: true)
    #expect(late.ending == .failed, "\(late.story)")
  }

  @Test func whatAnswersAFailureIsNotSuspended() throws {
    let text = "input ask = true\nfail \"first\"\non failure { if ask { confirm \"Well?\" } }"
    let told = try Future(text).standingIn { $0.person = .isAbsent }.stage().run(text, suspending: true)
    #expect(told.ending == .failed, "\(told.story)")
  }
}
