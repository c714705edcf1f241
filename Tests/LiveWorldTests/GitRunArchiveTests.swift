import PromotionModel
import Testing

@testable import LiveWorld

@Suite struct GitRunArchiveTests {
  private func archive(_ fixture: GitOpsFixture, _ programs: (any ProgramRunner)? = nil) -> GitRunArchive {
    GitRunArchive(fixture.repository(programs))
  }

  private func run(_ text: String) throws -> RunID { try #require(RunID(text)) }

  private func store(_ text: String, _ archive: GitRunArchive, _ run: RunID, replacing: CommitID?) async throws
    -> CommitID?
  {
    let outcome = try await archive.store(Array(text.utf8), heading: "about \(text)", of: run, replacing: replacing)
    if case .stored(let object) = outcome { return object }
    return nil
  }

  @Test func aRunIsStoredAndReadElsewhere() async throws {
    try await GitOpsFixture.with { fixture in
      let (here, run) = (archive(fixture), try run("20261126-120000-abcd"))
      #expect(try await here.load(run) == nil)
      #expect(try await here.headings().isEmpty)
      let text = "{\"text\":\"ünï\\n🚢\"}\n\n"
      let first = try #require(try await store(text, here, run, replacing: nil))
      let there = archive(fixture)
      let read = try #require(try await there.load(run))
      #expect(read.revision == first)
      #expect(read.heading == "about \(text)")
      #expect(read.contents == Array(text.utf8))
      let second = try #require(try await store("two", there, run, replacing: first))
      #expect(try await here.load(run)?.revision == second)
      #expect(try await here.headings() == ["about two"])
      // The branch is as it was, and so are the rest of the refs.
      let refs = try await fixture.git([
        "--git-dir=\(fixture.folder)/remote.git", "for-each-ref", "--format=%(refname)",
      ])
      #expect(refs == "refs/heads/main\nrefs/slipway/runs/20261126-120000-abcd\n")
      #expect(
        try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "fsck", "--strict", "--no-dangling"]) == ""
      )
    }
  }

  @Test func onlyWhoKnowsWhatStandsThereReplacesIt() async throws {
    try await GitOpsFixture.with { fixture in
      let run = try run("20261126-120000-abcd")
      let first = try #require(try await store("one", archive(fixture), run, replacing: nil))
      let (one, two) = (archive(fixture), archive(fixture))
      #expect(try await store("x", two, run, replacing: nil) == nil)
      async let left = store("left", one, run, replacing: first)
      async let right = store("right", two, run, replacing: first)
      let winners = try await [left, right].compactMap(\.self)
      #expect(winners.count == 1)
      #expect(try await archive(fixture).load(run)?.revision == winners.first)
      // A run that somebody took away is not put back.
      try await fixture.git([
        "--git-dir=\(fixture.folder)/remote.git", "update-ref", "-d", "refs/slipway/runs/\(run)",
      ])
      #expect(try await store("again", one, run, replacing: winners.first) == nil)
    }
  }

  @Test func anAnswerThatWasLostLosesNothing() async throws {
    try await GitOpsFixture.with { fixture in
      let deaf = InterruptedPrograms(
        fixture.programs,
        at: "push",
        after: { _ in throw WorldError(tool: "git", reason: .timedOut, message: "no answer") }
      )
      let (archive, run) = (archive(fixture, deaf), try run("20261126-120000-abcd"))
      let first = try #require(try await store("one", archive, run, replacing: nil))
      // Also where the caller heard of none: it is its own.
      #expect(try await store("two", archive, run, replacing: nil) != nil)
      #expect(first != (try await archive.load(run)?.revision))
    }
  }

  @Test func manyRunsAreListedInAFewCalls() async throws {
    try await GitOpsFixture.with { fixture in
      let archive = archive(fixture)
      var last: CommitID?
      for number in 1...12 {
        last = try await store("\(number)", archive, run("20261126-120000-00\(number)"), replacing: nil)
      }
      #expect(last != nil)
      let other = GitRunArchive(fixture.repository(cache: fixture.cache + "-other"))
      #expect(try await other.headings().sorted() == (1...12).map { "about \($0)" }.sorted())
    }
  }

  @Test func namesThatAreNoneAreRefused() async throws {
    try await GitOpsFixture.with { fixture in
      for name in ["a..b", "a/b", "x.lock"] {
        guard let run = RunID(name) else { continue }
        await #expect(throws: WorldError.self) { try await archive(fixture).load(run) }
      }
    }
  }
}
