import PromotionModel
import RunLog
import RunStore

/// A journal of one rehearsal that knows what former runs did, and writes nothing among them: a `rollback` finds in it what
/// it would find in a real run.
package struct LayeredJournal: Journal {
  private let own = MemoryJournal()
  /// Only read.
  private let former: (any Journal)?

  package init(former: (any Journal)?) { self.former = former }

  package func begin(_ run: RunRecord) throws { try own.begin(run) }

  package func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    try own.extend(run, text: text, imports: imports)
  }

  package func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try own.end(run, ending: ending, exit: exit, at: time)
  }

  package func intend(_ step: StepRecord) throws { try own.intend(step) }
  package func note(_ note: StepNote) throws { try own.note(note) }

  package func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try own.settle(run, step: step, outcome: outcome)
  }

  package func run(_ id: RunID) throws -> RunRecord? { try own.run(id) ?? former?.run(id) }
  package func runs(limit: Int) throws -> [RunRecord] {
    Array((try own.runs(limit: limit) + (former?.runs(limit: limit) ?? [])).prefix(max(0, limit)))
  }

  package func steps(of run: RunID) throws -> [StepRecord] {
    let steps = try own.steps(of: run)
    return try steps.isEmpty ? former?.steps(of: run) ?? [] : steps
  }

  package func notes(of run: RunID, step: StepPath) throws -> [String: String] { try own.notes(of: run, step: step) }

  package func notes(of run: RunID) throws -> [StepNote] { try own.notes(of: run) }
  package func adopt(_ copy: RunCopy) throws { try own.adopt(copy) }

  package func notes(key: String, limit: Int) throws -> [StepNote] {
    Array((try own.notes(key: key, limit: limit) + (former?.notes(key: key, limit: limit) ?? [])).prefix(max(0, limit)))
  }
}
