import PromotionModel

extension Outside {
  /// Fills the repository, with a little history, and starts what it declares, long settled.
  mutating func seed(_ contents: FleetContents) throws {
    forge.queue = contents.mergeQueue
    var former = contents
    for environment in fleet.environments.map(\.name) {
      former.versions[environment] = contents.versions[environment]?
        .mapValues { FleetContents.predecessor(of: $0) ?? $0 }
    }
    let branch = fleet.repository.branch
    // Whatever stands there has run for as long as a promotion may ask, and a little longer: its pods took a moment to start.
    let longest = max(fleet.policy.soak, fleet.services.compactMap(\.soak).max() ?? .zero)
    let day = max(.seconds(86_400), longest + .seconds(3600))
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
          message: Self.seedMessage(stage, in: fleet, contents)
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

  /// As a run of Slipway wrote it where the environment is promoted to, so that there is something to go back to.
  private static func seedMessage(
    _ environment: EnvironmentName,
    in fleet: Fleet,
    _ contents: FleetContents
  ) -> CommitMessage {
    guard fleet.environment(environment)?.promotesFrom != nil else {
      return CommitMessage(subject: "chore(\(environment)): new versions", trailers: [])
    }
    var trailers = [Trailer(Trailer.run, "rehearsal-history"), Trailer(Trailer.step, environment.text)]
    for service in fleet.services {
      guard let version = contents.versions[environment]?[service.name],
        let former = FleetContents.predecessor(of: version)
      else { continue }
      let change = "\(service.tag.tag(former)) -> \(service.tag.tag(version))"
      trailers.append(Trailer(Trailer.promotes, "\(environment)/\(service.name) \(change)"))
    }
    return CommitMessage(subject: "promote(all): new versions → \(environment)", trailers: trailers)
  }

  /// The environments that a version passes on its way to one, that one last.
  private func route(to environment: EnvironmentName) -> [EnvironmentName] {
    var stages = [environment]
    while let source = fleet.environment(stages[0])?.promotesFrom, !stages.contains(source) {
      stages.insert(source, at: 0)
    }
    return stages
  }

  /// A Deployment that has run for a day, and its Application.
  mutating func settle(
    _ service: Service,
    in environment: EnvironmentName,
    tag: String,
    formerTag: String?,
    replicas: Int? = nil,
    at revision: CommitID,
    since: Timestamp
  ) {
    let place = Place(environment: environment, service: service.name)
    let image = image(of: service, tag: tag)
    var deployment = DeploymentState(
      uid: StableHash.uid("deployment", environment.text, service.name.text),
      image: image,
      revisions: [formerTag.map { self.image(of: service, tag: $0) }, image].compactMap { $0 }.map {
        TemplateState(image: $0)
      }
    )
    deployment.pulled = Set(deployment.revisions.map(\.image))
    deployment.desired = replicas ?? deployment.desired
    deployment.hasRolledOut = true
    // Worked out once for all worlds that begin here: the image may come to other environments.
    digests[image] = digest(ofImage: image)
    for _ in 0..<deployment.desired {
      var pod = newPod(of: deployment, at: place, createdAt: since)
      pod.phase = .running
      pod.isReady = true
      pod.digest = digests[image]
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
      desiredTag: tag,
      replicas: deployment.desired
    )
  }
}
