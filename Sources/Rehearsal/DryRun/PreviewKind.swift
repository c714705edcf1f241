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
  /// It asks for what nobody but a person, a program or the real world knows.
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
    // Neither pull requests nor what a close look at a cluster shows are part of what a dry run begins with.
    case .diagnose: self = .unknown
    case .show(let action): self = action.subject == .pullRequests ? .unknown : .look
    case .validate, .verify, .require, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      self = .look
    case .promote, .rollback, .reconcile, .announce, .freeze, .thaw: self = .look
    case .waitMerge, .waitArrival, .waitTime, .waitUntil, .monitor: self = .wait
    case .merge, .sync, .restart: self = .change
    case .run, .confirm: self = .unknown
    }
  }
}

extension CheckedRunbook {
  /// What a dry run can know of each of its statements, by their texts.
  var previewKinds: [String: PreviewKind] {
    let statements = body.everyStatement
    return Dictionary(statements.map { ($0.text, PreviewKind($0.action)) }, uniquingKeysWith: { first, _ in first })
  }
}
