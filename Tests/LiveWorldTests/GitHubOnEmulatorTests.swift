import LiveWorld
import PromotionModel
import Testing

/// The forge through the real gh.
@Suite(
  .serialized,
  .enabled(if: GitHubEmulator.obstacle == nil, "\(GitHubEmulator.obstacle ?? "")"),
  .timeLimit(.minutes(3))
)
struct GitHubOnEmulator {
  let draft = PullRequestDraft(
    branch: "slipway/r1",
    base: "main",
    title: "--title \"$(id)\" @x é 🚢",
    body: "- [ ] checked\n\n@/etc/passwd `{owner}`",
    labels: ["requires-review", "Bug"]
  )

  @Test func opensLabelsAndReads() async throws {
    try await GitHubEmulator.with { github in
      let head = try await github.commit("tag: v2\n", to: draft.branch)
      let pull = try await github.writer.open(draft)
      #expect(github.ghProcesses == 2)
      #expect(pull.state == .open)
      #expect(pull.head == head)
      #expect(pull.branch == draft.branch)
      #expect(pull.base == "main")
      #expect(pull.title == draft.title)
      #expect(Set(pull.labels) == ["requires-review", "bug"])
      #expect(pull.url == "https://github.com/acme/shop/pull/\(pull.number)")
      let shown = try #require(try await github.pulls().first)
      #expect(shown.body == draft.body)
      #expect(shown.title == draft.title)

      var read = try await github.reader.pullRequest(pull.number)
      let main = try await github.tip("main")
      #expect(read.baseHead == main)
      read.baseHead = nil
      #expect(read == pull)
      #expect(try await github.reader.pullRequest(fromBranch: draft.branch)?.number == pull.number)
      #expect(try await github.reader.pullRequest(fromBranch: "slipway/none") == nil)

      // Somebody works on the base: the next look says so.
      let moved = try await github.commit("tag: v1\nreplicas: 2\n", to: "main")
      #expect(try await github.reader.pullRequest(pull.number).baseHead == moved)
    }
  }

  @Test func openingAgainAdopts() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      let first = try await github.writer.open(draft)
      let again = try await github.writer.open(draft)
      #expect(again.number == first.number)
      #expect(Set(again.labels) == Set(first.labels))
      #expect(try await github.pulls().count == 1)
      // Creation, labels; refusal, look.
      #expect(github.ghProcesses == 4)
    }
  }

  @Test func aRefusedOneIsRefused() async throws {
    try await GitHubEmulator.with { github in
      await #expect {
        try await github.writer.open(draft)
      } throws: { isGitHub($0, .refused) && "\($0)".contains("HTTP 422") }
      let pulls = try await github.pulls()
      #expect(pulls.isEmpty)
    }
  }

  @Test func theStatusIsShown() async throws {
    try await GitHubEmulator.with { github in
      let head = try await github.commit("tag: v2\n", to: draft.branch)
      _ = try await github.writer.open(draft)
      try await github.writer.setStatus(CommitStatus(state: .success, description: "as planned: v2"), on: head)
      try github.fault("POST /repos/.*/statuses", status: 502, afterEffect: true)
      let second = CommitStatus(state: .failure, description: String(repeating: "long ", count: 50))
      try await github.writer.setStatus(second, on: head)
      let statuses = try #require(try await github.pulls().first).statuses
      #expect(statuses.map(\.context) == ["slipway/plan"])
      #expect(statuses.first?.state == "failure")
      #expect(statuses.first?.description.unicodeScalars.count == 140)
    }
  }

  @Test(arguments: ["merge", "squash", "rebase"])
  func theReviewerMerges(by method: String) async throws {
    try await GitHubEmulator.with { github in
      let head = try await github.commit("tag: v2\n", to: draft.branch)
      try github.control(reviewer: #"{"action":"merge","method":"\#(method)","login":"rita"}"#)
      let opened = try await github.writer.open(draft)
      let pull = try await github.until(.merged, opened.number)
      #expect(pull.state == .merged)
      #expect(pull.mergedBy == "rita")
      let main = try await github.tip("main")
      #expect(pull.mergeCommit == main)
      #expect(pull.baseHead == main)
      #expect(pull.head == head)
      #expect(main != head)

      // Withdrawing comes too late, and says so.
      let after = try await github.writer.close(opened.number, comment: "too late")
      #expect(after == pull)
      #expect(try await github.pulls().first?.comments.isEmpty == true)
    }
  }

  @Test func closesWithAComment() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      let opened = try await github.writer.open(draft)
      let before = github.ghProcesses
      let closed = try await github.writer.close(opened.number, comment: "Withdrawn: `$(id)` @x")
      #expect(github.ghProcesses == before + 3)
      #expect(closed.state == .closed)
      #expect(closed.labels == opened.labels)
      #expect(closed.mergeCommit == nil)
      let shown = try #require(try await github.pulls().first)
      #expect(shown.state == "closed")
      #expect(shown.comments.map(\.body) == ["Withdrawn: `$(id)` @x"])
      #expect(try await github.writer.close(opened.number, comment: "again").state == .closed)
      #expect(try await github.pulls().first?.comments.count == 1)
    }
  }

  @Test func leavesTheQueueBeforeItCloses() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      let opened = try await github.writer.open(draft)
      try github.control(github: #"{"merge_queue":{"after":600}}"#)
      try await github.byHand(["pr", "merge", "\(opened.number)"])
      #expect(try await github.reader.pullRequest(opened.number).isQueued)
      try github.control(github: #"{"merge_queue":{"after":600},"fail":[{"match":"PATCH /repos","status":502}]}"#)
      await #expect {
        try await github.writer.close(opened.number, comment: "x")
      } throws: { isGitHub($0, .unreachable) }
      let left = try await github.reader.pullRequest(opened.number)
      #expect(left.state == .open)
      #expect(!left.isQueued)
      #expect(try await github.writer.close(opened.number, comment: "x").state == .closed)
    }
  }

  @Test func disablesAutoMergeBeforeItCloses() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      let opened = try await github.writer.open(draft)
      let pending = #""checks":"pending","required_checks":true"#
      try github.control(github: "{\(pending)}")
      try await github.byHand(["pr", "merge", "\(opened.number)", "--auto", "--squash"])
      #expect(try await github.reader.pullRequest(opened.number).hasAutoMerge)
      try github.control(github: #"{\#(pending),"fail":[{"match":"PATCH /repos","status":502}]}"#)
      await #expect {
        try await github.writer.close(opened.number, comment: "x")
      } throws: { isGitHub($0, .unreachable) }
      let left = try await github.reader.pullRequest(opened.number)
      #expect(left.state == .open)
      #expect(!left.hasAutoMerge)
      #expect(try await github.writer.close(opened.number, comment: "x").state == .closed)
    }
  }

  @Test func twoAtOnceOpenOne() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      async let first = github.writer.open(draft)
      async let second = github.writer.open(draft)
      let numbers = try await [first.number, second.number]
      #expect(numbers[0] == numbers[1])
      #expect(try await github.pulls().count == 1)
    }
  }

  @Test func withoutLoginOrServer() async throws {
    try await GitHubEmulator.with { github in
      await #expect {
        try await github.reader(["GH_TOKEN": nil]).pullRequest(1)
      } throws: { isGitHub($0, .unauthorized) && "\($0)".contains("gh auth login") }
      await #expect {
        try await github.reader(["GH_TOKEN": "invalid"]).pullRequest(1)
      } throws: { isGitHub($0, .unauthorized) && "\($0)".contains("401") }
      try github.write("version: \"1\"\nhttp_unix_socket: \(github.folder)/none.sock\n", to: "home/config.yml")
      await #expect {
        try await github.reader(["GH_CONFIG_DIR": "\(github.folder)/home"]).pullRequest(1)
      } throws: { isGitHub($0, .unreachable) }
    }
  }

  @Test func anAnswerThatWasLostMakesNoSecondPullRequest() async throws {
    try await GitHubEmulator.with { github in
      for (number, status) in [502, 0].enumerated() {
        var draft = draft
        draft.branch = "slipway/r\(number)"
        try await github.commit("tag: v\(number + 2)\n", to: draft.branch)
        try github.fault("POST /repos/.*/pulls", status: status, afterEffect: true)
        let pull = try await github.writer.open(draft)
        #expect(pull.branch == draft.branch)
        #expect(Set(pull.labels) == ["requires-review", "bug"])
        #expect(try await github.pulls().count == number + 1)
      }
    }
  }

  @Test func aFaultBeforeTheEffectIsAnErrorAndTryingAgainWorks() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      for status in [502, 0] {
        try github.fault("POST /repos/.*/pulls", status: status)
        await #expect { try await github.writer.open(draft) } throws: { isGitHub($0, .unreachable) }
        #expect(try await github.pulls().isEmpty)
      }
      #expect(try await github.writer.open(draft).state == .open)
    }
  }

  @Test func aLabelThatFailsOnceIsThereInTheEnd() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      try github.fault("POST /repos/.*/labels", status: 502)
      #expect(Set(try await github.writer.open(draft).labels) == ["requires-review", "bug"])
      #expect(try await github.pulls().first?.labels.sorted() == ["bug", "requires-review"])
    }
  }

  @Test func aCloseWhoseAnswerWasLostIsClosed() async throws {
    try await GitHubEmulator.with { github in
      try await github.commit("tag: v2\n", to: draft.branch)
      let opened = try await github.writer.open(draft)
      try github.fault("PATCH /repos/.*/pulls", status: 0, afterEffect: true)
      #expect(try await github.writer.close(opened.number, comment: "gone").state == .closed)
      #expect(try await github.pulls().first?.comments.count == 1)
    }
  }

  @Test func whatGHSaysIsUnderstood() async throws {
    try await GitHubEmulator.with { github in
      await #expect { try await github.reader.pullRequest(999) } throws: { isGitHub($0, .notFound) }
      for (status, message, reason) in [
        (401, "Bad credentials", .unauthorized), (403, "Resource not accessible", .unauthorized),
        (403, "You have exceeded a secondary rate limit", .unreachable), (404, "Not Found", .notFound),
        (429, "Too many", .unreachable), (502, "Server Error", .unreachable), (0, "", .unreachable),
        (200, "Something went wrong while executing your query", .refused),
      ] as [(Int, String, WorldError.Reason)] {
        try github.control(
          github: #"{"fail":[{"match":"POST /graphql","status":\#(status),"message":"\#(message)"}]}"#
        )
        await #expect("\(status) \(message)") {
          try await github.reader.pullRequest(1)
        } throws: { isGitHub($0, reason) }
      }
      try github.control(github: #"{"fail":[{"match":"POST /graphql","body":"<html>Unicorn"}]}"#)
      await #expect { try await github.reader.pullRequest(1) } throws: { isGitHub($0, .nonsense) }
    }
  }
}
