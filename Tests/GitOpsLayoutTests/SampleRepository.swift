import GitOpsLayout
import PromotionModel

let staging = EnvironmentName("staging")
let production = EnvironmentName("production")
let api = ServiceName("api")
let web = ServiceName("web")
let projectManagement = ServiceName("project-management")

func commit() throws -> CommitID {
  struct NoCommit: Error {}
  guard let commit = CommitID(String(repeating: "a", count: 40)) else { throw NoCommit() }
  return commit
}

/// The guide's fleet: three services, one of which has tags with another prefix than its name.
func fleet(
  file: String = "syrf/environments/{environment}/{service}/config.yaml",
  tag: String = "service.chartTag",
  copy: CopyRule = .tag,
  set: [String: String] = ["envName": "{environment}"]
) -> Fleet {
  Fleet(
    repository: RepositorySettings(
      url: "git@example.org:acme/cluster-gitops.git",
      filePattern: file,
      tagPath: tag,
      copy: copy,
      set: set
    ),
    environments: [
      Environment(name: staging, namespace: "syrf-staging"),
      Environment(name: production, namespace: "production", promotesFrom: staging, isProtected: true),
    ],
    services: [
      Service(name: api, tag: TagPattern(prefix: "api-v")), Service(name: web, tag: TagPattern(prefix: "web-v")),
      Service(name: projectManagement, tag: TagPattern(prefix: "pm-v")),
    ],
    argocd: ArgoCDSettings(),
    pullRequest: nil,
    policy: Policy()
  )
}

/// The guide's file of a service.
func config(
  _ service: String,
  _ environment: String,
  tag: String,
  enabled: Bool = true,
  comment: String = "",
  end: String = "\n"
) -> [UInt8] {
  let text = """
    # \(service) in \(environment) 🚀\(comment)
    serviceName: \(service)
    envName: \(environment)   # the stage
    service:
      enabled: \(enabled)
      chartTag: \(tag)  # what runs
      replicas: \(environment == "production" ? 3 : 1)

    """
  let joined = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
  return Array(joined.utf8)
}

func path(_ environment: String, _ service: String) -> String {
  "syrf/environments/\(environment)/\(service)/config.yaml"
}

/// staging ahead of production in api and pm; web the same in both.
func repository(end: String = "\n") -> [String: [UInt8]] {
  [
    path("staging", "api"): config("api", "staging", tag: "api-v9.2.0", end: end),
    path("production", "api"): config("api", "production", tag: "api-v9.1.1", comment: " (prod)", end: end),
    path("staging", "web"): config("web", "staging", tag: "web-v5.0.1", end: end),
    path("production", "web"): config("web", "production", tag: "web-v5.0.1", end: end),
    path("staging", "project-management"): config("project-management", "staging", tag: "pm-v10.45.0", end: end),
    path("production", "project-management"): config(
      "project-management",
      "production",
      tag: "\"pm-v10.44.2\"",
      end: end
    ),
  ]
}

func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

extension AppliedChange {
  /// The changed files; nil when values were superseded.
  var changedFiles: [String: [UInt8]?]? {
    switch self {
    case .files(let files): files
    case .superseded: nil
    }
  }

  var conflicts: [Superseded] {
    switch self {
    case .files: []
    case .superseded(let values): values
    }
  }
}

/// The files with changes made on them.
func merged(_ files: [String: [UInt8]], _ changed: [String: [UInt8]?]) -> [String: [UInt8]] {
  var files = files
  for (path, bytes) in changed { files[path] = bytes }
  return files
}
