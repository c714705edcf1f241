public import PromotionModel

/// How a service really stands in an environment, whatever a run has seen of it.
public struct ServiceTruth: Hashable, Sendable {
  /// The tag at the head of the configured branch; nil when there is none.
  public var declared: String?
  /// The tags that its pods run, those that are going left out.
  public var running: Set<String>
  /// The digests that they run.
  public var digests: Set<ImageDigest>
  /// Whether the rollout is over and every pod is ready.
  public var isReady: Bool
  /// Whether Argo CD is done with the declared tag, and no rollback has its auto-sync suspended.
  public var isSynced: Bool
  /// What the health endpoint answers; nil when none is configured.
  public var health: ProbeResult.Answer?

  /// Whether git, Argo CD and cluster all say `tag`, and nothing is on its way.
  public func standsWhole(at tag: String?) -> Bool {
    guard declared == tag else { return false }
    return tag == nil ? running.isEmpty : running == [tag ?? ""] && isReady && isSynced
  }

  public var isHealthy: Bool { isReady && (health == nil || health == .status(200)) }
}

/// A commit on the configured branch that changed the tag of a service.
public struct TagChange: Hashable, Sendable {
  public var environment: EnvironmentName
  public var service: ServiceName
  public var commit: Commit
  public var from: String?
  public var to: String?
}

/// How a world stands at one time: kept for next to nothing, and looked at only when somebody wants to know.
public struct SimulatedMoment: Sendable {
  let outside: Outside

  /// Every service of an environment that is declared there or runs there.
  public func truth(of environment: EnvironmentName) -> [ServiceName: ServiceTruth] {
    var found: [ServiceName: ServiceTruth] = [:]
    for service in outside.fleet.services {
      let place = Place(environment: environment, service: service.name)
      let truth = outside.truth(of: service, at: place)
      if truth.declared != nil || !truth.running.isEmpty { found[service.name] = truth }
    }
    return found
  }
}

extension SimulatedWorld {
  /// How everything stands now.
  public var moment: SimulatedMoment {
    simulation.look { outside in
      var outside = outside
      // What was told is no part of it, and long.
      outside.trace = []
      return SimulatedMoment(outside: outside)
    }
  }

  /// Every service of an environment that is declared there or runs there.
  public func truth(of environment: EnvironmentName) -> [ServiceName: ServiceTruth] { moment.truth(of: environment) }

  /// Who changed the tags of an environment on the branch since the world began, oldest first.
  public func tagChanges(in environment: EnvironmentName) -> [TagChange] {
    simulation.look { outside in
      guard let head = outside.repository.head else { return [] }
      let ancestry = outside.repository.ancestry(of: head)
      // What is older than the world is looked through only as far as the tag that stood when it began.
      let own = ancestry.prefix { $0.commit.time >= outside.start }
      var changes: [(number: Int, change: TagChange)] = []
      for service in outside.fleet.services.map(\.name) {
        let history = outside.history(of: service, in: environment, along: own, limit: 200)
        guard !history.isEmpty else { continue }
        let older = outside.history(of: service, in: environment, along: ancestry[own.endIndex...], limit: 1)
        for (change, former) in zip(history, history.dropFirst().map(\.tag) + [older.first?.tag ?? nil]) {
          let tag = TagChange(
            environment: environment,
            service: service,
            commit: change.commit,
            from: former,
            to: change.tag
          )
          changes.append((outside.repository.commits[change.commit.id]?.number ?? 0, tag))
        }
      }
      return changes.sorted { ($0.number, $0.change.service) < ($1.number, $1.change.service) }.map(\.change)
    }
  }

  /// The tag that an environment declared when the world began.
  public func initialTag(of service: ServiceName, in environment: EnvironmentName) -> String? {
    simulation.look { outside in
      outside.repository.head(at: outside.start).flatMap { outside.tag(of: service, in: environment, at: $0) }
    }
  }

  /// The calls that were made so far, in order.
  public var touches: [(touch: Touch, occurrence: Int, time: Timestamp)] {
    simulation.look { outside in
      outside.trace.compactMap { entry in
        if case .call(let touch, let occurrence) = entry.what { (touch, occurrence, entry.time) } else { nil }
      }
    }
  }

  /// When a call was made; nil when it was not.
  public func time(of touch: Touch, _ occurrence: Int) -> Timestamp? {
    simulation.look { outside in
      outside.trace.first { $0.what == .call(touch, occurrence) }?.time
    }
  }

  /// When a fault took effect, by its place among those that were given; nil when it never did. Of an image: when it may
  /// have begun to misbehave.
  public func time(ofFault index: Int) -> Timestamp? {
    simulation.look { outside in
      guard outside.faults.planned.indices.contains(index) else { return nil }
      if case .call = outside.faults.planned[index].effect { return outside.faults.met[index] }
      return outside.faults.began[index]
    }
  }

  /// When nothing answered, by faults that have begun.
  public var outages: [(began: Timestamp, length: Duration)] {
    simulation.look { outside in
      outside.faults.begun.compactMap { effect, began in
        switch effect {
        case .networkLost(let length), .serverLost(.cluster, let length):
          (began, outside.faults.over.map { min(length, $0 - began) } ?? length)
        case _: nil
        }
      }
    }
  }

  /// Since when nothing goes wrong any more; nil where that was never said.
  public var untroubled: Timestamp? { simulation.look(\.faults.over) }

  /// What others froze, by faults that have begun.
  public var freezes: [(environment: EnvironmentName, began: Timestamp, length: Duration)] {
    simulation.look { outside in
      outside.faults.begun.compactMap { effect, began in
        if case .foreignFreeze(let environment, let length) = effect { (environment, began, length) } else { nil }
      }
    }
  }

  /// What was done to services past git, by faults that have begun.
  ///
  /// `isByHand`: by somebody who meant to; else by an autoscaler, or by what happens to a node.
  public var disturbances: [(service: ServiceName, environment: EnvironmentName, began: Timestamp, isByHand: Bool)] {
    simulation.look { outside in
      outside.faults.begun.compactMap { effect, began in
        switch effect {
        case .liveImage(let service, let environment, _), .liveReplicas(let service, let environment, _),
          .liveDeletion(let service, let environment):
          (service, environment, began, true)
        case .autoscaled(let service, let environment, _), .podLost(let service, let environment, _):
          (service, environment, began, false)
        case .image, .slowDelivery, .foreignTag, .foreignCommits, .selfHeal, .migration, .reviewer, .networkLost,
          .serverLost, .pushesRejected,
          .foreignLock, .foreignFreeze, .anotherCluster, .metric, .call:
          nil
        }
      }
    }
  }

  /// What happened outside so far that a reader of a run's story would want to know.
  public var happenings: [(time: Timestamp, words: String)] {
    simulation.look { outside in
      outside.trace.compactMap { entry in
        guard case .event(let event) = entry.what, let words = outside.words(for: event) else { return nil }
        return (entry.time, words)
      }
    }
  }
}

extension Outside {
  fileprivate func truth(of service: Service, at place: Place) -> ServiceTruth {
    let declared = tagAtHead(of: place)
    let deployment = deployments[place]
    let pods = deployment?.living ?? []
    let application = applications[place]
    // Mostly they all run the same image.
    let images = pods.lazy.map(\.image).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return ServiceTruth(
      declared: declared,
      running: Set(images.map { service.tag(ofImage: $0) ?? $0 }),
      digests: Set(pods.compactMap(\.digest)),
      isReady: deployment?.isComplete ?? false,
      isSynced: application.map {
        $0.sync == .synced && $0.desiredTag == declared && $0.operation?.isRunning != true && $0.suspendedBy == nil
      } ?? false,
      health: service.health[place.environment].map {
        answer(to: ProbeTarget(service: service.name, url: $0))
      }
    )
  }

  /// The tag at the head of the branch. Argo CD has mostly read the same bytes already.
  private func tagAtHead(of place: Place) -> String? {
    guard let head = repository.head, let path = layout.files(in: place.environment)[place.service] else { return nil }
    if let known = manifests[place], known.bytes == repository.files(at: head)[path] { return known.declared.tag }
    return tag(of: place.service, in: place.environment, at: head)
  }

  fileprivate func words(for event: Event) -> String? {
    switch event {
    case .faultBegins(let index): faults.planned[index].effect.words
    case .networkReturns: isNetworkLost ? nil : "the network is back"
    case .serverReturns(let server): isAway(server) ? nil : "\(server) answers again"
    case .operationApplies(let place, _): "Argo CD syncs \(place.service) in \(place.environment)"
    case .hookEnds(let place, _):
      switch applications[place]?.operation?.job {
      case .failed: "the migration of \(place.service) in \(place.environment) fails"
      case .complete: "the migration of \(place.service) in \(place.environment) is complete"
      case .active, nil: nil
      }
    case .progressDeadline(let place, _):
      deployments[place]?.hasExceededProgressDeadline == true
        ? "the rollout of \(place.service) in \(place.environment) makes no progress" : nil
    case .pod(let place, let name, .crashes): "\(name) in \(place.environment) crashes"
    case .pod(let place, let name, .pullBacksOff): "\(name) in \(place.environment) cannot pull its image"
    case .approve(let number): "the reviewer approves #\(number)"
    case .review(let number): "the reviewer comes to #\(number)"
    case .merge(let number, _): "#\(number) is merged"
    case .queueEnds(let number, _, _): "the merge queue comes to #\(number)"
    case .pod, .foreignCommit, .argoCompares, .operationEnds, .operationDies, .controllerSees: nil
    }
  }
}
