import PromotionModel
import Testing

@testable import SimulatedWorld

/// What somebody changes past git, and what Argo CD does about it.
@Suite struct DriftTests {
  private static let hands: [Fault.Effect] =
    [.liveReplicas(api, production, 5), .liveReplicas(api, production, 1), .liveDeletion(api, production)]
    + [Version("9.9.9")].compactMap { $0 }.map { .liveImage(api, production, $0) }

  @Test(arguments: hands) func withoutSelfHealDriftIsShownAndStays(_ effect: Fault.Effect) throws {
    let world = try TestFleet.world([Fault(effect, start: .after(.seconds(10)))])
    try world.time.run { try await world.clock.sleep(for: .seconds(900)) }
    let seen = world.snapshot(of: production)
    #expect(seen.application(api)?.sync == .outOfSync)
    #expect(seen.application(api)?.operation?.finishedAt.map { $0 < VirtualTime.usualStart } == true)
    #expect(seen.application(web)?.sync == .synced)
    if case .liveReplicas(_, _, let replicas) = effect {
      #expect(seen.workload(api)?.desired == replicas && seen.workload(api)?.isRolledOut == true)
      #expect(seen.services[api]?.pods.count == replicas)
    } else if case .liveDeletion = effect {
      #expect(seen.workload(api) == nil && seen.application(api)?.health == .missing)
    } else {
      #expect(world.runningVersion(of: api, in: production) == Version("9.9.9"))
    }
  }

  @Test(arguments: hands) func withSelfHealItIsPutBackAsGitHasIt(_ effect: Fault.Effect) throws {
    let former = try #require(try TestFleet.world().snapshot(of: production).workload(api)?.uid)
    let world = try TestFleet.world([
      Fault(.selfHeal(production, services: [api])), Fault(effect, start: .after(.seconds(60))),
    ])
    try world.time.run { try await world.clock.sleep(for: .seconds(200)) }
    let seen = world.snapshot(of: production)
    #expect(seen.application(api)?.sync == .synced && seen.application(api)?.health == .healthy)
    #expect(seen.application(api)?.healsItself == true && seen.application(web)?.healsItself == false)
    #expect(seen.workload(api)?.desired == 2 && seen.workload(api)?.isRolledOut == true)
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
    if case .liveDeletion = effect {
      #expect(seen.workload(api)?.uid != former, "it is another object")
      #expect(seen.workload(api)?.formerImages == [], "its revisions are gone")
    }
  }

  @Test func withoutAutoSyncNothingIsPutBack() throws {
    let world = try TestFleet.world([
      Fault(.selfHeal(production)), Fault(.liveReplicas(api, production, 3), start: .after(.seconds(60))),
    ])
    try world.time.run {
      _ = try await world.delivery.carryOut(.suspendAutoSync(by: "run-1"), for: api, in: production)
      try await world.clock.sleep(for: .seconds(400))
      #expect(try await world.cluster.snapshot(of: production).application(api)?.sync == .outOfSync)
      _ = try await world.delivery.carryOut(.restoreAutoSync, for: api, in: production)
      try await world.clock.sleep(for: .seconds(60))
    }
    #expect(world.snapshot(of: production).workload(api)?.desired == 2)
  }

  /// Each time that the same revision is healed Argo CD waits longer, and forgets it once that was quiet for a while.
  @Test func healingBacksOff() throws {
    let times: [Int] = [100, 130, 160, 1000]
    let world = try TestFleet.world(
      [Fault(.selfHeal(production))]
        + times.map { Fault(.liveReplicas(api, production, 3), start: .after(.seconds($0))) }
    )
    var healed: [Duration] = []
    try world.time.run { try await world.clock.sleep(for: .seconds(1200)) }
    for line in world.trace where line.contains("operationApplies") {
      let time = try #require(line.split(separator: " ").first.flatMap { Timestamp(String($0)) })
      healed.append(time - VirtualTime.usualStart)
    }
    try #require(healed.count == 4, "\(healed)")
    #expect(healed[0] < .seconds(110), "the last operation was long ago: at once")
    #expect(healed[1] - healed[0] > .seconds(15) && healed[1] < .seconds(145))
    #expect(healed[2] - healed[1] > .seconds(45), "the third waits three times as long as the second")
    #expect(healed[3] < .seconds(1010))
  }

  @Test func aDescriptionSaysWhoHealsItself() throws {
    var described = FleetDescription.Service()
    described.healsItself = true
    var description = try DescribedTests.described()
    description.environments[production] = FleetDescription.Environment(services: [api: described])
    let world = try DescribedTests.world(description)
    #expect(world.snapshot(of: production).application(api)?.healsItself == true)
    #expect(world.snapshot(of: production).application(web)?.healsItself != true)
  }
}
