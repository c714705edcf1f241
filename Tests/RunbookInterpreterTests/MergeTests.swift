import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter
@testable import SimulatedWorld

/// `merge`: the run itself merges what people have approved, at exactly the planned head.
@Suite struct MergeTests {
  private static let text = "validate staging api; promote api; merge within 1h; monitor 30m"

  private func merging(_ reviewer: Review = .merges(after: .seconds(1200))) -> Future {
    Future(Self.text).with(.reviewer(reviewer))
  }

  @Test func approvedIsMergedByTheRun() throws {
    let told = try merging().run()
    #expect(told.ending == .ok, "\(told.story)")
    let pull = try #require(told.stage.pullRequests.first)
    #expect(pull.state == .merged && pull.mergedBy == "slipway")
    #expect(told.progress.contains { $0.contains("nobody has approved it yet") })
    #expect(told.message(of: "merge").contains("#101 merged by slipway as"))
    // The reviewer approves a minute before merging would come to mind.
    let merged = try #require(told.last("pull-request.changed")?.time)
    #expect(merged - told.start > .seconds(1130) && merged - told.start < .seconds(1210))
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test(arguments: MergeMethod.allCases) func theConfigurationSaysHow(method: MergeMethod) throws {
    let told = try merging().replacing("merge: merge }", "merge: \(method.rawValue) }").run()
    #expect(told.ending == .ok, "\(told.story)")
    let pull = try #require(told.stage.pullRequests.first)
    let merge = try #require(pull.mergeCommit)
    let isAncestor = try told.stage.do { try await $0.reading.repository.contains(pull.head, in: merge) }
    #expect(isAncestor == (method == .merge))
  }

  @Test func mergedBySomebodyElseIsSuccess() throws {
    let told = try merging().replacing("merge: merge }", "merge: merge, every: 10m }").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.pullRequests.first?.mergedBy == "Reviewer")
    #expect(told.message(of: "merge").contains("merged by Reviewer"))
  }

  @Test func nobodyApprovingTimesOutAndSaysWhatIsMissing() throws {
    let told = try merging(.neverComes).run()
    #expect(told.ending == .timedOut && told.exit == 4, "\(told.story)")
    #expect(told.message.contains("#101 was not merged in time (nobody has approved it yet), and stays open"))
    #expect(told.stage.pullRequests.map(\.state) == [.open])
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  @Test func closedIsRefused() throws {
    let told = try merging(.closes(after: .seconds(300))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("#101 was closed without being merged"))
    told.expectUntouched()
  }

  @Test func frozenMeanwhileIsRefused() throws {
    let told = try Future(
      "validate staging api; promote api\nfreeze production until 2026-01-08T08:00+00:00 because \"a holiday\"\nmerge"
    ).with(.reviewer(.merges(after: .seconds(600)))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.ending(of: "merge") == .refused)
    #expect(told.message.contains("production is frozen until"))
    #expect(told.stage.pullRequests.map(\.state) == [.open])
  }

  @Test func aLockThatAnotherRunTookIsRespected() throws {
    let told = try merging().with(.foreignLock(production, for: .seconds(7200)), .after(.seconds(600))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("production is locked by run run-of-grace of grace@desk"))
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  @Test func whatWasValidatedTooLongAgoIsNotMerged() throws {
    let told = try Future("validate staging api; promote api; merge within 3d; monitor 30m")
      .with(.reviewer(.merges(after: .seconds(2 * 86_400)))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("api: validated in staging more than 1d ago: promote again"))
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  @Test(arguments: [
    CallFault.answerLost, .fails(.unreachable), .fails(.timedOut), .fails(.refused), .late(by: .seconds(90)),
  ])
  func aMergeThatAnswersBadlyIsLookedUp(fault: CallFault) throws {
    let told = try merging().with(.call(.forgeMerge, occurrence: 1, fault)).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.merged])
    #expect(told.stage.commitsOfRuns.count == 1)
  }

  @Test func aForgeThatRefusesAgainAndAgainIsBelieved() throws {
    let told = try merging(.merges(after: .seconds(600))).replacing("merge: merge }", "merge: merge, every: 5s }")
      .with(.call(.forgeMerge, occurrence: 1, .fails(.refused))).with(
        .call(.forgeMerge, occurrence: 2, .fails(.refused))
      )
      .with(.call(.forgeMerge, occurrence: 3, .fails(.refused))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("#101 was not merged: gh refused: "))
  }

  @Test(arguments: 1...18) func goneAtAnyWriteAndResumed(write: Int) throws {
    let stage = try merging(.merges(after: .seconds(600))).stage()
    _ = try stage.run(Self.text, dying: .atWrite(write))
    try stage.pass(.seconds(30))
    var told = try stage.run(Self.text)
    for _ in 0..<4 where told.ending == .interrupted { told = try stage.run(Self.text) }
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.map(\.state) == [.merged])
    #expect(stage.commitsOfRuns.count == 1)
    #expect(stage.running(api) == "1.3.0" && stage.locks.isEmpty)
  }

  // MARK: The approval is of the plan

  /// A run that waits, what somebody does meanwhile, and how it goes on.
  private func meanwhile(
    _ gate: String,
    _ reviewer: Review = .merges(after: .seconds(1200)),
    _ change: (Stage, PullRequest) throws -> Void
  ) throws -> Told {
    let text = "validate staging api; promote api; wait 10m; \(gate); monitor 30m"
    let stage = try Future(text).with(.reviewer(reviewer)).stage()
    let cut = try stage.run(text, dying: .interrupted(after: .seconds(300)))
    #expect(cut.ending == .interrupted)
    try change(stage, try #require(stage.pullRequests.first))
    return try stage.run(text)
  }

  private func expectVoid(_ told: Told, _ gate: String, _ words: String, _ location: SourceLocation = #_sourceLocation)
  {
    #expect(told.exit == 2, "\(told.story)", sourceLocation: location)
    #expect(told.ending(of: gate) == .refused, sourceLocation: location)
    #expect(told.message.contains("the approval of #101 is void: "), sourceLocation: location)
    #expect(told.message.contains(words), "\(told.message)", sourceLocation: location)
    #expect(told.message.contains("/101 was open when it was last looked at"), sourceLocation: location)
    #expect(told.stage.pullRequests.map(\.state) == [.open], sourceLocation: location)
    guard let head = told.stage.pullRequests.first?.head else { return }
    let status = told.stage.simulated.forge.statuses(of: head)["slipway/plan"]
    #expect(status?.state == .failure, sourceLocation: location)
    #expect(status?.description.contains("not as planned") == true, sourceLocation: location)
  }

  @Test(arguments: ["wait merge", "merge"]) func commitsAddedToTheBranchVoidIt(gate: String) throws {
    let other = try version("1.2.9")
    let told = try meanwhile(gate) { stage, pull in
      let service = try #require(stage.fleet.service(api))
      stage.simulated.simulation.update {
        _ = $0.commitForeignTag(service, production, other, onBranch: pull.branch, at: pull.head)
      }
    }
    expectVoid(told, gate, "commits were added to production-promotion-run-1: it was planned at ")
  }

  @Test(arguments: ["wait merge", "merge"]) func aMovedStagingVersionVoidsIt(gate: String) throws {
    let told = try meanwhile(gate) { stage, _ in try stage.commit("api-v1.3.1", of: api, in: staging) }
    expectVoid(told, gate, "api in staging is no longer api-v1.3.0 but api-v1.3.1, by ")
  }

  @Test(arguments: ["wait merge", "merge"]) func theSameFileChangedOnTheBaseVoidsIt(gate: String) throws {
    let told = try meanwhile(gate) { stage, _ in try stage.commit("api-v1.2.9", of: api, in: production) }
    expectVoid(told, gate, "was changed on main since it was planned: api api-v1.2.2 → api-v1.2.9, by ")
  }

  @Test func anotherLineOfTheSameFileVoidsItToo() throws {
    let told = try meanwhile("merge") { stage, _ in
      let path = try #require(
        try stage.do { world in
          let head = try await world.reading.repository.head().id
          return try await world.reading.repository.declared(production, at: head).services[api]?.file
        }
      )
      stage.simulated.simulation.update { outside in
        guard let head = outside.repository.head, let file = outside.repository.files(at: head)[path] else { return }
        let id = outside.repository.add(
          parents: [head],
          changes: [path: file + Array("more: true\n".utf8)],
          author: "Ada",
          time: outside.now,
          message: CommitMessage(subject: "more", trailers: [])
        )
        outside.move("main", to: id)
      }
    }
    expectVoid(told, "merge", "`+more: true`")
  }

  @Test(arguments: ["wait merge", "merge"]) func foreignCommitsElsewhereDoNot(gate: String) throws {
    let told = try Future("validate staging api; promote api; \(gate); monitor 30m")
      .with(.foreignCommits(every: .seconds(61))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(!told.message(of: gate).contains("void"))
  }

  @Test func mergedInSpiteOfAVoidApprovalIsToldAsThat() throws {
    // Nobody watches while staging moves and the reviewer merges all the same.
    let told = try meanwhile("wait merge", .merges(after: .seconds(400))) { stage, pull in
      try stage.commit("api-v1.3.1", of: api, in: staging)
      try stage.pass(.seconds(300))
      #expect(stage.pullRequests.first?.state == .merged)
    }
    #expect(told.ending == .ok, "\(told.story)")
    #expect(
      told.message(of: "wait merge").contains("in spite of a void approval: api in staging is no longer api-v1.3.0")
    )
    #expect(told.warnings.contains { $0.contains("in spite of a void approval") })
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func aVoidOneIsWithdrawnByTheHandler() throws {
    let told = try Future(release).with(.reviewer(.neverComes))
      .with(.foreignTag(api, staging, try version("1.3.1")), .after(.seconds(300))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.closed])
    told.expectUntouched()
  }

  @Test func theTextNamesThePlanAndAnotherOneVoidsIt() throws {
    let told = try Future("validate staging api; promote api").with(.reviewer(.neverComes)).run()
    let pull = try #require(told.stage.pullRequests.first)
    let plan = try #require(pull.plan)
    let body = try #require(told.stage.simulated.forge.body(of: pull.number))
    #expect(body.contains(plan.line))
    var promotion = try #require(told.planned)
    #expect(PlanDigest(promotion.changes, promotion.diffs) == plan)
    promotion.changes.services[0].toTag = "api-v1.3.1"
    #expect(PlanDigest(promotion.changes, promotion.diffs) != plan)
    #expect(PlanDigest(promotion.changes, []) != PlanDigest(promotion.changes, promotion.diffs))
  }

  // MARK: `show pull requests`

  @Test func pullRequestsAreShown() throws {
    let told = try Future("validate staging api; promote api; show pull requests").with(.reviewer(.neverComes)).run()
    #expect(told.ending == .ok, "\(told.story)")
    let table = try #require(told.tables.first)
    #expect(table.columns == ["NUMBER", "TITLE", "BRANCH", "LABELS", "STATE", "URL"])
    #expect(
      table.rows == [
        [
          "#101", "promote(api): v1.3.0 → production", "production-promotion-run-1", "requires-review", "open",
          "https://forge.example/acme/cluster-gitops/pull/101",
        ]
      ]
    )
  }

  @Test func closedOnesAreNotShown() throws {
    let told = try Future("show pull requests").run()
    #expect(told.ending == .ok && told.message(of: "show") == "0 lines", "\(told.story)")
  }
}

extension Told {
  fileprivate var planned: (changes: ChangeSet, diffs: [FileDiff])? {
    events.lazy.compactMap { if case .planned(let changes, let diffs) = $0.body { (changes, diffs) } else { nil } }
      .first
  }
}

/// Where the branch takes what comes through its merge queue alone.
@Suite struct MergeQueueTests {
  private static let text = "validate staging api; promote api; merge within 1h; monitor 30m"

  private func queueing(
    _ queue: MergeQueue,
    _ text: String = Self.text,
    _ reviewer: Review = .merges(after: .seconds(600))
  )
    -> Future
  {
    Future(text).containing { $0.mergeQueue = queue }.with(.reviewer(reviewer))
  }

  @Test func approvedIsQueuedAtThePlannedHeadAndWaitedFor() throws {
    let told = try queueing(MergeQueue(takes: .seconds(300))).run()
    #expect(told.ending == .ok, "\(told.story)")
    let pull = try #require(told.stage.pullRequests.first)
    #expect(pull.state == .merged && pull.mergedBy == "slipway")
    #expect(told.progress.contains("#101: it waits in the merge queue"))
    // Approved after nine minutes, queued, and merged five minutes later.
    let merged = try #require(told.last("pull-request.changed")?.time)
    #expect(merged - told.start > .seconds(840) && merged - told.start < .seconds(900))
    #expect(told.stage.running(api) == "1.3.0" && told.stage.locks.isEmpty)
  }

  @Test func oneThatIsPutOutOnceIsQueuedAgain() throws {
    let told = try queueing(MergeQueue(takes: .seconds(120), failures: 1)).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.pullRequests.map(\.state) == [.merged])
  }

  @Test func oneThatIsPutOutAgainAndAgainIsRefused() throws {
    let told = try queueing(MergeQueue(takes: .seconds(120), failures: 100)).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("#101 was not merged: the merge queue has put it out 3 times"), "\(told.message)")
    #expect(told.stage.pullRequests.map(\.state) == [.open] && told.stage.pullRequests.map(\.isQueued) == [false])
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  @Test func aQueueThatIsTooSlowIsLeft() throws {
    let stage = try queueing(MergeQueue(takes: .seconds(2 * 3600))).stage()
    let told = try stage.run(Self.text)
    #expect(told.ending == .timedOut && told.exit == 4, "\(told.story)")
    #expect(told.message.contains("#101 was not merged in time (it waits in the merge queue), and stays open"))
    #expect(told.message.contains("it is no longer in the merge queue"), "\(told.message)")
    try stage.pass(.seconds(4 * 3600))
    #expect(stage.pullRequests.map(\.state) == [.open] && stage.tag(api) == "api-v1.2.2")
  }

  @Test func aQueueThatCannotBeLeftIsSaid() throws {
    let told = try queueing(MergeQueue(takes: .seconds(2 * 3600)))
      .with(.call(.forgeLeaveQueue, occurrence: 1, .fails(.unauthorized))).run()
    #expect(told.exit == 4, "\(told.story)")
    #expect(told.message.contains("it may still be merged by the merge queue"), "\(told.message)")
  }

  @Test func oneThatIsMergedInThatMomentIsMerged() throws {
    // The deadline is over at 3600 s, the queue is done with it while it is to be taken out.
    let stage = try queueing(MergeQueue(takes: .seconds(3100)), Self.text, .merges(after: .seconds(600)))
      .with(.call(.forgeLeaveQueue, occurrence: 1, .hangs(for: .seconds(90)))).stage()
    let told = try stage.run(Self.text)
    #expect(stage.pullRequests.map(\.state) == [.merged], "\(told.story)")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func whatMovedWhileItIsQueuedIsTakenOut() throws {
    let told = try queueing(MergeQueue(takes: .seconds(1200)))
      .with(.foreignTag(api, staging, try #require(Version("1.3.1"))), .after(.seconds(900))).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("is void: "), "\(told.message)")
    #expect(told.message.contains("it is no longer in the merge queue"), "\(told.message)")
    #expect(told.stage.pullRequests.map(\.isQueued) == [false] && told.stage.tag(api) == "api-v1.2.2")
  }

  /// Somebody else's place in the queue is theirs.
  @Test func whatSomebodyElseQueuedStaysQueued() throws {
    let stage = try queueing(
      MergeQueue(takes: .seconds(3 * 3600)),
      "validate staging api; promote api; wait 20m; merge within 30m",
      .merges(after: .seconds(600))
    ).stage()
    let told = try stage.run("validate staging api; promote api; wait 20m; merge within 30m")
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(stage.pullRequests.map(\.isQueued) == [true])
    #expect(!told.message.contains("no longer in the merge queue"))
  }

  @Test(arguments: [CallFault.answerLost, .fails(.unreachable), .fails(.timedOut), .late(by: .seconds(90))])
  func anEntryThatAnswersBadlyIsLookedUp(fault: CallFault) throws {
    let told = try queueing(MergeQueue(takes: .seconds(120))).with(.call(.forgeMerge, occurrence: 1, fault)).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.commitsOfRuns.count == 1)
  }

  @Test(arguments: 1...20) func goneAtAnyWriteAndResumed(write: Int) throws {
    let stage = try queueing(MergeQueue(takes: .seconds(180))).stage()
    _ = try stage.run(Self.text, dying: .atWrite(write))
    try stage.pass(.seconds(60))
    var told = try stage.run(Self.text)
    for _ in 0..<4 where told.ending == .interrupted { told = try stage.run(Self.text) }
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.map(\.state) == [.merged])
    #expect(stage.commitsOfRuns.count == 1)
    #expect(stage.running(api) == "1.3.0" && stage.locks.isEmpty)
  }

  /// A rollback takes it out of the queue with its pull request.
  @Test func aRollbackClosesWhatIsQueued() throws {
    let text =
      "validate staging api; promote api; merge within 30m; on failure { rollback promoted even if undetermined }"
    let told = try queueing(MergeQueue(takes: .seconds(2 * 3600)), text).run()
    #expect(told.stage.pullRequests.map(\.state) == [.closed], "\(told.story)")
    #expect(told.stage.pullRequests.map(\.isQueued) == [false] && told.stage.tag(api) == "api-v1.2.2")
  }
}
