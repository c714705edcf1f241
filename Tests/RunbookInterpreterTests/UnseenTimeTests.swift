import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What happens while no process of a run watches is found by the one that goes on.
@Suite struct UnseenTimeTests {
  private let watch = "monitor 30m staging api"

  /// One restart in the gap, and all is well again when somebody looks: on a first look it would be the past.
  @Test func aRestartOfTheUnseenTimeCounts() throws {
    let stage = try Future(watch).stage()
    let service = try #require(stage.fleet.service(api))
    let target = ArrivalTarget(service: service, tag: "api-v1.3.0", digest: nil, commit: nil)
    let before = try stage.do { try await $0.reading.cluster.snapshot(of: staging) }
    var after = before
    var known = try #require(before.services[api])
    for workload in known.workloads.indices {
      for pod in known.workloads[workload].pods.indices {
        for container in known.workloads[workload].pods[pod].containers.indices {
          known.workloads[workload].pods[pod].containers[container].restarts += 1
        }
      }
    }
    after.services[api] = known
    func signs(_ known: [String: Int]?) -> [String] {
      var signs = BadSigns(environment: staging, targets: [target], allowedRestarts: 0, first: after, known: known)
      return signs.look(after, [:]).map(\.1)
    }
    let former = BadSigns(environment: staging, targets: [target], allowedRestarts: 0, first: before).formerRestarts
    #expect(!former.isEmpty)
    #expect(signs(nil).filter { $0.contains("restarted") }.isEmpty)
    #expect(signs(former).contains { $0.contains("restarted once, 0 allowed") }, "\(signs(former))")
  }

  @Test func theRestartsThatAMonitorBeganWithAreStored() throws {
    let stage = try Future(watch).stage()
    let cut = try stage.run(watch, dying: .interrupted(after: .seconds(600)))
    #expect(cut.ending == .interrupted, "\(cut.story)")
    let note = try stage.journal.notes(of: cut.run, step: StepPath([.statement(0)]))[Monitor.noteKey]
    #expect(note?.contains("\"restarts\":{\"") == true, "\(note ?? "none")")
    try stage.pass(.seconds(600))
    let told = try stage.run(watch)
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func anotherVersionOfTheUnseenTimeIsSuperseded() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    try stage.commit("api-v9.9.9", of: api, in: production)
    try stage.pass(.seconds(1800))
    let told = try stage.run(quickRelease)
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.has("superseded"))
    #expect(stage.tag(api) == "api-v9.9.9")
  }

  @Test func errorLinesOfTheUnseenTimeCount() throws {
    let stage = try Future(quickRelease).with(api, .logsErrors(perMinute: 30, after: .seconds(900))).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    try stage.pass(.seconds(1200))
    let told = try stage.run(quickRelease)
    #expect(told.exit == 3, "\(told.story)")
    // At once, not after half an hour of more of them.
    let sign = try #require(told.first("bad-sign")?.time)
    #expect(sign - told.start < .seconds(60))
  }
}
