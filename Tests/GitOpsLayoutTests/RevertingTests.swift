import GitOpsLayout
import PromotionModel
import Testing

@Suite struct RevertingTests {
  private let file = path("production", "api")
  private let before = config("api", "production", tag: "api-v9.1.1")
  private let left = config("api", "production", tag: "api-v9.2.0")

  private func plan(now: [UInt8]?, paths: [String]? = nil) throws -> RevertPlan {
    let made = Commit(id: try commit(), author: "Ada", time: Timestamp(secondsSinceEpoch: 0), subject: "x")
    return try GitOpsLayout(fleet: fleet()).planRevert(
      of: made,
      paths: paths ?? [file],
      in: production,
      before: [file: before],
      left: [file: left],
      now: now.map { [file: $0] } ?? [:],
      base: try commit()
    )
  }

  @Test func takesTheCommitBackToTheByte() throws {
    let plan = try plan(now: left)
    #expect(plan.services == [api] && plan.conflicts.isEmpty && plan.others.isEmpty)
    #expect(plan.changes.plan == ["production/api api-v9.2.0 -> api-v9.1.1"])
    let after = try GitOpsLayout(fleet: fleet()).apply(plan.changes, to: [file: left]).changedFiles
    #expect(after?[file] == .some(before))
  }

  @Test func keepsOtherLinesThatChangedSince() throws {
    let now = left + Array("more: true\n".utf8)
    let plan = try plan(now: now)
    let after = try GitOpsLayout(fleet: fleet()).apply(plan.changes, to: [file: now]).changedFiles
    #expect(after?[file] == .some(before + Array("more: true\n".utf8)))
  }

  @Test func theSameLineChangedSinceIsAConflict() throws {
    let plan = try plan(now: config("api", "production", tag: "api-v9.2.1"))
    #expect(plan.conflicts == [file] && plan.changes.services.isEmpty)
    #expect(try self.plan(now: nil).conflicts == [file])
  }

  @Test func whatIsBackAlreadyNeedsNothing() throws {
    let plan = try plan(now: before)
    #expect(plan.services == [api] && plan.conflicts.isEmpty && plan.changes.services.isEmpty)
  }

  @Test func filesOfOthersAreNamed() throws {
    #expect(try plan(now: left, paths: [file, "README.md"]).others == ["README.md"])
  }
}
