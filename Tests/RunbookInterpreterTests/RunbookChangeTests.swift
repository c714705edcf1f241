import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// A run goes on with a changed runbook only where what it has begun is unchanged.
@Suite struct RunbookChangeTests {
  /// A release that was cut off in its monitor.
  private func obstacles(_ changed: String, after seconds: Double = 600) throws -> [String] {
    let stage = try Future(quickRelease).stage()
    let cut = try stage.run(quickRelease, dying: .interrupted(after: .seconds(seconds)))
    return RunbookChange.obstacles(try stage.journal.steps(of: cut.run), try stage.checked(changed))
  }

  @Test func whatComesAfterMayBeAnother() throws {
    #expect(try obstacles(quickRelease).isEmpty)
    #expect(try obstacles(quickRelease.replacing("monitor 30m", with: "monitor 45m\nverify")).isEmpty)
    #expect(try obstacles("# a comment\n\n" + quickRelease.replacing("rollback promoted", with: "fail \"no\"")).isEmpty)
    // Cut off before the promotion was begun, that may be another too.
    let other = quickRelease.replacing("promote api by commit", with: "promote api")
    #expect(try obstacles(other, after: 0.2).isEmpty)
  }

  @Test func whatWasBegunMayNot() throws {
    #expect(
      try obstacles(quickRelease.replacing("promote api by commit", with: "promote api, web by commit")) == [
        "`promote api by commit` (step 1) has been done, and is now `promote api, web by commit`"
      ]
    )
    #expect(try obstacles("show versions\n" + quickRelease).count == 3)
    let gone = try obstacles("validate staging api")
    #expect(gone.contains("`promote api by commit` (step 1) is no longer there"), "\(gone)")
    // A wait may get other terms, and not become something else.
    let instead = try obstacles(quickRelease.replacing("monitor 30m", with: "rollback production api"))
    #expect(instead == ["`monitor 30m` (step 2) has begun, and is now `rollback production api`"])
  }

  @Test func blocksAreLookedInto() throws {
    let text = """
      input deep = true
      procedure release() { promote api by commit; wait 5m }
      validate staging api
      if deep { within 1h { release() } }
      for s in api { retry 2 times { wait 1h } }
      monitor 30m
      on failure { rollback promoted }
      """
    let stage = try Future(text).stage()
    let cut = try stage.run(text, dying: .interrupted(after: .seconds(600)))
    let steps = try stage.journal.steps(of: cut.run)
    #expect(steps.contains { $0.step.description.contains("attempt-0") }, "\(cut.story)")
    func obstacles(_ changed: String) throws -> [String] { RunbookChange.obstacles(steps, try stage.checked(changed)) }
    #expect(try obstacles(text).isEmpty)
    #expect(try obstacles(text.replacing("wait 1h", with: "wait 2h")).isEmpty)
    #expect(try obstacles(text.replacing("wait 5m", with: "wait 6m")).count == 1)
    #expect(try obstacles(text.replacing("promote api by commit;", with: "promote web by commit;")).count == 1)
  }
}
