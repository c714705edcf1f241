/// Configurations that the tests use.
enum Fleets {
  /// The guide's first layout: a folder a service.
  static let folders = fleet(file: "syrf/environments/{environment}/{service}/config.yaml")
  /// Its second: a file a service.
  static let files = fleet(file: "environments/{environment}/services/{service}.yaml")

  static func fleet(
    file: String = "environments/{environment}/services/{service}.yaml",
    repository: String = "https://forge.example/acme/cluster-gitops.git",
    more: String = ""
  ) -> String {
    """
    gitops:
      repository: \(repository)
      file: \(file)
      tag: service.chartTag
      set: { envName: "{environment}" }
    environments:
      staging: { namespace: staging, context: staging }
      production: { namespace: production, context: production, promotes-from: staging, protected: true }
    services:
      api: { tag: "api-v{version}" }
      project-management: { tag: "pm-v{version}" }
    pull-request: { repository: acme/cluster-gitops }
    \(more)
    """
  }
}
