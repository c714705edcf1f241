internal import RunLog

/// The tables of the journal, and how an older file becomes a new one.
enum JournalSchema {
  /// "SLPW": tells our files from other programs' SQLite databases.
  static let applicationID: Int64 = 0x534C_5057

  /// One entry a version; the file's `user_version` says how many of them it has had. Never change an entry that was
  /// released: add one.
  static let migrations: [[String]] = [
    [
      """
      CREATE TABLE runs (
        ordinal INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        started INTEGER NOT NULL,
        ended INTEGER,
        ending TEXT,
        exit INTEGER,
        world TEXT NOT NULL,
        source TEXT NOT NULL,
        text TEXT NOT NULL,
        configuration TEXT NOT NULL
      ) STRICT
      """,
      "CREATE INDEX runs_newest ON runs (started DESC, ordinal DESC)",
      """
      CREATE TABLE steps (
        ordinal INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (ordinal),
        path TEXT NOT NULL,
        verb TEXT NOT NULL,
        statement TEXT NOT NULL,
        begun INTEGER NOT NULL,
        ending TEXT,
        message TEXT,
        settled INTEGER,
        UNIQUE (run, path)
      ) STRICT
      """,
      """
      CREATE TABLE notes (
        ordinal INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (ordinal),
        step TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        time INTEGER NOT NULL,
        UNIQUE (run, step, key)
      ) STRICT
      """,
      "CREATE INDEX notes_of_key ON notes (run, key, ordinal DESC)",
    ],
    // JSON objects of strings: what was given with --set, and the texts of imported files.
    [
      "ALTER TABLE runs ADD COLUMN inputs TEXT NOT NULL DEFAULT '{}'",
      "ALTER TABLE runs ADD COLUMN imports TEXT NOT NULL DEFAULT '{}'",
    ],
    // JSON of what the configuration stood in; empty: not known.
    ["ALTER TABLE runs ADD COLUMN place TEXT NOT NULL DEFAULT ''"],
  ]

  /// Brings the database to the newest version.
  /// - Throws: ``JournalError`` when the file is another program's, or a newer slipway's.
  static func prepare(_ connection: SQLiteConnection, path: String) throws {
    try check(connection, path)
    try useWAL(connection, path)
    try connection.execute("PRAGMA synchronous = FULL")
    try connection.execute("PRAGMA fullfsync = ON")
    try connection.execute("PRAGMA foreign_keys = ON")
    guard try number("PRAGMA user_version", connection) < migrations.count else { return }
    try connection.transaction {
      // Read again: another process may have migrated while this one waited.
      let version = Int(try number("PRAGMA user_version", connection))
      for migration in migrations.dropFirst(version) {
        for statement in migration { try connection.execute(statement) }
      }
      try connection.execute("PRAGMA application_id = \(applicationID)")
      try connection.execute("PRAGMA user_version = \(max(version, migrations.count))")
    }
    try check(connection, path)
  }

  private static func check(_ connection: SQLiteConnection, _ path: String) throws {
    // At one moment: where several processes begin at once, one of them makes the tables while the others look.
    let (version, application, tables) = try connection.snapshot {
      (
        try number("PRAGMA user_version", connection),
        try number("PRAGMA application_id", connection),
        try number("SELECT count(*) FROM sqlite_schema", connection)
      )
    }
    guard application == applicationID || (version == 0 && application == 0 && tables == 0) else {
      throw JournalError("\(path) is not a run journal: it is an SQLite database of another program")
    }
    guard version <= migrations.count else {
      throw JournalError(
        "\(path) was written by a newer slipway (format \(version); this one knows up to \(migrations.count)): update slipway"
      )
    }
  }

  /// Changing the journal mode of a new file needs it alone for a moment, and SQLite does not always wait for that.
  private static func useWAL(_ connection: SQLiteConnection, _ path: String) throws {
    var attemptsLeft = 200
    while true {
      do {
        let mode = try connection.rows("PRAGMA journal_mode = WAL") { $0.text(0) }.first ?? ""
        if mode == "wal" { return }
        throw JournalError("\(path): the file system does not carry a write-ahead log (mode \(mode))")
      } catch {
        attemptsLeft -= 1
        guard attemptsLeft > 0, connection.isBusy else { throw error }
        connection.pause(milliseconds: 20)
      }
    }
  }

  private static func number(_ sql: String, _ connection: SQLiteConnection) throws -> Int64 {
    try connection.rows(sql) { $0.integer(0) }.first ?? 0
  }
}
