public import PromotionModel

/// A whole outside in memory on virtual time, the same from the same seed: a GitOps repository, a forge with a reviewer,
/// Argo CD, clusters with Deployments and pods, health endpoints and logs.
///
/// Everything that is awaited from it must run inside ``VirtualTime/run(_:)`` of its ``time``. Nothing ticks: when nothing
/// happens outside, no work is done however long that takes.
public struct SimulatedWorld: Sendable {
  public let time: VirtualTime
  let simulation: Simulation

  /// - Parameters:
  ///   - contents: what the environments declare and run at first; nil takes ``FleetContents/invented(for:)``.
  ///   - start: what the clock shows at first. The repository's history lies before it.
  /// - Throws: ``WorldError`` when no files can be made in the layout that the configuration describes.
  public init(
    fleet: Fleet,
    seed: UInt64,
    faults: [Fault] = [],
    contents: FleetContents? = nil,
    start: Timestamp = VirtualTime.usualStart,
    limits: VirtualTime.Limits = VirtualTime.Limits()
  ) throws {
    var outside = Outside(fleet: fleet, seed: seed, faults: faults, start: start)
    try outside.seed(contents ?? .invented(for: fleet))
    outside.planFaults()
    time = VirtualTime(start: start, limits: limits)
    simulation = Simulation(outside, time: time)
  }

  public var clock: SimulatedClock { SimulatedClock(time: time) }
  public var repository: SimulatedRepository { SimulatedRepository(simulation: simulation) }
  public var cluster: SimulatedCluster { SimulatedCluster(simulation: simulation) }
  public var delivery: SimulatedDelivery { SimulatedDelivery(simulation: simulation) }
  public var forge: SimulatedForge { SimulatedForge(simulation: simulation) }
  public var probes: SimulatedProbes { SimulatedProbes(simulation: simulation) }

  /// The world as a run sees it; without a forge where the configuration names none.
  public var world: World {
    let hasForge = simulation.look { $0.fleet.pullRequest != nil }
    return World(
      reading: WorldReading(
        clock: clock,
        repository: repository,
        cluster: cluster,
        forge: hasForge ? forge : nil,
        probes: probes
      ),
      writing: WorldWriting(repository: repository, delivery: delivery, forge: hasForge ? forge : nil)
    )
  }

  // MARK: Inspection, without virtual time

  /// The tag that a service's file has at the head of the configured branch.
  public func tag(of service: ServiceName, in environment: EnvironmentName) -> String? {
    simulation.look { outside in
      outside.repository.head.flatMap { outside.tag(of: service, in: environment, at: $0) }
    }
  }

  /// The version that every pod of a service runs; nil while there are several, or none is ready.
  public func runningVersion(of service: ServiceName, in environment: EnvironmentName) -> Version? {
    simulation.look { outside in
      let pods = outside.deployments[Place(environment: environment, service: service)]?.living ?? []
      guard let image = pods.first?.image, pods.allSatisfy({ $0.image == image && $0.isReady }) else { return nil }
      return outside.fleet.service(service).flatMap { outside.version(ofImage: image, of: $0) }
    }
  }

  /// What Argo CD and the cluster of an environment would show now.
  public func snapshot(of environment: EnvironmentName) -> EnvironmentSnapshot {
    simulation.look { $0.snapshot(of: environment) }
  }

  /// How often each kind of call was made.
  public var calls: [Touch: Int] { simulation.look(\.calls) }

  /// Every call and event so far, a line each: two runs that did the same have the same.
  public var trace: [String] { simulation.look { $0.trace.map(\.description) } }
}

extension Outside {
  /// Fills the repository, with a little history, and starts what it declares, long settled.
  mutating func seed(_ contents: FleetContents) throws {
    var former = contents
    for environment in fleet.environments.map(\.name) {
      former.versions[environment] = contents.versions[environment]?
        .mapValues { FleetContents.predecessor(of: $0) ?? $0 }
    }
    let branch = fleet.repository.branch
    let day = Duration.seconds(86_400)
    var files = try SeededFiles(fleet: fleet, contents: former).files.mapValues { Optional($0) }
    files["README.md"] = Array("# What runs where\n".utf8)
    var head = repository.add(
      parents: [],
      changes: files,
      author: "Ada",
      time: start - day * 20,
      message: CommitMessage(subject: "chore: the services and their environments", trailers: [])
    )
    // The last environment first, each by way of those that it is promoted from: whatever runs anywhere ran before it
    // in the environments before.
    var age = 12
    for environment in fleet.environments.map(\.name).reversed() {
      for stage in route(to: environment) {
        former.versions[stage] = contents.versions[environment]
        let next = try SeededFiles(fleet: fleet, contents: former).files
        let changes = next.filter { repository.files(at: head)[$0.key] != $0.value }
        guard !changes.isEmpty else { continue }
        age = max(1, age - 1)
        head = repository.add(
          parents: [head],
          changes: changes.mapValues { Optional($0) },
          author: "Grace",
          time: start - day * age,
          message: CommitMessage(subject: "promote: \(stage)", trailers: [])
        )
      }
    }
    repository.move(branch, to: head, isMain: true, at: start - day)
    for environment in fleet.environments {
      let declared = layout.declared(environment.name, at: head, files: repository.files(at: head))
      for service in fleet.services {
        guard contents.versions[environment.name]?[service.name] != nil else { continue }
        guard let found = declared.services[service.name], let tag = found.tag, found.problem == nil else {
          throw WorldError(
            tool: "GitOps repository",
            reason: .nonsense,
            message: "no file of a rehearsal can be made for \(service.name) in \(environment.name): "
              + (declared.services[service.name]?.problem ?? "it has no tag")
          )
        }
        guard found.isEnabled else { continue }
        let old = contents.versions[environment.name]?[service.name].flatMap(FleetContents.predecessor)
        settle(
          service,
          in: environment.name,
          tag: tag,
          formerTag: old.map(service.tag.tag),
          at: head,
          since: start - day
        )
      }
    }
  }

  /// The environments that a version passes on its way to one, that one last.
  private func route(to environment: EnvironmentName) -> [EnvironmentName] {
    var stages = [environment]
    while let source = fleet.environment(stages[0])?.promotesFrom, !stages.contains(source) { stages.insert(source, at: 0) }
    return stages
  }

  /// A Deployment that has run for a day, and its Application.
  private mutating func settle(
    _ service: Service,
    in environment: EnvironmentName,
    tag: String,
    formerTag: String?,
    at revision: CommitID,
    since: Timestamp
  ) {
    let place = Place(environment: environment, service: service.name)
    let image = image(of: service, tag: tag)
    var deployment = DeploymentState(
      uid: StableHash.uid("deployment", environment.text, service.name.text),
      image: image,
      revisions: [formerTag.map { self.image(of: service, tag: $0) }, image].compactMap { $0 }
    )
    deployment.pulled = Set(deployment.revisions)
    for _ in 0..<deployment.desired {
      var pod = newPod(of: deployment, at: place, createdAt: since)
      pod.phase = .running
      pod.isReady = true
      pod.digest = StableHash.digest(ofImage: image)
      pod.startedAt = since + .seconds(3)
      deployment.pods.append(pod)
      deployment.podsMade += 1
    }
    deployments[place] = deployment
    initialImages[place] = image
    applications[place] = ApplicationState(
      sync: .synced,
      revision: revision,
      reconciledAt: start - .seconds(60),
      operation: ApplicationState.Operation(
        number: 1,
        revision: revision,
        tag: tag,
        phase: "Succeeded",
        message: "successfully synced (all tasks run)",
        finishedAt: since
      ),
      operations: 1,
      triedRevision: revision,
      desiredTag: tag
    )
  }
}
