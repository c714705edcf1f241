import PromotionModel

/// Where `spec.destination` of an environment's Applications must lead (rule 6): its namespace in its cluster.
struct RequiredDestination: Sendable {
  /// A cluster as Argo CD knows it. Equal only to the same way of naming it: a name is not looked up.
  enum Cluster: Hashable, Sendable {
    /// The one that Argo CD itself runs in, by its server or its name.
    case argocdsOwn
    case server(String)
    case named(String)
  }

  let environment: PromotionModel.Environment
  /// nil where it cannot be told: Argo CD runs elsewhere, and the configuration does not say.
  let cluster: Cluster?
  /// The context that reaches Argo CD, where it is not the environment's.
  private let argocdContext: String?

  /// The most Applications that a message tells of.
  private static let shown = 5

  init(_ environment: PromotionModel.Environment, argocd: ArgoCDSettings) {
    self.environment = environment
    argocdContext = argocd.context == environment.context ? nil : argocd.context
    if let configured = environment.destination {
      cluster = configured.contains("://") ? Cluster(server: configured) : Cluster(name: configured)
    } else {
      cluster = argocdContext == nil ? .argocdsOwn : nil
    }
  }

  /// - Parameter applications: those that exist, by name.
  /// - Throws: `wrongPlace` with every Application that goes elsewhere, or when it cannot be told where they must go.
  func check(_ applications: [(name: String, destination: Application.Destination?)]) throws(WorldError) {
    guard let cluster else { throw cannotBeTold(applications) }
    let isElsewhere = applications.map { $0.destination.flatMap(Cluster.init) != cluster }
    let isOtherNamespace = applications.map { $0.destination?.namespace != environment.namespace }
    let wrong = applications.indices.filter { isElsewhere[$0] || isOtherNamespace[$0] }
    guard !wrong.isEmpty else { return }
    throw WorldError(
      tool: "Argo CD",
      reason: .wrongPlace,
      message: "\(environment.name) is the namespace \(environment.namespace) in \(cluster), but "
        + Self.list(wrong.map { applications[$0] }),
      advice: advice(isElsewhere: isElsewhere.contains(true), isOtherNamespace: isOtherNamespace.contains(true))
    )
  }

  private func advice(isElsewhere: Bool, isOtherNamespace: Bool) -> String {
    let name = environment.name
    if isElsewhere, environment.destination == nil {
      return "If the Applications are right, write what they say as destination: of \(name) in slipway.yaml"
        + (isOtherNamespace ? ", and correct its namespace" : "")
    }
    let keys = [isElsewhere ? "destination" : nil, isOtherNamespace ? "namespace" : nil].compactMap { $0 }
    return "Correct the \(keys.joined(separator: " and the ")) of \(name) in slipway.yaml, "
      + "or the destination of the Applications"
  }

  private func cannotBeTold(_ applications: [(name: String, destination: Application.Destination?)]) -> WorldError {
    let name = environment.name
    let say = applications.isEmpty ? "" : "; " + Self.list(applications)
    return WorldError(
      tool: "Argo CD",
      reason: .wrongPlace,
      message: "it cannot be told to which cluster the Applications of \(name) must go, since Argo CD is reached by "
        + "the context \(argocdContext ?? "") and \(name) by \(environment.context ?? "the current one")\(say)",
      advice: "Write destination: of \(name) in slipway.yaml: the server or name of its cluster, "
        + "as spec.destination of its Applications must have it"
    )
  }

  private static func list(_ applications: [(name: String, destination: Application.Destination?)]) -> String {
    var parts = applications.prefix(shown).map { "the Application \($0.name) says \(said($0.destination))" }
    if applications.count > shown { parts.append("and \(applications.count - shown) more") }
    return parts.joined(separator: "; ")
  }

  private static func said(_ destination: Application.Destination?) -> String {
    let cluster = [("server", destination?.server), ("name", destination?.name)].compactMap { key, value in
      value.flatMap { $0.isEmpty ? nil : "\(key) \(quoted($0))" }
    }
    let namespace = destination?.namespace.map { "namespace \(quoted($0))" } ?? "no namespace"
    return ((cluster.isEmpty ? ["no server or name"] : cluster) + [namespace]).joined(separator: ", ")
  }

  private static func quoted(_ text: String) -> String { "\"\(LocalPrograms.sanitize(line: text, limit: 120))\"" }
}

extension RequiredDestination.Cluster: CustomStringConvertible {
  /// nil when the destination names no one cluster: Argo CD takes a server or a name, and refuses both
  /// (https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#applications). Nor is there one for
  /// other characters than ASCII: some of them count as ASCII letters to `==` and to lowercasing.
  init?(_ destination: Application.Destination) {
    let (server, name) = (destination.server ?? "", destination.name ?? "")
    guard (server + name).utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    switch (server.isEmpty, name.isEmpty) {
    case (false, true): self.init(server: server)
    case (true, false): self.init(name: name)
    case (true, true), (false, false): return nil
    }
  }

  init(server: String) {
    let url = Self.normalized(server)
    self = url == "https://kubernetes.default.svc" ? .argocdsOwn : .server(url)
  }

  init(name: String) { self = name == "in-cluster" ? .argocdsOwn : .named(name) }

  var description: String {
    switch self {
    case .argocdsOwn: "the cluster that Argo CD runs in (server https://kubernetes.default.svc or name in-cluster)"
    case .server(let url): "the cluster of the server \(url)"
    case .named(let name): "the cluster that Argo CD calls \(name)"
    }
  }

  /// An URL without what makes no difference: case of scheme and host, the scheme's own port, a `/` at the end.
  private static func normalized(_ url: String) -> String {
    guard let separator = url.firstRange(of: "://") else { return url }
    let scheme = url[..<separator.lowerBound].lowercased()
    let rest = url[separator.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    var host = authority.lowercased()
    let port = scheme == "https" ? ":443" : ":80"
    if host.hasSuffix(port) { host.removeLast(port.utf8.count) }
    var path = rest[authority.endIndex...]
    if path.hasSuffix("/"), !path.contains(where: { "?#".contains($0) }) { path = path.dropLast() }
    return "\(scheme)://\(host)\(path)"
  }
}
