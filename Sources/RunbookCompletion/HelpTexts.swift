import RunbookCheck

/// Words for what has no page of its own.
package enum HelpTexts {
  /// Argo CD's words for health and sync.
  package static let states = [
    "healthy", "progressing", "degraded", "suspended", "missing", "unknown", "synced", "out-of-sync",
  ]

  package static func meaning(of value: RunValue) -> String {
    switch value {
    case .runID: "the name of the run"
    case .runURL: "where the run can be followed"
    case .promoted: "the services that this run promoted last"
    case .pullRequestURL: "the pull request of this run's last promotion"
    case .failureMessage: "what went wrong, as the log says it"
    case .failureKind: "how the statement ended: failed, timed out, undetermined, refused"
    case .failureServices: "the services that it went wrong with"
    case .failureStatement: "the statement that went wrong"
    }
  }

  package static func name(of type: ValueType) -> String {
    switch type {
    case .string: "a text"
    case .duration: "a duration"
    case .version: "a version"
    case .integer: "a whole number"
    case .decimal: "a decimal number"
    case .percentage: "a percentage"
    case .boolean: "true or false"
    case .clockTime: "a time of day"
    case .dateTime: "a moment"
    case .service: "a service"
    case .environment: "an environment"
    case .health: "a state of health"
    case .sync: "a state of sync"
    case .list(let element): "a list: each \(name(of: element))"
    }
  }
}

extension RunValue {
  /// Whether it has a value in `on failure` only.
  var isOfFailure: Bool {
    switch self {
    case .failureMessage, .failureKind, .failureServices, .failureStatement: true
    case .runID, .runURL, .promoted, .pullRequestURL: false
    }
  }
}
