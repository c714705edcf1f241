import PromotionModel
import Testing

@testable import SimulatedWorld

/// What the cluster does by itself with pods that are well: autoscalers, evictions, drained nodes.
@Suite struct ScalingTests {
  @Test(arguments: [1, 5]) func anAutoscalerChangesTheReplicasAndThatIsNoDrift(replicas: Int) throws {
    let world = try TestFleet.world([Fault(.autoscaled(api, production, to: replicas), start: .after(.seconds(60)))])
    let before = Set(world.snapshot(of: production).services[api]?.pods.map(\.name) ?? [])
    let run = TestRun(world: world)
    try world.time.run {
      let seen = try await run.wait { $0.workload(api)?.desired == replicas && $0.workload(api)?.isRolledOut == true }
      #expect(seen != nil)
      try await world.clock.sleep(for: .seconds(700))
    }
    let seen = world.snapshot(of: production)
    #expect(seen.application(api)?.sync == .synced && seen.application(api)?.health == .healthy)
    #expect(seen.workload(api)?.hasExceededProgressDeadline == false)
    let pods = Set(seen.services[api]?.pods.map(\.name) ?? [])
    #expect(pods.count == replicas)
    #expect(pods.isSuperset(of: before) || before.isSuperset(of: pods))
    #expect(seen.services[api]?.pods.allSatisfy { $0.restarts == 0 } == true)
  }

  @Test(arguments: [1, 6]) func aRolloutThatIsScaledMeanwhileCompletes(replicas: Int) throws {
    let world = try TestFleet.world([
      Fault(.autoscaled(api, production, to: replicas), start: .afterPromotion(.seconds(16)))
    ])
    let run = TestRun(world: world)
    try world.time.run {
      try await run.promote()
      try await world.clock.sleep(for: .seconds(300))
    }
    let workload = try #require(world.snapshot(of: production).workload(api))
    #expect(workload.desired == replicas && workload.isRolledOut)
    #expect(workload.pods.allSatisfy(\.isCurrent) && workload.pods.count == replicas)
    #expect(world.runningVersion(of: api, in: production) == Version("1.3.0"))
  }

  /// A Deployment that was all there once has no deadline: pods that an autoscaler adds may take as long as they like.
  @Test func scalingUpExceedsNoDeadline() throws {
    let world = try TestFleet.world([
      Fault(.image(ImageFault(api, in: production, versions: .any, .neverReady)), start: .after(.seconds(50))),
      Fault(.autoscaled(api, production, to: 4), start: .after(.seconds(60))),
    ])
    try world.time.run { try await world.clock.sleep(for: .seconds(1500)) }
    let workload = try #require(world.snapshot(of: production).workload(api))
    #expect(workload.replicas == 4 && workload.available == 0)
    #expect(!workload.hasExceededProgressDeadline)
    #expect(world.snapshot(of: production).application(api)?.health == .progressing)
  }

  @Test(arguments: PodLoss.allCases) func aPodThatGoesIsReplaced(loss: PodLoss) throws {
    let world = try TestFleet.world([Fault(.podLost(api, production, loss), start: .after(.seconds(60)))])
    let gone = try #require(world.snapshot(of: production).services[api]?.pods.first?.name)
    let run = TestRun(world: world)
    try world.time.run {
      let lost = try await run.wait { ($0.workload(api)?.available ?? 2) < 2 }
      #expect(lost?.workload(api)?.replicas == 2, "another one is made at once")
      #expect(lost?.application(api)?.sync == .synced && lost?.application(api)?.health == .progressing)
      #expect(lost?.services[api]?.pods.contains { $0.name == gone } == (loss == .drained))
      try await world.clock.sleep(for: .seconds(60))
      let examined = try await world.cluster.examine([api], in: production)
      let over = examined.services[api]?.pods.filter { $0.phase == "Failed" } ?? []
      #expect(over.map(\.name) == (loss == .evicted ? [gone] : []))
      #expect(over.allSatisfy { $0.reason?.hasPrefix("Evicted") == true })
    }
    let seen = world.snapshot(of: production)
    #expect(seen.workload(api)?.isRolledOut == true && seen.application(api)?.health == .healthy)
    #expect(seen.services[api]?.pods.contains { $0.name == gone } == false)
    #expect(seen.services[api]?.pods.allSatisfy { $0.restarts == 0 } == true)
  }
}
