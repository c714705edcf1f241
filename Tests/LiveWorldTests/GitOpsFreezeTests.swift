import LiveWorld
import PromotionModel
import Testing

/// Freezes in a real repository.
@Suite struct GitOpsFreezeTests {
  private let production = GitOpsFixture.production

  private func freeze(_ run: String, in fixture: GitOpsFixture, reason: String = "Christmas") throws -> Freeze {
    Freeze(
      environment: production,
      until: fixture.clock.now() + .seconds(3600),
      except: "on-call",
      reason: reason,
      holder: "ada@host",
      run: try #require(RunID(run)),
      step: "0"
    )
  }

  @Test func aFreezeIsSeenByASecondClone() async throws {
    try await GitOpsFixture.with { fixture in
      let mine = fixture.repository()
      let freeze = try freeze("run-1", in: fixture)
      #expect(try await mine.freeze(of: production) == nil)
      #expect(try await GitRepositoryWriter(mine).setFreeze(freeze, of: production, replacing: nil) == .done)
      let other = fixture.repository(cache: "\(fixture.folder)/other")
      #expect(try await other.freeze(of: production) == freeze)
      // The other one ends it, and the first sees that.
      #expect(try await GitRepositoryWriter(other).setFreeze(nil, of: production, replacing: freeze) == .done)
      #expect(try await mine.freeze(of: production) == nil)
      #expect(
        try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "fsck", "--strict", "--no-dangling"]) == ""
      )
    }
  }

  @Test func whoeverIsSlowerWritesNothing() async throws {
    try await GitOpsFixture.with { fixture in
      let first = GitRepositoryWriter(fixture.repository())
      let second = GitRepositoryWriter(fixture.repository(cache: "\(fixture.folder)/other"))
      let (one, two) = (try freeze("run-1", in: fixture), try freeze("run-2", in: fixture, reason: "another"))
      #expect(try await first.setFreeze(one, of: production, replacing: nil) == .done)
      #expect(try await second.setFreeze(two, of: production, replacing: nil) == .changed(one))
      // The same again is success: an answer may have been lost.
      #expect(try await first.setFreeze(one, of: production, replacing: nil) == .done)
      #expect(try await second.setFreeze(two, of: production, replacing: one) == .done)
      #expect(try await fixture.repository().freeze(of: production)?.reason == "another")
      #expect(try await first.setFreeze(nil, of: production, replacing: one) == .changed(two))
    }
  }

  @Test func locksAndFreezesDoNotTouchEachOther() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      let freeze = try freeze("run-1", in: fixture)
      #expect(try await writer.setFreeze(freeze, of: production, replacing: nil) == .done)
      guard case .held(let lease, _) = try await writer.takeLock(fixture.claim("run-2"), takingOver: false) else {
        Issue.record("a freeze is no lock")
        return
      }
      try await writer.releaseLock(lease)
      #expect(try await repository.freeze(of: production) == freeze)
    }
  }

  @Test func whatNobodyCanReadLetsNothingPass() async throws {
    try await GitOpsFixture.with { fixture in
      let remote = "--git-dir=\(fixture.folder)/remote.git"
      let head = try await fixture.git([remote, "rev-parse", "main"]).split(separator: "\n").first.map(String.init)
      _ = try await fixture.git([remote, "update-ref", "refs/slipway/freeze/production", try #require(head)])
      let error = await #expect(throws: WorldError.self) { try await fixture.repository().freeze(of: production) }
      #expect(error?.reason == .nonsense)
    }
  }
}
