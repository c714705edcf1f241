public import PromotionModel

/// The clusters of all environments, and Argo CD as it shows there.
public struct SimulatedCluster: ClusterReading {
  let simulation: Simulation

  public func identify(_ environment: EnvironmentName) async throws -> String {
    try await simulation.call(.clusterIdentify) { outside in
      let known = try outside.environment(environment)
      if outside.isElsewhere(environment) {
        throw WorldError(
          tool: "kubectl",
          reason: .wrongPlace,
          message: "the context of \(environment) leads to another cluster than the one that is meant"
        )
      }
      if let cluster = outside.past?.clusters[environment] {
        guard known.clusterUID == nil || known.clusterUID == cluster else {
          throw WorldError(
            tool: "kubectl",
            reason: .wrongPlace,
            message: "\(environment) was read in another cluster than the configuration names"
          )
        }
        return cluster
      }
      return known.clusterUID ?? StableHash.uid("cluster", known.context ?? "")
    }
  }

  public func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot {
    try await simulation.call(.clusterSnapshot) { outside in
      outside.snapshot(of: try outside.environment(environment).name)
    }
  }

  public func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination {
    try await simulation.call(.clusterExamine) { outside in
      outside.examination(of: services, in: try outside.environment(environment).name)
    }
  }

  public func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> {
    simulation.observe(environment)
  }

  public func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog] {
    try await simulation.call(.clusterLogs) { outside in
      requests.compactMap { outside.log($0, in: environment) }
    }
  }
}

/// Health endpoints: 200 while a pod is ready, 503 otherwise, unless the image that answers has a fault.
public struct SimulatedProbes: Probing {
  let simulation: Simulation

  public func probe(_ targets: [ProbeTarget]) async throws -> [ProbeResult] {
    try await simulation.call(.probesProbe) { outside in
      targets.map { ProbeResult(target: $0, answer: outside.answer(to: $0)) }
    }
  }
}

extension Outside {
  fileprivate func environment(_ name: EnvironmentName) throws -> PromotionModel.Environment {
    guard let environment = fleet.environment(name) else {
      throw WorldError(tool: "kubectl", reason: .notFound, message: "there is no environment \(name)")
    }
    return environment
  }

  /// Whether the context of an environment leads to another cluster.
  fileprivate func isElsewhere(_ environment: EnvironmentName) -> Bool {
    faults.active.contains { $0.effect == .anotherCluster(environment) }
  }

  func answer(to target: ProbeTarget) -> ProbeResult.Answer {
    guard let service = fleet.service(target.service),
      let environment = fleet.environments.first(where: { service.health[$0.name] == target.url })
    else { return .unreachable("no such host") }
    let place = Place(environment: environment.name, service: service.name)
    if let known = described(place) {
      let image = known.deployment?.image
      let isFaulty = image.map { !misbehaviour(of: $0, at: place).isEmpty } ?? false
      if !isFaulty { return known.answer ?? .status(200) }
    }
    guard let pods = deployments[place]?.pods,
      let last = pods.indices.last(where: { pods[$0].isReady && !pods[$0].isTerminating })
    else { return .status(503) }
    let pod = pods[last]
    for (behaviour, since) in misbehaviour(of: pod.image, at: place) {
      guard case .health(let answer, let delay) = behaviour else { continue }
      if max(pod.startedAt ?? since, since) + delay <= now { return answer }
    }
    return .status(200)
  }
}
