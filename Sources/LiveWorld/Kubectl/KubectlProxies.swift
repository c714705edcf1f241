public import PromotionModel
import Synchronization

/// The roads to the clusters: one `kubectl proxy` a context, shared by all that reads or changes there.
public final class KubectlProxies: Sendable {
  private let clock: any WorldClock
  private let isReadOnly: Bool
  private let endpoint: @Sendable (_ context: String?) -> any KubernetesEndpoint

  private struct Road {
    var endpoint: any KubernetesEndpoint
    var client: KubernetesClient
  }
  private let roads = Mutex<[String?: Road]>([:])

  /// Nothing is started before it is needed.
  /// - Parameters:
  ///   - readOnly: the proxies themselves and our connections to them refuse every request that could change something,
  ///     whoever makes it.
  ///   - kubectl: the program, by name or absolute path.
  public convenience init(
    readOnly: Bool,
    programs: any ProgramRunner,
    clock: any WorldClock = SystemClock(),
    kubectl: String = "kubectl"
  ) {
    self.init(clock: clock, readOnly: readOnly) { context in
      KubectlProxy(context: context, isReadOnly: readOnly, programs: programs, clock: clock, kubectl: kubectl)
    }
  }

  init(
    clock: any WorldClock,
    readOnly: Bool = false,
    endpoint: @escaping @Sendable (_ context: String?) -> any KubernetesEndpoint
  ) {
    (self.clock, self.isReadOnly, self.endpoint) = (clock, readOnly, endpoint)
  }

  /// - Parameter context: of the kubeconfig; nil takes its current one.
  func client(context: String?) -> KubernetesClient {
    roads.withLock { roads in
      if let road = roads[context] { return road.client }
      let endpoint = endpoint(context)
      let client = KubernetesClient(endpoint: endpoint, clock: clock, isReadOnly: isReadOnly)
      roads[context] = Road(endpoint: endpoint, client: client)
      return client
    }
  }

  /// Ends all proxies and waits until they are gone. Without it they end with this process.
  public func close() async {
    let all = roads.withLock { roads in
      defer { roads = [:] }
      return Array(roads.values)
    }
    for road in all {
      road.client.closeIdleConnections()
      await road.endpoint.close()
    }
  }
}
