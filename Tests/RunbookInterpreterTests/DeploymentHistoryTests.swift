import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What the journal tells of deliveries, after runs in the simulated world.
@Suite struct DeploymentHistoryTests {
  private func deployments(_ stage: Stage, since: Timestamp = Timestamp(secondsSinceEpoch: 0)) throws -> [Deployment] {
    try DeploymentHistory.deployments(in: stage.journal, since: since)
  }

  @Test func goodReleaseHasItsLeadTimeFromStaging() throws {
    let stage = try Future(quickRelease).stage()
    let start = stage.simulated.time.now
    let told = try stage.run(quickRelease)
    #expect(told.ending == .ok, "\(told.story)")
    let deployment = try #require(try deployments(stage).first)
    #expect(try deployments(stage).count == 1)
    #expect(deployment.tags == [api: "api-v1.3.0"])
    #expect(deployment.environment == production)
    #expect(deployment.fate == .good)
    let pushed = try #require(told.events.first { $0.name == "committed" }?.time)
    #expect(abs((deployment.reached - pushed).wholeNanoseconds) < 1_000_000_000)
    let staged = try stage.do { world in
      try await world.reading.repository.history(of: [api], in: staging, limit: 100)[api] ?? []
    }
    let first = try #require(staged.last { $0.tag == "api-v1.3.0" }?.commit.time)
    #expect(deployment.leadTimes == [max(.zero, deployment.reached - first)])
    #expect(try deployments(stage, since: start + .seconds(86_400)).isEmpty)
  }

  @Test func badReleaseThatTheRunTookBackIsRestoredWhenThatWasSeen() throws {
    let stage = try Future(quickRelease).with(api, .crashes(after: .seconds(180))).stage()
    let told = try stage.run(quickRelease)
    #expect(told.exit == 3, "\(told.story)")
    guard case .failed(let failed, let restored?) = try #require(try deployments(stage).first).fate else {
      Issue.record("not failed and restored")
      return
    }
    let found = try #require(told.events.last { $0.name == "step.ended" && $0.step?.verb == "monitor" }?.time)
    let back = try #require(told.events.last { $0.name == "step.ended" && $0.step?.verb == "rollback" }?.time)
    #expect(failed == found)
    #expect(restored == back)
  }

  @Test func laterRunThatTakesItBackMakesAGoodOneFail() throws {
    let stage = try Future(quickRelease).stage()
    #expect(try stage.run(quickRelease).ending == .ok)
    try stage.pass(.seconds(3600))
    let told = try stage.run("rollback production api", as: "later")
    #expect(told.ending == .ok, "\(told.story)")
    guard case .failed(let failed, let restored?) = try #require(try deployments(stage).first).fate else {
      Issue.record("not failed and restored")
      return
    }
    #expect(failed >= told.start)
    #expect(restored > failed)
  }

  @Test func pullRequestCountsWhenItWasSeenMergedAndNotWhenItIsOpen() throws {
    let open = try Future(release).with(.reviewer(.neverComes)).stage()
    _ = try open.run(release, dying: .interrupted(after: .seconds(60)))
    #expect(try deployments(open).isEmpty)
    let stage = try Future(release).stage()
    let told = try stage.run(release)
    let merged = try #require(told.events.first { $0.name == "pull-request.changed" }?.time)
    let deployment = try #require(try deployments(stage).first)
    #expect(abs((deployment.reached - merged).wholeNanoseconds) < 5_000_000_000)
    #expect(deployment.tags.count == 3)
  }

  @Test func runThatDidNotEndSaysNothing() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    #expect(try deployments(stage).map(\.fate) == [.unknown])
  }
}
