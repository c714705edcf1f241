import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// A run that was cut off is given up: handlers run, what is open is closed, and nothing of it goes on.
@Suite struct AbortTests {
  private let abortion = Abortion(by: "grace@desk", reason: "wrong release")

  private func abort(_ stage: Stage, _ text: String, dying death: Stage.Death? = nil) throws -> Told {
    try stage.run(text, by: "grace@desk", dying: death, aborting: abortion)
  }

  @Test func waitingForAReviewIsClosedWithWhoAndWhy() throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    _ = try stage.run(release, dying: .interrupted(after: .seconds(60)))
    #expect(stage.pullRequests.map(\.state) == [.open])
    let told = try abort(stage, release)
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message.contains("aborted by grace@desk: wrong release"))
    #expect(stage.pullRequests.map(\.state) == [.closed])
    told.expectUntouched()
    #expect(told.ending(of: "monitor") == nil)
  }

  @Test func withoutAHandlerItIsClosedToo() throws {
    let text = "validate staging all; promote all; wait merge within 4h; monitor 30m"
    let stage = try Future(text).with(.reviewer(.neverComes)).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(60)))
    let told = try abort(stage, text)
    #expect(told.ending == .failed, "\(told.story)")
    told.expectUntouched()
    #expect(told.progress.contains { $0.hasSuffix("closed") })
  }

  @Test func whatReachedProductionIsTakenBackByTheHandler() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    #expect(stage.running(api) == "1.3.0")
    let told = try abort(stage, quickRelease)
    #expect(told.exit == 3, "\(told.story)")
    #expect(stage.tag(api) == "api-v1.2.2")
    #expect(stage.running(api) == "1.2.2")
    #expect(stage.locks.isEmpty)
  }

  @Test func withoutAHandlerWhatReachedProductionStaysAndIsSaid() throws {
    let text = "validate staging api; promote api by commit; monitor 30m"
    let stage = try Future(text).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    let told = try abort(stage, text)
    // Nothing looked at it to the end (rule 4), and it was given up.
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(told.message.contains("to take it back: rollback production api"))
    #expect(stage.running(api) == "1.3.0")
    #expect(stage.locks.isEmpty)
  }

  @Test(arguments: [nil, 1, 2, 3] as [Int?]) func returnThatNobodyMergedIsClosed(write: Int?) throws {
    let stage = try Future(quickRelease).with(.reviewer(.neverComes)).stage()
    #expect(try stage.run(quickRelease, as: "run-0").ending == .ok)
    let text = "rollback production api by pr because \"login fails\""
    let timedOut = try stage.run(text)
    #expect(timedOut.ending == .timedOut && stage.pullRequests.map(\.state) == [.open], "\(timedOut.story)")
    if let write { _ = try abort(stage, text, dying: .atWrite(write)) }
    let told = try abort(stage, text)
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message.contains("aborted by grace@desk: wrong release"))
    #expect(write != nil || told.message.contains("#101 closed, so nothing of it was taken back"))
    #expect(stage.pullRequests.map(\.state) == [.closed] && stage.branches == ["main"])
    #expect(stage.locks.isEmpty && stage.tag(api) == "api-v1.3.0")
  }

  /// The process is gone at any write; the abort leaves nothing, or is cut off itself and gone on with.
  @Test(arguments: 1...16, [0, 2, 5])
  func goneAtAnyWriteThenAborted(write: Int, second: Int) throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    _ = try stage.run(release, dying: .atWrite(write))
    try stage.pass(.seconds(30))
    if second > 0 { _ = try abort(stage, release, dying: .atWrite(second)) }
    let told = try abort(stage, release)
    #expect(told.ending == .failed, "\(told.story)")
    told.expectUntouched()
  }

  @Test func innerHandlersAnswerAndNothingIsTriedAgain() throws {
    let text = """
      retry 3 times every 30s {
        wait 1h
        on failure { show versions }
      }
      finally { wait 1s }
      """
    let stage = try Future(text).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(60)))
    let told = try abort(stage, text)
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.verbs.count { $0 == "show" } == 1)
    #expect(told.ending(of: "wait") == .ok, "the one of `finally`")
    #expect(told.elapsed < .seconds(60))
  }

  @Test func whatIsDoneStaysDone() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    let told = try abort(stage, quickRelease)
    #expect(told.names.count { $0 == "step.skipped" } == 2, "\(told.story)")
  }
}
