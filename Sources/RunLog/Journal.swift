public import PromotionModel

/// The durable memory of runs (rule 10): the intent of a step is stored before its effect, its outcome after, each
/// durable when the call returns. Calls block for one write and throw ``JournalError``.
public protocol Journal: Sendable {
  func begin(_ run: RunRecord) throws
  func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws
  /// A run that is typed has come to another statement: this is its whole text now, with the texts that it imports.
  func extend(_ run: RunID, text: String, imports: [String: String]) throws

  /// A step is about to touch the world.
  func intend(_ step: StepRecord) throws
  /// What a step has learnt or done so far, under a key of its verb: the plan, the pull request, the evidence. Replaces
  /// an earlier note of the same key.
  func note(_ note: StepNote) throws
  /// The same for a value whose JSON is asked for at once by a journal that outlives the process, and by one in memory when
  /// somebody reads it: most notes of a rehearsal are read by nobody.
  func note(
    _ key: String,
    of run: RunID,
    step: StepPath,
    at time: Timestamp,
    json: @escaping @Sendable () throws -> String
  )
    throws
  func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws

  func run(_ id: RunID) throws -> RunRecord?
  /// Newest first.
  func runs(limit: Int) throws -> [RunRecord]
  /// In the order in which they were intended.
  func steps(of run: RunID) throws -> [StepRecord]
  func notes(of run: RunID, step: StepPath) throws -> [String: String]
  /// Every note of a run, in the order in which each was first written.
  func notes(of run: RunID) throws -> [StepNote]
  /// Takes a run over as another journal has it, in place of what is known of it here; all of it or nothing.
  func adopt(_ copy: RunCopy) throws
  /// Notes with this key of every run, newest run first: how a later run finds what a former one promoted.
  func notes(key: String, limit: Int) throws -> [StepNote]
}

extension Journal {
  public func note(
    _ key: String,
    of run: RunID,
    step: StepPath,
    at time: Timestamp,
    json: @escaping @Sendable () throws -> String
  ) throws {
    try note(StepNote(run: run, step: step, key: key, value: try json(), time: time))
  }
}

public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  public var message: String
  /// The place where it is kept takes nothing now: the disk is full, read-only or broken. What was written stands.
  public var isOutage: Bool

  public init(_ message: String, isOutage: Bool = false) { (self.message, self.isOutage) = (message, isOutage) }

  public var description: String { "the run journal: \(message)" }
}

public struct RunRecord: Hashable, Sendable, Codable {
  public var id: RunID
  public var started: Timestamp
  /// `live` or `rehearsal`.
  public var world: String
  /// Where the runbook came from: a path, `-`, `-c`, or ``session``.
  public var source: String
  /// The runbook's text, whole: a resumed run must run the same.
  public var text: String
  /// The text of the configuration, for the same reason.
  public var configuration: String
  /// What was given with `--set`, by the names of the inputs, as it was written.
  public var inputs: [String: String]
  /// The texts of imported files, by the path as the runbook writes it.
  public var imports: [String: String]
  /// nil for runs of an older slipway, and for rehearsals.
  public var place: ConfigurationPlace?
  public var ended: Timestamp?
  /// nil while it runs, or when its process died.
  public var ending: Ending?
  public var exit: Int32?

  public init(
    id: RunID,
    started: Timestamp,
    world: String,
    source: String,
    text: String,
    configuration: String,
    inputs: [String: String] = [:],
    imports: [String: String] = [:],
    place: ConfigurationPlace? = nil,
    ended: Timestamp? = nil,
    ending: Ending? = nil,
    exit: Int32? = nil
  ) {
    (self.id, self.started, self.world, self.source) = (id, started, world, source)
    (self.text, self.configuration, self.inputs, self.imports) = (text, configuration, inputs, imports)
    (self.place, self.ended, self.ending, self.exit) = (place, ended, ending, exit)
  }
}

/// What a configuration stood in: a run is gone on with from anywhere, as it was begun.
public struct ConfigurationPlace: Hashable, Sendable, Codable {
  /// Absolute; relative paths of the configuration are from there.
  public var folder: String
  /// The texts of the calendars that it names, by their names in it.
  public var calendars: [String: String]

  public init(folder: String, calendars: [String: String] = [:]) {
    (self.folder, self.calendars) = (folder, calendars)
  }
}

/// All that a journal holds of one run.
public struct RunCopy: Hashable, Sendable, Codable {
  public var record: RunRecord
  /// In the order in which they were intended.
  public var steps: [StepRecord]
  /// In the order in which each was first written.
  public var notes: [StepNote]

  public init(record: RunRecord, steps: [StepRecord], notes: [StepNote]) {
    (self.record, self.steps, self.notes) = (record, steps, notes)
  }
}

extension Journal {
  /// nil when there is no such run.
  public func copy(of id: RunID) throws -> RunCopy? {
    guard let record = try run(id) else { return nil }
    return RunCopy(record: record, steps: try steps(of: id), notes: try notes(of: id))
  }
}

extension RunRecord {
  /// The ``source`` of what is typed at the prompt.
  public static let session = "repl"

  /// The ``world`` of a run whose effects are real.
  public static let live = "live"

  /// Whether nothing of it is real: no program was run, and there is nothing to go on with.
  public var isSimulated: Bool { world != Self.live }

  /// The ``world`` of a run that only shows what it would write.
  public static let dryRun = "dry run"

  public var isDryRun: Bool { world == Self.dryRun }

  /// Whether it was typed at the prompt, statement by statement: none of them answers for another.
  public var isSession: Bool { source == Self.session }
}

public struct StepRecord: Hashable, Sendable, Codable {
  public var run: RunID
  public var step: StepPath
  public var verb: String
  /// The statement as it stands in the runbook.
  public var statement: String
  public var begun: Timestamp
  public var outcome: StepOutcome?

  public init(
    run: RunID,
    step: StepPath,
    verb: String,
    statement: String,
    begun: Timestamp,
    outcome: StepOutcome? = nil
  ) {
    (self.run, self.step, self.verb, self.statement) = (run, step, verb, statement)
    (self.begun, self.outcome) = (begun, outcome)
  }
}

public struct StepOutcome: Hashable, Sendable, Codable {
  public var ending: Ending
  public var message: String
  public var time: Timestamp

  public init(ending: Ending, message: String, time: Timestamp) {
    (self.ending, self.message, self.time) = (ending, message, time)
  }
}

public struct StepNote: Hashable, Sendable, Codable {
  public var run: RunID
  public var step: StepPath
  public var key: String
  /// JSON.
  public var value: String
  public var time: Timestamp

  public init(run: RunID, step: StepPath, key: String, value: String, time: Timestamp) {
    (self.run, self.step, self.key, self.value, self.time) = (run, step, key, value, time)
  }
}
