import LiveWorld
import PromotionModel
import Testing

@Suite struct GitHubCloseTests {
  let comment = "Withdrawn by run r1: `$(id)`."
  static let closed = GitHubSample(state: "CLOSED")
  static let merged = GitHubSample(state: "MERGED", mergeOID: GitHubSample.merge, mergedBy: "rita")
  static let done = GitHubScript.Reply.ok(#"{"data":{"x":{"clientMutationId":null}}}"#)

  @Test func anOpenOneIsClosedWithAComment() async throws {
    let script = GitHubScript([GitHubSample().found, Self.closed.changed, .ok("{}")])
    let pull = try await script.writer.close(7, comment: comment)
    #expect(pull.state == .closed)
    #expect(pull.mergeCommit == nil)
    #expect(script.lines == ["graphql pullRequest", "PATCH pulls/7", "POST issues/7/comments"])
    #expect(script.requests[1].body?.state == "closed")
    #expect(script.requests[2].body?.body == comment)
    #expect(!script.requests.flatMap(\.arguments).joined(separator: " ").contains("$(id)"))
  }

  @Test func itLeavesTheQueueAndDisablesAutoMergeFirst() async throws {
    let open = GitHubSample(isQueued: true, hasAutoMerge: true)
    let script = GitHubScript([open.found, Self.done, Self.done, Self.closed.changed, .ok("{}")])
    #expect(try await script.writer.close(7, comment: comment).state == .closed)
    #expect(
      script.lines == [
        "graphql pullRequest", "graphql dequeuePullRequest", "graphql disablePullRequestAutoMerge", "PATCH pulls/7",
        "POST issues/7/comments",
      ]
    )
    #expect(script.requests[1].body?.variables?.id == "PR_7")
    #expect(script.requests[2].body?.variables?.id == "PR_7")
  }

  @Test func leavingAQueueThatItAlreadyLeftDoesNotStopIt() async throws {
    let refusal = GitHubScript.Reply.graphQL("UNPROCESSABLE", "Pull request is not in the merge queue.")
    let script = GitHubScript([GitHubSample(isQueued: true).found, refusal, Self.closed.changed, .ok("{}")])
    #expect(try await script.writer.close(7, comment: comment).state == .closed)
  }

  @Test(arguments: [closed, merged])
  func oneThatIsNoLongerOpenIsLeftAlone(_ sample: GitHubSample) async throws {
    let script = GitHubScript([sample.found])
    #expect(try await script.writer.close(7, comment: comment).state != .open)
    #expect(script.lines == ["graphql pullRequest"])
  }

  @Test func aMergeThatCameFirstIsToldWithItsCommit() async throws {
    let answers: [[GitHubScript.Reply]] = [
      [Self.merged.changed, Self.merged.found],
      [.http(422, "Validation Failed"), Self.merged.found],
      [.lost, Self.merged.found],
    ]
    for answer in answers {
      let script = GitHubScript([GitHubSample().found] + answer)
      let pull = try await script.writer.close(7, comment: comment)
      #expect(pull.state == .merged)
      #expect(pull.mergeCommit?.text == GitHubSample.merge)
      #expect(script.lines == ["graphql pullRequest", "PATCH pulls/7", "graphql pullRequest"])
    }
  }

  @Test(arguments: [.lost, .timedOut, .http(502, "Server Error"), .ok("?")] as [GitHubScript.Reply])
  func anAnswerThatWasLostCounts(_ reply: GitHubScript.Reply) async throws {
    let script = GitHubScript([GitHubSample().found, reply, Self.closed.found, .ok("{}")])
    #expect(try await script.writer.close(7, comment: comment).state == .closed)
    #expect(script.lines.last == "POST issues/7/comments")
  }

  @Test func oneThatStaysOpenIsAnError() async {
    let script = GitHubScript([GitHubSample().found, .http(403, "Resource not accessible"), GitHubSample().found])
    await #expect { try await script.writer.close(7, comment: comment) } throws: { isGitHub($0, .unauthorized) }
    let silent = GitHubScript([GitHubSample().found, GitHubSample().changed, GitHubSample().found])
    await #expect { try await silent.writer.close(7, comment: comment) } throws: { isGitHub($0, .nonsense) }
  }

  @Test func notKnowingHowItEndedIsAnError() async {
    let script = GitHubScript([GitHubSample().found, .lost, .http(502, "Server Error")])
    await #expect { try await script.writer.close(7, comment: comment) } throws: { isGitHub($0, .unreachable) }
  }

  @Test func aCommentThatCannotBeWrittenChangesNothing() async throws {
    let script = GitHubScript([GitHubSample().found, Self.closed.changed, .http(403, "Locked")])
    #expect(try await script.writer.close(7, comment: comment).state == .closed)
  }
}

@Suite struct GitHubStatusTests {
  let commit = CommitID(GitHubSample.head)
  let status = CommitStatus(state: .failure, description: "the base moved")

  @Test func isOneRequest() async throws {
    let script = GitHubScript([.ok("{}")])
    try await script.writer.setStatus(status, on: try #require(commit))
    #expect(script.lines == ["POST statuses/\(GitHubSample.head)"])
    let body = try #require(script.requests.first?.body)
    #expect(body.state == "failure")
    #expect(body.context == "slipway/plan")
    #expect(body.description == "the base moved")
  }

  @Test func aLongDescriptionIsShortenedToWhatGitHubTakes() async throws {
    let script = GitHubScript([.ok("{}")])
    let long = CommitStatus(state: .success, description: String(repeating: "👩‍🚀", count: 100))
    try await script.writer.setStatus(long, on: try #require(commit))
    let sent = try #require(script.requests.first?.body?.description)
    #expect(sent.unicodeScalars.count == 140)
    #expect(sent.hasSuffix("…"))
  }

  @Test func anAnswerThatWasLostIsLookedFor() async throws {
    func statuses(_ state: String) -> GitHubScript.Reply {
      .ok(
        #"{"statuses":[{"context":"ci","state":"success","description":null},"#
          + #"{"context":"slipway/plan","state":"\#(state)","description":"the base moved"}]}"#
      )
    }
    let there = GitHubScript([.lost, statuses("failure")])
    try await there.writer.setStatus(status, on: try #require(commit))
    #expect(there.lines.last == "GET commits/\(GitHubSample.head)/status?per_page=100")
    let commit = try #require(commit)
    await #expect {
      try await GitHubScript([.lost, statuses("success")]).writer.setStatus(status, on: commit)
    } throws: { isGitHub($0, .unreachable) }
    let refused = GitHubScript([.http(422, "No commit found for SHA")])
    await #expect { try await refused.writer.setStatus(status, on: commit) } throws: { isGitHub($0, .refused) }
    #expect(refused.requests.count == 1)
  }
}

/// At least a second between the end of one change and the beginning of the next; none for looking.
@Suite struct GitHubPaceTests {
  @Test func betweenTwoChangesOfOneCall() async throws {
    let answers = [GitHubSample(labels: []).changed, GitHubSample.labelled("requires-review")]
    let script = GitHubScript(answers, latency: .seconds(3))
    _ = try await script.writer.open(GitHubSample.draft)
    #expect(script.requests[1].began - script.requests[0].began == .seconds(4))
  }

  @Test func alsoAfterAChangeThatFailed() async throws {
    let script = GitHubScript([.http(422, "no"), GitHubSample.page([GitHubSample(labels: [])])])
    let writer = script.writer
    _ = try? await writer.open(GitHubSample.draft)
    #expect(script.requests.count > 2)
    #expect(script.requests[1].began == script.requests[0].began)
    #expect(script.requests[2].began - script.requests[0].began == .seconds(1))
  }

  @Test func betweenCallsAtTheSameTime() async throws {
    let script = GitHubScript(Array(repeating: .ok("{}"), count: 4))
    let writer = script.writer
    let commit = try #require(CommitID(GitHubSample.head))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { try await writer.setStatus(CommitStatus(state: .success, description: "x"), on: commit) }
      }
      try await group.waitForAll()
    }
    let times = script.requests.map(\.began).sorted()
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= .seconds(1)) }
  }

  @Test func notBeforeTheFirstNorForReading() async throws {
    let script = GitHubScript([GitHubSample().found, GitHubSample().found, .ok("{}")])
    let start = script.clock.now()
    _ = try await script.reader.pullRequest(7)
    _ = try await script.reader.pullRequest(7)
    let commit = try #require(CommitID(GitHubSample.head))
    try await script.writer.setStatus(CommitStatus(state: .success, description: "x"), on: commit)
    #expect(script.clock.now() == start)
  }

  @Test func aClockThatIsSetBackHoldsNothingUp() async throws {
    let script = GitHubScript([.ok("{}"), .ok("{}")])
    let writer = script.writer
    let commit = try #require(CommitID(GitHubSample.head))
    try await writer.setStatus(CommitStatus(state: .pending, description: "x"), on: commit)
    script.clock.advance(.seconds(-3600))
    let before = script.clock.now()
    try await writer.setStatus(CommitStatus(state: .success, description: "x"), on: commit)
    #expect(script.clock.now() - before < .seconds(2))
  }
}
