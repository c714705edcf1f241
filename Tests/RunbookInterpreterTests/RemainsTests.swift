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
    #expect(remains.afterFailure()?.hasSuffix("to take it back: rollback production api") == true)
    #expect(Remains(RunMemory.State()).whenStopped == "Nothing was changed")
  }

  @Test("a rollback that was pushed and not seen is what stands, of this run's promotion or of another's")
  func returning() throws {
    var state = try promoted()
    state.returning[StepPath([.statement(1)])] = try changes(from: "api-v2", to: "api-v1")
    let said = "production/api api-v2 -> api-v1 was pushed, and was not seen to arrive"
    #expect(Remains(state).whenStopped == said && Remains(state).afterFailure() == said)
    state.promotions = []
    #expect(Remains(state).whenStopped == said && Remains(state).afterFailure() == said)
  }

  @Test("what was written by a rollback or a reconciliation is said, and what may have been")
  func written() throws {
    var state = RunMemory.State()
    state.attempted[StepPath([.statement(0)])] = try changes(from: "api-v2", to: "api-v1")
    #expect(
      Remains(state).whenStopped
        == "whether production/api api-v2 -> api-v1 reached the server is not known"
    )
    state.attempted = [:]
    state.hasChangedProtected = true
    #expect(Remains(state).whenStopped == "What was changed stands")
    let (production, api) = (EnvironmentName("production"), ServiceName("api"))
    state.written[production] = [
      api: Arrivals.Written(environment: production, service: api, tag: "api-v1", commit: try #require(base))
    ]
    #expect(Remains(state).whenStopped == "production/api was brought to api-v1")
    // What is on its way, or somebody else's by now, is told of as that.
    state.returning[StepPath([.statement(0)])] = try changes(from: "api-v2", to: "api-v1")
    #expect(Remains(state).whenStopped == "production/api api-v2 -> api-v1 was pushed, and was not seen to arrive")
    state.returning = [:]
    state.superseded = [production: [api]]
    #expect(Remains(state).whenStopped == "api in production stands as somebody else has set it since")
  }

  @Test("what somebody else has set since does not stay as the run left it, and no way back is named for it")
  func superseded() throws {
    var state = try promoted()
    state.superseded = [EnvironmentName("production"): [ServiceName("api")]]
    let said = "api in production stands as somebody else has set it since"
    #expect(Remains(state).whenStopped == said && Remains(state).afterFailure() == said)
  }

  @Test("a rollback that waits in a pull request is said, with what closes it; once is enough")
  func proposed() throws {
    var state = RunMemory.State()
    var waiting = RollbackByPullRequest.Proposed(
      environment: EnvironmentName("production"),
      branch: "production-rollback-run-1-0",
      head: try #require(base),
      services: [ServiceName("api")]
    )
    state.proposedReturns[StepPath([.statement(0)])] = waiting
    #expect(Remains(state).whenStopped.contains("whether its pull request is open is not known"))
    waiting.pullRequest = PullRequest(
      number: 7,
      url: "https://forge.example/7",
      title: "rollback(api)",
      state: .open,
      branch: waiting.branch,
      head: waiting.head,
      base: "main"
    )
    state.proposedReturns[StepPath([.statement(0)])] = waiting
    let said =
      "pull request #7 stays open, and takes back api in production when it is merged: https://forge.example/7"
    #expect(Remains(state).whenStopped == said)
    #expect(
      Remains(state, run: RunID("run-1")).whenStopped.hasSuffix("(`slipway abort run-1 --because \"…\"` closes it)")
    )
    #expect(Remains(state).afterFailure("it stays open: https://forge.example/7") == nil)
  }
}
