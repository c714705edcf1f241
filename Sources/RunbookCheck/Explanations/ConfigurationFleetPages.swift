/// Findings about the fleet that `slipway.yaml` describes, and the configuration that the examples speak of.
extension Explanation {
  /// What the runbooks of all examples speak of, and what is not shown of their configurations.
  public static let sampleConfiguration = """
    gitops:
      repository: https://git.example.org/acme/cluster-gitops.git
      file: environments/{environment}/services/{service}.yaml
      tag: service.chartTag
    environments:
      staging: { namespace: staging }
      production: { namespace: production, promotes-from: staging, protected: true }
    services:
      api: { tag: "api-v{version}" }
      web: { tag: "web-v{version}" }
    pull-request: { repository: acme/cluster-gitops }
    """

  /// A configuration with some of its sections replaced; a section without anything behind its colon is taken away.
  public static func configuration(with sections: String) -> String {
    var pieces = split(sampleConfiguration)
    for piece in split(sections) {
      let isEmpty = piece.text == "\(piece.key):"
      if let index = pieces.firstIndex(where: { $0.key == piece.key }) {
        if isEmpty { pieces.remove(at: index) } else { pieces[index] = piece }
      } else if !isEmpty {
        pieces.append(piece)
      }
    }
    return pieces.map(\.text).joined(separator: "\n")
  }

  /// The sections of a configuration, by the keys that begin in the first column.
  private static func split(_ text: String) -> [(key: String, text: String)] {
    var pieces: [(key: String, text: String)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.first.map({ $0 != " " && $0 != "#" }) ?? false {
        pieces.append((String(line.prefix { $0 != ":" }), String(line)))
      } else if !pieces.isEmpty {
        pieces[pieces.count - 1].text += "\n\(line)"
      }
    }
    return pieces
  }

  static let configurationFleetPages: [Explanation] = [
    Explanation(
      configuration: "SW2022",
      "no time of a window",
      "Times are written in quotes, `\"18:00\"`, since YAML may read them as numbers; zones as `Europe/London`.",
      wrong: "policy:\n  window: { days: weekdays, from: \"25:00\", to: \"22:00\", zone: Europe/London }",
      right: "policy:\n  window: { days: weekdays, from: \"18:00\", to: \"22:00\", zone: Europe/London }"
    ),
    Explanation(
      configuration: "SW2030",
      "no such environment",
      "The name is none of those under `environments`.",
      wrong: """
        environments:
          staging: { namespace: staging }
          production: { namespace: production, promotes-from: stagign, protected: true }
        """,
      right: """
        environments:
          staging: { namespace: staging }
          production: { namespace: production, promotes-from: staging, protected: true }
        """
    ),
    Explanation(
      configuration: "SW2031",
      "environments promote in a circle",
      "`promotes-from` orders the environments. In a circle, none of them would be first.",
      wrong: """
        environments:
          staging: { namespace: staging, promotes-from: production }
          production: { namespace: production, promotes-from: staging, protected: true }
        """,
      right: """
        environments:
          staging: { namespace: staging }
          production: { namespace: production, promotes-from: staging, protected: true }
        """
    ),
    Explanation(
      configuration: "SW2032",
      "a service named like an environment",
      "`rollback live` would not tell which of the two is meant.",
      wrong: """
        environments:
          dev: { namespace: dev }
          live: { namespace: live, protected: true }
        services:
          live: { tag: "v{version}" }
        """,
      right: """
        environments:
          dev: { namespace: dev }
          live: { namespace: live, protected: true }
        services:
          api: { tag: "v{version}" }
        """
    ),
    Explanation(
      configuration: "SW2033",
      "two services with one file",
      "The pattern gives the same path for two pairs of a service and an environment. A promotion would change both.",
      wrong: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}{service}"
          tag: service.chartTag
        environments: { a: { namespace: a, protected: true }, ab: { namespace: ab } }
        services: { bc: { tag: "v{version}" }, c: { tag: "v{version}" } }
        """,
      right: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}"
          tag: service.chartTag
        environments: { a: { namespace: a, protected: true }, ab: { namespace: ab } }
        services: { bc: { tag: "v{version}" }, c: { tag: "v{version}" } }
        """
    ),
    Explanation(
      configuration: "SW2034",
      "a name that means something else",
      "A runbook reads words such as `all` and `promoted` as something of its own, and so do people.",
      wrong: "services:\n  promoted: { tag: \"v{version}\" }",
      right: "services:\n  promotions: { tag: \"v{version}\" }"
    ),
    Explanation(
      configuration: "SW2035",
      "none is listed",
      "Without a service, or without an environment, there is nothing to promote.",
      wrong: "services: {}",
      right: "services: { api: { tag: \"v{version}\" } }"
    ),
    Explanation(
      configuration: "SW2036",
      "`set` would overwrite the tag",
      "The tag is what a promotion brings along; a value that is set over it would undo that.",
      wrong: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service.chartTag
          set: { service.chartTag: latest }
        """,
      right: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service.chartTag
          set: { envName: "{environment}" }
        """
    ),
    Explanation(
      configuration: "SW2037",
      "two services with one Application",
      "What Argo CD says of one would be taken for what it says of the other.",
      wrong: "argocd: { application: \"{service}\" }",
      right: "argocd: { application: \"{service}-{environment}\" }"
    ),
    Explanation(
      configuration: "SW2038",
      "pull requests that share a record",
      """
      Each pull request adds its entry to the record of releases, the newest first. In one file each would write at the same \
      place, so that of two that wait only one could be merged. With `{run}` in the path each entry has a file of its own.
      """,
      wrong: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service.chartTag
          records: RELEASES.md
        """,
      right: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service.chartTag
          records: "releases/{environment}/{date}-{run}.md"
        """
    ),
    Explanation(
      configuration: "SW2100",
      "no environment is protected",
      """
      `protected: true` makes promotions to an environment take its lock, and makes it the one that is meant when a \
      statement names none.
      """,
      wrong: """
        environments:
          staging: { namespace: staging }
          production: { namespace: production, promotes-from: staging }
        """,
      right: """
        environments:
          staging: { namespace: staging }
          production: { namespace: production, promotes-from: staging, protected: true }
        """,
      severity: .warning
    ),
    Explanation(
      configuration: "SW2102",
      "two environments in one place",
      "They have the same context and namespace, so they share their pods, and what is seen of one is seen of the other.",
      wrong: """
        environments:
          staging: { namespace: apps, context: main }
          production: { namespace: apps, context: main, promotes-from: staging, protected: true }
        """,
      right: """
        environments:
          staging: { namespace: staging, context: main }
          production: { namespace: production, context: main, promotes-from: staging, protected: true }
        """,
      severity: .warning
    ),
    Explanation(
      configuration: "SW2103",
      "a name that needs quotes",
      "In a runbook this name reads as something else where it may stand, so it is written in quotes: `validate staging \"2d\"`.",
      wrong: "services:\n  monitor: { tag: \"v{version}\" }",
      right: "services:\n  monitoring: { tag: \"v{version}\" }",
      severity: .warning
    ),
  ]
}
