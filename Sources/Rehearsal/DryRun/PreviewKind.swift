import RunLog
import RunbookCheck

/// What a dry run can know of a kind of statement.
enum PreviewKind: Hashable, Sendable {
  /// It looks and judges, or plans texts and diffs that are all it does: real as long as the world is.
  case look
  /// It waits for what others do, or for time.
  case wait
  /// It changes something of which nobody can see the outcome in advance.
  case change
  /// It does what nobody but a person or a program knows.
  case unknown

  func mark(isChanged: Bool) -> Preview {
    switch self {
    case .look: isChanged ? .simulated : .previewed
    case .wait, .change: .simulated
    case .unknown: .cannotBePreviewed
    }
  }

  init(_ action: Action) {
    switch action {
    case .validate, .verify, .diagnose, .require, .show, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      self = .look
    case .promote, .rollback, .reconcile, .announce, .freeze, .thaw: self = .look
    case .waitMerge, .waitArrival, .waitTime, .waitUntil, .monitor: self = .wait
    case .merge, .sync, .restart: self = .change
    case .run, .confirm: self = .unknown
    }
  }
}

extension CheckedRunbook {
  /// What a dry run can know of each of its statements, by their verbs.
  var previewKinds: [String: PreviewKind] {
    let actions = body.everyStatement.map(\.action)
    return Dictionary(actions.map { ($0.verb, PreviewKind($0)) }, uniquingKeysWith: { first, _ in first })
  }
}
