import LiveWorld
import PromotionModel
import Testing

@Suite struct GitOpsRevertTests {
  private static let file = "apps/production/api.yaml"

  @Test func aCommitIsRevertedByItsIdOrTheBeginningOfIt() async throws {
    try await GitOpsFixture.with { fixture in
      let before = try await fixture.show(Self.file)
      let promoted = try await fixture.push([Self.file: GitOpsFixture.file("api", "1.3.0")], message: "promote")
      try await fixture.push(["docs.md": "x\n"], message: "docs")
      let repository = fixture.repository()
      let head = try await repository.head().id
      for name in [promoted.text, String(promoted.text.prefix(7)), promoted.text.uppercased()] {
        let plan = try await repository.planRevert(of: name, in: GitOpsFixture.production, at: head)
        #expect(plan.commit.id == promoted && plan.services == [ServiceName("api")])
        #expect(plan.changes.plan == ["production/api api-v1.3.0 -> api-v1.2.0"])
        #expect(plan.others.isEmpty && plan.conflicts.isEmpty)
      }
      let plan = try await repository.planRevert(of: promoted.text, in: GitOpsFixture.production, at: head)
      let outcome = try await GitRepositoryWriter(repository).commit(
        plan.changes,
        message: fixture.message("rollback"),
        under: nil
      )
      guard case .pushed = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await fixture.show(Self.file) == before)
    }
  }

  @Test func whatIsNotOnTheBranchIsRefused() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let head = try await repository.head().id
      for (name, reason) in [("0123456", WorldError.Reason.notFound), ("--all", .refused), ("main", .refused)] {
        await #expect {
          try await repository.planRevert(of: name, in: GitOpsFixture.production, at: head)
        } throws: { ($0 as? WorldError)?.reason == reason }
      }
      // A branch that stood before a commit does not have it; whoever pushed it asks again.
      let pushed = try await fixture.push([Self.file: GitOpsFixture.file("api", "1.3.0")], message: "newer")
      await #expect {
        try await repository.planRevert(of: pushed.text, in: GitOpsFixture.production, at: head)
      } throws: { ($0 as? WorldError)?.reason == .notFound }
    }
  }

  @Test func otherFilesAreNamed() async throws {
    try await GitOpsFixture.with { fixture in
      let id = try await fixture.push(
        [Self.file: GitOpsFixture.file("api", "1.3.0"), "docs.md": "x\n"],
        message: "more than one thing"
      )
      let repository = fixture.repository()
      let head = try await repository.head().id
      let plan = try await repository.planRevert(of: id.text, in: GitOpsFixture.production, at: head)
      #expect(plan.others == ["docs.md"])
    }
  }
}
