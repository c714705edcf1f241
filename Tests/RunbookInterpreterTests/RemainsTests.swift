import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter

@Suite("What a run leaves behind")
struct RemainsTests {
  private let base = CommitID(String(repeating: "a", count: 40))

  private func changes(from: String, to: String) throws -> ChangeSet {
    let change = ServiceChange(service: ServiceName("api"), file: "f", fromTag: from, toTag: to, edits: [])
    return ChangeSet(environment: EnvironmentName("production"), base: try #require(base), services: [change])
  }

  private func promoted() throws -> RunMemory.State {
    var state = RunMemory.State()
    state.promotions = [
      Promotion(
        step: StepPath([.statement(0)]),
        changes: try changes(from: "api-v1", to: "api-v2"),
        isByPullRequest: false,
        isProtected: true,
        digests: [:],
        formerDigests: [:],
        baseline: [:],
        commit: base
      )
    ]
    return state
  }

  @Test("a promotion stays, and its way back is said")
  func promotion() throws {
    let remains = Remains(try promoted())
    #expect(remains.whenStopped == "production/api api-v1 -> api-v2 stays; nothing is undone")
    #expect(remains.afterFailure?.hasSuffix("to take it back: rollback production api") == true)
    #expect(Remains(RunMemory.State()).whenStopped == "Nothing was changed")
  }

  @Test("a rollback that was pushed and not seen is what stands, of this run's promotion or of another's")
  func returning() throws {
    var state = try promoted()
    state.returning[StepPath([.statement(1)])] = try changes(from: "api-v2", to: "api-v1")
    let said = "production/api api-v2 -> api-v1 was pushed, and was not seen to arrive"
    #expect(Remains(state).whenStopped == said && Remains(state).afterFailure == said)
    state.promotions = []
    #expect(Remains(state).whenStopped == said && Remains(state).afterFailure == said)
  }
}
