import PromotionModel

extension KubectlCluster {
  public func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination {
    try await ClusterExamination(place: place(environment), fleet: fleet, services: services).run()
  }
}

/// Looks closely at an environment: a list a kind, all at once, and for each service one question to a pod.
struct ClusterExamination {
  let place: ClusterPlace
  let fleet: Fleet
  let services: [ServiceName]

  /// How long a pod may think about an answer.
  private static let patience = Duration.seconds(5)

  func run() async throws -> Examination {
    let (cluster, namespace) = (place.cluster, place.environment.namespace)
    async let applications = applications()
    async let deployments = list(.deployments, of: Examined<Deployment, WorkloadDetails>.self)
    async let replicaSets = list(.replicaSets, of: Examined<ReplicaSet, WorkloadDetails>.self)
    async let statefulSets = list(.statefulSets, of: StatefulSet.self)
    async let daemonSets = list(.daemonSets, of: DaemonSet.self)
    async let jobs = list(.jobs, of: Job.self)
    async let pods = list(.pods, of: Examined<Pod, PodDetails>.self)
    async let endpoints = list(.endpoints, of: EndpointsObject.self)
    async let metrics = list(.podMetrics, of: PodMetrics.self)
    async let events = Known.ask("kubectl") {
      // Only warnings: a busy namespace notes thousands of things that went well.
      try await cluster.list(
        .events,
        of: EventObject.self,
        in: namespace,
        matching: [("fieldSelector", "type!=Normal")]
      ).items
    }
    async let nodes = Known.ask("kubectl") { try await cluster.list(.nodes, of: NodeObject.self, in: nil).items }

    var (objects, unread) = (ClusterObjects(), [WorldError]())
    func take<Object: KubernetesObject>(
      _ known: Known<[Object]>,
      into kind: WritableKeyPath<ClusterObjects, [String: Object]>
    ) {
      switch known {
      case .known(let found): objects[keyPath: kind] = ClusterObjects.byName(found)
      case .unknown(let error): unread.append(error)
      }
    }
    let (foundDeployments, foundSets, foundPods) = (try await deployments, try await replicaSets, try await pods)
    take(foundDeployments.map { $0.map(\.object) }, into: \.deployments)
    take(foundSets.map { $0.map(\.object) }, into: \.replicaSets)
    take(try await statefulSets, into: \.statefulSets)
    take(try await daemonSets, into: \.daemonSets)
    take(try await jobs, into: \.jobs)
    take(foundPods.map { $0.map(\.object) }, into: \.pods)

    var examination = Examination(
      snapshot: .unknown(WorldError(tool: "Argo CD", reason: .notFound, message: "nothing was read")),
      unread: unread,
      usage: try await metrics.map { $0.flatMap(Self.usage) },
      nodes: try await nodes.map { $0.map(Self.node) }
    )
    let foundApplications: [String: Examined<Application, ApplicationDetails>]
    switch try await applications {
    case .known(let found): foundApplications = ClusterObjects.byName(found)
    case .unknown(let error):
      examination.snapshot = .unknown(error)
      return examination
    }
    objects.applications = foundApplications.mapValues(\.object)
    let snapshot = SnapshotAssembly.assemble(place.environment, fleet: fleet, objects: objects, time: cluster.now)
    examination.snapshot = .known(snapshot)

    let assembly = ExaminationAssembly(
      namespace: namespace,
      deployments: foundDeployments.value ?? [],
      replicaSets: foundSets.value ?? [],
      pods: foundPods.value ?? [],
      events: try await events,
      endpoints: try await endpoints
    )
    for service in services {
      guard let seen = snapshot.services[service] else { continue }
      let application = foundApplications[fleet.argocd.application(of: service, in: place.environment.name)]
      examination.services[service] = assembly.service(seen, application?.details)
    }
    try await askWithin(snapshot, assembly, &examination)
    return examination
  }

  private func applications() async throws -> Known<[Examined<Application, ApplicationDetails>]> {
    let (argocd, namespace, names) = (place.argocd, place.argocdNamespace, place.applicationNames)
    return try await Known.ask("Argo CD") {
      let all = try await argocd.list(
        .applications,
        of: Examined<Application, ApplicationDetails>.self,
        in: namespace
      )
      return all.items.filter { names.contains($0.metadata.name) }
    }
  }

  private func list<Object: KubernetesObject>(
    _ resource: KubernetesResource,
    of type: Object.Type
  ) async throws -> Known<[Object]> {
    let (cluster, namespace) = (place.cluster, place.environment.namespace)
    return try await Known.ask("kubectl") {
      try await cluster.list(resource, of: type, in: namespace).items
    }
  }

  // MARK: The endpoint within

  /// Asks one pod of each service over the API server, as `kubectl exec … curl localhost` would, and without a shell
  /// in the container.
  private func askWithin(
    _ snapshot: EnvironmentSnapshot,
    _ assembly: ExaminationAssembly,
    _ examination: inout Examination
  ) async throws {
    let (cluster, environment, patience) = (place.cluster, place.environment, Self.patience)
    try await withThrowingTaskGroup(of: (ServiceName, InsideProbe).self) { group in
      for service in services {
        guard let seen = snapshot.services[service],
          let endpoint = assembly.endpoint(of: seen, path: fleet.service(service)?.healthPath(in: environment.name))
        else { continue }
        let uri = endpoint.uri(in: environment.namespace)
        group.addTask {
          let status = try await Known.ask("kubectl") {
            try await cluster.status(of: uri, what: "\(endpoint.what) of \(endpoint.pod)", within: patience)
          }
          return (service, InsideProbe(pod: endpoint.pod, what: endpoint.what, status: status))
        }
      }
      for try await (service, probe) in group { examination.services[service]?.inside = probe }
    }
  }

  // MARK: Small things

  private static func usage(_ metrics: PodMetrics) -> [ContainerUsage] {
    (metrics.containers ?? []).compactMap { container in
      guard let name = container.name, let cpu = container.usage?["cpu"]?.value,
        let memory = container.usage?["memory"]?.value
      else { return nil }
      return ContainerUsage(pod: metrics.metadata.name, container: name, cpu: cpu * 1000, memory: memory)
    }
  }

  /// `Ready` must be true, and every other condition that Kubernetes itself sets must not be
  /// (https://kubernetes.io/docs/reference/node/node-status/#condition).
  private static func node(_ node: NodeObject) -> NodeExamination {
    let pressures: Set<String> = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"]
    var troubles: [String] = []
    for condition in node.status?.conditions ?? [] {
      let said = LocalPrograms.sanitize(line: condition.message ?? condition.reason ?? "", limit: 160)
      let tail = said.isEmpty ? "" : ": \(said)"
      if condition.type == "Ready" {
        if condition.status == "False" { troubles.append("not ready\(tail)") }
        if condition.status == "Unknown" { troubles.append("not heard of\(tail)") }
      } else if let type = condition.type, pressures.contains(type), condition.status == "True" {
        troubles.append("\(type)\(tail)")
      }
    }
    return NodeExamination(
      name: node.metadata.name,
      troubles: troubles,
      isCordoned: node.spec?.unschedulable ?? false
    )
  }
}

extension Service {
  /// The path of the configured health URL.
  fileprivate func healthPath(in environment: EnvironmentName) -> String? {
    guard let url = health[environment], let scheme = url.firstRange(of: "://") else { return nil }
    let rest = url[scheme.upperBound...]
    guard let slash = rest.firstIndex(of: "/") else { return "/" }
    return String(rest[slash...].prefix { $0 != "#" && $0 != "?" })
  }
}
