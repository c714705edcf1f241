/// The mappings of `slipway.yaml` with fixed keys. `docs/slipway.schema.json` says the same, and a test compares them.
enum ConfigurationSection: String, CaseIterable {
  case root
  case gitops
  case records
  case environment
  case service
  case argocd
  case pullRequest = "pull-request"
  case policy
  case deadlines
  case window
  case blackout
  case approvals
  case announce
  case place
  case templates
  case metrics
  case metric
  case smoke
  case migrations
  case lineAllowance = "error-allowance"

  /// The keys that may stand in the mapping.
  var keys: [String] {
    switch self {
    case .root: ["gitops", "environments", "services", "argocd", "pull-request", "policy", "announce", "metrics"]
    case .gitops: ["repository", "branch", "file", "tag", "enabled", "copy", "set", "records"]
    case .records: ["file", "entry"]
    case .environment: ["namespace", "context", "cluster", "destination", "promotes-from", "protected"]
    case .service:
      [
        "tag", "image", "health", "dashboard", "source", "metrics", "run", "soak", "migrations", "reversible",
        "allowed-errors",
        "tolerated-errors", "error-allowances",
      ]
    case .argocd: ["namespace", "application", "context"]
    case .pullRequest: ["repository", "labels", "merge", "every"]
    case .policy:
      [
        "minimum-monitor", "seal", "soak", "allowed-errors", "log-tail", "error-words", "error-patterns",
        "tolerated-errors", "error-allowances",
        "health-failures", "every", "lock",
        "deadlines", "skip", "matching", "approvals", "window", "windows", "blackouts", "calendars",
        "teams", "prompt", "checklist", "require-reason", "require-announcement",
      ]
    case .deadlines:
      ["validate", "promote", "merge", "sync", "rollout", "rollback", "run", "confirm", "show", "follow", "announce"]
    case .window: ["days", "from", "to", "zone"]
    case .blackout: ["from", "to", "reason"]
    case .approvals: ["patch", "minor", "major"]
    case .announce: ["places", "templates"]
    case .place: ["webhook", "comment", "command"]
    case .templates: ["planned", "complete", "rolled-back"]
    case .smoke: ["command", "environments", "within", "directory"]
    case .migrations: ["job", "labels"]
    case .lineAllowance: ["pattern", "count", "per"]
    case .metrics: ["address", "service", "token", "timeout", "queries", "alerts", "ignored-alerts"]
    case .metric:
      ["query", "over", "at-most", "at-least", "at-most-times-before", "at-least-times-before", "tolerate"]
    }
  }

  /// The keys that must stand in it.
  var requiredKeys: [String] {
    switch self {
    case .root: ["gitops", "environments", "services"]
    case .gitops: ["repository", "file", "tag"]
    case .records: ["file"]
    case .environment: ["namespace"]
    case .service: ["tag"]
    case .pullRequest: ["repository"]
    case .window: ["days", "from", "to", "zone"]
    case .blackout: ["from", "to", "reason"]
    case .metric: ["query"]
    case .smoke: ["command"]
    case .lineAllowance: ["pattern", "count"]
    case .migrations, .argocd, .policy, .approvals, .deadlines, .announce, .place, .templates, .metrics: []
    }
  }
}
