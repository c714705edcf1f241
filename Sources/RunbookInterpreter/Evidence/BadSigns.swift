import PromotionModel

/// Definite bad signs in a snapshot: none of them goes away by waiting, each ends a monitor as *failed*.
struct BadSigns {
  let environment: EnvironmentName
  let targets: [ArrivalTarget]
  let allowedRestarts: Int
  /// Restarts of the containers that were there before, by pod and container: the past is not counted.
  let formerRestarts: [String: Int]
  /// Applications that were degraded before: they fail nothing until they were seen better.
  private var wasDegraded: Set<ServiceName>
  /// Restarts of each service's containers in pods of the target's version, those of pods that are gone too.
  private var restarts: [ServiceName: [String: Restarts]] = [:]

  private struct Restarts {
    var pod: String
    var container: String
    var count: Int
  }

  /// - Parameters:
  ///   - first: how things stood when the watch began, or when this process took it up.
  ///   - known: the restarts that an earlier process of the watch began with: what restarted while nobody watched counts.
  init(
    environment: EnvironmentName,
    targets: [ArrivalTarget],
    allowedRestarts: Int,
    first: EnvironmentSnapshot,
    known: [String: Int]? = nil
  ) {
    (self.environment, self.targets, self.allowedRestarts) = (environment, targets, allowedRestarts)
    var restarts: [String: Int] = [:]
    var degraded: Set<ServiceName> = []
    for target in targets {
      guard let snapshot = first.services[target.service.name] else { continue }
      if snapshot.application?.health == .degraded { degraded.insert(target.service.name) }
      for pod in snapshot.pods {
        for container in pod.containers { restarts[Self.key(pod, container)] = container.restarts }
      }
    }
    // A pod of the new version that restarted before the watch began restarted because of the promotion.
    for target in targets where target.commit != nil {
      for pod in first.services[target.service.name]?.pods ?? []
      where pod.container(of: target.service, atTag: target.tag) != nil {
        for container in pod.containers { restarts[Self.key(pod, container)] = 0 }
      }
      if first.services[target.service.name]?.pods.contains(where: {
        $0.isCurrent && $0.container(of: target.service, atTag: target.tag) != nil
      }) == true {
        degraded.remove(target.service.name)
      }
    }
    (formerRestarts, wasDegraded) = (known ?? restarts, degraded)
  }

  private static func key(_ pod: PodSnapshot, _ container: ContainerSnapshot) -> String {
    "\(pod.uid)/\(container.name)"
  }

  /// The bad signs of a snapshot, with the service that each is about.
  mutating func look(_ snapshot: EnvironmentSnapshot, _ standings: [ServiceName: Standing]) -> [(ServiceName, String)] {
    var signs: [(ServiceName, String)] = []
    for target in targets {
      let name = target.service.name
      guard let service = snapshot.services[name] else { continue }
      if let sign = sign(target, service, standings[name]) { signs.append((name, sign)) }
      if service.application?.health == .healthy { wasDegraded.remove(name) }
    }
    return signs
  }

  private mutating func sign(_ target: ArrivalTarget, _ snapshot: ServiceSnapshot, _ standing: Standing?) -> String? {
    if case .wrong(let message) = standing { return message }
    if case .superseded = standing { return nil }
    var hasNew = false
    for workload in snapshot.workloads {
      let isNew = workload.images.values.contains { target.service.isImage($0, atTag: target.tag) }
      hasNew = hasNew || isNew
      // Pods of the version before are what the promotion takes away: their troubles are no sign against it.
      for pod in workload.pods where !pod.isTerminating && pod.container(of: target.service, atTag: target.tag) != nil {
        if let trouble = pod.trouble { return trouble }
        for container in pod.containers { count(container, of: pod, target.service.name) }
      }
      if let sign = tooManyRestarts(target.service.name) { return sign }
      if isNew, workload.hasExceededProgressDeadline, workload.observedGeneration >= workload.generation {
        return "\(workload.name) exceeded its progress deadline"
      }
    }
    if hasNew, snapshot.application?.health == .degraded, !wasDegraded.contains(target.service.name) {
      return "\(snapshot.application?.name ?? target.service.name.text) is Degraded"
    }
    return nil
  }

  private mutating func count(_ container: ContainerSnapshot, of pod: PodSnapshot, _ service: ServiceName) {
    guard container.restarts > 0 else { return }
    let key = Self.key(pod, container)
    let count = container.restarts - (formerRestarts[key] ?? 0)
    guard count > 0 else { return }
    restarts[service, default: [:]][key] = Restarts(pod: pod.name, container: container.name, count: count)
  }

  /// The allowance is the service's: two pods that restart once each are two restarts.
  private func tooManyRestarts(_ service: ServiceName) -> String? {
    let counted = (restarts[service] ?? [:]).values.sorted { ($0.pod, $0.container) < ($1.pod, $1.container) }
    let sum = counted.reduce(0) { $0 + $1.count }
    guard sum > allowedRestarts else { return nil }
    func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
    if let enough = counted.first(where: { $0.count > allowedRestarts }) {
      return "\(enough.pod): \(enough.container) restarted \(times(enough.count)), \(allowedRestarts) allowed"
    }
    let each = counted.map { "\($0.pod): \($0.container) \(times($0.count))" }.joined(separator: ", ")
    return "its containers restarted \(times(sum)) (\(each)), \(allowedRestarts) allowed"
  }
}
