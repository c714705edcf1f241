import PromotionModel

/// The clusters that kubeconfig knows, and the Applications in them, looked at to describe a fleet.
public struct ClusterSurvey: Sendable {
  public struct FoundApplication: Hashable, Sendable {
    public var name: String
    public var namespace: String
    public var destinationNamespace: String?
    /// The server's URL, or the cluster's name, as the Application has it.
    public var destination: String?
    /// The cluster that Argo CD runs in.
    public var isOwnCluster: Bool
    /// The repositories and charts that it is made from; empty where it says none.
    public var repositories: [String] = []

    /// Whether it may be made from a repository: one of its own is the same, however it is reached, or none is known.
    public func isMade(from repository: String) -> Bool {
      repositories.isEmpty || repositories.contains { Self.place($0) == Self.place(repository) }
    }

    /// `host/path`, the same for `https://…`, `ssh://git@…` and `git@host:path`.
    private static func place(_ url: String) -> String {
      var text = url[...]
      if let scheme = text.firstRange(of: "://") {
        text = text[scheme.upperBound...]
      } else if !text.hasPrefix("/"), let colon = text.firstIndex(of: ":") {
        text = text[..<colon] + "/" + text[text.index(after: colon)...]
      }
      let host = text.prefix { $0 != "/" }
      if let at = host.lastIndex(of: "@") { text = text[text.index(after: at)...] }
      while text.hasSuffix("/") { text = text.dropLast() }
      if text.hasSuffix(".git") { text = text.dropLast(4) }
      return text.lowercased()
    }
  }
  public struct Cluster: Hashable, Sendable {
    public var context: String
    /// The UID of `kube-system`.
    public var uid: String
    public var applications: [FoundApplication]
  }

  public let contexts: [String]
  public let current: String?
  private let proxies: KubectlProxies

  public static func read(programs: any ProgramRunner = LocalPrograms()) async throws -> ClusterSurvey {
    func lines(_ arguments: [String]) async throws -> [String] {
      let result = try await programs.run(
        "kubectl",
        arguments,
        timeout: .seconds(15),
        outputLimit: 1 << 20,
        tool: "kubectl"
      )
      guard result.isSuccess else { return [] }
      return String(decoding: result.stdout, as: UTF8.self).split(separator: "\n").map(String.init)
        .filter { !$0.hasPrefix("-") && $0 == LocalPrograms.sanitize(line: $0, limit: 250) }
    }
    return ClusterSurvey(
      contexts: try await lines(["config", "get-contexts", "--output=name"]),
      current: try await lines(["config", "current-context"]).first,
      proxies: KubectlProxies(readOnly: true, programs: programs)
    )
  }

  /// - Throws: ``WorldError`` when the cluster cannot be read. One without Argo CD has no Applications.
  public func look(_ context: String) async throws -> Cluster {
    let client = proxies.client(context: context)
    let kubeSystem = try await client.get(
      BareObject.self,
      "/api/v1/namespaces/kube-system",
      what: "the namespace kube-system"
    )
    var found: [Application] = []
    do {
      found = try await client.list(.applications, of: Application.self, in: nil).items
    } catch let error as WorldError where error.reason == .unauthorized || error.reason == .notFound {
      // Who may not see all namespaces may see the usual one.
      found = (try? await client.list(.applications, of: Application.self, in: "argocd").items) ?? []
    }
    return Cluster(
      context: context,
      uid: LocalPrograms.sanitize(line: kubeSystem.metadata.uid ?? "", limit: 100),
      applications: found.map { application in
        let destination = application.spec?.destination
        let cluster = destination.flatMap(RequiredDestination.Cluster.init)
        return FoundApplication(
          name: application.metadata.name,
          namespace: application.metadata.namespace ?? "argocd",
          destinationNamespace: destination?.namespace,
          destination: destination?.server.flatMap { $0.isEmpty ? nil : $0 } ?? destination?.name,
          isOwnCluster: cluster == .argocdsOwn,
          repositories: ([application.spec?.source] + (application.spec?.sources ?? [])).compactMap { $0?.repoURL }
        )
      }
    )
  }

  public func close() async { await proxies.close() }
}
