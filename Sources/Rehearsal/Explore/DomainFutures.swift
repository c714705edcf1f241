import PromotionModel
import RunLog
import SimulatedWorld

/// What can go wrong outside by itself: images, people, Argo CD, the network.
struct DomainFutures {
  let fleet: Fleet
  /// How the run goes when nothing goes wrong.
  let undisturbed: Account

  var all: [ExploredFuture] {
    let single = images + migrations + sources + reviewers + foreigners + platform + outages
    return single.map { ExploredFuture([$0]) } + healing + rescues
  }

  /// What the run brings to another version, by whatever verb, by environment.
  private var promoted: [(environment: Environment, services: [ServiceName])] {
    var found: [EnvironmentName: [ServiceName]] = [:]
    for event in undisturbed.events {
      guard case .planned(let changes, _) = event.body else { continue }
      for service in changes.services.map(\.service) where found[changes.environment]?.contains(service) != true {
        found[changes.environment, default: []].append(service)
      }
    }
    return fleet.environments.compactMap { environment in found[environment.name].map { (environment, $0) } }
  }

  /// When something may begin: with the run, right before each of its effects, and when its change has been out for a
  /// while.
  private var starts: [Fault.Start] {
    var starts: [Fault.Start] = [.after(.zero), .after(.seconds(3))]
    for (touch, occurrence, _) in undisturbed.world.touches where touch.isWrite && touch != .repositoryRenewLock {
      starts.append(.before(touch, occurrence: occurrence))
    }
    return starts + [30, 180, 1200].map { .afterPromotion(.seconds($0)) }
  }

  private var images: [Fault] {
    let behaviours: [ImageFault.Behaviour] = [
      .crashes(after: .zero), .crashes(after: .seconds(180)), .crashes(after: .seconds(1200)), .cannotBePulled,
      .neverReady, .health(.status(503), after: .zero), .health(.status(503), after: .seconds(600)),
      .health(.unreachable("connection refused"), after: .seconds(300)), .logsErrors(perMinute: 20, after: .zero),
      .logsErrors(perMinute: 20, after: .seconds(600)), .anotherDigest,
    ]
    return promoted.flatMap { environment, services in
      services.flatMap { service in
        (behaviours + measurements(of: service, in: environment.name)).map {
          Fault(.image(ImageFault(service, in: environment.name, $0)))
        }
      }
    }
  }

  /// What is watched leaves its limits, at once or later, or is not measured any more.
  private func measurements(of service: ServiceName, in environment: EnvironmentName) -> [ImageFault.Behaviour] {
    let alerts: [ImageFault.Behaviour] =
      fleet.metrics.alerts == nil || fleet.metrics.sources[environment] == nil
      ? [] : [.alert("ServiceIsUnwell", after: .zero), .alert("ServiceIsUnwell", after: .seconds(600))]
    return alerts
      + fleet.watchedMetrics(of: service, in: environment).flatMap { metric -> [ImageFault.Behaviour] in
        guard let limits = metric.limits, let bad = limits.badValue else { return [] }
        return [
          .metric(metric.name, bad, after: .zero), .metric(metric.name, bad, after: .seconds(600)),
          .metric(metric.name, nil, after: .seconds(300)),
        ]
      }
  }

  /// The new image does not hold, and something stands in the way of what answers that: no pair is left to chance here.
  private var rescues: [ExploredFuture] {
    promoted.flatMap { environment, services -> [ExploredFuture] in
      guard let first = services.first, let last = services.last else { return [] }
      let crash = Fault(.image(ImageFault(first, in: environment.name, .crashes(after: .seconds(300)))))
      var obstacles = [
        Fault(.foreignLock(environment.name, for: .seconds(7200)), start: .afterPromotion(.seconds(120))),
        Fault(.foreignFreeze(environment.name, for: .seconds(7200)), start: .afterPromotion(.seconds(120))),
        Fault(.pushesRejected(1), start: .afterPromotion(.seconds(1))),
        Fault(.pushesRejected(100), start: .afterPromotion(.seconds(1))),
        Fault(.networkLost(for: .seconds(900)), start: .afterPromotion(.seconds(120))),
        Fault(.networkLost(for: .seconds(6 * 3600)), start: .afterPromotion(.seconds(120))),
        Fault(.slowDelivery(environment.name, by: .seconds(600))),
        Fault(.foreignCommits(every: .seconds(7))),
        Fault(.selfHeal(environment.name)),
        Fault(.autoscaled(first, environment.name, to: 5), start: .afterPromotion(.seconds(320))),
        Fault(.podLost(last, environment.name, .evicted), start: .afterPromotion(.seconds(320))),
        Fault(.liveDeletion(first, environment.name), start: .afterPromotion(.seconds(320))),
      ]
      obstacles += OutsideServer.allCases.map {
        Fault(.serverLost($0, for: .seconds(7200)), start: .afterPromotion(.seconds(120)))
      }
      if let former = former(first, environment.name) {
        // What it is taken back to does not hold either: its image is gone, or does not bear what the new one left behind.
        obstacles += [.crashes(after: .zero), .cannotBePulled, .health(.status(503), after: .zero)].map {
          Fault(
            .image(ImageFault(first, in: environment.name, versions: .exactly(former), $0)),
            start: .afterPromotion(.seconds(310))
          )
        }
      }
      for service in Set([first, last]).sorted() {
        guard let version = strange(service, environment.name) else { continue }
        for seconds in [120, 310, 330] as [Int] {
          obstacles.append(
            Fault(.foreignTag(service, environment.name, version), start: .afterPromotion(.seconds(seconds)))
          )
        }
      }
      return obstacles.map { ExploredFuture([crash, $0]) }
    }
  }

  /// The environment that is promoted from is not well.
  private var sources: [Fault] {
    let behaviours: [ImageFault.Behaviour] = [
      .crashes(after: .zero), .neverReady, .health(.status(503), after: .zero),
      .logsErrors(perMinute: 20, after: .zero),
    ]
    return promoted.flatMap { environment, services -> [Fault] in
      guard let source = environment.promotesFrom else { return [] }
      return services.flatMap { service in
        behaviours.map { Fault(.image(ImageFault(service, in: source, versions: .any, $0))) }
      }
    }
  }

  private var reviewers: [Fault] {
    guard undisturbed.world.calls[.forgeOpen] != nil else { return [] }
    var reviews: [Review] = [
      .closes(after: .seconds(600)), .neverComes, .merges(after: .seconds(1)), .merges(after: .seconds(3 * 3600)),
    ]
    reviews += MergeMethod.allCases.map { .merges(after: .seconds(600), method: $0) }
    for (environment, services) in promoted {
      for service in services {
        guard let version = strange(service, environment.name) else { continue }
        reviews += MergeMethod.allCases.map {
          .editsAndMerges(after: .seconds(600), service, version, method: $0)
        }
      }
    }
    return reviews.map { Fault(.reviewer($0)) }
  }

  /// Other people change what the run is about.
  private var foreigners: [Fault] {
    var effects: [Fault.Effect] = []
    for (environment, services) in promoted {
      for service in services {
        for place in [environment.name, environment.promotesFrom].compactMap({ $0 }) {
          if let version = strange(service, place) { effects.append(.foreignTag(service, place, version)) }
          effects += hands(service, place)
        }
      }
      effects.append(.foreignLock(environment.name, for: .seconds(3600)))
      effects.append(.foreignFreeze(environment.name, for: .seconds(7200)))
    }
    let starts = starts
    return effects.flatMap { effect in starts.map { Fault(effect, start: $0) } }
      + [Fault(.foreignCommits(every: .seconds(61)))]
  }

  /// What somebody may do to a service with kubectl.
  private func hands(_ service: ServiceName, _ environment: EnvironmentName) -> [Fault.Effect] {
    let image = strange(service, environment).map { [Fault.Effect.liveImage(service, environment, $0)] } ?? []
    return image + [.liveReplicas(service, environment, 1), .liveDeletion(service, environment)]
  }

  /// What is promoted migrates first, longer or shorter, or cannot.
  private var migrations: [Fault] {
    let kinds = [
      Migration(takes: .seconds(20)), Migration(takes: .seconds(480)), Migration(takes: .seconds(20), fails: true),
    ]
    return promoted.flatMap { environment, services in
      services.flatMap { service in kinds.map { Fault(.migration(service, environment.name, $0)) } }
    }
  }

  /// What the cluster does by itself with pods that are well.
  private var platform: [Fault] {
    let effects = promoted.flatMap { environment, services in
      services.flatMap { service -> [Fault.Effect] in
        [
          .autoscaled(service, environment.name, to: 4), .autoscaled(service, environment.name, to: 1),
          .podLost(service, environment.name, .evicted), .podLost(service, environment.name, .drained),
        ]
      }
    }
    return effects.flatMap { effect in starts.map { Fault(effect, start: $0) } }
  }

  /// Argo CD puts back what somebody changes, which looks as if nobody had.
  private var healing: [ExploredFuture] {
    promoted.flatMap { environment, services -> [ExploredFuture] in
      guard let service = services.first else { return [] }
      let heal = Fault(.selfHeal(environment.name, services: [service]))
      return hands(service, environment.name).flatMap { effect in
        starts.map { ExploredFuture([heal, Fault(effect, start: $0)]) }
      }
    }
  }

  /// A version that nobody planned: a patch of what stands in the environment.
  private func strange(_ service: ServiceName, _ environment: EnvironmentName) -> Version? {
    former(service, environment).flatMap { Version("\($0.major).\($0.minor).\($0.patch + 7)") }
  }

  /// The version that stands in the environment at first.
  private func former(_ service: ServiceName, _ environment: EnvironmentName) -> Version? {
    guard let known = fleet.service(service), let tag = undisturbed.world.initialTag(of: service, in: environment)
    else {
      return nil
    }
    return known.tag.version(ofTag: tag)
  }

  private var outages: [Fault] {
    let starts = starts
    var faults: [Fault] = []
    for environment in fleet.environments {
      faults += [120, 1200, 3 * 3600].map { Fault(.slowDelivery(environment.name, by: .seconds($0))) }
      faults += starts.map { Fault(.anotherCluster(environment.name), start: $0) }
    }
    for seconds in [30, 600, 3 * 3600] as [Int] {
      faults += starts.map { Fault(.networkLost(for: .seconds(seconds)), start: $0) }
    }
    // One is away for long, and the others are there.
    for server in OutsideServer.allCases {
      faults += [.after(.zero), .afterPromotion(.seconds(1))].map {
        Fault(.serverLost(server, for: .seconds(7200)), start: $0)
      }
    }
    for count in [1, 3] { faults += starts.map { Fault(.pushesRejected(count), start: $0) } }
    return faults
  }
}
