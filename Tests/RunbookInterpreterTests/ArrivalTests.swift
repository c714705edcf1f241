import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Rule 2, piece by piece: a snapshot that has arrived, and what each missing piece makes of it.
@Suite struct ArrivalTests {
  /// The api released, its target, and how a changed snapshot is judged against it.
  private struct Arrived {
    let stage: Stage
    var target: ArrivalTarget
    var snapshot: ServiceSnapshot

    init() throws {
      let future = Future(quickRelease)
      stage = try future.stage()
      let told = try stage.run(quickRelease)
      try #require(told.ending == .ok)
      snapshot = try #require(stage.simulated.snapshot(of: production).services[api])
      target = ArrivalTarget(
        service: try #require(stage.fleet.service(api)),
        tag: "api-v1.3.0",
        digest: try #require(snapshot.pods.first?.containers.first?.digest),
        commit: try #require(told.commits.first?.id)
      )
    }

    func standing(needsRollout: Bool = true) throws -> Standing {
      let environment = try #require(stage.fleet.environment(production))
      let whole = EnvironmentSnapshot(
        environment: production,
        time: stage.simulated.time.now,
        services: [api: snapshot]
      )
      let target = target
      return try #require(
        try stage.do { world in
          var judge = ArrivalJudge(
            reading: world.reading,
            environment: environment,
            targets: [target],
            needsRollout: needsRollout
          )
          return try await judge.judge(whole)[api]
        }
      )
    }
  }

  private func isOnTheWay(_ standing: Standing, _ words: String) -> Bool {
    if case .onTheWay(let message) = standing { message.contains(words) } else { false }
  }

  private func isUnknown(_ standing: Standing, _ words: String) -> Bool {
    if case .unknown(let message) = standing { message.contains(words) } else { false }
  }

  @Test func everythingInPlaceIsArrived() throws { #expect(try Arrived().standing() == .arrived) }

  // MARK: The source

  @Test func oldSyncedProvesNothing() throws {
    var arrived = try Arrived()
    let first = try #require(arrived.stage.simulated.repository.commits.first?.id)
    arrived.snapshot.application?.revision = first
    #expect(isOnTheWay(try arrived.standing(), "still at"))
  }

  @Test func commitThatIsUnknownProvesNothing() throws {
    var arrived = try Arrived()
    arrived.snapshot.application?.revision = CommitID(String(repeating: "0", count: 40))
    #expect(try arrived.standing().isUnknown)
  }

  @Test func runningOperationIsOnTheWay() throws {
    var arrived = try Arrived()
    arrived.snapshot.application?.operation?.phase = "Running"
    #expect(isOnTheWay(try arrived.standing(), "being synced"))
    #expect(isOnTheWay(try arrived.standing(needsRollout: false), "being synced"))
  }

  @Test func outOfSyncIsOnTheWay() throws {
    var arrived = try Arrived()
    arrived.snapshot.application?.sync = .outOfSync
    #expect(isOnTheWay(try arrived.standing(), "OutOfSync"))
  }

  @Test func applicationOfAnotherNamespaceProvesNothing() throws {
    var arrived = try Arrived()
    arrived.snapshot.application?.destinationNamespace = "elsewhere"
    #expect(isUnknown(try arrived.standing(), "namespace elsewhere"))
    arrived.snapshot.application = nil
    #expect(isUnknown(try arrived.standing(), "no Application"))
  }

  @Test func laterCommitWithOurValueIsArrivedAndWithAnotherSuperseded() throws {
    var arrived = try Arrived()
    let later = try arrived.stage.do { world in
      let head = try await world.reading.repository.head().id
      let changes = try await world.reading.repository.planTags([web: "web-v5.0.1"], in: production, at: head)
      return try await Self.push(changes, to: world)
    }
    arrived.snapshot.application?.revision = later
    #expect(try arrived.standing() == .arrived)
    let over = try arrived.stage.do { world in
      let changes = try await world.reading.repository.planTags([api: "api-v1.2.9"], in: production, at: later)
      return try await Self.push(changes, to: world)
    }
    arrived.snapshot.application?.revision = over
    guard case .superseded(let superseded) = try arrived.standing() else {
      Issue.record("not superseded")
      return
    }
    #expect(superseded.found == "api-v1.2.9")
    #expect(superseded.by?.id == over)
  }

  private static func push(_ changes: ChangeSet, to world: World) async throws -> CommitID {
    let message = CommitMessage(subject: "by hand", trailers: [])
    guard
      case .pushed(let commit) = try await world.writing.repository.commit(changes, message: message, under: nil)
    else { throw Halt(.failed, "not pushed") }
    return commit.id
  }

  // MARK: The workloads

  @Test func emptySetProvesNothing() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads = []
    #expect(isUnknown(try arrived.standing(), "owns no workload"))
    #expect(try arrived.standing(needsRollout: false) == .arrived)
  }

  @Test func kindThatIsNotUnderstoodProvesNothing() throws {
    var arrived = try Arrived()
    arrived.snapshot.unknownKinds = ["CloneSet"]
    #expect(isUnknown(try arrived.standing(), "CloneSet"))
  }

  @Test func scaledToNoneProvesNothing() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads[0].desired = 0
    #expect(isUnknown(try arrived.standing(), "scaled to none"))
  }

  @Test func generationThatWasNotObservedIsOnTheWay() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads[0].generation += 1
    #expect(isOnTheWay(try arrived.standing(), "updated"))
  }

  @Test func replicaThatIsNotAvailableIsOnTheWay() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads[0].available -= 1
    #expect(isOnTheWay(try arrived.standing(), "1 available"))
  }

  @Test func podsThatAreNotAllSeenAreOnTheWay() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads[0].pods.removeLast()
    #expect(isOnTheWay(try arrived.standing(), "1 of 2 pods"))
  }

  @Test func oldPodThatStillTerminatesIsOnTheWay() throws {
    var arrived = try Arrived()
    var old = try #require(arrived.snapshot.workloads[0].pods.first)
    old.name = "old"
    old.isTerminating = true
    arrived.snapshot.workloads[0].pods.append(old)
    #expect(isOnTheWay(try arrived.standing(), "old is still terminating"))
  }

  @Test func podOfAnotherImageIsOnTheWay() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads[0].pods[0].containers[0].image = "registry.example/api:api-v1.2.2"
    #expect(isOnTheWay(try arrived.standing(), "does not run api-v1.3.0"))
  }

  @Test func anotherDigestOfTheSameTagIsWrong() throws {
    var arrived = try Arrived()
    let other = try #require(ImageDigest(imageID: "sha256:" + String(repeating: "a", count: 64)))
    for index in arrived.snapshot.workloads[0].pods.indices {
      arrived.snapshot.workloads[0].pods[index].containers[0].digest = other
    }
    guard case .wrong(let message) = try arrived.standing() else {
      Issue.record("not wrong")
      return
    }
    #expect(message.contains("was sealed for api-v1.3.0"))
    // Unsealed, all pods running one and the same is enough.
    arrived.target.digest = nil
    #expect(try arrived.standing() == .arrived)
    arrived.snapshot.workloads[0].pods[0].containers[0].digest = try Arrived().target.digest
    guard case .wrong = try arrived.standing() else {
      Issue.record("not wrong")
      return
    }
  }

  @Test func digestThatIsNotToldIsUnknown() throws {
    var arrived = try Arrived()
    arrived.snapshot.workloads[0].pods[0].containers[0].digest = nil
    #expect(isUnknown(try arrived.standing(), "which digest"))
  }

  // MARK: Whole runs

  @Test func resumedAfterItsDeadlineItLooksAllTheSame() throws {
    let text = "validate staging api; promote api by commit; wait rollout within 10m"
    let stage = try Future(text).stage()
    _ = try stage.run(text, dying: .interrupted(after: .seconds(5)))
    try stage.pass(.seconds(7200))
    var world = stage.simulated.world
    world.reading.cluster = Late(cluster: world.reading.cluster, clock: world.reading.clock)
    let told = try stage.run(text, world: world)
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test func imageThatWasPushedAgainUnderTheSameTagFailsTheRun() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    world.reading.cluster = Repushed(cluster: world.reading.cluster)
    let told = try stage.run(quickRelease, world: world)
    #expect(told.ending(of: "monitor") == .failed, "\(told.story)")
    #expect(told.message.contains("was sealed for api-v1.3.0"))
    #expect(stage.tag(api) == "api-v1.2.2")
  }
}

/// A cluster that is seen only after a while, as a real one is.
private struct Late: ClusterReading {
  let cluster: any ClusterReading
  let clock: any WorldClock

  func identify(_ environment: EnvironmentName) async throws -> String { try await cluster.identify(environment) }
  func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot {
    try await cluster.snapshot(of: environment)
  }
  func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog] {
    try await cluster.logs(requests, in: environment)
  }
  func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination {
    try await cluster.examine(services, in: environment)
  }
  func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> {
    let source = Mapped(cluster.observe(environment))
    return AsyncStream {
      do { try await clock.sleep(for: .seconds(5)) } catch { return nil }
      return await source.next { $0 }
    }
  }
}

/// A cluster whose production runs another digest of the new version than staging did.
private struct Repushed: ClusterReading {
  let cluster: any ClusterReading

  func identify(_ environment: EnvironmentName) async throws -> String { try await cluster.identify(environment) }
  func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot {
    changed(try await cluster.snapshot(of: environment))
  }
  func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog] {
    try await cluster.logs(requests, in: environment)
  }
  func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination {
    try await cluster.examine(services, in: environment)
  }
  func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> {
    let source = cluster.observe(environment)
    let first = Mapped(source)
    return AsyncStream {
      await first.next { if case .seen(let snapshot) = $0 { .seen(changed(snapshot)) } else { $0 } }
    }
  }

  private func changed(_ snapshot: EnvironmentSnapshot) -> EnvironmentSnapshot {
    guard snapshot.environment == production, var service = snapshot.services[api] else { return snapshot }
    let other = ImageDigest(imageID: "sha256:" + String(repeating: "b", count: 64))
    for (index, workload) in service.workloads.enumerated() {
      for (place, pod) in workload.pods.enumerated() where pod.containers[0].image.hasSuffix("1.3.0") {
        if pod.containers[0].digest != nil { service.workloads[index].pods[place].containers[0].digest = other }
      }
    }
    var result = snapshot
    result.services[api] = service
    return result
  }
}

/// The elements of a stream, changed one after the other.
private actor Mapped<Element: Sendable> {
  private var iterator: AsyncStream<Element>.Iterator

  init(_ stream: AsyncStream<Element>) { iterator = stream.makeAsyncIterator() }

  func next(_ change: @Sendable (Element) -> Element) async -> Element? {
    var iterator = iterator
    defer { self.iterator = iterator }
    return await iterator.next(isolation: self).map(change)
  }
}
