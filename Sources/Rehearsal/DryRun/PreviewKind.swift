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
    case .validate, .promote, .rollback, .stop, .fail: self = .look
    case .waitMerge, .waitArrival, .waitTime, .monitor: self = .wait
    }
  }
}

extension CheckedRunbook {
  /// What a dry run can know of each of its statements, by their verbs.
  var previewKinds: [String: PreviewKind] {
    let statements = body.statements + (body.onFailure?.statements ?? [])
    return Dictionary(
      statements.map { ($0.action.verb, PreviewKind($0.action)) },
      uniquingKeysWith: { first, _ in first }
    )
  }
}
