extension FactWord {
  /// How the fact is written: `errors of SERVICE in ENVIRONMENT [since DURATION]`.
  public var usage: String {
    switch self {
    case .metric: "metric \"NAME\" of SERVICE in ENVIRONMENT [over DURATION]"
    case .errors: "errors of SERVICE in ENVIRONMENT [since DURATION]"
    case .version, .previousVersion, .health, .sync, .image, .ready, .replicas, .restarts, .age:
      "\(rawValue) of SERVICE in ENVIRONMENT"
    }
  }

  /// What it tells, in a few words.
  public var meaning: String {
    switch self {
    case .version: "the version that git declares"
    case .previousVersion: "the version before the last promotion"
    case .health: "Argo CD's health: healthy, progressing, degraded, suspended, missing, unknown"
    case .sync: "synced, out-of-sync or unknown"
    case .image: "the image that the service's container runs"
    case .ready: "how many replicas are ready"
    case .replicas: "how many replicas are wanted"
    case .restarts: "how often containers were restarted"
    case .errors: "error lines in the logs"
    case .age: "how long the youngest pod has run"
    case .metric: "a configured metric"
    }
  }
}
