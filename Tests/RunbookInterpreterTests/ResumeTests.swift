import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// A run is cut off and resumed by a new interpreter on the same journal and world: the end is the same, no effect is
/// made twice, and nothing that was not seen counts.
@Suite struct ResumeTests {
  /// Runs to its end, resuming as often as it is cut off.
  private func finish(_ stage: Stage, _ text: String) throws -> Told {
    for _ in 0..<5 {
      let told = try stage.run(text)
      if told.ending != .interrupted { return told }
    }
    return try stage.run(text)
  }

  private func expectWhole(_ stage: Stage, commits: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(stage.tag(api) == "api-v1.3.0", sourceLocation: sourceLocation)
    #expect(stage.running(api) == "1.3.0", sourceLocation: sourceLocation)
    #expect(stage.commitsOfRuns.count == commits, sourceLocation: sourceLocation)
    #expect(stage.locks.isEmpty, sourceLocation: sourceLocation)
  }

  @Test(arguments: [0, 0.3, 0.5, 1, 2, 3, 4, 5, 60, 700, 1300, 1320, 1500, 2400, 3000])
  func interruptedAtAnyTimeAndResumed(seconds: Double) throws {
    let stage = try Future(release).with(.reviewer(.merges(after: .seconds(1200)))).stage()
    let cut = try stage.run(release, dying: .interrupted(after: .seconds(seconds)))
    #expect(cut.ending == .interrupted, "\(cut.story)")
    #expect(cut.exit == 130)
    #expect(cut.message.contains("slipway resume run-1"))
    #expect(cut.ending(of: "rollback") == nil)
    try stage.pass(.seconds(90))
    let told = try finish(stage, release)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.count == 1)
    expectWhole(stage)
  }

  /// The process is gone when it is about to write for the n-th time; what it did before that is done.
  @Test(arguments: 1...24)
  func goneAtAnyWriteOfAQuickRelease(write: Int) throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .atWrite(write))
    try stage.pass(.seconds(30))
    let told = try finish(stage, quickRelease)
    #expect(told.ending == .ok, "\(told.story)")
    expectWhole(stage)
  }

  @Test(arguments: 1...16)
  func goneAtAnyWriteOfARelease(write: Int) throws {
    let stage = try Future(release).with(.reviewer(.merges(after: .seconds(600)))).stage()
    _ = try stage.run(release, dying: .atWrite(write))
    // Long enough for the reviewer to have merged what nobody watches.
    try stage.pass(.seconds(1200))
    let told = try finish(stage, release)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.count == 1)
    expectWhole(stage)
  }

  @Test(arguments: 8...30)
  func goneAtAnyWriteOfAFailureAndItsAnswer(write: Int) throws {
    let stage = try Future(quickRelease).with(api, .crashes(after: .seconds(300))).stage()
    _ = try stage.run(quickRelease, dying: .atWrite(write))
    try stage.pass(.seconds(30))
    let told = try finish(stage, quickRelease)
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 3)
    #expect(stage.tag(api) == "api-v1.2.2")
    #expect(stage.running(api) == "1.2.2")
    #expect(stage.commitsOfRuns.count == 2)
    #expect(stage.locks.isEmpty)
  }

  @Test func evidenceIsKeptAndUnseenTimeDoesNotCount() throws {
    let stage = try Future(quickRelease).stage()
    let cut = try stage.run(quickRelease, dying: .interrupted(after: .seconds(1200)))
    let before = try #require(cut.evidence.last)
    #expect(before > .seconds(600))
    try stage.pass(.seconds(3600))
    let told = try stage.run(quickRelease)
    #expect(told.ending == .ok, "\(told.story)")
    let first = try #require(told.evidence.first)
    #expect(first >= before)
    #expect(first < before + .seconds(200))
    // The rest of the half hour, and none of the hour between.
    #expect(told.elapsed > .seconds(1800) - before - .seconds(100))
    #expect(told.elapsed < .seconds(1800) - before + .seconds(100))
  }

  @Test func badSignOfTheUnseenTimeIsSeenOnResuming() throws {
    let stage = try Future(quickRelease).with(api, .crashes(after: .seconds(1000))).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    try stage.pass(.seconds(1800))
    let told = try stage.run(quickRelease)
    #expect(told.exit == 3, "\(told.story)")
    #expect(stage.running(api) == "1.2.2")
  }

  @Test func finishedStepsAreSkippedAndSaySo() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    let told = try stage.run(quickRelease)
    #expect(told.names.count { $0 == "step.skipped" } == 2)
    #expect(!told.has("sealed"))
    guard case .runStarted(_, _, let isResumed) = told.events.first?.body else { return }
    #expect(isResumed)
  }

  @Test func sealsExpireOnResumeToo() throws {
    let text = "validate staging api; wait 1h; promote api by commit; monitor 30m"
    let stage = try Future(text).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(1800)))
    try stage.pass(.seconds(30 * 3600))
    let told = try stage.run(text)
    #expect(told.ending == .refused, "\(told.story)")
    told.expectUntouched()
  }

  @Test func sealsThatExpiredAfterThePlanWasStoredLeaveNothing() throws {
    // The branch is pushed, and the forge does not answer until the run gives up.
    var future = Future(release)
    for number in 1...8 { future = future.with(.call(.forgeOpen, occurrence: number, .fails(.timedOut))) }
    let stage = try future.stage()
    #expect(try stage.run(release).ending == .undetermined)
    #expect(stage.branches.count == 2)
    #expect(stage.pullRequests.isEmpty)
    try stage.pass(.seconds(30 * 3600))
    let told = try stage.run(release)
    #expect(told.ending == .refused, "\(told.story)")
    told.expectUntouched()
  }

  @Test func sealsThatExpiredAfterThePushDoNotHideIt() throws {
    // The commit stands on the server, and the process died before it could store so: production is changed.
    let stage = try Future(quickRelease).stage()
    let write = try #require(
      (1...24).first { number in
        let trial = try? Future(quickRelease).stage()
        _ = try? trial?.run(quickRelease, dying: .atWrite(number))
        return trial?.commitsOfRuns.count == 1
      }
    )
    _ = try stage.run(quickRelease, dying: .atWrite(write))
    #expect(stage.commitsOfRuns.count == 1)
    try stage.pass(.seconds(30 * 3600))
    let told = try stage.run(quickRelease)
    #expect(told.ending == .ok, "\(told.story)")
    expectWhole(stage)
  }

  @Test func waitForTheMergeKeepsItsDeadlineWhenCutOff() throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    _ = try stage.run(release, dying: .interrupted(after: .seconds(3600)))
    try stage.pass(.seconds(2 * 3600))
    let told = try stage.run(release)
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.elapsed < .seconds(3700))
  }

  @Test func waitForTheMergeThatTimedOutHasItsTimeAgainWhenResumed() throws {
    let stage = try Future(release).with(.reviewer(.merges(after: .seconds(5 * 3600)))).stage()
    #expect(try stage.run(release).ending == .timedOut)
    let told = try stage.run(release)
    #expect(told.ending == .ok, "\(told.story)")
    expectWhole(stage)
  }

  @Test func waitIsCountedFromItsFirstBeginning() throws {
    let stage = try Future("wait 1h; validate staging api").stage()
    _ = try stage.run("wait 1h; validate staging api", dying: .interrupted(after: .seconds(1800)))
    try stage.pass(.seconds(3600))
    let told = try stage.run("wait 1h; validate staging api")
    #expect(told.ending == .ok)
    #expect(told.elapsed < .seconds(60))
  }

  @Test func rolloutThatArrivedInUnseenTimeIsSeenAfterTheDeadline() throws {
    let text = "validate staging api; promote api by commit; wait rollout within 10m"
    let stage = try Future(text).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(5)))
    try stage.pass(.seconds(7200))
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func lockTakenByAnotherMeanwhileIsSaidAndTheWatchGoesOn() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(900)))
    try stage.pass(.seconds(900))
    let claim = LockHolder(
      environment: production,
      run: try #require(RunID("other-run")),
      holder: "grace@desk",
      reason: "the friday release",
      plan: ["production/web …"],
      expires: stage.simulated.time.now + .seconds(86_400)
    )
    _ = try stage.do { try await $0.writing.repository.takeLock(claim, takingOver: false) }
    let told = try stage.run(quickRelease)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("grace@desk") })
    #expect(stage.locks[production]?.run.text == "other-run")
  }
}
