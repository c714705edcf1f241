import GitOpsLayout
import PromotionModel
import Testing

@testable import SimulatedWorld

@Suite struct ForgeTests {
  @Test(arguments: MergeMethod.allCases)
  func theReviewerMerges(_ method: MergeMethod) throws {
    let world = try TestFleet.world([
      Fault(.reviewer(.merges(after: .seconds(1200), method: method))),
      Fault(.foreignCommits(every: .seconds(300))),
    ])
    let run = TestRun(world: world)
    try world.time.run {
      let opened = try await run.propose()
      #expect(opened.state == .open && opened.labels == ["requires-review"])
      let again = try await world.forge.open(
        PullRequestDraft(branch: opened.branch, base: "main", title: "x", body: "", labels: ["urgent"])
      )
      #expect(again.number == opened.number && again.labels == ["requires-review", "urgent"])
      try await world.clock.sleep(for: .seconds(1210))
      let merged = try await world.forge.pullRequest(opened.number)
      #expect(merged.state == .merged)
      let commit = try #require(merged.mergeCommit)
      #expect(try await world.repository.contains(opened.head, in: commit) == (method == .merge))
      #expect(world.tag(of: api, in: production) == "api-v1.3.0")
      let newest = try await world.repository.history(of: [api], in: production, limit: 1)[api]?.first?.commit
      #expect(newest?.trailer(Trailer.run) == "run-1")
      try await world.clock.sleep(for: .seconds(120))
    }
    #expect(world.repository.file("docs/notes/4.md") != nil)
    #expect(world.runningVersion(of: api, in: production) == Version("1.3.0"))
  }

  @Test func theReviewerCloses() throws {
    let world = try TestFleet.world([Fault(.reviewer(.closes(after: .seconds(60))))])
    try world.time.run {
      let opened = try await TestRun(world: world).propose()
      try await world.clock.sleep(for: .seconds(61))
      #expect(try await world.forge.pullRequest(opened.number).state == .closed)
    }
    #expect(world.tag(of: api, in: production) == "api-v1.2.2")
  }

  @Test func theReviewerMergesOtherContent() throws {
    let other = try #require(Version("1.2.9"))
    let world = try TestFleet.world([Fault(.reviewer(.editsAndMerges(after: .seconds(60), api, other)))])
    try world.time.run {
      let opened = try await TestRun(world: world).propose()
      try await world.clock.sleep(for: .seconds(62))
      let merged = try await world.forge.pullRequest(opened.number)
      #expect(merged.state == .merged && merged.head != opened.head)
    }
    #expect(world.tag(of: api, in: production) == "api-v1.2.9")
  }

  @Test func theReviewerNeverComes() throws {
    let world = try TestFleet.world([Fault(.reviewer(.neverComes))])
    try world.time.run {
      let opened = try await TestRun(world: world).propose()
      try await world.clock.sleep(for: .seconds(86_400))
      let closed = try await world.forge.close(opened.number, comment: "given up")
      #expect(closed.state == .closed)
      #expect(world.forge.comments(on: opened.number) == ["given up"])
      #expect(try await world.forge.pullRequest(fromBranch: opened.branch)?.number == opened.number)
    }
  }

  @Test func aRedStatusHoldsTheReviewerBack() throws {
    let world = try TestFleet.world([Fault(.reviewer(.merges(after: .seconds(60))))])
    try world.time.run {
      let opened = try await TestRun(world: world).propose()
      let red = CommitStatus(state: .failure, description: "staging moved")
      try await world.forge.setStatus(red, on: opened.head)
      try await world.clock.sleep(for: .seconds(600))
      #expect(try await world.forge.pullRequest(opened.number).state == .open)
      try await world.forge.setStatus(CommitStatus(state: .success, description: "as planned"), on: opened.head)
      try await world.clock.sleep(for: .seconds(61))
      #expect(try await world.forge.pullRequest(opened.number).state == .merged)
    }
  }

  @Test func aConflictIsNotMerged() throws {
    let world = try TestFleet.world([
      Fault(.reviewer(.merges(after: .seconds(600)))),
      Fault(.foreignTag(api, production, try #require(Version("1.2.3"))), start: .after(.seconds(300))),
    ])
    try world.time.run {
      let opened = try await TestRun(world: world).propose()
      try await world.clock.sleep(for: .seconds(1200))
      #expect(try await world.forge.pullRequest(opened.number).state == .open)
    }
    #expect(world.tag(of: api, in: production) == "api-v1.2.3")
  }

  @Test(arguments: [
    ("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nc\nD\n", "a\nB\nc\nD\n"),
    ("a\nb\n", "a\nb\n", "x\na\nb\ny", "x\na\nb\ny"),
    ("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n", nil),
    ("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n"),
    ("a\nb\nc\n", "a\nX\nc\n", "a\nX\nc\nd\n", "a\nX\nc\nd\n"),
    ("", "a\n", "b\n", nil),
  ])
  func textsAreMergedByLine(_ base: String, _ ours: String, _ theirs: String, _ wanted: String?) {
    let merged = ThreeWayMerge.merge(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8))
    #expect(merged.map { String(decoding: $0, as: UTF8.self) } == wanted)
  }
}
