import PromotionModel
import RunLog
import Synchronization
import Testing

@testable import RunbookInterpreter
@testable import SimulatedWorld

/// `rollback … by pr` and `by revert`: other ways back in git, with the same end: git, Argo CD and cluster agree.
@Suite struct RollbackWaysTests {
  private static let quick = "validate staging api\npromote api by commit\nmonitor 30m"

  /// A stage on which a run has promoted the api well.
  private func released(_ text: String = Self.quick, _ reviewer: Review = .merges(after: .seconds(600))) throws -> Stage
  {
    let stage = try Future(text).with(.reviewer(reviewer)).stage()
    let told = try stage.run(text, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    return stage
  }

  private func expectBack(_ told: Told, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(told.ending == .ok, "\(told.story)", sourceLocation: sourceLocation)
    #expect(told.stage.tag(api) == "api-v1.2.2", sourceLocation: sourceLocation)
    #expect(told.stage.running(api) == "1.2.2", sourceLocation: sourceLocation)
    #expect(told.stage.locks.isEmpty, sourceLocation: sourceLocation)
  }

  /// Somebody changes a file of the branch.
  private func edit(_ stage: Stage, _ service: ServiceName, _ change: @escaping @Sendable (String) -> String) throws {
    let path = try #require(stage.simulated.simulation.look { $0.layout.files(in: production)[service] })
    stage.simulated.simulation.update { outside in
      guard let head = outside.repository.head, let file = outside.repository.files(at: head)[path] else { return }
      let id = outside.repository.add(
        parents: [head],
        changes: [path: Array(change(String(decoding: file, as: UTF8.self)).utf8)],
        author: "Ada",
        time: outside.now,
        message: CommitMessage(subject: "by hand", trailers: [])
      )
      outside.move("main", to: id)
    }
  }

  // MARK: By pull request

  @Test(arguments: MergeMethod.allCases) func byPullRequestIsBackOnceMerged(method: MergeMethod) throws {
    let stage = try released(Self.quick, .merges(after: .seconds(600), method: method))
    let told = try stage.run("rollback production api by pr because \"login fails\"")
    expectBack(told)
    let pull = try #require(stage.pullRequests.first)
    #expect(pull.title == "rollback(api): revert production to v1.2.2 due to login fails")
    #expect(pull.branch == "production-rollback-run-1-0" && pull.labels == ["requires-review"])
    #expect(pull.state == .merged)
    let body = try #require(stage.simulated.forge.body(of: pull.number))
    #expect(body.contains("| api | `api-v1.3.0` | `api-v1.2.2` |") && body.contains("Reason: login fails"))
    #expect(body.contains("Plan `sha256:"))
    // A later run knows what was taken back, and from what.
    #expect(stage.commitsOfRuns.last?.trailer(Trailer.rollsBack) == "production/api api-v1.3.0 -> api-v1.2.2")
    #expect(told.elapsed > .seconds(600))
  }

  @Test func byPullRequestNobodyMergesTimesOutAndChangesNothing() throws {
    let stage = try released(Self.quick, .neverComes)
    let told = try stage.run("rollback production api by pr because \"login fails\"")
    #expect(told.ending == .timedOut && told.exit == 4, "\(told.story)")
    #expect(told.message.contains("nothing was taken back: #101 was not merged in time and stays open"))
    #expect(told.message.contains("`rollback production api` does it by commit"))
    #expect(stage.tag(api) == "api-v1.3.0" && stage.pullRequests.map(\.state) == [.open])
    #expect(told.elapsed >= .seconds(4 * 3600))
  }

  @Test func byPullRequestClosedIsRefused() throws {
    let stage = try released(Self.quick, .closes(after: .seconds(300)))
    let told = try stage.run("rollback production api by pr because \"login fails\"")
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("nothing was taken back: #101 was closed without being merged"))
  }

  @Test func byPullRequestMergedWithOtherContentFails() throws {
    let stage = try released(Self.quick, .editsAndMerges(after: .seconds(300), api, try version("1.2.9")))
    let told = try stage.run("rollback production api by pr because \"login fails\"")
    #expect(told.exit == 1, "\(told.story)")
    #expect(told.message.contains("merged with other content: api is api-v1.2.9, not api-v1.2.2"))
  }

  @Test(arguments: 1...14) func byPullRequestGoneAtAnyWriteAndResumed(write: Int) throws {
    let stage = try released()
    let text = "rollback production api by pr because \"login fails\""
    _ = try stage.run(text, dying: .atWrite(write))
    try stage.pass(.seconds(900))
    var told = try stage.run(text)
    for _ in 0..<4 where told.ending == .interrupted { told = try stage.run(text) }
    expectBack(told)
    #expect(stage.pullRequests.count == 1)
  }

  /// Nothing is taken back yet, and a merge of it would do it when nobody watches.
  @Test func byPullRequestInterruptedSaysThatItIsOpen() throws {
    let stage = try released(Self.quick, .neverComes)
    let told = try stage.run(
      "rollback production api by pr because \"login fails\"",
      dying: .interrupted(after: .seconds(900))
    )
    #expect(told.ending == .interrupted, "\(told.story)")
    #expect(!told.message.contains("Nothing was changed"))
    #expect(told.message.contains("pull request #101 stays open, and takes back api in production when it is merged"))
    #expect(told.message.contains("`slipway abort run-1 --because \"…\"` closes it"))
    #expect(told.message.contains("slipway resume run-1"))
    let abort = try stage.run(
      "rollback production api by pr because \"login fails\"",
      aborting: Abortion(by: "ada", reason: "not needed")
    )
    #expect(abort.message.contains("#101 closed"), "\(abort.story)")
    #expect(!abort.message.contains("stays open"))
    #expect(stage.pullRequests.map(\.state) == [.closed])
  }

  /// The version that was to be taken back is no longer there: the pull request must not stand ready to be merged.
  @Test func byPullRequestIsSupersededByWhoChangesTheSame() throws {
    let stage = try released(Self.quick, .neverComes)
    let text = "rollback production api by pr because \"login fails\""
    let first = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    #expect(first.ending == .interrupted, "\(first.story)")
    try stage.commit("api-v1.3.1", of: api, in: production)
    let told = try stage.run(text)
    #expect(told.ending == .undetermined && told.exit == 4, "\(told.story)")
    #expect(told.message.contains("superseded, hands off: api is api-v1.3.1, not api-v1.3.0"))
    #expect(told.message.contains("#101 is closed") && !told.message.contains("stays open"))
    #expect(stage.pullRequests.map(\.state) == [.closed])
    #expect(stage.tag(api) == "api-v1.3.1")
    #expect(!stage.branches.contains("production-rollback-run-1-0"))
  }

  @Test func byPullRequestWithForeignCommitsIsClosedAndItsBranchStays() throws {
    let stage = try released(Self.quick, .neverComes)
    let text = "rollback production api by pr because \"login fails\""
    let first = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    #expect(first.ending == .interrupted, "\(first.story)")
    stage.simulated.simulation.update { outside in
      guard let tip = outside.repository.branches["production-rollback-run-1-0"] else { return }
      let id = outside.repository.add(
        parents: [tip],
        changes: ["notes.txt": Array("more\n".utf8)],
        author: "Ada",
        time: outside.now,
        message: CommitMessage(subject: "more", trailers: [])
      )
      outside.move("production-rollback-run-1-0", to: id)
    }
    let told = try stage.run(text)
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("commits were added to production-rollback-run-1-0"))
    #expect(stage.pullRequests.map(\.state) == [.closed])
    // What others added is theirs.
    #expect(stage.branches.contains("production-rollback-run-1-0"))
    #expect(stage.tag(api) == "api-v1.3.0")
  }

  /// Merged too, it would take back what was taken back already, perhaps over a newer version.
  @Test func rollbackByCommitClosesTheRunsOwnOpenReturn() throws {
    let text = """
      rollback production api by pr because "login fails"
      on failure { rollback production api even if undetermined because "login fails" }
      """
    let stage = try released(Self.quick, .neverComes)
    let told = try stage.run(text)
    #expect(stage.pullRequests.map(\.state) == [.closed], "\(told.story)")
    #expect(stage.tag(api) == "api-v1.2.2" && stage.running(api) == "1.2.2")
    #expect(!told.message.contains("was open when it was last looked at; to take it back"))
  }

  @Test func byPullRequestInAHandler() throws {
    let told = try Future(
      "validate staging api\npromote api by commit\nmonitor 30m\non failure { rollback promoted by pr because \"crash\" }"
    ).with(api, .crashes(after: .seconds(300))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2" && told.stage.running(api) == "1.2.2")
  }

  /// A lock that another run takes in between is taken over once more (rule 7).
  @Test(arguments: ["by commit", "by pr", "by revert", "by pr otherwise undo"])
  func aLockThatIsTakenMeanwhileIsTakenOver(way: String) throws {
    let push = way.hasPrefix("by pr") ? (Touch.repositoryPropose, 1) : (.repositoryCommit, 2)
    let stage = try Future(Self.quick).with(.reviewer(.merges(after: .seconds(600))))
      .with(.foreignLock(production, for: .seconds(3600)), .before(push.0, occurrence: push.1)).stage()
    #expect(try stage.run(Self.quick, as: "run-0").ending == .ok)
    let told = try stage.run("rollback production api \(way) because \"login fails\"")
    expectBack(told)
    #expect(told.warnings.contains { $0.contains("the lock was lost: production is locked by run ") }, "\(told.story)")
    #expect(!told.progress.contains { $0.contains("in the cluster") })
  }

  // MARK: By revert

  @Test(arguments: ["by commit", "by pr"]) func byRevertTakesThePromotionsCommitBack(way: String) throws {
    let wait = way == "by pr" ? "\nwait merge" : ""
    let stage = try released("validate staging api\npromote api \(way)\(wait)\nmonitor 30m")
    try edit(stage, web) { $0 + "more: true\n" }
    let told = try stage.run("rollback production api by revert because \"login fails\"")
    expectBack(told)
    let last = try #require(stage.commitsOfRuns.last)
    #expect(last.subject == "rollback(api): revert production to v1.2.2 due to login fails")
    #expect(stage.simulated.repository.body(of: last.id)?.contains("This reverts commit ") == true)
    #expect(told.stage.tag(web) == "web-v5.0.0")
  }

  @Test func byRevertInTheSameRun() throws {
    let told = try Future(
      "validate staging all\npromote all\nwait merge\nmonitor 30m\non failure { rollback promoted by revert because \"crash\" }"
    ).with(api, .crashes(after: .seconds(300))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.whole.contains("api: api-v1.2.2 1.2.2") && told.stage.whole.contains("web: web-v5.0.0 5.0.0"))
  }

  /// The merge commit stands untouched, and what it brought is not what this run planned: that is the reviewer's (rule 1).
  @Test(arguments: MergeMethod.allCases, ["", " otherwise undo"])
  func byRevertLeavesWhatAReviewerPutThere(method: MergeMethod, otherwise: String) throws {
    let told = try Future(
      """
      validate staging api, web
      promote api, web
      wait merge
      monitor 30m
      on failure { rollback promoted by revert\(otherwise) because "bad" }
      """
    ).with(.reviewer(.editsAndMerges(after: .seconds(600), api, try version("1.2.9"), method: method))).run()
    #expect(told.exit == 1, "\(told.story)")
    #expect(told.ending(of: "rollback") == .undetermined)
    #expect(told.message(of: "rollback").contains("hands off: api is api-v1.2.9, not api-v1.3.0"), "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.9" && told.stage.running(api) == "1.2.9")
    // What is as this run left it goes back all the same.
    #expect(told.stage.tag(web) == "web-v5.0.0" && told.stage.running(web) == "5.0.0")
  }

  /// A server that shows the branch as it was before the own push is behind: it is asked again (rule 7).
  @Test func byRevertAsksAgainWhereGitShowsAHeadFromBeforeTheOwnPush() throws {
    let text = """
      validate staging api
      promote api by commit
      fail "drill"
      on failure { rollback promoted by revert }
      """
    let reads = try Future(text).run().stage.simulated.touches.filter { $0.touch == .repositoryHead }
    let last = try #require(reads.last).occurrence
    let told = try Future(text).with(.call(.repositoryHead, occurrence: last, .stale(by: .seconds(60)))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("asking again until") }, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2" && told.stage.running(api) == "1.2.2")
  }

  @Test func byRevertOfANamedCommit() throws {
    let stage = try released()
    let commit = try #require(stage.commitsOfRuns.last)
    let told = try stage.run("rollback production api by revert of \"\(commit.id.text.prefix(9))\" because \"x\"")
    expectBack(told)
    let again = try stage.run(
      "rollback production api by revert of \"\(commit.id.text.prefix(9))\" because \"x\"",
      as: "run-2"
    )
    #expect(
      again.ending == .ok && again.message(of: "rollback").contains("nothing to take back in git"),
      "\(again.story)"
    )
  }

  @Test func byRevertOfAnUnknownCommitIsRefused() throws {
    let told = try released().run("rollback production api by revert of \"0123456789\" because \"x\"")
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("nothing was taken back: there is no commit 0123456789"))
  }

  @Test func byRevertThatNoLongerAppliesSaysWhichWayDoes() throws {
    let stage = try released()
    try edit(stage, api) { $0.replacing("api-v1.3.0", with: "api-v1.3.1") }
    let told = try stage.run("rollback production api by revert because \"login fails\"")
    #expect(told.exit == 2, "\(told.story)")
    #expect(stage.tag(api) == "api-v1.3.1")
    let commit = try #require(stage.commitsOfRuns.last)
    let named = try stage.run("rollback production api by revert of \"\(commit.id.text)\" because \"x\"", as: "run-2")
    #expect(named.exit == 2, "\(named.story)")
    #expect(
      named.message.contains("no longer applies: ") && named.message.contains("`rollback production api` takes back")
    )
    #expect(stage.tag(api) == "api-v1.3.1")
  }

  @Test func byRevertOfWhatBroughtMoreIsRefused() throws {
    let stage = try released("validate staging api, web\npromote api, web by commit\nmonitor 30m")
    let told = try stage.run("rollback production api by revert because \"login fails\"")
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("also brought web: name it too, or leave `by revert` out"))
    let both = try stage.run("rollback production api, web by revert because \"login fails\"", as: "run-2")
    expectBack(both)
    #expect(stage.tag(web) == "web-v5.0.0")
  }

  @Test func byRevertWhereNothingIsRecordedIsRefused() throws {
    let stage = try released()
    try stage.commit("api-v1.3.1", of: api, in: production)
    let told = try stage.run("rollback production api by revert because \"login fails\"")
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("no recorded promotion of api is the newest change in production"))
  }

  // MARK: What Argo CD does meanwhile

  /// A sync of what is being brought back is not ended: Argo CD would not try that commit again.
  @Test(arguments: [true, false, nil]) func onlyASyncOfWhatIsTakenBackIsEnded(isOfTheReturn: Bool?) throws {
    let stage = try released()
    let old = try #require(stage.commitsOfRuns.last).id
    var world = stage.simulated.world
    let delivery = Ending(inner: world.writing.delivery)
    world.writing.delivery = delivery
    world.reading.cluster = Syncing(inner: world.reading.cluster) {
      isOfTheReturn.map { $0 ? stage.commitsOfRuns.last?.id ?? old : old }
    }
    let told = try stage.run("rollback production api because \"login fails\"", world: world)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(delivery.ended == (isOfTheReturn == false ? [api] : []))
  }

  private final class Ending: DeliveryWriting {
    let inner: any DeliveryWriting
    private let all = Mutex<[ServiceName]>([])
    var ended: [ServiceName] { all.withLock { $0 } }

    init(inner: any DeliveryWriting) { self.inner = inner }

    func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
      try await inner.refresh(services, in: environment)
    }
    func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
      all.withLock { $0 += services }
      try await inner.terminateOperations(of: services, in: environment)
    }
    func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
      -> DeliveryAnswer
    {
      try await inner.carryOut(order, for: service, in: environment)
    }
  }

  /// A cluster whose snapshots show a sync of the api that runs, where there is one.
  private struct Syncing: ClusterReading {
    let inner: any ClusterReading
    let revision: @Sendable () -> CommitID?

    func identify(_ environment: EnvironmentName) async throws -> String { try await inner.identify(environment) }
    func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot {
      var snapshot = try await inner.snapshot(of: environment)
      if let revision = revision() {
        snapshot.services[api]?.application?.operation = ApplicationSnapshot.Operation(
          phase: "Running",
          revision: revision
        )
      }
      return snapshot
    }
    func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination {
      try await inner.examine(services, in: environment)
    }
    func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> { inner.observe(environment) }
    func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog] {
      try await inner.logs(requests, in: environment)
    }
  }
}
