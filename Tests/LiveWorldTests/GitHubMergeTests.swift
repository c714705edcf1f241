import LiveWorld
import PromotionModel
import Testing

@Suite struct GitHubMergeTests {
  private func order(isThroughQueue: Bool = false) throws -> MergeOrder {
    MergeOrder(
      number: 7,
      head: try #require(CommitID(GitHubSample.head)),
      method: .squash,
      isThroughQueue: isThroughQueue,
      environment: EnvironmentName("production"),
      plan: []
    )
  }

  private static let merged: GitHubSample = {
    var sample = GitHubSample()
    (sample.state, sample.mergeOID, sample.mergedBy) = ("MERGED", GitHubSample.merge, "slipway")
    return sample
  }()

  @Test func namesTheHeadAndReadsTheStateAgain() async throws {
    let script = GitHubScript([.ok(#"{"merged":true,"sha":"x"}"#), Self.merged.found])
    let pull = try await script.writer.merge(try order())
    #expect(pull.state == .merged && pull.mergedBy == "slipway")
    #expect(script.lines == ["PUT pulls/7/merge", "graphql pullRequest"])
    let body = try #require(script.requests.first?.body)
    #expect(body.sha == GitHubSample.head && body.mergeMethod == "squash")
  }

  @Test(
    arguments: [
      .lost, .timedOut, .http(502, "Server Error"), .http(405, "Pull Request is not mergeable"),
      .http(409, "Head branch was modified"),
    ] as [GitHubScript.Reply]
  )
  func whateverTheAnswerMergedIsMerged(_ reply: GitHubScript.Reply) async throws {
    let script = GitHubScript([reply, Self.merged.found])
    #expect(try await script.writer.merge(try order()).state == .merged)
  }

  @Test func aRefusalIsOne() async throws {
    let script = GitHubScript([.http(405, "Squash merges are not allowed on this repository."), GitHubSample().found])
    await #expect { try await script.writer.merge(try order()) } throws: {
      isGitHub($0, .refused) && "\($0)".contains("not allowed")
    }
  }

  @Test func notKnowingHowItEndedIsNoRefusal() async throws {
    let script = GitHubScript([.http(405, "not mergeable"), .lost])
    await #expect { try await script.writer.merge(try order()) } throws: { isGitHub($0, .unreachable) }
  }

  // MARK: Through the queue

  private static let queued: GitHubSample = {
    var sample = GitHubSample()
    sample.isQueued = true
    return sample
  }()

  private static let done = GitHubScript.Reply.ok(#"{"data":{"enqueuePullRequest":{"clientMutationId":null}}}"#)

  @Test func isQueuedAtTheHeadThatIsMeant() async throws {
    let script = GitHubScript([GitHubSample().found, Self.done, Self.queued.found])
    let pull = try await script.writer.merge(try order(isThroughQueue: true))
    #expect(pull.state == .open && pull.isQueued)
    #expect(script.lines == ["graphql pullRequest", "graphql enqueuePullRequest", "graphql pullRequest"])
    let variables = script.requests[1].body?.variables
    #expect(variables?.id == "PR_7" && variables?.head == GitHubSample.head)
  }

  @Test(arguments: [GitHubSample().found, queued.found, merged.found] as [GitHubScript.Reply])
  func whateverTheQueueAnswersTheStateDecides(after: GitHubScript.Reply) async throws {
    for reply in [.lost, .timedOut, .graphQL("UNPROCESSABLE", "Pull request is already in the merge queue.")]
      as [GitHubScript.Reply]
    {
      let script = GitHubScript([GitHubSample().found, reply, after])
      do {
        let pull = try await script.writer.merge(try order(isThroughQueue: true))
        #expect(pull.isQueued || pull.state == .merged)
      } catch {
        #expect(error is WorldError)
        // It stands as before: the error is told.
        #expect(try await GitHubScript([after]).reader.pullRequest(7).isQueued == false)
        #expect(try await GitHubScript([after]).reader.pullRequest(7).state == .open)
      }
      #expect(script.unused == 0)
    }
  }

  @Test func whatIsQueuedOrMergedIsNotQueuedAgain() async throws {
    for sample in [Self.queued, Self.merged] {
      let script = GitHubScript([sample.found])
      _ = try await script.writer.merge(try order(isThroughQueue: true))
      #expect(script.lines == ["graphql pullRequest"])
    }
  }

  @Test func leavesTheQueueAndLooksWhetherTheMergeCameFirst() async throws {
    let left = GitHubScript([Self.queued.found, Self.done, GitHubSample().found])
    #expect(try await left.writer.leaveQueue(7).isQueued == false)
    #expect(left.lines == ["graphql pullRequest", "graphql dequeuePullRequest", "graphql pullRequest"])
    let merged = GitHubScript([
      Self.queued.found, .graphQL("UNPROCESSABLE", "Pull request is not in the merge queue."), Self.merged.found,
    ])
    #expect(try await merged.writer.leaveQueue(7).state == .merged)
    let stuck = GitHubScript([Self.queued.found, .graphQL("FORBIDDEN", "no"), Self.queued.found])
    await #expect(throws: WorldError.self) { try await stuck.writer.leaveQueue(7) }
    let free = GitHubScript([GitHubSample().found])
    #expect(try await free.writer.leaveQueue(7).state == .open)
    #expect(free.lines == ["graphql pullRequest"])
  }

  // MARK: What stands between

  private func readiness(_ more: String) async throws -> MergeReadiness {
    let state = String(GitHubSample().node.dropLast()) + "," + more + "}"
    return try await GitHubScript([.ok(#"{"data":{"repository":{"pullRequest":\#(state)}}}"#)]).reader
      .mergeReadiness(of: 7)
  }

  private func state(
    draft: Bool = false,
    mergeable: String = "MERGEABLE",
    status: String = "CLEAN",
    decision: String? = nil,
    hasQueue: Bool = false,
    reviews: String = "",
    rollup: String = "null"
  ) -> String {
    #""isDraft":\#(draft),"mergeable":"\#(mergeable)","mergeStateStatus":"\#(status)","#
      + #""reviewDecision":\#(decision.map { "\"\($0)\"" } ?? "null"),"isMergeQueueEnabled":\#(hasQueue),"reviews":{"nodes":[\#(reviews)]},"#
      + #""commits":{"nodes":[{"commit":{"statusCheckRollup":\#(rollup)}}]}"#
  }

  private func review(_ by: String, _ state: String, _ association: String = "MEMBER") -> String {
    #"{"state":"\#(state)","authorAssociation":"\#(association)","author":{"login":"\#(by)"},"#
      + #""commit":{"oid":"\#(GitHubSample.head)"}}"#
  }

  @Test func theLastWordOfEachReviewerCounts() async throws {
    let reviews = [
      review("ada", "CHANGES_REQUESTED"), review("ada", "APPROVED"), review("ada", "COMMENTED"),
      review("bob", "APPROVED"), review("bob", "DISMISSED"), review("mallory", "APPROVED", "NONE"),
      review("grace", "APPROVED"), review("grace", "CHANGES_REQUESTED"),
    ].joined(separator: ",")
    let found = try await readiness(state(reviews: reviews))
    #expect(found.approvals.map(\.by) == ["ada"])
    #expect(found.approvals.map(\.commit.text) == [GitHubSample.head])
    #expect(found.obstacles == [.changesRequested(by: ["grace"])])
  }

  @Test func everyObstacleIsNamed() async throws {
    #expect(try await readiness(state()).obstacles.isEmpty)
    #expect(try await readiness(state(draft: true)).obstacles == [.draft])
    #expect(try await readiness(state(mergeable: "CONFLICTING", status: "DIRTY")).obstacles == [.conflicts])
    #expect(try await readiness(state(mergeable: "UNKNOWN", status: "UNKNOWN")).obstacles == [.unknown])
    #expect(try await readiness(state(status: "BEHIND")).obstacles == [.behind])
    // The queue merges with what its base has by then.
    let queueing = try await readiness(state(status: "BEHIND", hasQueue: true))
    #expect(queueing.obstacles.isEmpty && queueing.needsQueue)
    #expect(try await readiness(state()).needsQueue == false)
    #expect(try await readiness(state(status: "BLOCKED")).obstacles == [.blocked])
    #expect(try await readiness(state(status: "BLOCKED", decision: "REVIEW_REQUIRED")).obstacles == [.reviewRequired])
    let checks = """
      {"state":"FAILURE","contexts":{"nodes":[
      {"__typename":"CheckRun","name":"build","status":"COMPLETED","conclusion":"FAILURE"},
      {"__typename":"CheckRun","name":"lint","status":"COMPLETED","conclusion":"SKIPPED"},
      {"__typename":"CheckRun","name":"e2e","status":"IN_PROGRESS","conclusion":null},
      {"__typename":"StatusContext","context":"slipway/plan","state":"SUCCESS"}]}}
      """
    let found = try await readiness(state(status: "BLOCKED", rollup: checks)).obstacles
    #expect(found == [.checksFailed(["build"]), .checksRunning(["e2e"])])
  }

  // MARK: Changes of a source

  @Test func commitsBetweenTagsAreAsked() async throws {
    let script = GitHubScript([
      .ok(
        #"""
        {"total_commits":2,"html_url":"https://github.com/acme/api/compare/a...b","commits":[
        {"sha":"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1","author":{"login":"ada"},
         "commit":{"message":"fix: one\n\nmore","author":{"name":"Ada"}}},
        {"sha":"b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2","author":null,
         "commit":{"message":"feat: \u001b[31mtwo","author":{"name":"Bob"}}}]}
        """#
      )
    ])
    let found = try await script.reader.sourceChanges(in: "acme/api", from: "api-v1.2.2+b7", to: "api-v1.3.0")
    #expect(found.total == 2 && found.url == "https://github.com/acme/api/compare/a...b")
    #expect(found.commits.map(\.subject) == ["fix: one", "feat: two"])
    #expect(found.commits.map(\.author) == ["ada", "Bob"])
    #expect(found.commits.map(\.commit) == ["a1a1a1a1a", "b2b2b2b2b"])
    let asked = script.requests.first?.arguments.last
    #expect(asked == "repos/acme/api/compare/api-v1.2.2%2Bb7...api-v1.3.0?per_page=100")
  }

  // MARK: Which are open

  @Test func openOnesAreListedByLabelAndBranchPageByPage() async throws {
    func sample(_ number: Int, _ branch: String, _ labels: [String], isFork: Bool = false) -> GitHubSample {
      var sample = GitHubSample()
      (sample.number, sample.branch, sample.labels, sample.isFork) = (number, branch, labels, isFork)
      return sample
    }
    let script = GitHubScript([
      GitHubSample.page(
        [sample(9, "feature", ["Requires-Review"]), sample(8, "production-promotion-r1", [])],
        next: "c1"
      ),
      GitHubSample.page([
        sample(7, "other", []), sample(6, "production-promotion-r0", [], isFork: true),
        sample(5, "x", ["requires-review"], isFork: true),
      ]),
    ])
    let found = try await script.reader.openPullRequests(
      labels: ["requires-review"],
      branchPrefixes: ["production-promotion-"]
    )
    #expect(found.map(\.number) == [9, 8, 5])
    #expect(script.requests.last?.body?.variables?.after == "c1")
    #expect(script.unused == 0)
  }
}

extension GitHubOnEmulator {
  private func order(_ pull: PullRequest, _ head: CommitID, isThroughQueue: Bool = false) -> MergeOrder {
    MergeOrder(
      number: pull.number,
      head: head,
      method: .merge,
      isThroughQueue: isThroughQueue,
      environment: EnvironmentName("production"),
      plan: []
    )
  }

  @Test func whatHasAQueueIsMergedThroughIt() async throws {
    try await GitHubEmulator.with { github in
      let head = try await github.commit("tag: v2\n", to: draft.branch)
      try github.control(github: #"{"merge_queue":{"after":600}}"#)
      let opened = try await github.writer.open(draft)
      let before = try await github.reader.mergeReadiness(of: opened.number)
      #expect(before.needsQueue && before.obstacles.isEmpty)
      await #expect { try await github.writer.merge(order(opened, head)) } throws: {
        isGitHub($0, .refused) && "\($0)".contains("merge queue")
      }
      // Another head than the one that is meant is not queued.
      let base = try await github.tip("main")
      await #expect(throws: WorldError.self) {
        try await github.writer.merge(order(opened, base, isThroughQueue: true))
      }
      #expect(try await github.writer.merge(order(opened, head, isThroughQueue: true)).isQueued)
      #expect(try await github.reader.mergeReadiness(of: opened.number).obstacles == [.queued])
      let left = try await github.writer.leaveQueue(opened.number)
      #expect(left.state == .open && !left.isQueued)
      try github.control(github: #"{"merge_queue":{"after":0.2}}"#)
      #expect(try await github.writer.merge(order(opened, head, isThroughQueue: true)).state != .closed)
      let end = ContinuousClock.now + .seconds(15)
      var pull = try await github.reader.pullRequest(opened.number)
      while pull.state == .open, ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(100))
        pull = try await github.reader.pullRequest(opened.number)
      }
      #expect(pull.state == .merged)
      #expect(pull.mergeCommit == (try await github.tip("main")))
    }
  }

  @Test func mergesAtThePlannedHeadOnceApproved() async throws {
    try await GitHubEmulator.with { github in
      let head = try await github.commit("tag: v2\n", to: draft.branch)
      try github.control(github: #"{"required_review":true}"#)
      let opened = try await github.writer.open(draft)
      let before = try await github.reader.mergeReadiness(of: opened.number)
      #expect(before.approvals.isEmpty && before.obstacles == [.reviewRequired])
      await #expect { try await github.writer.merge(order(opened, head)) } throws: {
        isGitHub($0, .refused) && "\($0)".contains("approving review is required")
      }
      try github.control(reviewer: #"{"action":"approve","login":"rita"}"#, github: #"{"required_review":true}"#)
      let end = ContinuousClock.now + .seconds(15)
      var ready = before
      while ready.approvals.isEmpty, ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(100))
        ready = try await github.reader.mergeReadiness(of: opened.number)
      }
      #expect(ready.approvals == [MergeReadiness.Approval(by: "rita", commit: head)])
      #expect(ready.obstacles.isEmpty)
      // Somebody adds a commit: the planned head is not merged any more.
      try await github.commit("tag: v3\n", to: draft.branch, from: draft.branch)
      await #expect { try await github.writer.merge(order(opened, head)) } throws: {
        isGitHub($0, .refused) && "\($0)".contains("Head branch was modified")
      }
      let added = try await github.tip(draft.branch)
      try github.control(
        github: #"{"fail":[{"match":"PUT /repos/.*/merge","status":502,"after_effect":true}]}"#
      )
      let merged = try await github.writer.merge(order(opened, added))
      #expect(merged.state == .merged)
      #expect(merged.mergeCommit == (try await github.tip("main")))
      #expect(try await github.writer.merge(order(opened, added)).mergeCommit == merged.mergeCommit)
    }
  }

  @Test func listsWhatIsOpen() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      let opened = try await github.writer.open(draft)
      try await github.commit("tag: v3\n", to: "slipway/other")
      try await github.byHand(["pr", "create", "--head", "slipway/other", "--title", "x", "--body", "x"])
      let byLabel = try await github.reader.openPullRequests(labels: ["requires-review"], branchPrefixes: [])
      #expect(byLabel.map(\.number) == [opened.number])
      let byBranch = try await github.reader.openPullRequests(labels: [], branchPrefixes: ["slipway/"])
      #expect(byBranch.count == 2)
    }
  }
}
