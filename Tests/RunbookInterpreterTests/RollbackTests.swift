import PromotionModel
import RunLog
import RunStore
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct RollbackTests {
  /// A stage on which a run has promoted the api well.
  private func released() throws -> Stage {
    let stage = try Future(quickRelease).stage()
    let told = try stage.run(quickRelease, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    return stage
  }

  @Test func withoutToReturnsWhatAFormerRunOfTheJournalPromoted() throws {
    let stage = try released()
    let told = try stage.run("rollback production api because \"login fails\"; monitor 30m production api")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.exit == 0)
    #expect(stage.tag(api) == "api-v1.2.2")
    #expect(stage.running(api) == "1.2.2")
    #expect(stage.commitsOfRuns.last?.subject == "rollback(api): revert production to v1.2.2 due to login fails")
    #expect(stage.commitsOfRuns.last?.trailer(Trailer.rollsBack) == "production/api api-v1.3.0 -> api-v1.2.2")
  }

  @Test func withoutToReturnsWhatTrailersTell() throws {
    // The journal is empty: the commits alone say what was promoted over what.
    let told = try Future("rollback production api").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.1")
    #expect(told.stage.running(api) == "1.2.1")
    #expect(told.stage.tag(web) == "web-v5.0.0")
  }

  @Test func neverReturnsToAVersionThatWasRolledBackFrom() throws {
    let stage = try released()
    #expect(try stage.run("rollback production api", as: "run-1").ending == .ok)
    let again = try stage.run("rollback production api", as: "run-2")
    #expect(again.stage.tag(api) != "api-v1.3.0")
    // What stood before 1.2.2 is the next to go back to, by the trailers.
    #expect(again.stage.tag(api) == "api-v1.2.1", "\(again.story)")
  }

  @Test(arguments: [true, false])
  func neverReturnsToAVersionThatCameBackAfterItWasRolledBackFrom(knowsFormerRuns: Bool) throws {
    let stage = try released()
    #expect(try stage.run("rollback production api", as: "run-1").ending == .ok)
    #expect(try stage.run(quickRelease, as: "run-2").ending == .ok)
    let next = try #require(Version("1.4.0"))
    try stage.commit("api-v\(next)", of: api, in: staging)
    try stage.pass(.seconds(600))
    #expect(try stage.run(quickRelease, as: "run-3").ending == .ok)
    #expect(stage.running(api) == "1.4.0")
    let told = try stage.run(
      "rollback production api",
      as: "run-4",
      journal: knowsFormerRuns ? nil : MemoryJournal()
    )
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("rollback production api to v1.2.2"))
    #expect(stage.tag(api) == "api-v1.4.0")
  }

  /// The same version was promoted before, and taken back; what stands now a person set by hand.
  @Test func versionThatSomebodySetByHandIsNotTakenBack() throws {
    let stage = try released()
    #expect(try stage.run("rollback production api", as: "run-1").ending == .ok)
    try stage.commit("api-v1.3.0", of: api, in: production)
    try stage.pass(.seconds(600))
    let told = try stage.run("rollback production api", as: "run-2")
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("api-v1.3.0 of api was promoted by no run"))
    #expect(stage.tag(api) == "api-v1.3.0")
  }

  @Test func explicitVersionThatRanIsBroughtBack() throws {
    let told = try Future("rollback production api to v1.2.1").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.2.1")
  }

  @Test func explicitVersionThatNeverRanIsRefusedWithTheList() throws {
    let told = try Future("rollback production api to v0.9.9").run()
    #expect(told.ending == .refused)
    #expect(told.exit == 2)
    #expect(told.message.contains("api-v0.9.9 never stood in production"))
    #expect(told.message.contains("rollback production api to v1.2.1"))
    told.expectUntouched()
  }

  @Test func whatStandsAlreadyIsSeenInTheClusterToo() throws {
    let same = try Future("rollback production api to v1.2.2").run()
    #expect(same.ending == .ok, "\(same.story)")
    #expect(same.message(of: "rollback").contains("runs already"))
    // Git says so, and the cluster runs something else: not done.
    let drifted = try Future("wait 1m; rollback production api to v1.2.2")
      .with(.liveImage(api, production, try version("1.1.1"))).run()
    #expect(drifted.ending != .ok, "\(drifted.story)")
  }

  @Test func nothingPromotedIsNothingToTakeBack() throws {
    let same = try version("1.2.2")
    let told = try Future("validate staging api; promote api; fail \"no\"; on failure { rollback promoted }")
      .containing { $0.versions[staging]?[api] = same }.run()
    #expect(told.ending == .failed)
    #expect(told.exit == 1)
    #expect(told.ending(of: "rollback") == .ok)
    told.expectUntouched()
  }

  @Test func beforeTheMergeItClosesThePullRequestAndDeletesTheBranch() throws {
    let told = try Future("validate staging all; promote all; fail \"no\"; on failure { rollback promoted }").run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 3)
    let pull = try #require(told.stage.pullRequests.first)
    #expect(pull.state == .closed)
    #expect(told.stage.simulated.forge.comments(on: pull.number).contains { $0.contains("Withdrawn by run run-1") })
    told.expectUntouched()
  }

  // The way back is printed with its version: it must do as much as `rollback promoted`.
  @Test(arguments: ["rollback production api to v1.2.2", "rollback production api"])
  func printedWayBackClosesTheOpenPullRequestToo(rollback: String) throws {
    let told = try Future("validate staging api; promote api; fail \"no\"; on failure { \(rollback) }").run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.closed])
    #expect(told.message(of: "rollback").hasPrefix("#101 closed; "))
    told.expectUntouched()
  }

  @Test func printedWayBackClosesWhatAFormerRunLeftOpen() throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    #expect(try stage.run(release, as: "run-1").ending == .timedOut)
    let told = try stage.run("rollback production api to v1.2.2", as: "run-2")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.map(\.state) == [.closed])
    told.expectUntouched()
  }

  @Test func versionThatNeverStoodClosesNothing() throws {
    let told = try Future("validate staging api; promote api; rollback production api to v0.9.9").run()
    #expect(told.ending(of: "rollback") == .refused, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.open])
  }

  @Test func pullRequestThatBringsTheNamedVersionIsNotInItsWay() throws {
    let stage = try released()
    #expect(try stage.run("rollback production api", as: "run-1").ending == .ok)
    #expect(try stage.run("validate staging api; promote api; wait 1m", as: "run-2").ending == .ok)
    let told = try stage.run("rollback production api to v1.3.0", as: "run-3")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.last?.state == .open)
  }

  @Test func pullRequestThatAFormerRunLeftOpenIsClosedAndNothingElse() throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    let held = try stage.run(release, as: "run-1")
    #expect(held.waysBack.last == "rollback production api, web, project-management")
    let told = try stage.run("rollback production api", as: "run-2")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "rollback").contains("#101 closed; nothing of it reached production"))
    told.expectUntouched()
  }

  @Test func pullRequestThatWasMergedUnseenIsTakenBack() throws {
    let stage = try Future(release).with(.reviewer(.merges(after: .seconds(5 * 3600)))).stage()
    #expect(try stage.run(release, as: "run-1").ending == .timedOut)
    try stage.pass(.seconds(2 * 3600))
    #expect(stage.running(api) == "1.3.0")
    let told = try stage.run("rollback production api", as: "run-2")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.running(api) == "1.2.2")
    #expect(stage.running(web) == "5.0.1")
  }

  @Test func wholeFileThatWasBroughtGoesBack() throws {
    let told = try Future("validate staging api; promote api by commit; fail \"no\"; on failure { rollback promoted }")
      .replacing("copy: tag", "copy: file").run()
    #expect(told.exit == 3, "\(told.story)")
    let path = "syrf/environments/production/api/config.yaml"
    let first = try #require(told.stage.simulated.repository.commits.last { $0.author != "Release Manager" }?.id)
    // Per value: a comment that came along may stay.
    func values(_ bytes: [UInt8]?) -> [Substring] {
      String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    let repository = told.stage.simulated.repository
    #expect(values(repository.file(path)) == values(repository.file(path, at: first)))
    #expect(values(repository.file(path)).contains { $0.contains("envName: production") })
  }

  @Test(arguments: [true, false])
  func printedWayBackTakesEveryPathBack(isTheSameRun: Bool) throws {
    let promote = "validate staging api; promote api by commit; wait rollout"
    let back = "rollback production api to v1.2.2"
    let future = try Future(promote).replacing("copy: tag", "copy: [service.chartTag, service.replicas]")
    let stage = try future.stage()
    let path = "syrf/environments/production/api/config.yaml"
    func replicas() -> Substring? {
      String(decoding: stage.simulated.repository.file(path) ?? [], as: UTF8.self).split(separator: "\n")
        .first { $0.contains("replicas") }
    }
    let before = replicas()
    #expect(before != nil)
    if isTheSameRun {
      let told = try stage.run("\(promote); fail \"no\"; on failure { \(back) }")
      #expect(told.exit == 3, "\(told.story)")
    } else {
      #expect(try stage.run(promote, as: "run-1").ending == .ok)
      #expect(replicas() != before)
      let told = try stage.run(back, as: "run-2")
      #expect(told.ending == .ok, "\(told.story)")
    }
    #expect(stage.tag(api) == "api-v1.2.2")
    #expect(replicas() == before)
  }

  // MARK: Rule 1

  @Test func supersededValueIsLeftAloneAndTheOthersGoBack() throws {
    let told = try Future(
      "validate staging all; promote all by commit; wait 10m; fail \"no\"; on failure { rollback promoted }"
    ).with(.foreignTag(api, production, try version("1.2.9")), .afterPromotion(.seconds(120))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(told.ending(of: "rollback") == .undetermined)
    #expect(told.message(of: "rollback").contains("changed by Ada"))
    #expect(told.stage.tag(api) == "api-v1.2.9")
    #expect(told.stage.running(api) == "1.2.9")
    #expect(told.stage.tag(web) == "web-v5.0.0")
    #expect(told.stage.running(web) == "5.0.0")
    #expect(told.stage.running(management) == "10.44.3")
  }

  /// A handler names the version that stood there when it was written; a hotfix that came meanwhile is not its own.
  @Test func namedVersionInAHandlerLeavesTheWorkOfOthersAlone() throws {
    let told = try Future(
      "validate staging api; wait 10m; promote api by commit; on failure { rollback production api to v1.2.2 }"
    ).with(.foreignTag(api, production, try version("1.2.9")), .after(.seconds(60))).run()
    #expect(told.ending(of: "promote") == .refused, "\(told.story)")
    #expect(told.message(of: "rollback").contains("nothing was promoted"))
    #expect(told.ending == .refused && told.exit == 2)
    #expect(told.stage.tag(api) == "api-v1.2.9" && told.stage.commitsOfRuns.isEmpty)
  }

  @Test func namedVersionInAHandlerLeavesWhatOthersMadeOfItAlone() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait 10m; fail \"no\"; on failure { rollback production api to v1.2.2 }"
    ).with(.foreignTag(api, production, try version("1.2.9")), .afterPromotion(.seconds(120))).run()
    #expect(told.ending(of: "rollback") == .undetermined, "\(told.story)")
    #expect(told.message(of: "rollback").contains("changed by Ada"))
    #expect(told.stage.tag(api) == "api-v1.2.9" && told.stage.commitsOfRuns.count == 1)
  }

  /// Rule 1: what a run never promoted is the last good release of somebody.
  @Test(arguments: [
    "rollback api", "rollback production api", "rollback production all", "rollback production api by undo",
  ])
  func handlerTakesBackOnlyWhatItsRunPromoted(rollback: String) throws {
    let told = try Future("validate staging api; promote api by commit; monitor 30m; on failure { \(rollback) }")
      .with(.image(ImageFault(api, in: staging, versions: .any, .health(.status(503), after: .zero)))).run()
    #expect(told.ending(of: "validate") == .failed, "\(told.story)")
    #expect(told.ending(of: "rollback") == .ok)
    #expect(told.message(of: "rollback").contains("nothing was promoted"))
    #expect(told.exit == 1)
    told.expectUntouched()
  }

  /// Rule 5, for services that are named as for those that were promoted.
  @Test(arguments: ["rollback production api", "rollback production api to v1.2.1", "rollback production all"])
  func handlerThatNamesServicesHoldsTooWhereNothingIsProven(rollback: String) throws {
    let told = try Future("wait rollout production api within 1m; on failure { \(rollback) }")
      .with(.networkLost(for: .seconds(3600))).run()
    #expect(told.ending == .undetermined || told.ending == .timedOut, "\(told.story)")
    #expect(told.message(of: "rollback").contains("holding: "))
    told.expectUntouched()
  }

  /// What was taken back is what is to be looked at then; without targets as with them.
  @Test func whatWasTakenBackIsLookedAtAfterwards() throws {
    let told = try Future(
      "validate staging api; promote api by commit; monitor 30m; on failure { rollback promoted; verify; monitor 30m }"
    ).with(api, .crashes(after: .seconds(180))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.message(of: "verify").contains("api-v1.2.2"))
    #expect(told.elapsed > .seconds(1800 + 180))
  }

  /// Rule 4: a handler that changed production leaves no *refused*.
  @Test func refusalWhoseHandlerChangedProductionIsNone() throws {
    let stage = try released()
    let told = try stage.run(
      "require version of api in staging is v9.9.9; on failure { rollback production api to v1.2.2 }",
      as: "run-1"
    )
    #expect(told.ending(of: "rollback") == .ok, "\(told.story)")
    #expect(told.ending == .failed && told.exit == 1, "\(told.message)")
    #expect(stage.tag(api) == "api-v1.2.2")
  }

  @Test func whollySupersededIsHandsOff() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait 10m; fail \"no\"; on failure { rollback promoted }"
    ).with(.foreignTag(api, production, try version("1.2.9")), .afterPromotion(.seconds(120))).run()
    #expect(told.ending(of: "rollback") == .undetermined, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.9")
    #expect(told.stage.commitsOfRuns.count == 1)
  }

  @Test func changeByOthersRightBeforeThePushIsNotOverwritten() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait 10m; fail \"no\"; on failure { rollback promoted }"
    ).with(.foreignTag(api, production, try version("1.2.9")), .before(.repositoryCommit, occurrence: 2)).run()
    #expect(told.ending(of: "rollback") == .undetermined, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.9")
  }

  // MARK: Rescue is stubborn (rule 7)

  @Test func networkLostWhenItIsNeededDelaysItOnly() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait 10m; fail \"no\"; on failure { rollback promoted }"
    )
    .with(.networkLost(for: .seconds(600)), .afterPromotion(.seconds(540))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 3)
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test(arguments: [Touch.repositoryCommit, .repositoryTakeLock])
  func answerThatIsLostIsAdopted(touch: Touch) throws {
    let told = try Future("validate staging api; promote api by commit; fail \"no\"; on failure { rollback promoted }")
      .with(.call(touch, occurrence: 2, .answerLost)).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.commitsOfRuns.count == 2)
  }

  @Test func answerToTheClosingThatIsLostIsAdopted() throws {
    let told = try Future("validate staging api; promote api; fail \"no\"; on failure { rollback promoted }")
      .with(.call(.forgeClose, occurrence: 1, .answerLost)).run()
    #expect(told.exit == 3, "\(told.story)")
    told.expectUntouched()
  }

  @Test func pushThatTheServerRefusesTakesNothingBackAndSaysSo() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait 1m; fail \"no\"; on failure { rollback promoted }"
    )
    .with(.pushesRejected(100), .afterPromotion(.seconds(10))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(told.message(of: "rollback").contains("nothing was taken back"))
    #expect(told.stage.tag(api) == "api-v1.3.0")
  }

  @Test func versionBeforeThatDoesNotComeUpIsNoReturn() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait 10m; fail \"no\"; on failure { rollback promoted }"
    )
    .with(
      .image(ImageFault(api, in: production, versions: .exactly(try version("1.2.2")), .neverReady)),
      .afterPromotion(.seconds(500))
    ).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 1)
    #expect(told.ending(of: "rollback") == .timedOut)
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  @Test func twiceByOneRunGoesBackStepByStep() throws {
    let stage = try released()
    _ = try stage.do { world in try await world.reading.clock.sleep(for: .seconds(60)) }
    let told = try stage.run("rollback production api; rollback production api to v1.3.0; monitor 30m production api")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.running(api) == "1.3.0")
  }
}
