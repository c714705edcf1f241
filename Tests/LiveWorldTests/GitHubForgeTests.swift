import LiveWorld
import PromotionModel
import Testing

@Suite struct GitHubForgeTests {
  @Test func aQuestionIsOneProcessWithItsTextOnStandardInput() async throws {
    let script = GitHubScript([GitHubSample().found])
    _ = try await script.reader.pullRequest(7)
    let request = try #require(script.requests.first)
    #expect(script.requests.count == 1)
    #expect(request.arguments == ["api", "graphql", "--input", "-"])
    #expect(request.body?.variables?.owner == "acme")
    #expect(request.body?.variables?.name == "shop")
    #expect(request.body?.variables?.number == 7)
    #expect(request.timeout == .seconds(30))
    #expect(request.environment["GH_PROMPT_DISABLED"] == "1")
    #expect(request.environment["GH_TELEMETRY"] == "false")
    // Both would write a trace among what is read.
    #expect(request.environment["GH_DEBUG"] == .some(nil))
    #expect(request.environment["DEBUG"] == .some(nil))
  }

  @Test func anOpenOneIsReadWhole() async throws {
    var sample = GitHubSample()
    (sample.isQueued, sample.hasAutoMerge, sample.labels) = (true, true, ["requires-review", "release"])
    let pull = try await GitHubScript([sample.found]).reader.pullRequest(7)
    let expected = PullRequest(
      number: 7,
      url: "https://github.com/acme/shop/pull/7",
      title: "Promote api",
      state: .open,
      branch: "slipway/r1",
      head: try #require(CommitID(GitHubSample.head)),
      base: "main",
      baseHead: CommitID(GitHubSample.base),
      labels: ["requires-review", "release"],
      hasAutoMerge: true,
      isQueued: true
    )
    #expect(pull == expected)
  }

  @Test func aMergedOneHasItsCommitAndWhoMerged() async throws {
    let sample = GitHubSample(state: "MERGED", mergeOID: GitHubSample.merge, mergedBy: "rita")
    let pull = try await GitHubScript([sample.found]).reader.pullRequest(7)
    #expect(pull.state == .merged)
    #expect(pull.mergeCommit?.text == GitHubSample.merge)
    #expect(pull.mergedBy == "rita")
    #expect(!pull.hasAutoMerge && !pull.isQueued)
  }

  @Test func aClosedOneHasNeither() async throws {
    let pull = try await GitHubScript([GitHubSample(state: "CLOSED").found]).reader.pullRequest(7)
    #expect(pull.state == .closed)
    #expect(pull.mergeCommit == nil)
    #expect(pull.mergedBy == nil)
  }

  @Test(arguments: [
    GitHubSample(state: "LOCKED\u{1B}[31m"), GitHubSample(headOID: "--upload-pack=x"),
    GitHubSample(state: "MERGED", mergeOID: "HEAD"), GitHubSample(number: 8),
  ])
  func whatIsNotUnderstoodIsNotGuessedAt(_ sample: GitHubSample) async {
    await #expect {
      try await GitHubScript([sample.found]).reader.pullRequest(7)
    } throws: { isGitHub($0, .nonsense) && !"\($0)".unicodeScalars.contains("\u{1B}") }
  }

  @Test func textsOfOthersReachNoTerminalAsTheyAre() async throws {
    let sample = GitHubSample(
      title: "\u{1B}]0;owned\u{07}Promote\u{1B}[2J api\u{202E}\nsecond",
      state: "MERGED",
      labels: ["\u{1B}[31mred\u{9B}0m", "a\u{200B}b"],
      mergeOID: GitHubSample.merge,
      mergedBy: "rita\r\u{1B}[8m"
    )
    let pull = try await GitHubScript([sample.found]).reader.pullRequest(7)
    #expect(pull.title == "Promote api; second")
    #expect(pull.labels == ["red", "ab"])
    #expect(pull.mergedBy == "rita")
  }

  @Test func thereIsNoSuchPullRequest() async {
    let replies: [GitHubScript.Reply] = [
      .ok(#"{"data":{"repository":{"pullRequest":null}}}"#), .ok(#"{"data":{"repository":null}}"#),
      .graphQL("NOT_FOUND", "Could not resolve to a PullRequest with the number of 7."),
    ]
    for reply in replies {
      await #expect {
        try await GitHubScript([reply]).reader.pullRequest(7)
      } throws: { isGitHub($0, .notFound) }
    }
  }

  @Test func theNewestOfABranchIsFound() async throws {
    let script = GitHubScript([GitHubSample.page([GitHubSample(number: 9, state: "CLOSED"), GitHubSample()])])
    let pull = try await script.reader.pullRequest(fromBranch: "slipway/r1")
    #expect(pull?.number == 9)
    #expect(script.requests.first?.body?.variables?.branch == "slipway/r1")
    #expect(script.requests.first?.arguments == ["api", "graphql", "--input", "-"])
  }

  @Test func forksWithABranchOfTheSameNameArePassedOver() async throws {
    let forks = (20...39).map { GitHubSample(number: $0, isFork: true) }
    let script = GitHubScript([GitHubSample.page(forks, next: "cursor"), GitHubSample.page([GitHubSample()])])
    #expect(try await script.reader.pullRequest(fromBranch: "slipway/r1")?.number == 7)
    #expect(script.requests.map { $0.body?.variables?.after } == [nil, "cursor"])
  }

  @Test func noneIsNil() async throws {
    let script = GitHubScript([GitHubSample.page([GitHubSample(isFork: true)])])
    #expect(try await script.reader.pullRequest(fromBranch: "slipway/r1") == nil)
  }

  @Test func endlessForksAreNoAnswer() async {
    let page = GitHubSample.page([GitHubSample(isFork: true)], next: "again")
    let script = GitHubScript(Array(repeating: page, count: 100))
    await #expect {
      try await script.reader.pullRequest(fromBranch: "slipway/r1")
    } throws: { isGitHub($0, .nonsense) }
    #expect(script.requests.count == 25)
  }

  @Test func aRepositoryThatIsNotSeenIsNotABranchWithoutPullRequest() async {
    await #expect {
      try await GitHubScript([.ok(#"{"data":{"repository":null}}"#)]).reader.pullRequest(fromBranch: "slipway/r1")
    } throws: { isGitHub($0, .notFound) }
  }
}
