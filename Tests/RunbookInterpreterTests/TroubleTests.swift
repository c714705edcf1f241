import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `restart` and `sync`.
@Suite struct TroubleTests {
  private func pods(_ stage: Stage, _ service: ServiceName) -> Set<String> {
    Set(stage.simulated.snapshot(of: production).services[service]?.pods.map(\.uid) ?? [])
  }

  // MARK: Restart

  @Test func restartGivesEveryServiceNewPodsOneAfterTheOther() throws {
    let stage = try Future("restart production api, web").stage()
    let before = (pods(stage, api), pods(stage, web))
    let told = try stage.run("restart production api, web")
    #expect(told.ending == .ok && told.exit == 0, "\(told.story)")
    #expect(told.message(of: "restart") == "api, web restarted, and every pod is new and ready")
    #expect(pods(stage, api).isDisjoint(with: before.0) && pods(stage, api).count == 2)
    #expect(pods(stage, web).isDisjoint(with: before.1))
    // The versions stay, and git is not written.
    #expect(stage.running(api) == "1.2.2" && stage.commitsOfRuns.isEmpty)
    let begun = told.events.filter { if case .progress("restarting") = $0.body { true } else { false } }
    #expect(begun.map(\.service) == [api, web])
    let arrived = told.events.lastIndex { event in
      if case .progress = event.body { event.service == api } else { false }
    }
    let second = told.events.firstIndex { $0.service == web }
    #expect(try #require(arrived) < (try #require(second)), "\(told.story)")
  }

  @Test func restartThatDoesNotComeUpFailsAndBeginsNoOther() throws {
    let told = try Future("restart production api, web")
      .with(.image(ImageFault(api, in: production, versions: .any, .crashes(after: .seconds(1))))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message(of: "restart").hasSuffix("not begun: web"), "\(told.message(of: "restart"))")
    #expect(told.badSigns.count == 1)
  }

  @Test func restartIsNotMadeTwiceByARunThatIsResumed() throws {
    let stage = try Future("restart production api").stage()
    let cut = try stage.run("restart production api", dying: .interrupted(after: .seconds(6)))
    #expect(cut.ending == .interrupted, "\(cut.story)")
    try stage.pass(.seconds(300))
    let between = pods(stage, api)
    let told = try stage.run("restart production api")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(pods(stage, api) == between)
  }

  @Test func restartThatGotNoAnswerIsAskedAgainAndMadeOnce() throws {
    let future = Future("restart production api").with(.call(.deliveryRestart, occurrence: 1, .answerLost))
    let told = try future.run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("asking again") })
  }

  // MARK: Sync

  @Test func syncBringsBackWhatSomebodySetPastGit() throws {
    let drifted = try Future("wait 1m; sync production api")
      .with(.liveImage(api, production, try #require(Version("1.1.1"))))
    let told = try drifted.run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "sync") == "api api-v1.2.2 synced and rolled out")
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func syncWaitsForTheOperationOfAnotherAndThenAsksForItsOwn() throws {
    let stage = try Future("sync production api").stage()
    try stage.commit("api-v1.2.1", of: api, in: production)
    // Until Argo CD is in the middle of it.
    var isRunning = false
    for _ in 0..<600 where !isRunning {
      try stage.pass(.milliseconds(100))
      isRunning = stage.simulated.snapshot(of: production).services[api]?.application?.operation?.isRunning ?? false
    }
    #expect(isRunning)
    let told = try stage.run("sync production api")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.progress.contains { $0.hasPrefix("waiting: a sync to api-v1.2.1 is Running") }, "\(told.story)")
    #expect(told.progress.contains("Argo CD is asked to sync"))
    #expect(stage.running(api) == "1.2.1")
  }

  @Test func syncThatIsNoLongerOverInTimeSaysSo() throws {
    let told = try Future("sync production api").with(.call(.deliverySync, occurrence: 1, .fails(.unauthorized))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message(of: "sync").contains("api was not synced: kubectl unauthorized"))
  }

  @Test func replacingResourcesSaysWhatItMayDo() throws {
    let told = try Future("sync production api replacing resources because \"immutable field\"").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings == ["what cannot be patched is deleted and made anew: immutable field"])
  }
}
