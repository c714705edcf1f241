import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Releases of a service whose syncs begin with a migration.
@Suite struct MigrationTests {
  @Test func aReleaseWaitsForItsMigration() throws {
    let told = try Future(quickRelease).with(.migration(api, production, Migration(takes: .seconds(300)))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0")
  }

  /// Rule 3: the way back is proven, or somebody has thought about it.
  @Test(arguments: [("", false, false), (" because \"columns are only added\"", false, true), ("", true, true)])
  func aVersionWithAMigrationNeedsAWayBackForItsData(reason: String, isReversible: Bool, isPromoted: Bool) throws {
    let text = "validate staging api\npromote api by commit\(reason)\nwait rollout"
    var future = Future(text).with(.migration(api, staging, Migration(takes: .seconds(20))))
    if isReversible {
      let tag = "    tag: \"api-v{version}\""
      future = try future.replacing(tag, "\(tag)\n    reversible: true")
    }
    let stage = try future.stage()
    _ = try stage.do {
      try await $0.writing.delivery.carryOut(.sync(mark: "m", replacing: false), for: api, in: staging)
    }
    try stage.pass(.seconds(120))
    let told = try stage.run(text, as: "run-2")
    #expect(told.ending == (isPromoted ? .ok : .refused), "\(told.story)")
    if !isPromoted {
      #expect(told.message.contains("api brings a migration (job api-migrate in staging)"))
      #expect(stage.commitsOfRuns.isEmpty)
    }
  }

  /// Argo CD gives up, and the old version goes on running: that is known, and no matter of patience.
  @Test func aMigrationThatFailsIsTakenBack() throws {
    let told = try Future(quickRelease)
      .with(.migration(api, production, Migration(takes: .seconds(20), fails: true))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.ending(of: "monitor") == .failed && told.ending(of: "rollback") == .ok)
    let message = "api-production: its sync failed: one or more synchronization tasks completed unsuccessfully"
    #expect(told.badSigns == [message])
    #expect(told.stage.tag(api) == "api-v1.2.2" && told.stage.running(api) == "1.2.2")
    #expect(told.stage.simulated.snapshot(of: production).services[api]?.application?.sync == .synced)
  }

  @Test(arguments: ["wait sync", "wait rollout"]) func waitsEndAtOnceToo(wait: String) throws {
    let told = try Future("validate staging api\npromote api by commit\n\(wait) within 1h")
      .with(.migration(api, production, Migration(takes: .seconds(20), fails: true))).run()
    #expect(told.ending(of: wait) == .failed, "\(told.story)")
    #expect(told.elapsed < .seconds(600), "\(told.elapsed)")
  }

  /// Somebody asked for a sync of staging, and its migration failed.
  @Test func validateSeesTheMigrationThatFailed() throws {
    let stage = try Future("validate staging api")
      .with(.migration(api, staging, Migration(takes: .seconds(20), fails: true))).stage()
    _ = try stage.do {
      try await $0.writing.delivery.carryOut(.sync(mark: "m", replacing: false), for: api, in: staging)
    }
    try stage.pass(.seconds(10))
    #expect(
      try stage.run("validate staging api", as: "run-2").findings.contains {
        $0.check == "migrations" && $0.result == .bad && $0.message == "job api-migrate is not complete"
      }
    )
    try stage.pass(.seconds(60))
    #expect(
      try stage.run("validate staging api", as: "run-3").findings.contains {
        $0.check == "migrations" && $0.result == .bad && $0.message == "job api-migrate failed"
      }
    )
  }
}
