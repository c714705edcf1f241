import PromotionModel
import Testing

@testable import SimulatedWorld

@Suite struct RolloutTests {
  /// Collects what an observer sees for so long after a promotion of `api`.
  private func observe(_ world: SimulatedWorld, for duration: Duration) throws -> [ClusterObservation] {
    let seen = Record<ClusterObservation>()
    try world.time.run {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await observation in world.cluster.observe(production) { seen.add(observation) }
        }
        try await TestRun(world: world).promote()
        try await world.clock.sleep(for: duration)
        group.cancelAll()
      }
    }
    return seen.all
  }

  private func snapshots(_ observations: [ClusterObservation]) -> [EnvironmentSnapshot] {
    observations.compactMap { if case .seen(let snapshot) = $0 { snapshot } else { nil } }
  }

  @Test func aRolloutGoesAsARealOneDoes() throws {
    let world = try TestFleet.world()
    let seen = snapshots(try observe(world, for: .seconds(300)))
    let head = try #require(world.repository.branches["main"])
    for snapshot in seen {
      let workload = try #require(snapshot.workload(api))
      #expect(workload.available >= 2, "maxUnavailable is 0")
      #expect(workload.replicas <= 3, "maxSurge is 1")
    }
    let phases = seen.compactMap { $0.application(api)?.operation }.filter { $0.revision == head }.map(\.phase)
    #expect(phases.first == "Running" && phases.last == "Succeeded")
    #expect(seen.contains { ($0.workload(api)?.generation ?? 0) > ($0.workload(api)?.observedGeneration ?? 0) })
    #expect(
      seen.contains { snapshot in
        snapshot.workload(api)?.pods.contains {
          $0.containers.first?.state == .waiting(reason: "ContainerCreating", message: "")
        } ?? false
      }
    )
    #expect(seen.contains { $0.workload(api)?.pods.contains(where: \.isTerminating) ?? false })
    #expect(seen.contains { $0.application(api)?.health == .progressing })

    let last = try #require(seen.last)
    let (application, workload) = (try #require(last.application(api)), try #require(last.workload(api)))
    #expect(application.sync == .synced && application.health == .healthy && application.revision == head)
    #expect(workload.isRolledOut && workload.pods.count == 2)
    #expect(workload.formerImages.contains("registry.example/api:api-v1.2.2"))
    #expect(Set(workload.pods.compactMap { $0.containers.first?.digest }).count == 1)
    #expect(world.runningVersion(of: api, in: production) == Version("1.3.0"))
    #expect(last.workload(web) == seen.first?.workload(web))
  }

  @Test func nothingIsDoneWhileNothingHappens() throws {
    let world = try TestFleet.world()
    let seen = try observe(world, for: .seconds(30 * 60))
    #expect(world.trace.count < 60)
    #expect(seen.count < 60)
    #expect(world.time.now > VirtualTime.usualStart + .seconds(30 * 60))
  }

  @Test func aCrashingImageRestartsAndBacksOff() throws {
    let world = try TestFleet.world([Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(180)))))])
    let seen = snapshots(try observe(world, for: .seconds(900)))
    let first = try #require(seen.first { $0.workload(api)?.pods.contains { $0.restarts > 0 } ?? false })
    #expect(first.time - VirtualTime.usualStart > .seconds(180))
    #expect(world.runningVersion(of: api, in: production) == nil)
    let last = try #require(seen.last?.workload(api))
    let restarts = seen.map { $0.workload(api)?.pods.map(\.restarts).max() ?? 0 }
    #expect((restarts.max() ?? 0) >= 3)
    #expect(
      seen.contains { snapshot in
        snapshot.workload(api)?.pods.contains { pod in
          if case .waiting(reason: "CrashLoopBackOff", _) = pod.containers.first?.state { true } else { false }
        } ?? false
      }
    )
    let pod = try #require(last.pods.first)
    let logs = try world.time.run {
      try await world.cluster.logs(
        [LogRequest(service: api, pod: pod.name, container: "api", isPrevious: true)],
        in: production
      )
    }
    let text = String(decoding: logs.first?.bytes ?? [], as: UTF8.self)
    #expect(text.contains("error unrecoverable"))
  }

  @Test func theOldImageDoesNotCrash() throws {
    let world = try TestFleet.world([Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(60)))))])
    let run = TestRun(world: world)
    try world.time.run {
      let changes = try await run.plan()
      _ = try await world.repository.commit(changes, message: run.message("1"), under: nil)
      try await world.clock.sleep(for: .seconds(300))
      let head = try await world.repository.head().id
      let back = try await world.repository.planReturn(of: changes, services: [api], at: head)
      _ = try await world.repository.commit(back.changes, message: run.message("2"), under: nil)
      try await world.clock.sleep(for: .seconds(300))
    }
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
    #expect(world.snapshot(of: production).application(api)?.health == .healthy)
  }

  @Test(arguments: [ImageFault.Behaviour.cannotBePulled, .neverReady])
  func aRolloutThatGetsStuckExceedsItsDeadline(_ behaviour: ImageFault.Behaviour) throws {
    let world = try TestFleet.world([Fault(.image(ImageFault(api, behaviour)))])
    let seen = snapshots(try observe(world, for: .seconds(700)))
    let exceeded = try #require(seen.first { $0.workload(api)?.hasExceededProgressDeadline ?? false })
    let began = try #require(seen.first { ($0.workload(api)?.observedGeneration ?? 0) > 1 })
    #expect(exceeded.time - began.time >= .seconds(600))
    #expect(exceeded.time - began.time < .seconds(620))
    #expect(exceeded.application(api)?.health == .degraded)
    #expect(exceeded.workload(api)?.available == 2)
    let newest = try #require(exceeded.workload(api)?.pods.last?.containers.first)
    switch newest.state {
    case .waiting(let reason, _): #expect(reason == "ImagePullBackOff" && newest.digest == nil)
    case .running: #expect(!newest.isReady && newest.digest != nil)
    case .terminated, .unknown: Issue.record("\(newest.state)")
    }
  }

  @Test func aSlowArgoCDSaysSyncedAtTheOldRevision() throws {
    let world = try TestFleet.world([Fault(.slowDelivery(production, by: .seconds(300)))])
    let run = TestRun(world: world)
    let old = try #require(world.repository.branches["main"])
    try world.time.run {
      let commit = try await run.promote()
      try await world.delivery.refresh([api], in: production)
      try await world.clock.sleep(for: .seconds(200))
      let stale = try await world.cluster.snapshot(of: production).application(api)
      #expect(stale?.revision == old && stale?.sync == .synced && stale?.health == .healthy)
      #expect((stale?.reconciledAt ?? VirtualTime.usualStart) > commit.time)
      let arrived = try await run.wait { $0.application(api)?.revision == commit.id }
      #expect((arrived?.time ?? commit.time) - commit.time >= .seconds(300))
    }
  }

  @Test func aRunningOperationIsTerminated() throws {
    let world = try TestFleet.world()
    let run = TestRun(world: world)
    try world.time.run {
      try await run.promote()
      _ = try await run.wait { $0.application(api)?.operation?.isRunning ?? false }
      try await world.delivery.terminateOperations(of: [api], in: production)
      let ended = try await run.wait { $0.application(api)?.operation?.phase == "Failed" }
      #expect(ended?.application(api)?.operation?.message == "Operation terminated")
      try await world.clock.sleep(for: .seconds(60))
    }
    // The same revision is not tried again by itself.
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
    #expect(world.snapshot(of: production).application(api)?.sync == .outOfSync)
  }

  @Test func anImageSetByHandIsDriftUntilTheNextCommit() throws {
    let world = try TestFleet.world([
      Fault(.liveImage(api, production, try #require(Version("9.9.9"))), start: .after(.seconds(10))),
      Fault(.foreignCommits(every: nil), start: .after(.seconds(200))),
    ])
    try world.time.run {
      try await world.clock.sleep(for: .seconds(150))
      #expect(world.runningVersion(of: api, in: production) == Version("9.9.9"))
      #expect(try await world.cluster.snapshot(of: production).application(api)?.sync == .outOfSync)
      try await world.clock.sleep(for: .seconds(150))
    }
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
  }
}
