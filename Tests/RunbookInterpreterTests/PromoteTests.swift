import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter
@testable import SimulatedWorld

@Suite struct PromoteTests {
  @Test(arguments: [nil, MergeMethod.merge, .squash, .rebase])
  func goodReleaseEndsWellHoweverItIsMerged(method: MergeMethod?) throws {
    let told = try Future(release).with(.reviewer(.merges(after: .seconds(600), method: method))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.exit == 0)
    #expect(
      told.stage.whole == [
        "api: api-v1.3.0 1.3.0", "web: web-v5.0.1 5.0.1", "project-management: pm-v10.45.0 10.45.0",
        "docs: docs-v0.9.0 -",
      ]
    )
    #expect(told.stage.pullRequests.map(\.state) == [.merged])
    #expect(told.stage.pullRequests.first?.labels == ["requires-review"])
    #expect(told.stage.locks.isEmpty)
    #expect(told.elapsed > .seconds(40 * 60))
  }

  @Test func byCommitPushesWithoutPullRequest() throws {
    let told = try Future(quickRelease).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.exit == 0)
    #expect(told.stage.pullRequests.isEmpty)
    #expect(told.stage.branches == ["main"])
    #expect(told.stage.commitsOfRuns.map(\.subject) == ["promote(api): v1.3.0 → production"])
    #expect(told.stage.running(api) == "1.3.0")
    #expect(told.stage.running(web) == "5.0.0")
  }

  @Test func wholeFileIsCopied() throws {
    let told = try Future(quickRelease).replacing("copy: tag", "copy: file").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func theWayBackIsSaidBeforeAnythingIsPushed() throws {
    let told = try Future(release).run()
    let way = try #require(told.names.firstIndex(of: "way-back"))
    let push = try #require(told.names.firstIndex(of: "lock.taken"))
    #expect(way < push)
    #expect(told.waysBack.contains("rollback production api to v1.2.2"))
    #expect(told.waysBack.count == 3)
  }

  @Test func disabledServiceIsLeftOut() throws {
    let told = try Future(release).run()
    #expect(told.progress.contains { $0.contains("left out") && $0.contains("disabled") })
    #expect(told.stage.tag(docs) == "docs-v0.9.0")
  }

  // MARK: Refusals leave nothing behind

  @Test(arguments: ["", " by commit"])
  func stagingThatMovedSinceItWasValidatedIsRefused(way: String) throws {
    let told = try Future("validate staging api; wait 5m; promote api\(way); monitor 30m")
      .with(.foreignTag(api, staging, try version("1.3.1")), .after(.seconds(120))).run()
    #expect(told.ending == .refused)
    #expect(told.exit == 2)
    #expect(told.message.contains("moved from api-v1.3.0"))
    #expect(told.stage.pullRequests.isEmpty)
    told.expectUntouched()
  }

  @Test func stagingThatRunsSomethingElseThanSealedIsRefused() throws {
    let told = try Future("validate staging api; wait 5m; promote api by commit; monitor 30m")
      .with(.liveImage(api, staging, try version("1.1.0")), .after(.seconds(120))).run()
    #expect(told.ending == .refused)
    #expect(told.message.contains("no longer runs api-v1.3.0"))
    told.expectUntouched()
  }

  @Test func whatWasNotValidatedIsRefused() throws {
    let told = try Future("validate staging web; promote api by commit; monitor 30m").run()
    #expect(told.ending == .refused)
    #expect(told.exit == 2)
    #expect(told.message.contains("api was not validated"))
    told.expectUntouched()
  }

  @Test func withoutValidationWithAReasonPromotes() throws {
    let told = try Future("promote api by commit without validation because \"hotfix\"; monitor 30m").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test(arguments: [(23, Ending.ok), (25, .refused)])
  func sealsExpire(hours: Int, ending: Ending) throws {
    let told = try Future("validate staging api; wait \(hours)h; promote api by commit; monitor 30m").run()
    #expect(told.ending == ending, "\(told.story)")
    if ending == .refused {
      #expect(told.message.contains("1d"))
      told.expectUntouched()
    }
  }

  @Test func downgradeNeedsAReason() throws {
    func future(_ clause: String) throws -> Told {
      let older = try version("1.1.0")
      return try Future("validate staging api; promote api by commit\(clause); monitor 30m")
        .containing { $0.versions[staging]?[api] = older }.run()
    }
    let refused = try future("")
    #expect(refused.ending == .refused)
    #expect(refused.message.contains("older than"))
    refused.expectUntouched()
    let allowed = try future(" allowing downgrade because \"the new one leaks\"")
    #expect(allowed.ending == .ok, "\(allowed.story)")
    #expect(allowed.stage.running(api) == "1.1.0")
  }

  @Test func hotfixAboutToBeLostIsRefused() throws {
    func future(_ clause: String) throws -> Told {
      try Future("wait 10m; validate staging api; promote api by commit\(clause); monitor 30m")
        .with(.foreignTag(api, production, try version("1.2.9"))).run()
    }
    let refused = try future("")
    #expect(refused.ending == .refused)
    #expect(refused.message.contains("api-v1.2.9"))
    #expect(refused.message.contains("hotfix"))
    #expect(refused.stage.tag(api) == "api-v1.2.9")
    #expect(refused.stage.locks.isEmpty)
    let allowed = try future(" allowing unstaged because \"1.3.0 has it\"")
    #expect(allowed.ending == .ok, "\(allowed.story)")
  }

  @Test func versionThatNeverRanInStagingIsRefused() throws {
    let told = try Future(
      "promote api at v1.9.0 by commit without validation because \"hurry\"; monitor 30m"
    ).run()
    #expect(told.ending == .refused)
    #expect(told.message.contains("api-v1.9.0 never ran in staging"))
    told.expectUntouched()
  }

  /// However often it is asked, such a file cannot be edited: no matter of what could not be told.
  @Test func fileThatCannotBeEditedIsRefusedWithNothingChanged() throws {
    for text in ["validate staging api\npromote api by commit\nmonitor 30m", "rollback production api to v1.2.1"] {
      let stage = try Future(text).stage()
      let path = try #require(stage.simulated.simulation.look { $0.layout.files(in: production)[api] })
      stage.simulated.simulation.update { outside in
        guard let head = outside.repository.head else { return }
        let id = outside.repository.add(
          parents: [head],
          changes: [path: Array("tag: &tag api-v1.2.2\nservice:\n  chartTag: *tag\n  enabled: true\n".utf8)],
          author: "Ada",
          time: outside.now,
          message: CommitMessage(subject: "by hand", trailers: [])
        )
        outside.move("main", to: id)
      }
      let told = try stage.run(text)
      #expect(told.ending == .refused && told.exit == 2, "\(told.story)")
      #expect(told.message.contains("GitOps repository refused"), "\(told.message)")
      #expect(stage.running(api) == "1.2.2")
    }
  }

  @Test func nothingToChangeIsSuccess() throws {
    let same = try version("1.2.2")
    let told = try Future("validate staging api; promote api; wait merge; monitor 30m")
      .containing { $0.versions[staging]?[api] = same }.run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.exit == 0)
    #expect(told.message(of: "promote").contains("nothing to change"))
    told.expectUntouched()
  }

  @Test func serviceNewToProductionMustBeNamed() throws {
    func future(_ targets: String) throws -> Told {
      try Future("validate staging all; promote \(targets) by commit; monitor 30m")
        .containing {
          $0.versions[production]?[web] = nil
        }.run()
    }
    let all = try future("all")
    #expect(all.ending == .ok, "\(all.story)")
    #expect(all.stage.tag(web) == nil)
    #expect(all.progress.contains { $0.contains("must be named") })
    let named = try future("web")
    #expect(named.ending == .ok, "\(named.story)")
    #expect(named.stage.running(web) == "5.0.1")
    #expect(named.warnings.contains { $0.contains("no way back by statement") })
  }

  @Test func twoPromotionsOfOneRunEachHaveTheirPullRequest() throws {
    let told = try Future(
      """
      validate staging api, web
      promote api; wait merge; monitor 30m
      promote web; wait merge; monitor 30m
      """
    ).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.merged, .merged])
    #expect(told.stage.running(web) == "5.0.1")
  }

  // MARK: The server

  @Test(arguments: ["", " by commit"])
  func rejectedPushIsRefusedAndNothingIsHalfDone(way: String) throws {
    let told = try Future("validate staging api; promote api\(way); monitor 30m")
      .with(.pushesRejected(1)).run()
    #expect(told.ending == .refused)
    #expect(told.exit == 2)
    told.expectUntouched()
  }

  @Test func forgeThatSaysNoLeavesNoBranch() throws {
    let told = try Future("validate staging api; promote api; wait merge; monitor 30m")
      .with(.call(.forgeOpen, occurrence: 1, .fails(.unauthorized))).run()
    #expect(told.ending == .refused)
    #expect(told.exit == 2)
    told.expectUntouched()
  }

  @Test(arguments: [Touch.repositoryPropose, .forgeOpen, .repositoryTakeLock])
  func answerThatIsLostIsAdopted(touch: Touch) throws {
    let told = try Future(release).with(.call(touch, occurrence: 1, .answerLost)).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.pullRequests.count == 1)
    #expect(told.stage.commitsOfRuns.count == 1)
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func answerToACommitThatIsLostIsAdopted() throws {
    let told = try Future(quickRelease).with(.call(.repositoryCommit, occurrence: 1, .answerLost)).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.commitsOfRuns.count == 1)
  }

  @Test func foreignCommitsAllTheTimeLoseNothing() throws {
    let told = try Future(release).with(.foreignCommits(every: .seconds(7)))
      .with(api, .crashes(after: .seconds(300))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.exit == 3)
    let notes = told.stage.simulated.repository.commits.filter { $0.subject.hasPrefix("docs: note") }
    #expect(notes.count > 100)
    #expect(told.stage.simulated.repository.lostNotes(of: notes.count) == [])
    #expect(told.stage.tag(api) == "api-v1.2.2")
    #expect(told.stage.running(api) == "1.2.2")
  }
}

func version(_ text: String) throws -> Version { try #require(Version(text)) }
