public import PromotionModel
public import SimulatedWorld

/// Reads a world as a description from which a rehearsal can begin. It only looks: a ``WorldReading`` is all that it is
/// given.
public struct FleetRecorder: Sendable {
  private let reading: WorldReading
  private let fleet: Fleet

  /// So many changes of each service's tag are read at most.
  private static let historyLimit = 50
  /// So many lines of each container's log, or as many as `validate` reads where that is more.
  private static let logLines = 1000

  public init(reading: WorldReading, fleet: Fleet) { (self.reading, self.fleet) = (reading, fleet) }

  /// - Parameter tell: given a line for people before each part is read.
  /// - Throws: ``WorldError`` when a part of the world could not be read: a rehearsal of a world that is only half known
  ///   would prove nothing.
  public func record(tell: @Sendable (String) -> Void = { _ in }) async throws -> FleetDescription {
    tell("reading the branch \(fleet.repository.branch)")
    let head = try await reading.repository.head()
    var repository = FleetDescription.Repository(head: head, files: try await files(at: head))
    var history: [EnvironmentName: [ServiceName: [DeclaredChange]]] = [:]
    var locks: [LockHolder] = []
    var freezes: [Freeze] = []
    var environments: [EnvironmentName: FleetDescription.Environment] = [:]
    for environment in fleet.environments {
      tell("reading \(environment.name)")
      let services = fleet.services.map(\.name)
      history[environment.name] = try await reading.repository.history(
        of: services,
        in: environment.name,
        limit: Self.historyLimit
      )
      if let lock = try await reading.repository.lockHolder(of: environment.name) { locks.append(lock) }
      if let freeze = try await reading.repository.freeze(of: environment.name) { freezes.append(freeze) }
      environments[environment.name] = try await self.environment(environment)
    }
    repository.history = history
    repository.locks = locks
    if !freezes.isEmpty { repository.freezes = freezes }
    repository.commits = try await commits(environments, head: head.id)
    return FleetDescription(time: reading.clock.now(), repository: repository, environments: environments)
  }

  private func files(at head: Commit) async throws -> [String: String] {
    var files: [String: String] = [:]
    for (path, bytes) in try await reading.repository.files(at: head.id) {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw WorldError(
          tool: "git",
          reason: .nonsense,
          message: "\(path) at \(head.id.short) is no UTF-8 text",
          advice: "Such a file can be neither described nor promoted"
        )
      }
      files[path] = text
    }
    return files
  }

  /// What the files said at those commits which Argo CD compared, other than the head.
  private func commits(
    _ environments: [EnvironmentName: FleetDescription.Environment],
    head: CommitID
  ) async throws -> [FleetDescription.KnownCommit] {
    let revisions = environments.values.flatMap { $0.services.values.compactMap { $0.seen?.application?.revision } }
    var known: [FleetDescription.KnownCommit] = []
    for revision in Set(revisions).sorted(by: { $0.text < $1.text }) where revision != head {
      var declared: [EnvironmentName: DeclaredEnvironment] = [:]
      do {
        for environment in fleet.environments {
          declared[environment.name] = try await reading.repository.declared(environment.name, at: revision)
        }
        let isInHead = try await reading.repository.contains(revision, in: head)
        known.append(FleetDescription.KnownCommit(id: revision, isInHead: isInHead, declared: declared))
      } catch let error as WorldError where error.reason == .notFound || error.reason == .nonsense {
        // Argo CD stands at what the repository does not have: a rehearsal does not have it either.
        continue
      }
    }
    return known
  }

  // MARK: Clusters

  private func environment(_ environment: PromotionModel.Environment) async throws -> FleetDescription.Environment {
    let cluster = try await reading.cluster.identify(environment.name)
    let snapshot = try await reading.cluster.snapshot(of: environment.name)
    var services: [ServiceName: FleetDescription.Service] = [:]
    for (name, seen) in snapshot.services {
      var service = FleetDescription.Service()
      service.seen = seen
      services[name] = service
    }
    for result in try await probes(in: environment.name) {
      switch result.answer {
      case .status(let status): services[result.target.service, default: .init()].endpoint = status
      case .unreachable(let why): services[result.target.service, default: .init()].unreachable = why
      }
    }
    for log in try await logs(snapshot) {
      let text = String(decoding: log.bytes, as: UTF8.self)
      let entry = FleetDescription.Log(
        pod: log.pod,
        container: log.container,
        isPrevious: log.isPrevious,
        lines: text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      )
      services[log.service, default: .init()].logs = (services[log.service]?.logs ?? []) + [entry]
    }
    return FleetDescription.Environment(cluster: cluster, services: services)
  }

  private func probes(in environment: EnvironmentName) async throws -> [ProbeResult] {
    let targets = fleet.services.compactMap { service in
      service.health[environment].map { ProbeTarget(service: service.name, url: $0) }
    }
    return targets.isEmpty ? [] : try await reading.probes.probe(targets)
  }

  private func logs(_ snapshot: EnvironmentSnapshot) async throws -> [ContainerLog] {
    var requests: [LogRequest] = []
    for (service, seen) in snapshot.services.sorted(by: { $0.key < $1.key }) {
      for pod in seen.pods {
        for container in pod.containers {
          for isPrevious in container.restarts > 0 ? [false, true] : [false] {
            requests.append(
              LogRequest(
                service: service,
                pod: pod.name,
                container: container.name,
                isPrevious: isPrevious,
                tailLines: max(fleet.policy.logTail, Self.logLines)
              )
            )
          }
        }
      }
    }
    return requests.isEmpty ? [] : try await reading.cluster.logs(requests, in: snapshot.environment)
  }
}
