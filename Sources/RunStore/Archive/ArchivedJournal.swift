public import PromotionModel
public import RunLog
internal import Synchronization

/// A journal of this machine that knows which of its runs changed since it was last archived.
public final class ArchivedJournal: Journal {
  /// The key of the note, at the root of a run, that says which revision of the archive this journal stands on.
  static let revisionKey = "archive"

  private let inner: any Journal
  private let writes = Mutex(0)
  private let ends = Mutex(0)

  public init(_ inner: any Journal) { self.inner = inner }

  /// How often something was written.
  var changes: Int { writes.withLock { $0 } }

  /// How often a statement came to its end.
  var settled: Int { ends.withLock { $0 } }

  private func changed() { writes.withLock { $0 += 1 } }

  /// The archive's revision that this machine's journal of a run goes on from; nil: it was never archived.
  public static func revision(of run: RunID, in journal: any Journal) throws -> CommitID? {
    try journal.notes(of: run, step: StepPath())[revisionKey].flatMap { CommitID($0) }
  }

  /// Not counted: it is about the archive, and none of its business.
  func keep(_ revision: CommitID, of run: RunID, at time: Timestamp) throws {
    try inner.note(Self.note(revision, of: run, at: time))
  }

  static func note(_ revision: CommitID, of run: RunID, at time: Timestamp) -> StepNote {
    StepNote(run: run, step: StepPath(), key: revisionKey, value: revision.text, time: time)
  }

  public func begin(_ run: RunRecord) throws {
    try inner.begin(run)
    changed()
  }
  public func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try inner.end(run, ending: ending, exit: exit, at: time)
    changed()
  }
  public func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    try inner.extend(run, text: text, imports: imports)
    changed()
  }
  public func intend(_ step: StepRecord) throws {
    try inner.intend(step)
    changed()
  }
  public func note(_ note: StepNote) throws {
    try inner.note(note)
    changed()
  }
  public func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try inner.settle(run, step: step, outcome: outcome)
    changed()
    ends.withLock { $0 += 1 }
  }
  public func adopt(_ copy: RunCopy) throws {
    try inner.adopt(copy)
    changed()
  }
  public func run(_ id: RunID) throws -> RunRecord? { try inner.run(id) }
  public func runs(limit: Int) throws -> [RunRecord] { try inner.runs(limit: limit) }
  public func steps(of run: RunID) throws -> [StepRecord] { try inner.steps(of: run) }
  public func notes(of run: RunID, step: StepPath) throws -> [String: String] { try inner.notes(of: run, step: step) }
  public func notes(of run: RunID) throws -> [StepNote] { try inner.notes(of: run) }
  public func notes(key: String, limit: Int) throws -> [StepNote] { try inner.notes(key: key, limit: limit) }
}
