import PromotionModel

extension Outside {
  /// The one node of every simulated cluster.
  private static let node = "node-1"
  private static let unrecorded = WorldError(
    tool: "the record",
    reason: .notFound,
    message: "it was not read when the fleet was recorded",
    advice: "Only a real run of `diagnose` sees it"
  )
  private static let memoryLimit = 256 * 1_048_576.0

  /// What a close look shows, made of what every look shows and of the lives of containers.
  mutating func examination(of services: [ServiceName], in environment: EnvironmentName) -> Examination {
    let snapshot = snapshot(of: environment)
    var examination = Examination(
      snapshot: .known(snapshot),
      usage: .known([]),
      nodes: .known([NodeExamination(name: Self.node)])
    )
    var usage: [ContainerUsage] = []
    for service in services {
      guard let seen = snapshot.services[service] else { continue }
      let place = Place(environment: environment, service: service)
      examination.services[service] = self.examination(of: seen, at: place)
      for pod in seen.pods {
        for container in pod.containers where !container.isInit && container.isRunning {
          usage.append(
            ContainerUsage(pod: pod.name, container: container.name, cpu: 50, memory: Self.memoryLimit / 4)
          )
        }
      }
    }
    examination.usage = .known(usage)
    if past != nil { (examination.usage, examination.nodes) = (.unknown(Self.unrecorded), .unknown(Self.unrecorded)) }
    return examination
  }

  private func examination(of seen: ServiceSnapshot, at place: Place) -> ServiceExamination {
    guard let application = seen.application else { return ServiceExamination() }
    // Of what was read elsewhere no more is known than was recorded: nothing is made up beside it.
    if described(place) != nil {
      return ServiceExamination(events: .unknown(Self.unrecorded), endpoints: .unknown(Self.unrecorded))
    }
    let pods = seen.pods.filter { !$0.isTerminating }
    var examination = ServiceExamination(
      policy: SyncPolicy(isAutomated: application.hasAutoSync, healsItself: application.healsItself ?? false)
    )
    for workload in seen.workloads {
      let name = "\(workload.kind) \(workload.name)"
      if application.sync == .outOfSync {
        examination.resources.append(ResourceTrouble(resource: name, message: "OutOfSync"))
      }
      if workload.hasExceededProgressDeadline {
        examination.workloads.append("\(name): ProgressDeadlineExceeded: it has timed out progressing")
      }
    }
    examination.pods = seen.pods.map { examined($0, at: place) } + evicted(at: place)
    examination.events = .known(ClusterEvent.merged(pods.flatMap(events)))
    examination.endpoints = .known([
      ServiceEndpoints(
        name: place.service.text,
        ready: pods.count(where: \.isReady),
        notReady: pods.count { !$0.isReady }
      )
    ])
    examination.inside = inside(pods, at: place)
    return examination
  }

  private func examined(_ pod: PodSnapshot, at place: Place) -> PodExamination {
    let state = deployments[place]?.pods.first { $0.name == pod.name }
    // Ended and not begun again, or the life before this one.
    let end = state?.endedAt ?? state?.previousLife?.end
    return PodExamination(
      name: pod.name,
      node: Self.node,
      phase: pod.containers.contains(where: \.isRunning) ? "Running" : "Pending",
      isCurrent: pod.isCurrent,
      containers: pod.containers.map { container in
        ContainerExamination(
          name: container.name,
          lastEnd: end.map { ContainerExamination.End(reason: "Error", exitCode: 1, time: $0) },
          cpuLimit: 500,
          memoryLimit: Self.memoryLimit,
          probes: [ContainerProbe(kind: .readiness, what: "GET :8080/health every 10s, 3 failures")]
        )
      }
    )
  }

  /// Pods that are over and still there, which no snapshot counts.
  private func evicted(at place: Place) -> [PodExamination] {
    (deployments[place]?.evicted ?? []).map { pod in
      PodExamination(
        name: pod.name,
        node: Self.node,
        phase: "Failed",
        reason: "Evicted: The node was low on resource: memory.",
        isCurrent: false,
        containers: []
      )
    }
  }

  /// What a kubelet notes about a pod.
  private func events(of pod: PodSnapshot) -> [ClusterEvent] {
    pod.containers.compactMap { container in
      let (reason, message): (String, String)
      switch container.state {
      case .waiting("CrashLoopBackOff", _): (reason, message) = ("BackOff", "Back-off restarting failed container")
      case .waiting(let known, let said) where known == "ErrImagePull" || known == "ImagePullBackOff":
        (reason, message) = ("Failed", said)
      case .running where !container.isReady:
        (reason, message) = ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")
      case .waiting, .running, .terminated, .unknown: return nil
      }
      let count = max(1, container.restarts)
      return ClusterEvent(object: "Pod \(pod.name)", reason: reason, message: message, count: count, last: now)
    }
  }

  private func inside(_ pods: [PodSnapshot], at place: Place) -> InsideProbe? {
    let running = pods.filter { $0.containers.contains(where: \.isRunning) }
    guard let pod = running.first(where: { !$0.isReady }) ?? running.first,
      let url = fleet.service(place.service)?.health[place.environment]
    else { return nil }
    let answer =
      pod.isReady ? answer(to: ProbeTarget(service: place.service, url: url)) : ProbeResult.Answer.status(503)
    let status: Known<Int> =
      switch answer {
      case .status(let status): .known(status)
      case .unreachable(let why): .unknown(WorldError(tool: "kubectl", reason: .unreachable, message: why))
      }
    return InsideProbe(pod: pod.name, what: "GET :8080/health", status: status)
  }
}

extension ContainerSnapshot {
  fileprivate var isRunning: Bool { if case .running = state { true } else { false } }
}
