import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `services.NAME.migrations`: which Jobs migrate a service's data, and whether those of the very version have run.
@Suite struct NamedMigrationTests {
  private static let noon = Timestamp(secondsSinceEpoch: 1_795_000_000)

  private func verdict(_ jobs: MigrationJobs, _ found: [JobSnapshot]) -> (result: Finding.Result, message: String) {
    let pod = PodSnapshot(
      name: "api-1",
      uid: "1",
      createdAt: Self.noon,
      isTerminating: false,
      isReady: true,
      isCurrent: true,
      containers: [
        ContainerSnapshot(
          name: "api",
          image: "ghcr.io/acme/api:api-v1.3.0",
          digest: nil,
          isReady: true,
          restarts: 0,
          state: .running(since: nil)
        )
      ]
    )
    let workload = WorkloadSnapshot(
      kind: "Deployment",
      name: "api",
      uid: "1",
      generation: 1,
      observedGeneration: 1,
      desired: 1,
      updated: 1,
      ready: 1,
      available: 1,
      replicas: 1,
      images: [:],
      pods: [pod]
    )
    return MigrationFindings(
      service: Service(name: api, tag: TagPattern(prefix: "api-v")),
      jobs: jobs,
      tag: "api-v1.3.0",
      snapshot: ServiceSnapshot(application: nil, workloads: [workload], jobs: found)
    ).verdict
  }

  private func job(
    _ name: String,
    _ state: JobSnapshot.State = .complete,
    at seconds: Int64 = -600,
    image: String? = nil,
    isHook: Bool? = nil
  ) -> JobSnapshot {
    JobSnapshot(
      name: name,
      state: state,
      createdAt: Self.noon + .seconds(seconds),
      images: image.map { [$0] },
      isOfLastSync: isHook
    )
  }

  @Test func jobsOfTheVersionMustBeComplete() throws {
    let named = MigrationJobs(name: "api-migrate-{version}")
    let former = job("api-migrate-1-2-2")
    #expect(verdict(named, []).result == .bad)
    #expect(verdict(named, []).message == "there is no job api-migrate-{version}")
    #expect(verdict(named, [former]).message.contains("no job of api-v1.3.0 has run: api-migrate-1-2-2 is of another"))
    #expect(verdict(named, [former]).result == .bad)
    #expect(verdict(named, [former, job("api-migrate-1-3-0")]).result == .good)
    #expect(verdict(named, [former, job("api-migrate-1.3.0")]).result == .good)
    #expect(verdict(named, [job("api-migrate-1-3-0", .active)]).message == "job api-migrate-1-3-0 is not complete")
    #expect(verdict(named, [job("api-migrate-1-3-0", .failed)]).message == "job api-migrate-1-3-0 failed")
    // Of several of the version, all must be; those that failed long ago count for nothing.
    let several = MigrationJobs(name: "api-*-{tag}")
    let (users, orders) = (job("api-users-api-v1-3-0"), job("api-orders-api-v1-3-0", .active))
    #expect(verdict(several, [users, orders, job("api-users-api-v1-2-2", .failed)]).result == .bad)
    #expect(verdict(several, [users, job("api-users-api-v1-2-2", .failed)]).result == .good)
  }

  @Test func otherSignsOfItsVersion() {
    let any = MigrationJobs(name: "api-migrate-*")
    #expect(verdict(any, [job("api-migrate-x", image: "ghcr.io/acme/api:api-v1.3.0")]).result == .good)
    let older = verdict(any, [job("api-migrate-x", image: "ghcr.io/acme/api:api-v1.2.2")])
    #expect(older.result == .bad && older.message.contains("api-migrate-x ran api-v1.2.2"))
    #expect(verdict(any, [job("api-migrate-x", image: "flyway:10", isHook: true)]).result == .good)
    #expect(verdict(any, [job("api-migrate-x", at: 5, image: "flyway:10")]).result == .good)
    // Complete, and nobody can say of what: not good.
    #expect(verdict(any, [job("api-migrate-x", image: "flyway:10")]).result == .unknown)
    #expect(verdict(any, [job("api-migrate-x", .failed, image: "flyway:10")]).result == .bad)
  }

  @Test(arguments: [
    ("api-migrate-*", "api-migrate-", true), ("api-migrate-*", "api-migrat", false), ("*migrate*", "a-migrate-b", true),
    ("a*b*c", "axxbyybzc", true), ("a*b*c", "axxbyybz", false), ("{tag}-db", "anything-db", true), ("a.b", "a-b", true),
    ("a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 250), false),
  ])
  func namesAreMatched(pattern: String, name: String, expected: Bool) {
    #expect(MigrationJobs(name: pattern).covers(name: name, labels: [:]) == expected)
  }

  @Test func labelsMustAllBeThere() {
    let jobs = MigrationJobs(labels: ["app": "api", "part": "migrations"])
    #expect(jobs.covers(name: "x", labels: ["app": "api", "part": "migrations", "more": "1"]))
    #expect(!jobs.covers(name: "x", labels: ["app": "api"]))
  }

  @Test func rehearsedFleetHasItsMigrations() throws {
    let told = try Future("validate staging api\npromote api by commit\nmonitor 30m\nverify")
      .replacing(
        "tag: \"api-v{version}\"",
        "tag: \"api-v{version}\"\n    migrations: api-migrate-{version}\n    reversible: true"
      ).run()
    #expect(told.ending == .ok, "\(told.story)")
    let found = told.findings.filter { $0.check == "migrations" }
    #expect(found.map(\.message) == Array(repeating: "job api-migrate-1.3.0 is complete", count: 2))
  }
}
