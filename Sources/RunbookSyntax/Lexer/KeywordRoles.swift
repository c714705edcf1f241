/// A closed choice of keywords: those of which one may stand at some place. The cases are named like their keywords and
/// stand in the order of ``keywords``.
protocol WordChoice: RawRepresentable<Int>, CaseIterable, Sendable {
  static var keywords: [Keyword] { get }
}

extension WordChoice {
  init?(_ keyword: Keyword?) {
    guard let keyword, let index = Self.keywords.firstIndex(of: keyword) else { return nil }
    self.init(rawValue: index)
  }

  var keyword: Keyword { Self.keywords[rawValue] }
}

/// The words that a statement begins with.
enum StatementWord: Int, WordChoice {
  case runbook, input, `import`, procedure, scenario, given, expect
  case validate, promote, wait, merge, monitor, verify, rollback, reconcile, sync, restart, diagnose
  case announce, freeze, thaw, confirm, require, run, show
  case `let`, `if`, `for`, retry, within, on, finally, stop, fail

  static let keywords: [Keyword] = [
    .runbook, .input, .import, .procedure, .scenario, .given, .expect,
    .validate, .promote, .wait, .merge, .monitor, .verify, .rollback, .reconcile, .sync, .restart, .diagnose,
    .announce, .freeze, .thaw, .confirm, .require, .run, .show,
    .let, .if, .for, .retry, .within, .on, .finally, .stop, .fail,
  ]
}

extension Keyword {
  /// The words that a statement can begin with, declarations first.
  public static let statements: [Keyword] = StatementWord.keywords

  /// The words that a fact can begin with.
  public static let facts: [Keyword] = [
    .version, .previous, .health, .sync, .image, .ready, .replicas, .restarts, .errors, .age, .metric,
  ]

  /// The words that stand between or in front of values.
  public static let operators: [Keyword] = [.or, .and, .not, .is, .in]

  /// The days and groups of days of `require window`.
  public static let days: [Keyword] = [
    .weekdays, .weekends, .daily, .monday, .tuesday, .wednesday, .thursday, .friday, .saturday, .sunday,
  ]

  /// The words that a clause of this statement can begin with, in the order of the reference; none for a word that
  /// begins no statement.
  public static func clauses(of statement: Keyword) -> [Keyword] {
    guard let word = StatementWord(statement) else { return [] }
    switch word {
    case .promote: return PromoteClause.keywords
    case .wait, .merge: return WithinClause.keywords
    case .monitor: return MonitorClause.keywords
    case .rollback: return RollbackClause.keywords
    case .reconcile: return ReconcileClause.keywords
    case .sync: return SyncClause.keywords
    case .announce: return AnnounceClause.keywords
    case .freeze: return FreezeClause.keywords
    case .thaw: return ThawClause.keywords
    case .require: return [.window, .else]
    case .run: return RunClause.keywords
    case .show: return ShowClause.keywords
    case .retry: return [.times, .every]
    case .for: return [.in]
    case .on: return [.failure]
    case .given: return [.after]
    case .runbook, .input, .import, .procedure, .scenario, .expect, .validate, .verify, .restart, .diagnose, .confirm,
      .let, .if, .within, .finally, .stop, .fail:
      return []
    }
  }

  /// The words of which one follows this statement word at once, where it takes one.
  public static func subjects(of statement: Keyword) -> [Keyword] {
    guard let word = StatementWord(statement) else { return [] }
    switch word {
    case .wait: return WaitSubject.keywords
    case .announce: return AnnounceSubject.keywords
    case .show: return ShowSubject.keywords
    case .confirm: return [.checklist]
    case .run: return [.shell]
    case .require: return [.window]
    case .on: return [.failure]
    case .runbook, .input, .import, .procedure, .scenario, .given, .expect, .validate, .promote, .merge, .monitor,
      .verify, .rollback, .reconcile, .sync, .restart, .diagnose, .freeze, .thaw, .let, .if, .for, .retry, .within,
      .finally, .stop, .fail:
      return []
    }
  }
}
