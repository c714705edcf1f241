import PromotionModel

/// Finds, among all that was read, what belongs to one service: by the UIDs of its workloads, as everywhere (rule 2 of
/// the language).
struct ExaminationAssembly {
  let namespace: String
  let deployments: [Examined<Deployment, WorkloadDetails>]
  let replicaSets: [Examined<ReplicaSet, WorkloadDetails>]
  let pods: [Examined<Pod, PodDetails>]
  let events: Known<[EventObject]>
  let endpoints: Known<[EndpointsObject]>

  func service(_ seen: ServiceSnapshot, _ application: ApplicationDetails?) -> ServiceExamination {
    let workloads = Set(seen.workloads.map(\.uid))
    let sets = replicaSets.filter { set in set.metadata.controller.map { workloads.contains($0.uid) } ?? false }
    let owners = workloads.union(sets.compactMap(\.metadata.uid))
    let own = pods.filter { pod in pod.metadata.controller.map { owners.contains($0.uid) } ?? false }
      .sorted { $0.metadata.name < $1.metadata.name }
    let podIDs = Set(own.compactMap(\.metadata.uid))
    let current = Set(seen.pods.filter(\.isCurrent).map(\.uid))
    return ServiceExamination(
      policy: application.map(Self.policy),
      resources: application.map(Self.resources) ?? [],
      workloads: deployments.filter { workloads.contains($0.metadata.uid ?? "") }.flatMap(Self.troubles),
      pods: own.map { Self.pod($0, isCurrent: current.contains($0.metadata.uid ?? "")) },
      events: events.map { events in
        ClusterEvent.merged(
          events.filter { owners.union(podIDs).contains($0.involvedObject?.uid ?? "") }.map(Self.event)
        )
      },
      endpoints: endpoints.map { endpoints in
        let named = Set((application?.status?.resources ?? []).filter(isService).compactMap(\.name))
        return endpoints.compactMap { Self.endpoints($0, of: podIDs, isNamed: named.contains($0.metadata.name)) }
      }
    )
  }

  // MARK: Argo CD

  private static func policy(_ application: ApplicationDetails) -> SyncPolicy {
    let automated = application.spec?.syncPolicy?.automated
    return SyncPolicy(
      isAutomated: automated.map { $0.enabled != false } ?? false,
      healsItself: automated?.selfHeal ?? false,
      prunes: automated?.prune ?? false,
      options: (application.spec?.syncPolicy?.syncOptions ?? []).map { LocalPrograms.sanitize(line: $0, limit: 80) }
    )
  }

  private func isService(_ resource: ApplicationDetails.Resource) -> Bool {
    resource.kind == "Service" && resource.namespace == namespace
  }

  private static func resources(_ application: ApplicationDetails) -> [ResourceTrouble] {
    var messages: [(resource: String, message: String)] = []
    for resource in application.status?.resources ?? [] {
      let name = LocalPrograms.sanitize(line: "\(resource.kind ?? "?") \(resource.name ?? "?")", limit: 120)
      if resource.status == "OutOfSync" { messages.append((name, "OutOfSync")) }
      if let health = resource.health, let status = health.status, status == "Degraded" || status == "Missing" {
        let said = LocalPrograms.sanitize(line: health.message ?? "", limit: 200)
        messages.append((name, said.isEmpty ? status : "\(status): \(said)"))
      }
    }
    for resource in application.status?.operationState?.syncResult?.resources ?? [] {
      let failed = ["Failed", "Error"].contains(resource.hookPhase) || resource.status == "SyncFailed"
      guard failed else { continue }
      let name = LocalPrograms.sanitize(line: "\(resource.kind ?? "?") \(resource.name ?? "?")", limit: 120)
      let said = LocalPrograms.sanitize(line: resource.message ?? "", limit: 200)
      messages.append((name, said.isEmpty ? "its sync failed" : "its sync failed: \(said)"))
    }
    var found: [ResourceTrouble] = []
    for (resource, message) in messages {
      if let place = found.firstIndex(where: { $0.resource == resource }) {
        found[place].message += ", \(message)"
      } else {
        found.append(ResourceTrouble(resource: resource, message: message))
      }
    }
    return found
  }

  // MARK: Workloads and pods

  private static func troubles(_ deployment: Examined<Deployment, WorkloadDetails>) -> [String] {
    let name = "Deployment \(deployment.metadata.name)"
    var found = deployment.details.spec?.paused == true ? ["\(name) is paused"] : []
    for condition in deployment.details.status?.conditions ?? [] {
      let isBad: Bool
      switch (condition.type, condition.status) {
      case ("Progressing", "False"), ("ReplicaFailure", "True"): isBad = true
      case _: isBad = false
      }
      guard isBad else { continue }
      let said = LocalPrograms.sanitize(line: condition.message ?? "", limit: 300)
      found.append("\(name): \(LocalPrograms.sanitize(line: condition.reason ?? "", limit: 60)): \(said)")
    }
    return found
  }

  private static func pod(_ pod: Examined<Pod, PodDetails>, isCurrent: Bool) -> PodExamination {
    let status = pod.details.status
    let unscheduled = status?.conditions?.first { $0.type == "PodScheduled" && $0.status == "False" }
    let listed = (pod.details.spec?.initContainers ?? []) + (pod.details.spec?.containers ?? [])
    let statuses = (status?.initContainerStatuses ?? []) + (status?.containerStatuses ?? [])
    return PodExamination(
      name: pod.metadata.name,
      node: pod.details.spec?.nodeName.map { LocalPrograms.sanitize(line: $0, limit: 100) },
      phase: LocalPrograms.sanitize(line: pod.object.status?.phase ?? "Unknown", limit: 40),
      reason: joined(status?.reason, status?.message),
      unschedulable: unscheduled.map { joined($0.reason, $0.message) ?? "Unschedulable" },
      isCurrent: isCurrent,
      containers: listed.map { container in
        self.container(container, statuses.first { $0.name == container.name })
      }
    )
  }

  private static func joined(_ reason: String?, _ message: String?) -> String? {
    let parts = [(reason, 60), (message, 300)].compactMap { text, limit in
      text.flatMap { $0.isEmpty ? nil : LocalPrograms.sanitize(line: $0, limit: limit) }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ": ")
  }

  private static func container(
    _ container: PodDetails.Container,
    _ status: PodDetails.ContainerStatus?
  ) -> ContainerExamination {
    let end = status?.state?.terminated ?? status?.lastState?.terminated
    let probes: [(ContainerProbe.Kind, Probe?)] = [
      (.startup, container.startupProbe), (.readiness, container.readinessProbe), (.liveness, container.livenessProbe),
    ]
    return ContainerExamination(
      name: container.name,
      lastEnd: end.map {
        ContainerExamination.End(
          reason: LocalPrograms.sanitize(line: $0.reason ?? "Terminated", limit: 60),
          exitCode: $0.exitCode ?? -1,
          time: $0.finishedAt.flatMap { Timestamp($0) }
        )
      },
      cpuLimit: container.resources?.limits?["cpu"]?.value.map { $0 * 1000 },
      memoryLimit: container.resources?.limits?["memory"]?.value,
      probes: probes.compactMap { kind, probe in probe.map { ContainerProbe(kind: kind, what: words($0)) } }
    )
  }

  private static func words(_ probe: Probe) -> String {
    func port(_ port: NumberOrName?) -> String {
      switch port {
      case .number(let number)?: ":\(number)"
      case .name(let name)?: ":\(LocalPrograms.sanitize(line: name, limit: 40))"
      case nil: ""
      }
    }
    var words: String
    if let http = probe.httpGet {
      words = "GET \(port(http.port))\(LocalPrograms.sanitize(line: http.path ?? "/", limit: 100))"
    } else if let socket = probe.tcpSocket {
      words = "TCP \(port(socket.port))"
    } else if let socket = probe.grpc {
      words = "gRPC \(port(socket.port))"
    } else {
      // Its words may hold what nobody should read.
      words = "a command"
    }
    if let period = probe.periodSeconds { words += " every \(period)s" }
    if let failures = probe.failureThreshold { words += ", \(failures) failures" }
    return words
  }

  // MARK: Events and endpoints

  private static func event(_ event: EventObject) -> ClusterEvent {
    let time = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime
    return ClusterEvent(
      object: LocalPrograms.sanitize(
        line: "\(event.involvedObject?.kind ?? "") \(event.involvedObject?.name ?? "")",
        limit: 120
      ),
      reason: LocalPrograms.sanitize(line: event.reason ?? "", limit: 60),
      message: LocalPrograms.sanitize(line: event.message ?? "", limit: 300),
      count: max(1, event.series?.count ?? event.count ?? 1),
      last: (time ?? event.metadata.creationTimestamp).flatMap { Timestamp($0) }
    )
  }

  /// - Returns: nil for endpoints that neither lead to the pods nor are named by the Application.
  private static func endpoints(
    _ endpoints: EndpointsObject,
    of pods: Set<String>,
    isNamed: Bool
  ) -> ServiceEndpoints? {
    func count(_ addresses: KeyPath<EndpointsObject.Subset, [EndpointsObject.Address]?>) -> Int {
      let ids = (endpoints.subsets ?? []).flatMap { $0[keyPath: addresses] ?? [] }.compactMap(\.targetRef?.uid)
      // A pod stands in a subset for each set of ports.
      return Set(ids).intersection(pods).count
    }
    let (ready, notReady) = (count(\.addresses), count(\.notReadyAddresses))
    guard isNamed || ready + notReady > 0 else { return nil }
    return ServiceEndpoints(name: endpoints.metadata.name, ready: ready, notReady: notReady)
  }
}

/// What to ask a pod within the cluster.
struct PodEndpoint: Sendable {
  var pod: String
  var isSecure: Bool
  var port: Int
  var path: String

  var what: String { "GET :\(port)\(LocalPrograms.sanitize(line: path, limit: 100))" }

  /// The API server's proxy to the pod.
  func uri(in namespace: String) -> String {
    let (plain, query) = path.split(at: "?")
    let segments = plain.split(separator: "/", omittingEmptySubsequences: false).map { URLText.segment(String($0)) }
    // The scheme stands in front of the name, the port behind it.
    return KubernetesResource.pods.collection(namespace) + "/" + (isSecure ? "https:" : "") + URLText.segment(pod)
      + ":\(port)/proxy" + segments.joined(separator: "/") + (query.map { "?" + URLText.queryText($0) } ?? "")
  }
}

extension ExaminationAssembly {
  /// Where the health of a service is asked within the cluster: as its readiness probe asks (else the other ones), else
  /// at the configured path of the first port. Of its running pods a current one that is not ready, if there is one: it
  /// is the one that has a question to answer.
  func endpoint(of seen: ServiceSnapshot, path: String?) -> PodEndpoint? {
    let running = seen.pods.filter { pod in
      !pod.isTerminating
        && pod.containers.contains { if case .running = $0.state, !$0.isInit { true } else { false } }
    }
    let chosen = running.first { $0.isCurrent && !$0.isReady } ?? running.first(where: \.isCurrent) ?? running.first
    guard let chosen, let pod = pods.first(where: { $0.metadata.uid == chosen.uid }) else { return nil }
    let containers = pod.details.spec?.containers ?? []
    let kinds: [KeyPath<PodDetails.Container, Probe?> & Sendable] = [\.readinessProbe, \.livenessProbe, \.startupProbe]
    for kind in kinds {
      for container in containers {
        guard let http = container[keyPath: kind]?.httpGet, let port = http.port?.number(among: container.ports) else {
          continue
        }
        return endpoint(pod, isSecure: http.scheme == "HTTPS", port, http.path ?? "/")
      }
    }
    guard let path, let port = containers.first?.ports?.first?.containerPort else { return nil }
    return endpoint(pod, isSecure: false, port, path)
  }

  /// - Returns: nil for a path that would lead out of the pod's proxy: it comes from the cluster.
  private func endpoint(_ pod: Examined<Pod, PodDetails>, isSecure: Bool, _ port: Int, _ path: String) -> PodEndpoint? {
    let path = path.hasPrefix("/") ? path : "/" + path
    let segments = path.prefix { $0 != "?" }.split(separator: "/")
    guard (1...65_535).contains(port), !segments.contains(where: { $0 == "." || $0 == ".." }), path.utf8.count <= 1000
    else { return nil }
    return PodEndpoint(pod: pod.metadata.name, isSecure: isSecure, port: port, path: path)
  }
}

extension String {
  fileprivate func split(at mark: Character) -> (String, String?) {
    guard let place = firstIndex(of: mark) else { return (self, nil) }
    return (String(self[..<place]), String(self[index(after: place)...]))
  }
}
