// The clauses that a verb takes, each begun by its keyword, and the words of which one is due behind a verb.

enum PromoteClause: Int, WordChoice {
  case except, from, to, at, by, without, allowing, because

  static let keywords: [Keyword] = [.except, .from, .to, .at, .by, .without, .allowing, .because]
}

enum WithinClause: Int, WordChoice {
  case within

  static let keywords: [Keyword] = [.within]
}

enum MonitorClause: Int, WordChoice {
  case every, allowing

  static let keywords: [Keyword] = [.every, .allowing]
}

enum RollbackClause: Int, WordChoice {
  case to, by, otherwise, because, even

  static let keywords: [Keyword] = [.to, .by, .otherwise, .because, .even]
}

enum ReconcileClause: Int, WordChoice {
  case by

  static let keywords: [Keyword] = [.by]
}

enum SyncClause: Int, WordChoice {
  case replacing

  static let keywords: [Keyword] = [.replacing]
}

enum AnnounceClause: Int, WordChoice {
  case to

  static let keywords: [Keyword] = [.to]
}

enum FreezeClause: Int, WordChoice {
  case until, except, because

  static let keywords: [Keyword] = [.until, .except, .because]
}

enum ThawClause: Int, WordChoice {
  case because

  static let keywords: [Keyword] = [.because]
}

enum RunClause: Int, WordChoice {
  case within, `in`

  static let keywords: [Keyword] = [.within, .in]
}

enum ShowClause: Int, WordChoice {
  case follow

  static let keywords: [Keyword] = [.follow]
}

/// For verbs without clauses.
enum NoClause: Int, WordChoice {
  case none

  static let keywords: [Keyword] = []
}

/// How a change reaches its goal, behind `by`.
enum WayWord: Int, WordChoice {
  case commit, pr, revert, undo

  static let keywords: [Keyword] = [.commit, .pr, .revert, .undo]
}

enum WaitSubject: Int, WordChoice {
  case merge, sync, rollout, until

  static let keywords: [Keyword] = [.merge, .sync, .rollout, .until]
}

enum AnnounceSubject: Int, WordChoice {
  case planned, complete, rolledBack

  static let keywords: [Keyword] = [.planned, .complete, .rolledBack]
}

enum ShowSubject: Int, WordChoice {
  case status, versions, diff, history, logs, pods, pull

  static let keywords: [Keyword] = [.status, .versions, .diff, .history, .logs, .pods, .pull]
}

/// The names of clauses, each of which may stand once in a statement.
enum ClauseName: Int, CaseIterable {
  case except, from, to, at, by, because, within, every, until, `in`, follow, withoutValidation, allowingDowngrade
  case allowingUnstaged, allowingRestarts, allowingErrors, otherwiseUndo, evenIfUndetermined, replacingResources

  var name: String {
    switch self {
    case .except, .from, .to, .at, .by, .because, .within, .every, .until, .in, .follow: "\(self)"
    case .withoutValidation: "without validation"
    case .allowingDowngrade: "allowing downgrade"
    case .allowingUnstaged: "allowing unstaged"
    case .allowingRestarts: "allowing restarts"
    case .allowingErrors: "allowing errors"
    case .otherwiseUndo: "otherwise undo"
    case .evenIfUndetermined: "even if undetermined"
    case .replacingResources: "replacing resources"
    }
  }
}
