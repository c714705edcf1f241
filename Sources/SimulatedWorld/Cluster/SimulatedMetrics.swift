import PromotionModel

/// Measurements: what they usually are within their limits, unless a fault says otherwise.
struct SimulatedMetrics: MetricReading {
  let simulation: Simulation

  func read(_ requests: [MetricRequest]) async throws -> [MetricAnswer] {
    try await simulation.call(.metricsRead) { outside in requests.map { outside.measure($0) } }
  }

  func alerts(of services: [ServiceName], in environment: EnvironmentName) async throws -> [FiringAlert] {
    try await simulation.call(.metricsAlerts) { outside in
      services.flatMap { outside.alerts(at: Place(environment: environment, service: $0)) }
    }
  }
}

extension Outside {
  /// Whether there is anything that measures: the configuration names it, or a fault says what it measures.
  var hasMetrics: Bool {
    !fleet.metrics.sources.isEmpty
      || faults.planned.contains { fault in
        switch fault.effect {
        case .metric: return true
        case .image(let image): if case .metric = image.behaviour { return true } else { return false }
        case .slowDelivery, .foreignTag, .foreignCommits, .liveImage, .liveReplicas, .liveDeletion, .selfHeal,
          .autoscaled, .podLost, .migration, .reviewer, .networkLost, .serverLost, .pushesRejected,
          .foreignLock, .foreignFreeze, .anotherCluster, .call:
          return false
        }
      }
  }

  func alerts(at place: Place) -> [FiringAlert] {
    guard let pod = deployments[place]?.living.last(where: \.isReady) else { return [] }
    return misbehaviour(of: pod.image, at: place).compactMap { behaviour, since in
      guard case .alert(let name, let delay) = behaviour, max(pod.startedAt ?? since, since) + delay <= now else {
        return nil
      }
      return FiringAlert(name, of: place.service, id: "\(name) \(place.service) \(place.environment)")
    }
  }

  /// What a new image brings comes first, then what was said last, then what is usual.
  func measure(_ request: MetricRequest) -> MetricAnswer {
    let place = Place(environment: request.environment, service: request.service)
    func answer(_ value: Double?) -> MetricAnswer { value.map { .value($0) } ?? .unknown("it has no data") }
    if let pod = deployments[place]?.living.last(where: \.isReady) {
      for (behaviour, since) in misbehaviour(of: pod.image, at: place) {
        guard case .metric(request.metric, let value, let delay) = behaviour else { continue }
        if max(pod.startedAt ?? since, since) + delay <= now { return answer(value) }
      }
    }
    for (effect, _) in faults.active.reversed() {
      if case .metric(request.metric, place.service, place.environment, let value) = effect { return answer(value) }
    }
    guard let metric = fleet.metric(request.metric, of: request.service) else {
      return .unknown(
        "the scenario does not say what \(request.metric) of \(request.service) in \(request.environment) is"
      )
    }
    return .value(metric.limits?.usualValue ?? 0)
  }
}
