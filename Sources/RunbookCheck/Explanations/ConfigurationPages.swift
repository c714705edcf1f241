/// Findings about the text and the keys of `slipway.yaml`.
extension Explanation {
  static let configurationPages: [Explanation] = [
    Explanation(
      wholeConfiguration: "SW2001",
      "not YAML",
      "The file cannot be read as YAML. A value that begins with one of `{ [ * & ! | > % @` is written in quotes.",
      wrong: "services: { api: { tag: [ } }",
      right: sampleConfiguration
    ),
    Explanation(
      wholeConfiguration: "SW2002",
      "an empty configuration",
      "It needs at least the sections `gitops`, `environments` and `services`.",
      wrong: "# To be written.",
      right: sampleConfiguration
    ),
    Explanation(
      wholeConfiguration: "SW2003",
      "several documents",
      "A configuration is one YAML document. What stands behind a second `---` would be overlooked.",
      wrong: sampleConfiguration + "\n---\npolicy: { seal: 1h }",
      right: sampleConfiguration + "\npolicy: { seal: 1h }"
    ),
    Explanation(
      configuration: "SW2004",
      "an alias",
      "Aliases (`*name`) and merge keys (`<<`) are refused, not followed: each value stands where it is used.",
      wrong: """
        services:
          api: &one { tag: "v{version}" }
          web: *one
        """,
      right: """
        services:
          api: { tag: "v{version}" }
          web: { tag: "v{version}" }
        """
    ),
    Explanation(
      configuration: "SW2005",
      "a key stands twice",
      "Which of the two values holds, readers of YAML do not agree.",
      wrong: "policy:\n  seal: 24h\n  seal: 48h",
      right: "policy:\n  seal: 24h"
    ),
    Explanation(
      configuration: "SW2006",
      "an unknown key",
      "A misspelt key would have no effect, and nobody would notice. The nearest one that is known is named.",
      wrong: "policy: { sael: 24h }",
      right: "policy: { seal: 24h }"
    ),
    Explanation(
      configuration: "SW2007",
      "a key is missing",
      "Without it the configuration is not complete; it has no default.",
      wrong: "services:\n  api: {}",
      right: "services:\n  api: { tag: \"api-v{version}\" }"
    ),
    Explanation(
      configuration: "SW2008",
      "a value of the wrong type",
      "YAML reads a value without quotes as a number, a boolean or nothing where it looks like one.",
      wrong: "policy: { log-tail: many }",
      right: "policy: { log-tail: 500 }"
    ),
    Explanation(
      configuration: "SW2009",
      "an empty value",
      "The key is there and says nothing. Leave it out to have the default.",
      wrong: "policy: { seal: \"\" }",
      right: "policy: { seal: 24h }"
    ),
    Explanation(
      configuration: "SW2010",
      "characters that cannot be shown",
      "Control characters in a value are a mistake or an attack; neither is handed to git.",
      wrong: "argocd: { context: \"ci\\u0007\" }",
      right: "argocd: { context: ci }"
    ),
    Explanation(
      configuration: "SW2011",
      "no duration",
      "Durations are written as in a runbook: `250ms`, `90s`, `30m`, `1h30m`, `2d`.",
      wrong: "policy: { seal: 24 hours }",
      right: "policy: { seal: 24h }"
    ),
    Explanation(
      configuration: "SW2012",
      "out of range",
      "A value that is too small or too large makes the rule that it belongs to useless.",
      wrong: "policy: { lock: 1s }",
      right: "policy: { lock: 10m }"
    ),
    Explanation(
      configuration: "SW2013",
      "none of the choices",
      "The value is one of a few words, which the finding lists.",
      wrong: "pull-request: { repository: acme/cluster-gitops, merge: squsah }",
      right: "pull-request: { repository: acme/cluster-gitops, merge: squash }"
    ),
    Explanation(
      configuration: "SW2014",
      "no name",
      "Services, environments and namespaces have names as Kubernetes takes them: lower-case letters, digits, hyphens.",
      wrong: "services:\n  Api: { tag: \"api-v{version}\" }",
      right: "services:\n  api: { tag: \"api-v{version}\" }"
    ),
    Explanation(
      configuration: "SW2015",
      "no address",
      """
      An address is not of the form that is due, or could be read as an option of a program. Addresses with a user or a \
      password are refused: tokens stand there, and this file is shown to everybody.
      """,
      wrong: "pull-request: { repository: acme }",
      right: "pull-request: { repository: acme/cluster-gitops }"
    ),
    Explanation(
      configuration: "SW2016",
      "no pattern for tags",
      "A pattern says how a service writes its versions as tags and has `{version}` once: `api-v{version}`.",
      wrong: "services:\n  api: { tag: api }",
      right: "services:\n  api: { tag: \"api-v{version}\" }"
    ),
    Explanation(
      configuration: "SW2017",
      "no path to a value",
      "A path names keys with dots between them, elements of lists by number or by a value: `images[name={service}].newTag`.",
      wrong: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service..chartTag
        """,
      right: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service.chartTag
        """
    ),
    Explanation(
      configuration: "SW2018",
      "nothing to fill in",
      "Between braces stands what is filled in, `{service}` or `{environment}`; nothing else is known at this place.",
      wrong: "argocd: { application: \"{service}-{environment}-{cluster}\" }",
      right: "argocd: { application: \"{service}-{environment}\" }"
    ),
    Explanation(
      configuration: "SW2019",
      "a placeholder is missing",
      "Every service and environment must have a file and an Application of its own, so the pattern must say where.",
      wrong: "argocd: { application: \"{environment}\" }",
      right: "argocd: { application: \"{service}-{environment}\" }"
    ),
    Explanation(
      configuration: "SW2020",
      "a path that leaves the repository",
      "Files are named from the root of the repository, without `..`, and never inside of `.git`.",
      wrong: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "../{environment}/{service}.yaml"
          tag: service.chartTag
        """,
      right: """
        gitops:
          repository: https://git.example.org/acme/cluster-gitops.git
          file: "{environment}/{service}.yaml"
          tag: service.chartTag
        """
    ),
    Explanation(
      configuration: "SW2021",
      "a label that cannot be one",
      "Labels of GitHub have no comma, at most 50 characters, and each stands once.",
      wrong: "pull-request: { repository: acme/cluster-gitops, labels: [\"a,b\"] }",
      right: "pull-request: { repository: acme/cluster-gitops, labels: [a, b] }"
    ),
    Explanation(
      configuration: "SW2023",
      "a regular expression that is none",
      """
      Lines of logs are compared with regular expressions that never try again, so that no line can keep a run busy: without references \
      back and without looking around. In single quotes YAML leaves backslashes alone.
      """,
      wrong: #"policy: { error-patterns: ['(fatal|panic', '(\w)\1'] }"#,
      right: #"policy: { error-patterns: ['(fatal|panic)', 'status=5\d\d'] }"#
    ),
  ]
}
