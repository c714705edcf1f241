public import PromotionModel

/// Changing what Argo CD does, by patches of its Applications.
public struct ArgoDelivery: DeliveryWriting {
  let fleet: Fleet
  private let proxies: KubectlProxies

  /// - Parameter proxies: not read-only ones.
  public init(fleet: Fleet, proxies: KubectlProxies) { (self.fleet, self.proxies) = (fleet, proxies) }

  /// How often an Application is read again that changed between reading and changing it.
  static let attempts = 10

  /// The annotation that Argo CD answers by comparing anew, and then removes
  /// (https://argo-cd.readthedocs.io/en/stable/user-guide/annotations-and-labels/).
  public func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
    try await forEach(services, in: environment) { client, uri, what in
      try await client.mergePatch(uri, RefreshPatch(), what: "refreshing \(what)")
    }
  }

  /// As `argocd app terminate-op` does it. An operation that was asked for and has not begun is taken back.
  public func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    try await forEach(services, in: environment) { client, uri, what in
      for attempt in 1... {
        let application = try await client.get(Application.self, uri, what: what)
        let version = application.metadata.resourceVersion
        do {
          if application.status?.operationState?.phase == "Running" {
            try await client.mergePatch(uri, TerminatePatch(version), what: "ending the operation of \(what)")
          } else if application.operation != nil, application.status?.operationState?.phase != "Terminating" {
            try await client.mergePatch(uri, WithdrawPatch(version), what: "taking back the operation of \(what)")
          }
          return
        } catch let error as WorldError where error.reason == .refused && attempt < Self.attempts {
          // It changed since it was read: what holds now decides.
          continue
        }
      }
    }
  }

  private func forEach(
    _ services: [ServiceName],
    in environment: EnvironmentName,
    _ body: @escaping @Sendable (_ client: KubernetesClient, _ uri: String, _ what: String) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in services {
        let target = try target(service, in: environment)
        group.addTask { try await body(target.place.argocd, target.uri, target.what) }
      }
      try await group.waitForAll()
    }
  }

  /// The Application of a service in an environment.
  struct Target {
    var place: ClusterPlace
    var uri: String
    var what: String
  }

  func target(_ service: ServiceName, in environment: EnvironmentName) throws(WorldError) -> Target {
    let place = try ClusterPlace(environment, fleet: fleet, proxies: proxies)
    let name = fleet.argocd.application(of: service, in: environment)
    let uri = KubernetesResource.applications.object(name, place.argocdNamespace)
    return Target(place: place, uri: uri, what: "the Application \(name)")
  }
}

private struct RefreshPatch: Encodable {
  struct Metadata: Encodable { let annotations = ["argocd.argoproj.io/refresh": "normal"] }
  let metadata = Metadata()
}

/// The version makes the server refuse a patch of an Application that changed since it was read.
private struct VersionMark: Encodable { let resourceVersion: String? }

private struct TerminatePatch: Encodable {
  struct Status: Encodable {
    struct State: Encodable { let phase = "Terminating" }
    let operationState = State()
  }
  let metadata: VersionMark
  let status = Status()

  init(_ version: String?) { metadata = VersionMark(resourceVersion: version) }
}

private struct WithdrawPatch: Encodable {
  enum CodingKeys: String, CodingKey { case metadata, operation }
  let metadata: VersionMark

  init(_ version: String?) { metadata = VersionMark(resourceVersion: version) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(metadata, forKey: .metadata)
    // In a merge patch, null takes a field away.
    try container.encodeNil(forKey: .operation)
  }
}
