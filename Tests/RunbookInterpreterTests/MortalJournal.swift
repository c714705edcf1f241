import PromotionModel
import RunLog
import Synchronization

/// A journal whose disk is full from a certain write on.
final class FullJournal: Journal {
  private let journal: any Journal
  private let lastWrite: Int
  private let writes = Counter()

  init(_ journal: any Journal, lastWrite: Int) { (self.journal, self.lastWrite) = (journal, lastWrite) }

  private func room() throws {
    guard writes.next() <= lastWrite else { throw JournalError("the disk is full", isOutage: true) }
  }

  func begin(_ run: RunRecord) throws { try journal.begin(run) }
  func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try room()
    try journal.end(run, ending: ending, exit: exit, at: time)
  }
  func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    try room()
    try journal.extend(run, text: text, imports: imports)
  }
  func intend(_ step: StepRecord) throws {
    try room()
    try journal.intend(step)
  }
  func note(_ note: StepNote) throws {
    try room()
    try journal.note(note)
  }
  func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try room()
    try journal.settle(run, step: step, outcome: outcome)
  }
  func adopt(_ copy: RunCopy) throws {
    try room()
    try journal.adopt(copy)
  }
  func run(_ id: RunID) throws -> RunRecord? { try journal.run(id) }
  func runs(limit: Int) throws -> [RunRecord] { try journal.runs(limit: limit) }
  func steps(of run: RunID) throws -> [StepRecord] { try journal.steps(of: run) }
  func notes(of run: RunID, step: StepPath) throws -> [String: String] { try journal.notes(of: run, step: step) }
  func notes(of run: RunID) throws -> [StepNote] { try journal.notes(of: run) }
  func notes(key: String, limit: Int) throws -> [StepNote] { try journal.notes(key: key, limit: limit) }
}

/// A journal whose process dies when it is about to write for a certain time: the write and all after it are lost, and
/// `die` is called, which cancels the run before it comes to any other effect.
final class MortalJournal: Journal {
  private let journal: any Journal
  private let lastWrite: Int
  private let writes = Counter()
  private let die: @Sendable () -> Void

  init(_ journal: any Journal, lastWrite: Int, die: @escaping @Sendable () -> Void) {
    (self.journal, self.lastWrite, self.die) = (journal, lastWrite, die)
  }

  private func live() throws {
    let number = writes.next()
    guard number >= lastWrite else { return }
    die()
    throw JournalError("the process died at write \(number)")
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

/// Counts from 1.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
