import PromotionModel

extension Outside {
  /// Begins as a description says.
  mutating func seed(_ description: FleetDescription) throws {
    let files = description.repository.files.mapValues { Array($0.utf8) }
    let head = try description.repository.head ?? inventedHead(files)
    repository.plant(head, files: files, branch: fleet.repository.branch, at: min(head.time, start))
    past = RecordedPast(
      history: try description.repository.history ?? inventedHistory(files, head),
      commits: Dictionary(
        (description.repository.commits ?? []).filter { $0.id != head.id }.map { ($0.id, $0) },
        uniquingKeysWith: { first, _ in first }
      ),
      clusters: description.environments.compactMapValues(\.cluster)
    )
    for lock in description.repository.locks ?? [] { _ = takeLock(lock, takingOver: true) }
    for freeze in description.repository.freezes ?? [] { repository.freezes[freeze.environment] = freeze }
    for service in fleet.services {
      for (tag, digest) in description.formerDigests[service.name] ?? [:] {
        digests[image(of: service, tag: tag)] = digest
      }
    }
    for environment in fleet.environments {
      let declared = layout.declared(environment.name, at: head.id, files: files)
      let described = description.environments[environment.name]
      for service in fleet.services {
        try settle(
          service,
          in: environment.name,
          as: described?.services[service.name],
          declared: declared.services[service.name],
          at: head.id
        )
      }
    }
  }

  /// Where no history is described: whatever runs anywhere ran before it in the environments that it came through.
  private mutating func inventedHistory(
    _ files: [String: [UInt8]],
    _ head: Commit
  ) throws -> [EnvironmentName: [ServiceName: [DeclaredChange]]] {
    var history: [EnvironmentName: [ServiceName: [DeclaredChange]]] = [:]
    // The last environment first: what it runs is the oldest.
    for environment in fleet.environments.reversed() {
      let declared = layout.declared(environment.name, at: head.id, files: files)
      for service in fleet.services {
        guard let tag = declared.services[service.name]?.tag else { continue }
        var stage: EnvironmentName? = environment.name
        while let name = stage {
          let known = history[name]?[service.name] ?? []
          if !known.contains(where: { $0.tag == tag }) {
            let age = Duration.seconds(86_400) * (fleet.environments.count - known.count)
            let commit = Commit(
              id: repository.newObject(StableHash.of(name.text, service.name.text, tag)),
              author: "Grace",
              time: head.time - age,
              subject: "chore(\(name)): \(tag)"
            )
            history[name, default: [:]][service.name] = [DeclaredChange(commit: commit, tag: tag)] + known
          }
          stage = fleet.environment(name)?.promotesFrom
        }
      }
    }
    return history
  }

  private mutating func inventedHead(_ files: [String: [UInt8]]) throws -> Commit {
    var hash = StableHash()
    for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
      hash.add(path)
      hash.add(bytes)
    }
    return Commit(
      id: repository.newObject(hash.result),
      author: "Ada",
      time: start - .seconds(86_400),
      subject: "chore: the fleet as it is described"
    )
  }

  /// - Throws: ``WorldError`` when a service is said to run what is none of its tags.
  private mutating func settle(
    _ service: Service,
    in environment: EnvironmentName,
    as described: FleetDescription.Service?,
    declared: DeclaredService?,
    at head: CommitID
  ) throws {
    let place = Place(environment: environment, service: service.name)
    for container in (described?.seen?.pods ?? []).flatMap(\.containers) where !container.isInit {
      guard let digest = container.digest, let tag = service.tag(ofImage: container.image) else { continue }
      digests[image(of: service, tag: tag)] = digest
    }
    let seenTag = described?.seen?.workloads.flatMap { $0.images.values.sorted() }.lazy
      .compactMap { service.tag(ofImage: $0) }.first
    let isDeclared = declared.map { $0.exists && $0.isEnabled && $0.problem == nil } ?? false
    let tag = seenTag ?? described?.running ?? (isDeclared && described?.seen == nil ? declared?.tag : nil)
    guard let tag else {
      // Nothing runs there; what was seen of it stands until the simulation changes that.
      if let described, let seen = described.seen {
        recorded[place] = RecordedPlace(seen: seen, answer: described.answer, logs: described.logs ?? [])
      }
      return
    }
    guard service.tag.version(ofTag: tag) != nil || described?.running == nil else {
      throw WorldError(
        tool: "fleet description",
        reason: .refused,
        message: "\(environment)/\(service.name) is said to run \(tag), which is none of its tags "
          + "(due: \(service.tag.prefix)1.2.3\(service.tag.suffix))"
      )
    }
    if let digest = described?.digest { digests[image(of: service, tag: tag)] = digest }
    let former = past?.history[environment]?[service.name]?.lazy.compactMap(\.tag).first { $0 != tag }
    let own = described?.seen?.workloads.filter { workload in
      workload.images.values.contains { service.isImage($0, atTag: tag) }
    }
    settle(
      service,
      in: environment,
      tag: tag,
      formerTag: former,
      replicas: (described?.replicas ?? own.map(Self.replicas)).map { min(max(0, $0), Self.mostReplicas) },
      at: head,
      since: start - .seconds(86_400)
    )
    if tag != declared?.tag { applications[place]?.sync = .outOfSync }
    guard let described else { return }
    if let application = described.seen?.application {
      applications[place]?.hasAutoSync = application.hasAutoSync
      applications[place]?.suspendedBy = application.suspendedBy
    }
    applications[place]?.healsItself = described.healsItself ?? described.seen?.application?.healsItself ?? false
    if let job = described.seen?.jobs.first {
      applications[place]?.migration = Migration(takes: .seconds(20))
      applications[place]?.operation?.job = job.state
    }
    keepFormer(own ?? [], of: service, at: place)
    if described.seen == nil { namePods(as: described.logs ?? [], at: place) }
    recorded[place] = RecordedPlace(
      seen: described.seen ?? seen(place, as: described),
      answer: described.answer,
      logs: described.logs ?? [],
      deployment: deployments[place],
      application: applications[place]
    )
  }

  /// The most pods of a service that are simulated.
  private static let mostReplicas = 1000

  /// How many are wanted of the workloads that were seen, at least one.
  private static func replicas(_ workloads: [WorkloadSnapshot]) -> Int {
    max(1, workloads.reduce(0) { $0 + min(max(0, $1.desired), mostReplicas) })
  }

  /// Pods that nobody saw are those whose logs are there; one with the log of a former life was started again.
  private mutating func namePods(as logs: [FleetDescription.Log], at place: Place) {
    var names: [String] = []
    for log in logs where !names.contains(log.pod) { names.append(log.pod) }
    for (index, name) in names.enumerated() where index < deployments[place]?.pods.count ?? 0 {
      deployments[place]?.pods[index].name = name
      guard logs.contains(where: { $0.pod == name && $0.isPrevious }), let pod = deployments[place]?.pods[index] else {
        continue
      }
      deployments[place]?.pods[index].restarts = 1
      deployments[place]?.pods[index].previousLife = ContainerLife(start: pod.createdAt, end: pod.startedAt)
    }
  }

  /// The revisions that are kept for the way back, the newest last.
  private mutating func keepFormer(_ workloads: [WorkloadSnapshot], of service: Service, at place: Place) {
    for former in workloads.flatMap(\.formerImages) {
      guard let tag = service.tag(ofImage: former) else { continue }
      let template = TemplateState(image: image(of: service, tag: tag))
      guard deployments[place]?.revisions.contains(template) == false else { continue }
      deployments[place]?.revisions.insert(template, at: 0)
    }
  }

  /// What the simulation shows of a place, with what a description says otherwise.
  private func seen(_ place: Place, as described: FleetDescription.Service) -> ServiceSnapshot {
    var seen = serviceSnapshot(of: place)
    if let sync = described.sync { seen.application?.sync = sync }
    if let health = described.health { seen.application?.health = health }
    return seen
  }
}

extension FleetDescription.Service {
  fileprivate var answer: ProbeResult.Answer? {
    if let unreachable { return .unreachable(unreachable) }
    return endpoint.map(ProbeResult.Answer.status)
  }
}
