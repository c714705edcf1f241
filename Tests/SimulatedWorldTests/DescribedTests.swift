import PromotionModel
import Testing

@testable import SimulatedWorld

@Suite struct DescribedTests {
  private static let files = [
    "environments/staging/api/config.yaml": "service:\n  chartTag: api-v1.3.0 # next\nenvName: staging\n",
    "environments/production/api/config.yaml": "service:\n  chartTag: api-v1.2.2\nenvName: production\n",
  ]

  private static func commit(_ digit: Character, _ subject: String) throws -> Commit {
    Commit(
      id: try #require(CommitID(String(repeating: digit, count: 40))),
      author: "Grace",
      time: VirtualTime.usualStart - .seconds(3600),
      subject: subject
    )
  }

  private static func digest(_ digit: Character) throws -> ImageDigest {
    try #require(ImageDigest(imageID: "sha256:" + String(repeating: digit, count: 64)))
  }

  /// `api` alone, with a head, a former version, and what both environments run.
  static func described() throws -> FleetDescription {
    var description = FleetDescription(
      repository: FleetDescription.Repository(head: try commit("a", "promote(api): v1.2.2 → production"), files: files)
    )
    description.repository.history = [
      production: [
        api: [
          DeclaredChange(commit: try commit("a", "promote(api): v1.2.2 → production"), tag: "api-v1.2.2"),
          DeclaredChange(commit: try commit("b", "chore: begin"), tag: "api-v1.2.1"),
        ]
      ]
    ]
    var next = FleetDescription.Service()
    next.digest = try digest("3")
    description.environments[staging] = FleetDescription.Environment(services: [api: next])
    return description
  }

  static func world(_ description: FleetDescription, _ faults: [Fault] = []) throws -> SimulatedWorld {
    try SimulatedWorld(fleet: TestFleet.fleet(), seed: 7, faults: faults, description: description)
  }

  @Test func theRepositoryIsAsDescribed() throws {
    let world = try Self.world(try Self.described())
    #expect(world.tag(of: api, in: staging) == "api-v1.3.0")
    #expect(world.tag(of: web, in: staging) == nil)
    try world.time.run {
      let head = try await world.repository.head()
      #expect(head == (try Self.commit("a", "promote(api): v1.2.2 → production")))
      #expect(
        try await world.repository.files(at: head.id) == Self.files.mapValues { Array($0.utf8) }
      )
      let history = try await world.repository.history(of: [api], in: production, limit: 9)
      #expect(history[api]?.map(\.tag) == ["api-v1.2.2", "api-v1.2.1"])
      let one = try await world.repository.history(of: [api], in: production, limit: 1)
      #expect(one[api]?.count == 1)
    }
  }

  @Test func whatIsPromotedRunsTheDescribedDigestAndStandsInFrontOfTheHistory() throws {
    let world = try Self.world(try Self.described())
    let run = TestRun(world: world)
    try world.time.run {
      let commit = try await run.promote()
      let seen = try await run.wait { snapshot in
        snapshot.workload(api)?.isRolledOut == true
          && snapshot.services[api]?.pods.allSatisfy { $0.containers.first?.image.hasSuffix("api-v1.3.0") == true }
            == true
      }
      let digests = Set(try #require(seen).services[api]?.pods.compactMap { $0.containers.first?.digest } ?? [])
      #expect(digests == [try Self.digest("3")])
      let history = try await world.repository.history(of: [api], in: production, limit: 9)
      #expect(history[api]?.map(\.tag) == ["api-v1.3.0", "api-v1.2.2", "api-v1.2.1"])
      #expect(history[api]?.first?.commit.id == commit.id)
    }
  }

  /// Staging as it was seen, word for word, and nothing of it in the simulation's own words.
  private static func troubled() throws -> FleetDescription {
    var description = try described()
    let old = try #require(CommitID(String(repeating: "c", count: 40)))
    let container = ContainerSnapshot(
      name: "app",
      image: "registry.example/team/api:api-v1.3.0",
      digest: try digest("3"),
      isReady: false,
      restarts: 4,
      state: .waiting(reason: "CrashLoopBackOff", message: "back-off 40s")
    )
    let pod = PodSnapshot(
      name: "api-77f-x",
      uid: "u1",
      createdAt: VirtualTime.usualStart - .seconds(900),
      isTerminating: false,
      isReady: false,
      isCurrent: true,
      containers: [container]
    )
    let workload = WorkloadSnapshot(
      kind: "Deployment",
      name: "api",
      uid: "u0",
      generation: 3,
      observedGeneration: 3,
      desired: 1,
      updated: 1,
      ready: 0,
      available: 0,
      replicas: 1,
      images: ["app": container.image],
      pods: [pod]
    )
    let application = ApplicationSnapshot(
      name: "api-staging",
      sync: .synced,
      health: .degraded,
      revision: old,
      reconciledAt: nil,
      destinationNamespace: "staging"
    )
    var service = FleetDescription.Service()
    service.seen = ServiceSnapshot(application: application, workloads: [workload])
    service.endpoint = 502
    service.logs = [
      FleetDescription.Log(
        pod: "api-77f-x",
        container: "app",
        isPrevious: true,
        lines: ["2026-11-26T00:00:00Z info up", "2026-11-26T00:00:09Z error no database"]
      )
    ]
    description.environments[staging] = FleetDescription.Environment(cluster: "uid-1", services: [api: service])
    description.repository.commits = [
      FleetDescription.KnownCommit(
        id: old,
        isInHead: true,
        declared: [
          staging: DeclaredEnvironment(
            environment: staging,
            commit: old,
            services: [api: DeclaredService(file: "x", tag: "api-v1.2.9", version: Version("1.2.9"))]
          )
        ]
      )
    ]
    return description
  }

  @Test func whatWasSeenIsShownWordForWord() throws {
    let description = try Self.troubled()
    let world = try Self.world(description)
    try world.time.run {
      let snapshot = try await world.cluster.snapshot(of: staging)
      #expect(snapshot.services[api] == description.environments[staging]?.services[api]?.seen)
      #expect(try await world.cluster.identify(staging) == "uid-1")
      let target = ProbeTarget(service: api, url: "https://staging.example/api")
      #expect(try await world.probes.probe([target]).map(\.answer) == [.status(502)])
      var request = LogRequest(service: api, pod: "api-77f-x", container: "app", isPrevious: true, tailLines: 1)
      let logs = try await world.cluster.logs([request], in: staging)
      #expect(logs.map { String(decoding: $0.bytes, as: UTF8.self) } == ["2026-11-26T00:00:09Z error no database\n"])
      request.isPrevious = false
      #expect(try await world.cluster.logs([request], in: staging).isEmpty)
      // The old commit that Argo CD stands at.
      let head = try await world.repository.head().id
      let old = try #require(snapshot.services[api]?.application?.revision)
      #expect(try await world.repository.contains(old, in: head))
      #expect(try await !world.repository.contains(head, in: old))
      #expect(try await world.repository.contains(old, in: old))
      let declared = try await world.repository.declared(staging, at: old)
      #expect(declared.services[api]?.tag == "api-v1.2.9")
    }
  }

  @Test func aChangeInOneEnvironmentLeavesTheOtherAsItWasSeen() throws {
    let description = try Self.troubled()
    let world = try Self.world(description)
    let run = TestRun(world: world)
    try world.time.run {
      try await run.promote()
      _ = try await run.wait { $0.workload(api)?.images.values.contains { $0.hasSuffix("api-v1.3.0") } == true }
      let seen = try await world.cluster.snapshot(of: staging)
      let before = description.environments[staging]?.services[api]?.seen
      #expect(seen.services[api]?.workloads == before?.workloads)
      #expect(seen.services[api]?.application?.health == .degraded)
    }
  }

  @Test func aShortDescriptionIsTakenAtItsWord() throws {
    var description = try Self.described()
    var service = FleetDescription.Service(running: "api-v1.2.0", replicas: 3)
    service.health = .degraded
    service.unreachable = "no route to host"
    description.environments[production] = FleetDescription.Environment(services: [api: service])
    let world = try Self.world(description)
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.0"))
    try world.time.run {
      let seen = try await world.cluster.snapshot(of: production)
      #expect(seen.workload(api)?.desired == 3)
      #expect(seen.application(api)?.health == .degraded)
      #expect(seen.application(api)?.sync == .outOfSync)
      let target = ProbeTarget(service: api, url: "https://api.example/health")
      #expect(try await world.probes.probe([target]).map(\.answer) == [.unreachable("no route to host")])
    }
  }

  @Test func aFaultIsStrongerThanWhatWasSeen() throws {
    let fault = Fault(
      .image(ImageFault(api, in: production, versions: .any, .health(.status(500), after: .zero))),
      start: .after(.seconds(60))
    )
    let world = try Self.world(try Self.described(), [fault])
    try world.time.run {
      let target = ProbeTarget(service: api, url: "https://api.example/health")
      #expect(try await world.probes.probe([target]).map(\.answer) == [.status(200)])
      try await world.clock.sleep(for: .seconds(120))
      #expect(try await world.probes.probe([target]).map(\.answer) == [.status(500)])
    }
  }

  @Test func whatIsNoTagOfTheServiceIsRefused() throws {
    var description = try Self.described()
    description.environments[production] = FleetDescription.Environment(
      services: [api: FleetDescription.Service(running: "latest")]
    )
    let error = #expect(throws: WorldError.self) { _ = try Self.world(description) }
    #expect(error?.message.contains("production/api is said to run latest") == true)
  }

  @Test func aLockThatIsHeldIsThere() throws {
    var description = try Self.described()
    let holder = LockHolder(
      environment: production,
      run: try #require(RunID("somebody")),
      holder: "grace@ci",
      reason: "release",
      plan: [],
      expires: VirtualTime.usualStart + .seconds(600)
    )
    description.repository.locks = [holder]
    let world = try Self.world(description)
    let run = TestRun(world: world)
    try world.time.run {
      let found = try await world.repository.lockHolder(of: production)
      #expect(found == holder)
      let outcome = try await world.repository.takeLock(try run.claim(), takingOver: false)
      #expect(outcome == .heldBy(holder))
    }
  }
}
