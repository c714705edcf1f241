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
    Dictionary(body.actions.map { ($0.verb, PreviewKind($0)) }, uniquingKeysWith: { first, _ in first })
  }
}

extension CheckedBlock {
  /// Its statements and those of the blocks in it.
  fileprivate var actions: [Action] {
    let handlers = [onFailure, finally].compactMap { $0?.block }
    return statements.flatMap { [$0.action] + $0.action.blocks.flatMap(\.actions) } + handlers.flatMap(\.actions)
  }
}

extension Action {
  fileprivate var blocks: [CheckedBlock] {
    switch self {
    case .branch(let branch): branch.branches.map(\.block) + [branch.otherwise].compactMap(\.self)
    case .loop(let loop): [loop.block]
    case .retry(let retry): [retry.block]
    case .within(_, let block): [block]
    case .call(let call): [call.block]
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
      .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .stop,
      .fail:
      []
    }
  }
}
