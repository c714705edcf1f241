import PromotionModel
import Testing

@testable import SimulatedWorld

/// Sync waves: a migration Job before the Deployment.
@Suite struct WaveTests {
  private func world(_ migration: Migration, heals: Bool = false) throws -> SimulatedWorld {
    let faults = heals ? [Fault(.selfHeal(production))] : []
    return try TestFleet.world(faults + [Fault(.migration(api, production, migration))])
  }

  @Test func theDeploymentWaitsForTheMigration() throws {
    let world = try world(Migration(takes: .seconds(120)))
    let run = TestRun(world: world)
    try world.time.run {
      try await run.promote()
      let active = try await run.wait { $0.services[api]?.jobs.first?.state == .active }
      let began = try #require(active?.time)
      #expect(active?.application(api)?.operation?.phase == "Running")
      #expect(active?.application(api)?.operation?.message == "waiting for completion of hook batch/Job/api-migrate")
      #expect(active?.application(api)?.sync == .outOfSync && active?.application(api)?.health == .healthy)
      let applied = try await run.wait { $0.workload(api)?.images["api"]?.hasSuffix("api-v1.3.0") == true }
      #expect(try #require(applied?.time) - began >= .seconds(120))
      #expect(applied?.services[api]?.jobs == [JobSnapshot(name: "api-migrate", state: .complete)])
      try await world.clock.sleep(for: .seconds(60))
    }
    let application = try #require(world.snapshot(of: production).application(api))
    #expect(application.sync == .synced && application.operation?.phase == "Succeeded")
    #expect(world.runningVersion(of: api, in: production) == Version("1.3.0"))
  }

  @Test func aMigrationThatFailsIsTriedAgainAndThenTheOldVersionStays() throws {
    let world = try world(Migration(takes: .seconds(20), fails: true), heals: true)
    let run = TestRun(world: world)
    try world.time.run {
      let commit = try await run.promote()
      let again = try await run.wait { $0.application(api)?.operation?.message.contains("attempt #2") == true }
      #expect(
        again?.application(api)?.operation?.phase == "Running" && again?.services[api]?.jobs.first?.state == .failed
      )
      let ended = try await run.wait { $0.application(api)?.operation?.phase == "Failed" }
      // Six times 20 s, and five pauses from 5 s on, each twice as long as the one before.
      let time = try #require(ended?.time) - commit.time
      #expect(time > .seconds(6 * 20 + 155) && time < .seconds(6 * 20 + 200), "\(time)")
      #expect(ended?.application(api)?.operation?.revision == commit.id)
      try await world.clock.sleep(for: .seconds(3600))
    }
    let seen = world.snapshot(of: production)
    #expect(seen.application(api)?.sync == .outOfSync && seen.application(api)?.health == .healthy)
    #expect(seen.services[api]?.jobs == [JobSnapshot(name: "api-migrate", state: .failed)])
    #expect(seen.application(api)?.operation?.phase == "Failed", "self-heal does not try what failed")
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
  }

  @Test func whatSomebodyAsksForIsTriedOnce() throws {
    let world = try world(Migration(takes: .seconds(20), fails: true))
    let run = TestRun(world: world)
    try world.time.run {
      _ = try await world.delivery.carryOut(.sync(mark: "run-1/0", replacing: false), for: api, in: production)
      let ended = try await run.wait { $0.application(api)?.operation?.phase == "Failed" }
      #expect(try #require(ended?.time) - VirtualTime.usualStart < .seconds(30))
    }
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
  }

  @Test func aTerminatedOperationEndsItsMigration() throws {
    let world = try world(Migration(takes: .seconds(600)))
    let run = TestRun(world: world)
    try world.time.run {
      try await run.promote()
      _ = try await run.wait { $0.services[api]?.jobs.first?.state == .active }
      try await world.delivery.terminateOperations(of: [api], in: production)
      try await world.clock.sleep(for: .seconds(1200))
    }
    let seen = world.snapshot(of: production)
    #expect(seen.application(api)?.operation?.message == "Operation terminated")
    #expect(seen.services[api]?.jobs.first?.state == .failed)
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
  }

  @Test func healingRunsNoMigration() throws {
    let world = try world(Migration(takes: .seconds(600)), heals: true)
    try world.time.run {
      try await world.clock.sleep(for: .seconds(10))
      _ = try await world.delivery.carryOut(.undo(toTag: "api-v1.2.1"), for: api, in: production)
      try await world.clock.sleep(for: .seconds(120))
    }
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
    #expect(world.snapshot(of: production).services[api]?.jobs == [])
  }
}
