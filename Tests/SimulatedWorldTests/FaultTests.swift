import PromotionModel
import Testing
import YAMLEdit

@testable import SimulatedWorld

@Suite struct FaultTests {
  private func probe(_ world: SimulatedWorld, _ environment: EnvironmentName = production) throws -> ProbeResult.Answer?
  {
    let url = environment == production ? "https://api.example/health" : "https://staging.example/api"
    return try world.time.run {
      try await world.probes.probe([ProbeTarget(service: api, url: url)]).first?.answer
    }
  }

  @Test func healthFollowsThePodsAndTheFaults() throws {
    let world = try TestFleet.world([
      Fault(.image(ImageFault(api, in: staging, versions: .any, .health(.unreachable("refused"), after: .zero)))),
      Fault(.image(ImageFault(api, in: production, versions: .any, .health(.status(500), after: .seconds(60))))),
      Fault(.image(ImageFault(web, in: production, versions: .any, .neverReady)), start: .after(.seconds(5))),
    ])
    #expect(try probe(world) == .status(200))
    #expect(try probe(world, staging) == .unreachable("refused"))
    try world.time.run { try await world.clock.sleep(for: .seconds(60)) }
    #expect(try probe(world) == .status(500))
    let down = try world.time.run {
      try await world.probes.probe([
        ProbeTarget(service: web, url: "https://web.example/health"), ProbeTarget(service: web, url: "https://x"),
      ])
    }
    #expect(down.map(\.answer) == [.status(503), .unreachable("no such host")])
  }

  @Test func logsHaveTimesAndTheErrorsOfAFault() throws {
    let world = try TestFleet.world([
      Fault(
        .image(ImageFault(api, versions: .any, .logsErrors(perMinute: 6, after: .zero))),
        start: .after(.seconds(600))
      )
    ])
    let pod = try #require(world.snapshot(of: production).workload(api)?.pods.first?.name)
    func lines(tail: Int? = nil, since: Timestamp? = nil) throws -> [String] {
      let request = LogRequest(service: api, pod: pod, container: "api", tailLines: tail, since: since)
      let logs = try world.time.run { try await world.cluster.logs([request], in: production) }
      return logs.flatMap { String(decoding: $0.bytes, as: UTF8.self).split(separator: "\n").map(String.init) }
    }
    let calm = try lines(tail: 20)
    #expect(calm.count == 20)
    #expect(calm.allSatisfy { $0.contains("Z info ") && Timestamp(String($0.prefix { $0 != " " })) != nil })
    #expect(try lines().first?.contains("info starting registry.example/api:api-v1.2.2") == true)
    try world.time.run { try await world.clock.sleep(for: .seconds(780)) }
    let recent = try lines(since: world.time.now - .seconds(120))
    #expect(recent.count { $0.contains("Z error ") } == 12)
    #expect(recent == recent.sorted())
    let gone = try world.time.run {
      try await world.cluster.logs(
        [
          LogRequest(service: api, pod: "api-gone", container: "api"),
          LogRequest(service: api, pod: pod, container: "api", isPrevious: true),
        ],
        in: production
      )
    }
    #expect(gone.isEmpty)
  }

  @Test(arguments: OutsideServer.allCases) func aServerIsAwayAndTheOthersAreThere(server: OutsideServer) throws {
    let world = try TestFleet.world([Fault(.serverLost(server, for: .seconds(600)))])
    func answers(_ call: @escaping @Sendable () async throws -> Void) throws -> Bool {
      try world.time.run { () async throws -> Bool in
        do {
          try await call()
          return true
        } catch let error as WorldError where error.reason == .unreachable {
          return false
        }
      }
    }
    for isBack in [false, true] {
      #expect(try answers { _ = try await world.repository.head() } == (server != .git || isBack))
      #expect(
        try answers { _ = try await world.forge.openPullRequests(labels: [], branchPrefixes: []) }
          == (server != .forge || isBack)
      )
      #expect(try answers { _ = try await world.cluster.identify(production) } == (server != .cluster || isBack))
      #expect(try probe(world) == .status(200))
      try world.time.run { try await world.clock.sleep(for: .seconds(600)) }
    }
  }

  /// Argo CD that is away brings nothing, and all of it later; what it needs keeps it from that too.
  @Test(arguments: OutsideServer.allCases) func whatArgoCDNeedsIsAway(server: OutsideServer) throws {
    let world = try TestFleet.world([
      Fault(.serverLost(server, for: .seconds(600)), start: .afterPromotion(.zero))
    ])
    try world.time.run { _ = try await TestRun(world: world).promote() }
    let new = try #require(world.tag(of: api, in: production).flatMap { Version(String($0.dropFirst(5))) })
    try world.time.run { try await world.clock.sleep(for: .seconds(540)) }
    #expect((world.runningVersion(of: api, in: production) == new) == (server == .forge))
    try world.time.run { try await world.clock.sleep(for: .seconds(300)) }
    #expect(world.runningVersion(of: api, in: production) == new)
  }

  @Test func nothingGoesWrongAnyMore() throws {
    let world = try TestFleet.world([
      Fault(.networkLost(for: .seconds(3600))), Fault(.serverLost(.git, for: .seconds(3600))),
      Fault(.anotherCluster(production)), Fault(.pushesRejected(3)), Fault(.reviewer(.neverComes)),
      Fault(.call(.repositoryPropose, occurrence: 1, .fails(.refused))),
      Fault(.image(ImageFault(api, in: production, versions: .any, .health(.status(500), after: .zero)))),
    ])
    world.endTroubles()
    let began = world.time.now
    let pull = try world.time.run { () async throws -> PullRequest in
      _ = try await world.cluster.identify(production)
      return try await TestRun(world: world).propose()
    }
    try world.time.run { try await world.clock.sleep(for: .seconds(1800)) }
    #expect(world.forge.pullRequests.map(\.number) == [pull.number])
    #expect(world.forge.pullRequests.map(\.state) == [.merged])
    // An image stays as it is.
    #expect(try probe(world) == .status(500))
    #expect(world.untroubled == began)
    #expect(world.outages.allSatisfy { $0.length == .zero })
  }

  @Test func whatWasToBeReviewedIsReviewedOnceNothingGoesWrong() throws {
    let world = try TestFleet.world([Fault(.reviewer(.neverComes))])
    _ = try world.time.run { try await TestRun(world: world).propose() }
    try world.time.run { try await world.clock.sleep(for: .seconds(5 * 3600)) }
    #expect(world.forge.pullRequests.map(\.state) == [.open])
    world.endTroubles()
    try world.time.run { try await world.clock.sleep(for: .seconds(1200)) }
    #expect(world.forge.pullRequests.map(\.state) == [.merged])
  }

  @Test func aLostNetworkIsSeenByAllAndReturns() throws {
    let world = try TestFleet.world([Fault(.networkLost(for: .seconds(120)), start: .after(.seconds(60)))])
    let seen = Record<String>()
    try world.time.run {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await observation in world.cluster.observe(production) {
            switch observation {
            case .seen: seen.add("seen \(world.time.now)")
            case .lost(let error): seen.add("lost \(world.time.now) \(error.reason)")
            }
          }
        }
        try await world.clock.sleep(for: .seconds(90))
        await #expect(throws: WorldError.self) { try await world.repository.head() }
        await #expect(throws: WorldError.self) { try await world.cluster.snapshot(of: production) }
        await #expect(throws: WorldError.self) { try await world.probes.probe([]) }
        await #expect(throws: WorldError.self) { try await TestRun(world: world).promote() }
        try await world.clock.sleep(for: .seconds(100))
        _ = try await world.repository.head()
        group.cancelAll()
      }
    }
    #expect(
      seen.all == [
        "seen 2026-01-05T18:00:00Z", "lost 2026-01-05T18:01:00Z unreachable", "seen 2026-01-05T18:03:00Z",
      ]
    )
  }

  @Test func stagingMoves() throws {
    let world = try TestFleet.world([
      Fault(.foreignTag(api, staging, try #require(Version("1.4.0"))), start: .after(.seconds(60)))
    ])
    try world.time.run { try await world.clock.sleep(for: .seconds(300)) }
    #expect(world.tag(of: api, in: staging) == "api-v1.4.0")
    #expect(world.runningVersion(of: api, in: staging) == Version("1.4.0"))
    #expect(world.runningVersion(of: api, in: production) == Version("1.2.2"))
  }

  @Test func pushesAreRejectedAndThenNot() throws {
    let world = try TestFleet.world([Fault(.pushesRejected(2))])
    let run = TestRun(world: world)
    try world.time.run {
      for _ in 0..<2 {
        let error = await #expect(throws: WorldError.self) { try await run.promote() }
        #expect(error?.reason == .refused)
      }
      try await run.promote()
    }
    #expect(world.repository.commits.count == 5)
  }

  @Test func anAnswerIsLostAfterTheEffect() throws {
    let world = try TestFleet.world([
      Fault(.call(.repositoryCommit, occurrence: 1, .answerLost)),
      Fault(.call(.repositoryHead, occurrence: 2, .fails(.unauthorized))),
    ])
    let run = TestRun(world: world)
    try world.time.run {
      let changes = try await run.plan()
      let error = await #expect(throws: WorldError.self) {
        try await world.repository.commit(changes, message: run.message("1"), under: nil)
      }
      #expect(error?.reason == .timedOut)
      #expect(world.tag(of: api, in: production) == "api-v1.3.0")
      // The same step again finds what it had pushed.
      guard case .pushed = try await world.repository.commit(changes, message: run.message("1"), under: nil) else {
        throw Unexpected(what: "a second push")
      }
      let refused = await #expect(throws: WorldError.self) { try await world.repository.head() }
      #expect(refused?.reason == .unauthorized)
    }
    #expect(world.repository.commits.count == 5)
    #expect(world.calls[.repositoryCommit] == 2)
  }

  @Test func theSameSeedGivesTheSameRunToTheByte() throws {
    func once(_ seed: UInt64) throws -> String {
      let world = try TestFleet.world(
        [
          Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(180))))),
          Fault(.foreignCommits(every: .seconds(97))),
          Fault(.networkLost(for: .seconds(30)), start: .after(.seconds(900))),
        ],
        seed: seed
      )
      let run = TestRun(world: world)
      let seen = Record<String>()
      try world.time.run {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for environment in [staging, production] {
            group.addTask {
              for await observation in world.cluster.observe(environment) {
                seen.add(Self.line(observation))
              }
            }
          }
          _ = try await run.propose([api, web])
          try await world.clock.sleep(for: .seconds(3600))
          group.cancelAll()
        }
      }
      let commits = world.repository.commits.map(\.id.text)
      return (world.trace + commits).joined(separator: "\n") + seen.all.joined()
    }
    let first = try once(3)
    #expect(first.utf8.count > 10_000)
    for _ in 0..<5 { #expect(try once(3) == first) }
    #expect(try once(4) != first)
  }

  /// Dictionaries print in another order in every process: by name.
  private static func line(_ observation: ClusterObservation) -> String {
    guard case .seen(let snapshot) = observation else { return "lost\n" }
    return snapshot.services.sorted { $0.key < $1.key }
      .map { "\(snapshot.time) \($0.key) \($0.value.application.debugDescription) \($0.value.pods)\n" }.joined()
  }

  @Test func theEmbeddedFleetHasDocsDisabledInProduction() throws {
    var fleet = TestFleet.fleet()
    fleet.services.append(Service(name: ServiceName("docs"), tag: TagPattern(prefix: "docs-v")))
    let world = try SimulatedWorld(fleet: fleet, seed: 1, contents: SimulatedFleet.contents)
    let declared = try world.time.run {
      try await world.repository.declared(production, at: try await world.repository.head().id)
    }
    #expect(declared.services[ServiceName("docs")]?.isEnabled == false)
    #expect(declared.services[api]?.version == Version("1.2.2"))
    #expect(declared.services[ServiceName("project-management")]?.tag == "pm-v10.44.3")
    #expect(world.snapshot(of: production).application(ServiceName("docs")) == nil)
    #expect(world.runningVersion(of: ServiceName("docs"), in: staging) == Version("0.10.0"))
    let configuration = try YAMLDocument(bytes: Array(SimulatedFleet.configurationText.utf8))
    #expect(try configuration.text(at: try YAMLPath("services.project-management.tag")) == "pm-v{version}")
    #expect(try configuration.text(at: try YAMLPath("environments.production.promotes-from")) == "staging")
  }

  @Test func aFaultOfAnUnknownServiceIsAnError() throws {
    let ghost = ServiceName("ghost")
    let error = #expect(throws: WorldError.self) {
      try TestFleet.world([Fault(.image(ImageFault(ghost, .neverReady)))])
    }
    #expect(error?.message.contains("ghost") == true)
  }

  @Test func aServiceThatIsDisabledLaterLosesItsApplication() throws {
    let world = try TestFleet.world()
    let path = "environments/production/api/config.yaml"
    try world.simulation.update { outside in
      let head = try outside.mainHead()
      let text = String(decoding: outside.repository.files(at: head)[path] ?? [], as: UTF8.self)
      let disabled = text.split(separator: "enabled: true").joined(separator: "enabled: false")
      let id = outside.repository.add(
        parents: [head],
        changes: [path: Array(disabled.utf8)],
        author: "Ada",
        time: outside.now,
        message: CommitMessage(subject: "chore: api rests", trailers: [])
      )
      outside.move("main", to: id)
    }
    try world.time.run { try await world.clock.sleep(for: .seconds(60)) }
    #expect(world.snapshot(of: production).services[api]?.application == nil)
    #expect(world.snapshot(of: production).services[api]?.workloads.isEmpty == true)
    #expect(world.runningVersion(of: api, in: production) == nil)
    #expect(world.runningVersion(of: api, in: staging) != nil)
  }
}
