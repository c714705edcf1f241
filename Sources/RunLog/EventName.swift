extension RunEvent {
  /// The event's name in the JSON schema of `docs/events.md`.
  public var name: String {
    switch body {
    case .runStarted: "run.started"
    case .stepStarted: "step.started"
    case .stepSkipped: "step.skipped"
    case .finding: "finding"
    case .sealed: "sealed"
    case .planned: "planned"
    case .wayBack: "way-back"
    case .lockTaken: "lock.taken"
    case .pullRequestOpened: "pull-request.opened"
    case .pullRequestChanged: "pull-request.changed"
    case .committed: "committed"
    case .progress: "progress"
    case .evidence: "evidence"
    case .badSign: "bad-sign"
    case .superseded: "superseded"
    case .sight(let isLost, _): isLost ? "sight.lost" : "sight.regained"
    case .warning: "warning"
    case .previewed: "step.previewed"
    case .wouldWrite: "would-write"
    case .value: "value"
    case .confirmed: "confirmed"
    case .programOutput: "program.output"
    case .shown: "shown"
    case .logLine: "log.line"
    case .announced: "announced"
    case .stepEnded: "step.ended"
    case .runEnded: "run.ended"
    }
  }
}
