import FoundationEssentials
import PromotionModel
import Testing

@testable import LiveWorld

private let hasRig = ProcessInfo.processInfo.environment["SLIPWAY_RIG_STATE"] != nil

/// The same against a real API server, controller manager and kubectl: inside `rig.sh with -- …`.
@Suite(.timeLimit(.minutes(3)), .enabled(if: hasRig, "no rig: SLIPWAY_RIG_STATE is not set"))
struct KubectlRigTests {
  static let name = "live-world"
  let production = EnvironmentName("production")
  let api = ServiceName("api")

  /// Beside this folder, unless the environment says where.
  static var script: String {
    let beside = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/Rig/rig.sh"
    return ProcessInfo.processInfo.environment["SLIPWAY_RIG_SCRIPT"] ?? beside
  }

  static func fleet(pinned: String? = nil) -> Fleet {
    Fleet(
      repository: RepositorySettings(url: "file:///nowhere", filePattern: "{environment}/{service}", tagPath: "tag"),
      environments: [
        PromotionModel.Environment(
          name: EnvironmentName("production"),
          namespace: "\(name)-production",
          context: "production",
          clusterUID: pinned
        )
      ],
      services: ["api", "web"].map { Service(name: ServiceName($0), tag: TagPattern(prefix: "\($0)-v")) },
      argocd: ArgoCDSettings(namespace: "\(name)-argocd"),
      pullRequest: nil,
      policy: Policy()
    )
  }

  /// The next observation that fulfils a condition; losses are kept for the caller to judge.
  func next(
    _ observations: inout AsyncStream<ClusterObservation>.Iterator,
    losses: inout [WorldError],
    where isWanted: (ServiceSnapshot) -> Bool
  ) async throws -> ServiceSnapshot {
    while let observation = await observations.next() {
      switch observation {
      case .seen(let snapshot): if let service = snapshot.services[api], isWanted(service) { return service }
      case .lost(let error): losses.append(error)
      }
    }
    throw WorldError(tool: "test", reason: .nonsense, message: "the observation ended")
  }

  /// Restarts the Deployment as `kubectl rollout restart` does.
  func restart(_ client: KubernetesClient, at time: String) async throws {
    let template = ["template": ["metadata": ["annotations": ["kubectl.kubernetes.io/restartedAt": time]]]]
    try await client.mergePatch(
      KubernetesResource(root: "/apis/apps/v1", plural: "deployments").object("api", "\(Self.name)-production"),
      ["spec": template],
      what: "restart"
    )
  }

  @Test func aRealClusterIsReadWatchedAndAsked() async throws {
    let programs = LocalPrograms()
    let made = try await programs.run(
      Self.script,
      ["fleet", Self.name, "--services", "api,web", "--replicas", "2"],
      timeout: .seconds(120),
      tool: "rig"
    )
    try #require(made.isSuccess, "\(String(decoding: made.stderr, as: UTF8.self))")
    let (reading, writing) = (
      KubectlProxies(readOnly: true, programs: programs), KubectlProxies(readOnly: false, programs: programs)
    )
    let cluster = KubectlCluster(fleet: Self.fleet(), proxies: reading)

    let uid = try await cluster.identify(production)
    #expect(uid.utf8.count == 36)
    await #expect {
      try await KubectlCluster(fleet: Self.fleet(pinned: "elsewhere"), proxies: reading).identify(production)
    } throws: { ($0 as? WorldError)?.reason == .wrongPlace }

    let snapshot = try await cluster.snapshot(of: production)
    for service in snapshot.services.values {
      #expect(service.unknownKinds.isEmpty && service.workloads.count == 1)
      #expect((service.application?.sync, service.application?.health) == (.synced, .healthy))
      #expect(service.application?.revision != nil && service.application?.reconciledAt != nil)
      #expect(service.workloads.allSatisfy { $0.isRolledOut })
      #expect(service.pods.count == 2)
      #expect(service.pods.allSatisfy { $0.isCurrent && $0.isReady && $0.containers.allSatisfy { $0.digest != nil } })
    }
    let distance = snapshot.time - SystemClock().now()
    #expect(distance < .seconds(3) && distance > .seconds(-3))

    let pod = try #require(snapshot.services[api]?.pods.first)
    let container = try #require(pod.containers.first { !$0.isInit }).name
    let logs = try await cluster.logs(
      [
        LogRequest(service: api, pod: pod.name, container: container, tailLines: 10),
        LogRequest(service: api, pod: pod.name, container: container, isPrevious: true),
        LogRequest(service: api, pod: "no-such-pod", container: container),
      ],
      in: production
    )
    #expect(logs.map(\.isPrevious) == [false])
    #expect(logs.first?.bytes.starts(with: Array("20".utf8)) == true)

    var losses: [WorldError] = []
    var observations = cluster.observe(production).makeAsyncIterator()
    _ = try await next(&observations, losses: &losses) { $0.pods.count == 2 }
    let client = writing.client(context: "production")
    try await restart(client, at: "first")
    _ = try await next(&observations, losses: &losses) { $0.workloads.allSatisfy { !$0.isRolledOut } }
    let old = Set(snapshot.services[api]?.pods.map(\.uid) ?? [])
    let after = try await next(&observations, losses: &losses) { service in
      service.workloads.allSatisfy(\.isRolledOut) && service.pods.allSatisfy { !old.contains($0.uid) }
    }
    #expect(after.pods.allSatisfy { $0.isCurrent })
    #expect(after.workloads.first?.formerImages.isEmpty == false)
    #expect(losses.isEmpty)

    // The proxy dies; another takes its place, and what happens then is seen.
    let proxy = try await reading.client(context: "production").endpoint.socketPath()
    let listed = try await programs.run("ps", ["-eo", "pid,args"], timeout: .seconds(10), tool: "ps")
    let lines = String(decoding: listed.stdout, as: UTF8.self).split(separator: "\n")
    let serving = try #require(lines.first { $0.contains("--unix-socket=\(proxy)") && !$0.contains("read -r") })
    let id = try #require(serving.split(separator: " ").first)
    #expect(try await programs.run("kill", [String(id)], timeout: .seconds(10), tool: "kill").isSuccess)
    try await restart(client, at: "second")
    let last = try await next(&observations, losses: &losses) { service in
      service.workloads.allSatisfy(\.isRolledOut)
        && Set(service.pods.map(\.uid)).isDisjoint(with: after.pods.map(\.uid))
    }
    #expect(losses.allSatisfy { $0.isTransient })

    // Argo CD's times are whole seconds, and it may have compared in this one.
    let before = try #require(last.application?.reconciledAt)
    try await SystemClock().sleep(for: .milliseconds(1100))
    let delivery = ArgoDelivery(fleet: Self.fleet(), proxies: writing)
    try await delivery.refresh([api], in: production)
    _ = try await next(&observations, losses: &losses) { ($0.application?.reconciledAt).map { $0 > before } ?? false }
    try await delivery.terminateOperations(of: [api, ServiceName("web")], in: production)
    await #expect {
      try await ArgoDelivery(fleet: Self.fleet(), proxies: reading).refresh([api], in: production)
    } throws: { ($0 as? WorldError)?.reason == .refused }
    await reading.close()
    await writing.close()
  }
}
