internal import FoundationEssentials
public import PromotionModel
public import RunLog
internal import Synchronization

/// The journal of this machine: an SQLite file in write-ahead mode, synced at every write, shared by all runs of a user.
///
/// Usable from any task, and by several processes at once: a write waits up to ten seconds for another's.
public final class SQLiteJournal: Journal {
  private let connection: Mutex<SQLiteConnection>

  /// Opens the journal at `path`; creates the folder (0700) and the file (0600) where there is none.
  /// - Throws: ``JournalError`` when the folder or file cannot be written, the disk is full, or the file is damaged, no
  ///   journal, or of a newer slipway. Then nothing was touched.
  public convenience init(path: String) throws { try self.init(path: path, busyMilliseconds: 10_000) }

  init(path: String, busyMilliseconds: Int32) throws {
    try JournalFile.create(path)
    let connection = try SQLiteConnection(path: path, busyMilliseconds: busyMilliseconds)
    try JournalSchema.prepare(connection, path: path)
    self.connection = Mutex(connection)
  }

  public func begin(_ run: RunRecord) throws { try connection.withLock { try Self.begin(run, $0) } }

  private static func begin(_ run: RunRecord, _ connection: SQLiteConnection) throws {
    let changed = try connection.execute(
      """
      INSERT INTO runs (id, started, ended, ending, exit, world, source, text, configuration, inputs, imports,
        place)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
      """,
      .text(run.id.text),
      .integer(run.started.nanosecondsSinceEpoch),
      .integer(run.ended?.nanosecondsSinceEpoch),
      .text(run.ending?.rawValue),
      .integer(run.exit.map(Int64.init)),
      .text(run.world),
      .text(run.source),
      .text(run.text),
      .text(run.configuration),
      .text(try json(run.inputs)),
      .text(try json(run.imports)),
      .text(try run.place.map { try json($0) } ?? "")
    )
    guard changed == 1 else { throw JournalError.alreadyBegun(run.id) }
  }

  public func adopt(_ copy: RunCopy) throws {
    let run = copy.record.id
    try connection.withLock { connection in
      try connection.transaction {
        for table in ["steps", "notes"] {
          try connection.execute(
            "DELETE FROM \(table) WHERE run = (SELECT ordinal FROM runs WHERE id = ?)",
            .text(run.text)
          )
        }
        try connection.execute("DELETE FROM runs WHERE id = ?", .text(run.text))
        try Self.begin(copy.record, connection)
        for step in copy.steps { try Self.intend(step, connection) }
        for note in copy.notes { try Self.note(note, connection) }
      }
    }
  }

  public func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    let changed = try connection.withLock {
      try $0.execute(
        "UPDATE runs SET ended = ?, ending = ?, exit = ? WHERE id = ?",
        .integer(time.nanosecondsSinceEpoch),
        .text(ending.rawValue),
        .integer(Int64(exit)),
        .text(run.text)
      )
    }
    guard changed == 1 else { throw JournalError.unknown(run) }
  }

  public func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    let imports = try Self.json(imports)
    let changed = try connection.withLock {
      try $0.execute(
        "UPDATE runs SET text = ?, imports = ? WHERE id = ?",
        .text(text),
        .text(imports),
        .text(run.text)
      )
    }
    guard changed == 1 else { throw JournalError.unknown(run) }
  }

  public func intend(_ step: StepRecord) throws { try connection.withLock { try Self.intend(step, $0) } }

  private static func intend(_ step: StepRecord, _ connection: SQLiteConnection) throws {
    let changed =
      try connection.execute(
        """
        INSERT INTO steps (run, path, verb, statement, begun, ending, message, settled)
        SELECT ordinal, ?, ?, ?, ?, ?, ?, ? FROM runs WHERE id = ?
        ON CONFLICT (run, path) DO UPDATE SET verb = excluded.verb, statement = excluded.statement,
          begun = excluded.begun, ending = excluded.ending, message = excluded.message, settled = excluded.settled
        """,
        .text(step.step.description),
        .text(step.verb),
        .text(step.statement),
        .integer(step.begun.nanosecondsSinceEpoch),
        .text(step.outcome?.ending.rawValue),
        .text(step.outcome?.message),
        .integer(step.outcome?.time.nanosecondsSinceEpoch),
        .text(step.run.text)
      )
    guard changed == 1 else { throw JournalError.unknown(step.run) }
  }

  public func note(_ note: StepNote) throws { try connection.withLock { try Self.note(note, $0) } }

  private static func note(_ note: StepNote, _ connection: SQLiteConnection) throws {
    let changed =
      try connection.execute(
        """
        INSERT INTO notes (run, step, key, value, time) SELECT ordinal, ?, ?, ?, ? FROM runs WHERE id = ?
        ON CONFLICT (run, step, key) DO UPDATE SET value = excluded.value, time = excluded.time
        """,
        .text(note.step.description),
        .text(note.key),
        .text(note.value),
        .integer(note.time.nanosecondsSinceEpoch),
        .text(note.run.text)
      )
    guard changed == 1 else { throw JournalError.unknown(note.run) }
  }

  public func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    let changed = try connection.withLock {
      try $0.execute(
        """
        UPDATE steps SET ending = ?, message = ?, settled = ?
        WHERE run = (SELECT ordinal FROM runs WHERE id = ?) AND path = ?
        """,
        .text(outcome.ending.rawValue),
        .text(outcome.message),
        .integer(outcome.time.nanosecondsSinceEpoch),
        .text(run.text),
        .text(step.description)
      )
    }
    guard changed == 1 else { throw JournalError.notIntended(run, step) }
  }

  public func run(_ id: RunID) throws -> RunRecord? {
    try connection.withLock {
      try $0.rows("SELECT \(Self.runColumns) FROM runs WHERE id = ?", .text(id.text), read: Self.record).first
    }
  }

  public func runs(limit: Int) throws -> [RunRecord] {
    try connection.withLock {
      try $0.rows(
        "SELECT \(Self.runColumns) FROM runs ORDER BY started DESC, ordinal DESC LIMIT ?",
        .integer(Int64(max(0, limit))),
        read: Self.record
      )
    }
  }

  public func steps(of run: RunID) throws -> [StepRecord] {
    try connection.withLock {
      try $0.rows(
        """
        SELECT path, verb, statement, begun, ending, message, settled FROM steps
        WHERE run = (SELECT ordinal FROM runs WHERE id = ?) ORDER BY ordinal
        """,
        .text(run.text)
      ) { row in
        var outcome: StepOutcome?
        if !row.isNull(4) {
          outcome = StepOutcome(
            ending: try Self.ending(row.text(4)),
            message: row.text(5),
            time: Timestamp(nanosecondsSinceEpoch: row.integer(6))
          )
        }
        return StepRecord(
          run: run,
          step: try Self.path(row.text(0)),
          verb: row.text(1),
          statement: row.text(2),
          begun: Timestamp(nanosecondsSinceEpoch: row.integer(3)),
          outcome: outcome
        )
      }
    }
  }

  public func notes(of run: RunID, step: StepPath) throws -> [String: String] {
    let pairs = try connection.withLock {
      try $0.rows(
        "SELECT key, value FROM notes WHERE run = (SELECT ordinal FROM runs WHERE id = ?) AND step = ?",
        .text(run.text),
        .text(step.description)
      ) { ($0.text(0), $0.text(1)) }
    }
    return Dictionary(pairs) { _, last in last }
  }

  public func notes(of run: RunID) throws -> [StepNote] {
    try connection.withLock {
      try $0.rows(
        """
        SELECT step, key, value, time FROM notes WHERE run = (SELECT ordinal FROM runs WHERE id = ?) ORDER BY ordinal
        """,
        .text(run.text)
      ) { row in
        StepNote(
          run: run,
          step: try Self.path(row.text(0)),
          key: row.text(1),
          value: row.text(2),
          time: Timestamp(nanosecondsSinceEpoch: row.integer(3))
        )
      }
    }
  }

  /// Within a run, what was noted for the first time last comes first.
  public func notes(key: String, limit: Int) throws -> [StepNote] {
    try connection.withLock {
      // CROSS JOIN keeps the runs outside, newest first, so that the limit ends the search.
      try $0.rows(
        """
        SELECT runs.id, notes.step, notes.value, notes.time FROM runs CROSS JOIN notes
        ON notes.run = runs.ordinal AND notes.key = ?
        ORDER BY runs.started DESC, runs.ordinal DESC, notes.ordinal DESC LIMIT ?
        """,
        .text(key),
        .integer(Int64(max(0, limit)))
      ) { row in
        StepNote(
          run: try Self.runID(row.text(0)),
          step: try Self.path(row.text(1)),
          key: key,
          value: row.text(2),
          time: Timestamp(nanosecondsSinceEpoch: row.integer(3))
        )
      }
    }
  }
}

extension SQLiteJournal {
  private static let runColumns =
    "id, started, ended, ending, exit, world, source, text, configuration, inputs, imports, place"

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func texts(_ json: String, _ what: String) throws -> [String: String] {
    // Most runs have none, and a list of ten thousand is read in a moment.
    if json == "{}" { return [:] }
    do {
      return try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    } catch {
      throw JournalError.notUnderstood(what)
    }
  }

  private static func place(_ json: String) throws -> ConfigurationPlace? {
    guard !json.isEmpty else { return nil }
    do {
      return try JSONDecoder().decode(ConfigurationPlace.self, from: Data(json.utf8))
    } catch {
      throw JournalError.notUnderstood("where the configuration of a run stood")
    }
  }

  private static func record(_ row: SQLiteConnection.Row) throws -> RunRecord {
    RunRecord(
      id: try runID(row.text(0)),
      started: Timestamp(nanosecondsSinceEpoch: row.integer(1)),
      world: row.text(5),
      source: row.text(6),
      text: row.text(7),
      configuration: row.text(8),
      inputs: try texts(row.text(9), "the inputs of a run"),
      imports: try texts(row.text(10), "the imports of a run"),
      place: try place(row.text(11)),
      ended: row.isNull(2) ? nil : Timestamp(nanosecondsSinceEpoch: row.integer(2)),
      ending: row.isNull(3) ? nil : try ending(row.text(3)),
      exit: row.isNull(4) ? nil : Int32(truncatingIfNeeded: row.integer(4))
    )
  }

  private static func ending(_ text: String) throws -> Ending {
    guard let ending = Ending(rawValue: text) else { throw JournalError.notUnderstood("an ending") }
    return ending
  }

  private static func path(_ text: String) throws -> StepPath {
    guard let path = StepPath(text) else { throw JournalError.notUnderstood("a step's path") }
    return path
  }

  private static func runID(_ text: String) throws -> RunID {
    guard let id = RunID(text) else { throw JournalError.notUnderstood("a run's name") }
    return id
  }
}
