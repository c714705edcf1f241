import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// A journal that takes nothing any more: what only looks goes on, a rescue is tried, and nothing new is done.
@Suite struct OutageTests {
  private static let text = """
    validate staging api
    promote api by commit
    monitor 30m
    on failure { rollback promoted }
    """

  /// How many writes the run makes before its `monitor` begins.
  private func writesBeforeTheMonitor() throws -> Int {
    var writes = 1
    while writes < 100 {
      let told = try Future(Self.text).stage().run(Self.text, fullAfter: writes)
      if told.stage.commitsOfRuns.count == 1, told.ending(of: "promote") == .ok { return writes }
      writes += 1
    }
    return try #require(nil as Int?, "the promotion never came to its end")
  }

  @Test func fullDiskEndsNoWatchAndKeepsNoRescueOut() throws {
    let writes = try writesBeforeTheMonitor()
    let stage = try Future(Self.text).with(api, .crashes(after: .seconds(180))).stage()
    let told = try stage.run(Self.text, fullAfter: writes)
    #expect(told.ending(of: "monitor") == .failed, "\(told.story)")
    #expect(told.ending(of: "rollback") == .ok)
    #expect(told.exit == 3)
    #expect(stage.tag(api) == "api-v1.2.2" && stage.running(api) == "1.2.2")
    #expect(told.story.contains("nothing can be stored"))
  }

  @Test func goodReleaseIsWatchedToItsEnd() throws {
    let told = try Future(Self.text).stage().run(Self.text, fullAfter: writesBeforeTheMonitor())
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.elapsed > .seconds(1800))
  }

  /// Rule 10: no effect without a stored intent.
  @Test(arguments: 0..<5) func nothingIsPromotedThatCannotBeStored(writes: Int) throws {
    let told = try Future(Self.text).stage().run(Self.text, fullAfter: writes)
    #expect(told.ending == .undetermined, "\(told.story)")
    told.expectUntouched()
  }
}
