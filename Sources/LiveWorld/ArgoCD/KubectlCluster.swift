public import PromotionModel

/// Looking at clusters and at Argo CD over `kubectl proxy`.
public struct KubectlCluster: ClusterReading {
  let fleet: Fleet
  private let proxies: KubectlProxies
  private let clock: any WorldClock

  /// - Parameter proxies: read-only ones suffice.
  public init(fleet: Fleet, proxies: KubectlProxies, clock: any WorldClock = SystemClock()) {
    (self.fleet, self.proxies, self.clock) = (fleet, proxies, clock)
  }

  /// Logs that are read at once.
  private static let concurrentLogs = 8

  // MARK: Where

  public func identify(_ environment: EnvironmentName) async throws -> String {
    let place = try place(environment)
    let kubeSystem = try await place.cluster.get(
      BareObject.self,
      "/api/v1/namespaces/kube-system",
      what: "the namespace kube-system"
    )
    guard let uid = kubeSystem.metadata.uid else {
      throw WorldError(tool: "kubectl", reason: .nonsense, message: "the namespace kube-system has no UID")
    }
    if let pinned = place.environment.clusterUID, pinned != uid {
      throw WorldError(
        tool: "kubectl",
        reason: .wrongPlace,
        message:
          "\(environment) is pinned to the cluster \(pinned), but its context reaches \(LocalPrograms.sanitize(line: uid, limit: 60))",
        advice: "Look at the context of \(environment) in slipway.yaml and at kubectl config get-contexts"
      )
    }
    let applications = try await applications(place)
    let destinations = fleet.services.compactMap { service in
      let name = fleet.argocd.application(of: service.name, in: environment)
      return applications[name].map { (name: name, destination: $0.spec?.destination) }
    }
    try RequiredDestination(place.environment, argocd: fleet.argocd).check(destinations)
    return uid
  }

  private func applications(_ place: ClusterPlace) async throws -> [String: Application] {
    let list = try await place.argocd.list(.applications, of: Application.self, in: place.argocdNamespace)
    return ClusterObjects.byName(list.items.filter { place.applicationNames.contains($0.metadata.name) })
  }

  // MARK: What

  public func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot {
    let place = try place(environment)
    let (cluster, namespace) = (place.cluster, place.environment.namespace)
    async let applications = applications(place)
    async let deployments = cluster.list(.deployments, of: Deployment.self, in: namespace)
    async let replicaSets = cluster.list(.replicaSets, of: ReplicaSet.self, in: namespace)
    async let statefulSets = cluster.list(.statefulSets, of: StatefulSet.self, in: namespace)
    async let daemonSets = cluster.list(.daemonSets, of: DaemonSet.self, in: namespace)
    async let jobs = cluster.list(.jobs, of: Job.self, in: namespace)
    async let pods = cluster.list(.pods, of: Pod.self, in: namespace)
    let objects = ClusterObjects(
      applications: try await applications,
      deployments: ClusterObjects.byName(try await deployments.items),
      replicaSets: ClusterObjects.byName(try await replicaSets.items),
      statefulSets: ClusterObjects.byName(try await statefulSets.items),
      daemonSets: ClusterObjects.byName(try await daemonSets.items),
      jobs: ClusterObjects.byName(try await jobs.items),
      pods: ClusterObjects.byName(try await pods.items)
    )
    return SnapshotAssembly.assemble(place.environment, fleet: fleet, objects: objects, time: cluster.now)
  }

  public func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> {
    let (observations, continuation) = AsyncStream.makeStream(of: ClusterObservation.self)
    let place: ClusterPlace
    do {
      place = try self.place(environment)
    } catch {
      continuation.yield(.lost(error))
      continuation.finish()
      return observations
    }
    let observer = EnvironmentObserver(place: place, fleet: fleet, clock: clock, continuation: continuation)
    let task = Task { await observer.run() }
    continuation.onTermination = { _ in task.cancel() }
    return observations
  }

  func place(_ environment: EnvironmentName) throws(WorldError) -> ClusterPlace {
    try ClusterPlace(environment, fleet: fleet, proxies: proxies)
  }

  // MARK: Logs

  public func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog] {
    let place = try place(environment)
    return try await withThrowingTaskGroup(of: (Int, ContainerLog?).self) { group in
      var logs = [ContainerLog?](repeating: nil, count: requests.count)
      for (index, request) in requests.enumerated() {
        if index >= Self.concurrentLogs, let (done, log) = try await group.next() { logs[done] = log }
        group.addTask { (index, try await Self.log(request, place)) }
      }
      for try await (done, log) in group { logs[done] = log }
      return logs.compactMap { $0 }
    }
  }

  private static func log(_ request: LogRequest, _ place: ClusterPlace) async throws -> ContainerLog? {
    var query = [("container", request.container), ("timestamps", "true")]
    if request.isPrevious { query.append(("previous", "true")) }
    if let lines = request.tailLines { query.append(("tailLines", "\(max(0, lines))")) }
    if let since = request.since { query.append(("sinceTime", since.description)) }
    let uri =
      KubernetesResource.pods.object(request.pod, place.environment.namespace) + "/log" + URLText.query(query)
    let bytes = try await place.cluster.text(
      uri,
      what: "the log of \(request.container) in \(request.pod)",
      isAbsent: isAbsent
    )
    return bytes.map {
      ContainerLog(
        service: request.service,
        pod: request.pod,
        container: request.container,
        isPrevious: request.isPrevious,
        bytes: $0
      )
    }
  }

  /// The kubelet's and the API server's ways to say that there is no such log (yet, or any more).
  static func isAbsent(status: Int, message: String) -> Bool {
    if status == 404 { return true }
    guard status == 400 else { return false }
    return ["previous terminated container", "is waiting to start", "is not valid for pod", "is not available"]
      .contains(where: message.contains)
  }
}

/// An environment's cluster and the Argo CD that serves it.
struct ClusterPlace: Sendable {
  let environment: PromotionModel.Environment
  let cluster: KubernetesClient
  let argocd: KubernetesClient
  let argocdNamespace: String
  /// Of the fleet's services; other Applications of Argo CD are not ours to look at.
  let applicationNames: Set<String>

  init(_ name: EnvironmentName, fleet: Fleet, proxies: KubectlProxies) throws(WorldError) {
    guard let environment = fleet.environment(name) else {
      throw WorldError(
        tool: "kubectl",
        reason: .notFound,
        message: "there is no environment \(name) in the configuration"
      )
    }
    self.environment = environment
    cluster = proxies.client(context: environment.context)
    argocd = proxies.client(context: fleet.argocd.context ?? environment.context)
    argocdNamespace = fleet.argocd.namespace
    applicationNames = Set(fleet.services.map { fleet.argocd.application(of: $0.name, in: name) })
  }
}
