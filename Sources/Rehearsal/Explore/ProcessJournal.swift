import PromotionModel
import RunLog
import RunStore
import SimulatedWorld
import Synchronization

/// The journal as one process of a run has it: once that is gone, nothing more is written.
final class ProcessJournal: Journal {
  private let journal: MemoryJournal
  private let world: SimulatedWorld
  /// The write at which the process dies.
  private let dyingWrite: Int?
  private let count: Mutex<Int>

  /// - Parameter writes: how often the process has written before.
  init(_ journal: MemoryJournal, _ world: SimulatedWorld, dyingWrite: Int?, after writes: Int = 0) {
    (self.journal, self.world, self.dyingWrite) = (journal, world, dyingWrite)
    count = Mutex(writes)
  }

  /// How often the process has written.
  var writes: Int { count.withLock { $0 } }

  private func live() throws {
    let number = count.withLock { count in
      count += 1
      return count
    }
    if number == dyingWrite { world.endProcess() }
    guard !world.isProcessGone else { throw JournalError("the process is gone") }
  }

  func begin(_ run: RunRecord) throws { try journal.begin(run) }
  func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try live()
    try journal.end(run, ending: ending, exit: exit, at: time)
  }
  func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    try live()
    try journal.extend(run, text: text, imports: imports)
  }
  func intend(_ step: StepRecord) throws {
    try live()
    try journal.intend(step)
  }
  func note(_ note: StepNote) throws {
    try live()
    try journal.note(note)
  }
  func note(
    _ key: String,
    of run: RunID,
    step: StepPath,
    at time: Timestamp,
    json: @escaping @Sendable () throws -> String
  ) throws {
    try live()
    try journal.note(key, of: run, step: step, at: time, json: json)
  }
  func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try live()
    try journal.settle(run, step: step, outcome: outcome)
  }
  func run(_ id: RunID) throws -> RunRecord? { try journal.run(id) }
  func runs(limit: Int) throws -> [RunRecord] { try journal.runs(limit: limit) }
  func steps(of run: RunID) throws -> [StepRecord] { try journal.steps(of: run) }
  func notes(of run: RunID, step: StepPath) throws -> [String: String] { try journal.notes(of: run, step: step) }
  func notes(of run: RunID) throws -> [StepNote] { try journal.notes(of: run) }
  func adopt(_ copy: RunCopy) throws {
    try live()
    try journal.adopt(copy)
  }
  func notes(key: String, limit: Int) throws -> [StepNote] { try journal.notes(key: key, limit: limit) }
}
