import PromotionModel
import RunLog
import RunStore

/// A journal of one rehearsal that knows what former runs did, and writes nothing among them: a `rollback` finds in it what
/// it would find in a real run.
struct LayeredJournal: Journal {
  private let own = MemoryJournal()
  /// Only read.
  let former: (any Journal)?

  func begin(_ run: RunRecord) throws { try own.begin(run) }

  func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try own.end(run, ending: ending, exit: exit, at: time)
  }

  func intend(_ step: StepRecord) throws { try own.intend(step) }
  func note(_ note: StepNote) throws { try own.note(note) }

  func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try own.settle(run, step: step, outcome: outcome)
  }

  func run(_ id: RunID) throws -> RunRecord? { try own.run(id) ?? former?.run(id) }
  func runs(limit: Int) throws -> [RunRecord] {
    Array((try own.runs(limit: limit) + (former?.runs(limit: limit) ?? [])).prefix(max(0, limit)))
  }

  func steps(of run: RunID) throws -> [StepRecord] {
    let steps = try own.steps(of: run)
    return try steps.isEmpty ? former?.steps(of: run) ?? [] : steps
  }

  func notes(of run: RunID, step: StepPath) throws -> [String: String] { try own.notes(of: run, step: step) }

  func notes(key: String, limit: Int) throws -> [StepNote] {
    Array((try own.notes(key: key, limit: limit) + (former?.notes(key: key, limit: limit) ?? [])).prefix(max(0, limit)))
  }
}
