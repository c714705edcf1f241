import FleetConfiguration
import GitOpsLayout
import LiveWorld
import PromotionModel

/// A fleet as a repository and clusters suggest it.
struct FleetProposal {
  struct Clusters {
    var contexts: [String]
    var current: String?
    var known: [ClusterSurvey.Cluster]
  }

  let layout: LayoutSurvey
  private let url: String
  private let branch: String
  private let head: CommitID

  /// nil when no layout is recognised.
  init?(_ survey: RepositorySurvey, url: String) {
    guard let layout = LayoutSurvey.propose(survey.files) else { return nil }
    (self.layout, self.url, branch, head) = (layout, url, survey.branch, survey.head)
  }

  static func notUnderstood(files: Int, url: String) -> String {
    "among \(files) YAML files none carries a version beside the name of an environment, so no layout is proposed. "
      + "Versions are looked for as `tag`, `chartTag`, `imageTag`, `newTag` or `version` in files such as "
      + "environments/staging/services/api.yaml or apps/api/overlays/production/kustomization.yaml; "
      + "docs/configuration.md says how to write slipway.yaml by hand"
  }

  var summary: String {
    let environments = layout.environments.map(\.text).joined(separator: " -> ")
    return "\(layout.services.count) services in \(environments), found in \(layout.files) files"
  }

  /// An address without user and password, which have no place in a configuration.
  static func withoutLogin(_ url: String) -> String {
    guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else { return url }
    let rest = url.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@") else { return url }
    return scheme + rest[rest.index(after: at)...]
  }

  /// `owner/name` of a repository on GitHub.
  static func forge(of url: String) -> String? {
    let places = ["https://github.com/", "ssh://git@github.com/", "git@github.com:"]
    guard let place = places.first(where: { url.hasPrefix($0) }) else { return nil }
    var name = url.dropFirst(place.count)
    if name.hasSuffix("/") { name = name.dropLast() }
    if name.hasSuffix(".git") { name = name.dropLast(4) }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } ? String(name) : nil
  }

  // MARK: The draft

  /// - Parameter clusters: nil: none was asked.
  func draft(clusters: Clusters?) -> ConfigurationDraft {
    let applications = clusters.flatMap { ApplicationNames($0, layout, of: url) }
    var draft = ConfigurationDraft(
      origin: "\(url) at \(head.short)",
      repository: url,
      branch: branch,
      filePattern: layout.filePattern,
      tagPath: layout.tagPath,
      enabledPath: layout.enabledPath,
      set: layout.set,
      environments: environments(clusters, applications),
      services: layout.services.map(service),
      argocdNamespace: applications?.namespace,
      applicationPattern: applications?.pattern,
      forge: Self.forge(of: url)
    )
    if layout.production == nil, let last = layout.environments.last {
      draft.doubts.append("which environment is production; \(last) is taken to be the protected one")
    }
    return draft
  }

  private func service(_ service: LayoutSurvey.SurveyedService) -> ConfigurationDraft.Service {
    guard let tag = service.tagPattern else {
      let seen = service.tags.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
      return ConfigurationDraft.Service(
        name: service.name,
        tag: "{version}",
        tagDoubt: "how the tags of \(service.name) hold a version (\(seen))"
      )
    }
    return ConfigurationDraft.Service(name: service.name, tag: tag)
  }

  private func environments(_ clusters: Clusters?, _ applications: ApplicationNames?)
    -> [ConfigurationDraft.Environment]
  {
    layout.environments.enumerated().map { place, name in
      let found = applications?.places[name]
      let namespace = found?.namespace ?? layout.namespaces[name]
      var environment = ConfigurationDraft.Environment(
        name: name,
        namespace: namespace ?? name.text,
        promotesFrom: place == 0 ? nil : layout.environments[place - 1],
        isProtected: place == layout.environments.count - 1
      )
      if namespace == nil { environment.namespaceDoubt = "the namespace of \(name); it is taken to be called so" }
      environment.context = found?.context ?? clusters.flatMap { Self.context(for: name, $0) }
      environment.destination = found?.destination
      environment.clusterUID = clusters?.known.first { $0.context == environment.context }?.uid
      return environment
    }
  }

  /// The context that is called like the environment, or the only one there is.
  private static func context(for name: EnvironmentName, _ clusters: Clusters) -> String? {
    if clusters.contexts.contains(name.text) { return name.text }
    let alike = clusters.contexts.filter { context in
      context.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).contains { $0 == name.text }
    }
    if alike.count == 1 { return alike[0] }
    return clusters.contexts.count == 1 ? clusters.contexts[0] : nil
  }
}

/// How the Applications of a fleet are named, and where they deploy to.
struct ApplicationNames {
  struct Place {
    var context: String
    var namespace: String?
    /// Where it is another cluster than Argo CD's own.
    var destination: String?
  }

  let pattern: String
  let namespace: String
  private(set) var places: [EnvironmentName: Place] = [:]

  private static let patterns = [
    "{service}-{environment}", "{environment}-{service}", "{service}.{environment}", "{environment}.{service}",
  ]

  /// nil when no Application of the repository is named after a service and an environment.
  init?(_ clusters: FleetProposal.Clusters, _ layout: LayoutSurvey, of repository: String) {
    func hits(_ pattern: String) -> Int {
      let names = Set(clusters.known.flatMap(\.applications).filter { $0.isMade(from: repository) }.map(\.name))
      return layout.environments.reduce(0) { count, environment in
        count
          + layout.services.count {
            names.contains(RepositorySettings.fill(pattern, service: $0.name, environment: environment))
          }
      }
    }
    let counted = Self.patterns.map { (pattern: $0, count: hits($0)) }
    guard let best = counted.max(by: { $0.count < $1.count }), best.count > 0 else { return nil }
    pattern = best.pattern
    var namespaces: [String: Int] = [:]
    for environment in layout.environments {
      for cluster in clusters.known {
        let own = cluster.applications.filter { application in
          application.isMade(from: repository)
            && layout.services.contains {
              RepositorySettings.fill(best.pattern, service: $0.name, environment: environment) == application.name
            }
        }
        guard let first = own.first else { continue }
        for application in own { namespaces[application.namespace, default: 0] += 1 }
        // Two contexts may reach the same cluster: the one that is called like the environment is taken.
        if let known = places[environment], known.context == environment.text || cluster.context != environment.text {
          continue
        }
        let targets = Set(own.map(\.destinationNamespace))
        places[environment] = Place(
          context: cluster.context,
          namespace: targets.count == 1 ? first.destinationNamespace : nil,
          destination: first.isOwnCluster ? nil : first.destination
        )
      }
    }
    namespace = namespaces.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "argocd"
  }
}
