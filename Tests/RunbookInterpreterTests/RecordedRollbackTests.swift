import PromotionModel
import RunLog
import RunStore
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What a `rollback` takes back that another run promoted.
@Suite struct RecordedRollbackTests {
  private func released(_ future: Future = Future(quickRelease)) throws -> Stage {
    let stage = try future.stage()
    let told = try stage.run(quickRelease, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    return stage
  }

  /// Somebody sets web by hand: no run promoted what stands there.
  private func webByHand(_ stage: Stage) throws {
    try stage.commit("web-v5.0.1", of: web, in: production)
    try stage.pass(.seconds(600))
  }

  @Test func allMeansWhatHasAWayBack() throws {
    let stage = try released()
    try webByHand(stage)
    let told = try stage.run("rollback production all", as: "run-1")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.tag(api) == "api-v1.2.2" && stage.tag(web) == "web-v5.0.1")
    #expect(told.warnings.contains { $0.contains("left out: web-v5.0.1 of web was promoted by no run") })
  }

  @Test func ofNamedOnesEachIsTold() throws {
    let stage = try released()
    try webByHand(stage)
    let told = try stage.run("rollback production api, web", as: "run-1")
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("web-v5.0.1 of web was promoted by no run"))
    #expect(told.message.contains("what can be taken back: rollback production api"))
    #expect(stage.tag(api) == "api-v1.3.0")
  }

  @Test func whatAnotherMachineKnowsAloneIsSaid() throws {
    let stage = try released(
      Future(quickRelease).replacing("copy: tag", "copy: [service.chartTag, service.replicas]")
    )
    let told = try stage.run("rollback production api", as: "run-1", journal: MemoryJournal())
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.tag(api) == "api-v1.2.2")
    #expect(told.warnings.contains { $0.contains("its tag alone is taken back") })
  }

  @Test func whatStandsIsSaidWhereAnOpenPullRequestWasClosed() throws {
    let stage = try released()
    try stage.commit("api-v1.3.1", of: api, in: staging)
    try stage.pass(.seconds(600))
    #expect(try stage.run("validate staging api; promote api; wait 1m", as: "run-1").ending == .ok)
    let told = try stage.run("rollback production api", as: "run-2")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(
      told.message(of: "rollback").contains("where api-v1.3.0 stays; to take that back too: rollback production api")
    )
    #expect(stage.tag(api) == "api-v1.3.0")
    #expect(try stage.run("rollback production api", as: "run-3").ending == .ok)
    #expect(stage.tag(api) == "api-v1.2.2")
  }
}
