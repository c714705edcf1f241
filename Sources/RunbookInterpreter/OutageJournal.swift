import PromotionModel
import RunLog
import RunbookCheck
import Synchronization

/// A journal for statements that must go on when nothing can be stored: a full disk ends no watch over production, and
/// keeps no rescue out (rule 7). Everything else is strict: an effect whose intent cannot be stored has none (rule 10).
final class OutageJournal: Journal {
  let strict: any Journal
  private let tell: @Sendable (JournalError) -> Void
  private let isTold = Mutex(false)

  /// - Parameter tell: called once, with why nothing is stored.
  init(_ strict: any Journal, tell: @escaping @Sendable (JournalError) -> Void) {
    (self.strict, self.tell) = (strict, tell)
  }

  private func attempt(_ write: () throws -> Void) throws {
    do {
      try write()
    } catch let error as JournalError where error.isOutage {
      let isFirst = isTold.withLock { told in
        defer { told = true }
        return !told
      }
      if isFirst { tell(error) }
    }
  }

  func begin(_ run: RunRecord) throws { try strict.begin(run) }
  func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    try strict.extend(run, text: text, imports: imports)
  }
  func adopt(_ copy: RunCopy) throws { try strict.adopt(copy) }
  func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try strict.end(run, ending: ending, exit: exit, at: time)
  }

  func intend(_ step: StepRecord) throws { try attempt { try strict.intend(step) } }
  func note(_ note: StepNote) throws { try attempt { try strict.note(note) } }
  func note(
    _ key: String,
    of run: RunID,
    step: StepPath,
    at time: Timestamp,
    json: @escaping @Sendable () throws -> String
  ) throws {
    try attempt { try strict.note(key, of: run, step: step, at: time, json: json) }
  }
  func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try attempt { try strict.settle(run, step: step, outcome: outcome) }
  }

  func run(_ id: RunID) throws -> RunRecord? { try strict.run(id) }
  func runs(limit: Int) throws -> [RunRecord] { try strict.runs(limit: limit) }
  func steps(of run: RunID) throws -> [StepRecord] { try strict.steps(of: run) }
  func notes(of run: RunID, step: StepPath) throws -> [String: String] { try strict.notes(of: run, step: step) }
  func notes(of run: RunID) throws -> [StepNote] { try strict.notes(of: run) }
  func notes(key: String, limit: Int) throws -> [StepNote] { try strict.notes(key: key, limit: limit) }
}

extension Interpreter {
  /// The interpreter for one statement: with a journal that goes on through an outage where the statement must.
  func journaling(_ statement: CheckedStatement, _ place: RunEvent.Step, _ scope: Scope) -> Interpreter {
    let strict = (setup.journal as? OutageJournal)?.strict ?? setup.journal
    var interpreter = self
    interpreter.setup.journal =
      goesOnUnrecorded(statement.action, scope)
      ? OutageJournal(strict) { error in
        self.emit(
          .warning("nothing can be stored (\(error.message)): it goes on, and could not be gone on with by `resume`"),
          at: place
        )
      }
      : strict
    return interpreter
  }

  private func goesOnUnrecorded(_ action: Action, _ scope: Scope) -> Bool {
    switch action {
    case .waitMerge, .waitArrival, .waitTime, .waitUntil, .monitor, .verify, .diagnose, .show, .stop, .fail, .within,
      .call:
      true
    case .rollback: scope.answering == .failed
    case .validate, .promote, .merge, .reconcile, .sync, .restart, .announce, .freeze, .thaw, .confirm, .require, .run,
      .bind, .branch, .loop, .retry:
      false
    }
  }
}
