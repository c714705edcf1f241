import PromotionModel

/// Runs that were given to a cluster: made, followed and ended over `kubectl proxy`.
public struct RunnerJobs: Sendable {
  let client: KubernetesClient
  let clock: any WorldClock
  private let proxies: KubectlProxies

  /// - Parameters:
  ///   - context: of the kubeconfig; nil takes its current one.
  ///   - programs: what starts kubectl.
  public init(context: String?, programs: any ProgramRunner = LocalPrograms()) {
    self.init(context: context, proxies: KubectlProxies(readOnly: false, programs: programs))
  }

  init(context: String?, proxies: KubectlProxies, clock: any WorldClock = SystemClock()) {
    (client, self.proxies, self.clock) = (proxies.client(context: context), proxies, clock)
  }

  public func close() async { await proxies.close() }

  /// The UID of the cluster, as ``ClusterReading/identify(_:)`` knows it.
  public func cluster() async throws -> String {
    let what = "the namespace kube-system"
    let found = try await client.get(BareObject.self, "/api/v1/namespaces/kube-system", what: what)
    guard let uid = found.metadata.uid else {
      throw WorldError(tool: "kubectl", reason: .nonsense, message: "\(what) has no UID")
    }
    return uid
  }

  /// Makes the ConfigMap, then the Job. When this is cut off in between, a ConfigMap is left that nothing uses.
  /// - Throws: ``WorldError``; *timed out* or *unreachable* when it could not be told whether the Job was made.
  public func submit(_ job: RunnerJob) async throws {
    let (files, work) = (try job.configMap(), try job.job())
    let mapWhat = "the ConfigMap \(job.name) in \(job.namespace)"
    try await make(.configMaps, files, job.name, job.namespace, what: mapWhat)
    do {
      try await make(.jobs, work, job.name, job.namespace, what: "the Job \(job.name) in \(job.namespace)")
    } catch let error as WorldError where !error.isTransient {
      // The server said no, so nothing will ever use the files.
      try? await client.delete(KubernetesResource.configMaps.object(job.name, job.namespace), what: mapWhat)
      throw error
    }
    // Its files go with the Job.
    let uri = KubernetesResource.jobs.object(job.name, job.namespace)
    guard let uid = try? await client.get(BareObject.self, uri, what: "the Job").metadata.uid else { return }
    let owner = OwnerPatch(metadata: .init(ownerReferences: [.init(name: job.name, uid: uid)]))
    try? await client.mergePatch(KubernetesResource.configMaps.object(job.name, job.namespace), owner, what: mapWhat)
  }

  /// The name is this run's alone: an object of that name is the one that a request made whose answer was lost.
  private func make(
    _ resource: KubernetesResource,
    _ json: [UInt8],
    _ name: String,
    _ namespace: String,
    what: String
  ) async throws {
    do {
      try await client.create(resource, in: namespace, json, what: what)
    } catch let error as WorldError where error.isTransient {
      do {
        _ = try await client.get(BareObject.self, resource.object(name, namespace), what: what)
      } catch {
        throw WorldError(
          tool: "kubectl",
          reason: .unreachable,
          message: "\(what): it could not be told whether it was made",
          advice: "Look with kubectl get \(resource.plural) -n \(namespace) \(name)"
        )
      }
    }
  }

  /// Asks for the Job's end and waits until it and its pods are gone: the run gets SIGTERM, and stops as at a prompt.
  /// - Parameter limit: for the whole.
  /// - Returns: whether there was one.
  public func cancel(_ name: String, in namespace: String, within limit: Duration) async throws -> Bool {
    let what = "the Job \(name) in \(namespace)"
    do {
      try await client.delete(KubernetesResource.jobs.object(name, namespace), what: what)
    } catch let error as WorldError where error.reason == .notFound {
      return false
    }
    let (states, sink) = AsyncStream.makeStream(of: Set<String>.self, bufferingPolicy: .bufferingNewest(1))
    let (client, clock) = (client, clock)
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        let left = RunnerSink<BareObject> {
          sink.yield(Set($0.map(\.metadata.name)))
        } lost: { _ in
        }
        try await client.follow(.jobs, in: namespace, labelled: RunnerJob.selector(name), into: left)
      }
      group.addTask { for await names in states where !names.contains(name) { return } }
      group.addTask {
        try await clock.sleep(for: limit)
        throw WorldError(
          tool: "kubectl",
          reason: .timedOut,
          message: "\(what) is ending, and was not gone after \(limit.runbookText)",
          advice: "Look with kubectl get pods -n \(namespace) -l job-name=\(name)"
        )
      }
      try await group.next()
    }
    return true
  }
}

private struct OwnerPatch: Encodable {
  struct Owner: Encodable {
    let apiVersion = "batch/v1"
    let kind = "Job"
    var name: String
    var uid: String
  }
  struct Metadata: Encodable { var ownerReferences: [Owner] }
  var metadata: Metadata
}
