import CSQLite
import FoundationEssentials
import PromotionModel
import RunLog
import Testing

@testable import RunStore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct SQLiteJournalTests {
  let folder: TemporaryFolder
  var path: String { folder.file("state/slipway/journal.sqlite") }

  init() throws { folder = try TemporaryFolder() }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  /// The message of the error that opening `path` gives.
  private func refusal(_ path: String) throws -> String {
    let error = #expect(throws: JournalError.self) { try SQLiteJournal(path: path) }
    return try #require(error).message
  }

  @Test func `folder and file are nobody else's`() throws {
    let journal = try SQLiteJournal(path: path)
    try journal.begin(Sample.run("a"))
    #expect(try mode(folder.file("state")) == 0o700)
    #expect(try mode(folder.file("state/slipway")) == 0o700)
    for suffix in ["", "-wal", "-shm"] { #expect(try mode(path + suffix) == 0o600, "\(suffix)") }
  }

  @Test func `a file that others could read is closed to them`() throws {
    _ = try SQLiteJournal(path: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    _ = try SQLiteJournal(path: path)
    #expect(try mode(path) == 0o600)
  }

  @Test func `every write is seen by another connection as soon as the call returns, and is synced`() throws {
    let journal = try SQLiteJournal(path: path)
    let other = try SQLiteConnection(path: path, busyMilliseconds: 1000)
    func seen(_ sql: String) throws -> [String] { try other.rows(sql) { $0.text(0) } }
    #expect(try seen("PRAGMA journal_mode") == ["wal"])
    let run = try Sample.run("a")
    try journal.begin(run)
    #expect(try seen("SELECT id FROM runs") == ["a"])
    try journal.intend(Sample.step(run, Sample.first))
    #expect(try seen("SELECT path FROM steps WHERE ending IS NULL") == ["0"])
    try journal.note(Sample.note(run, Sample.first, "plan", "7"))
    #expect(try seen("SELECT value FROM notes") == ["7"])
    try journal.settle(
      run.id,
      step: Sample.first,
      outcome: StepOutcome(ending: .ok, message: "m", time: Sample.time(1))
    )
    #expect(try seen("SELECT ending || message FROM steps") == ["okm"])
    try journal.end(run.id, ending: .failed, exit: 1, at: Sample.time(2))
    #expect(try seen("SELECT ending FROM runs") == ["failed"])
  }

  @Test func `a connection is set to survive a power cut and to keep its references`() throws {
    let connection = try openedConnection()
    #expect(try connection.rows("PRAGMA synchronous") { $0.integer(0) } == [2])
    #expect(try connection.rows("PRAGMA foreign_keys") { $0.integer(0) } == [1])
    #expect(throws: JournalError.self) {
      try connection.execute("INSERT INTO notes (run, step, key, value, time) VALUES (99, '0', 'k', '', 0)")
    }
  }

  private func openedConnection() throws -> SQLiteConnection {
    _ = try SQLiteJournal(path: path)
    let connection = try SQLiteConnection(path: path, busyMilliseconds: 1000)
    try JournalSchema.prepare(connection, path: path)
    return connection
  }

  @Test func `a file of a newer slipway is refused and left alone`() throws {
    let newer = JournalSchema.migrations.count + 1
    try openedConnection().execute("PRAGMA user_version = \(newer)")
    #expect(try refusal(path).contains("was written by a newer slipway (format \(newer);"))
    #expect(
      try SQLiteConnection(path: path, busyMilliseconds: 0).rows("PRAGMA user_version") { $0.integer(0) } == [
        Int64(newer)
      ]
    )
  }

  @Test func `a file of an older slipway becomes a new one, and keeps its runs`() throws {
    let old = folder.file("old.sqlite")
    try Data().write(to: URL(filePath: old))
    do {
      let connection = try SQLiteConnection(path: old, busyMilliseconds: 1000)
      for statement in JournalSchema.migrations[0] { try connection.execute(statement) }
      try connection.execute("PRAGMA application_id = \(JournalSchema.applicationID)")
      try connection.execute("PRAGMA user_version = 1")
      try connection.execute(
        """
        INSERT INTO runs (id, started, ended, ending, exit, world, source, text, configuration)
        VALUES ('a', 5, NULL, NULL, NULL, 'live', 'release.runbook', 'validate staging api', 'gitops: {}')
        """
      )
      try connection.execute(
        "INSERT INTO steps (run, path, verb, statement, begun) VALUES (1, '0', 'validate', 'v', 6)"
      )
    }
    let journal = try SQLiteJournal(path: old)
    let record = try #require(try journal.run(Sample.id("a")))
    #expect(record.text == "validate staging api")
    #expect(record.inputs.isEmpty && record.imports.isEmpty)
    #expect(try journal.steps(of: record.id).map(\.verb) == ["validate"])
    var next = try Sample.run("b")
    next.inputs = ["soak": "45m"]
    try journal.begin(next)
    #expect(try SQLiteJournal(path: old).run(next.id) == next)
    let version = try SQLiteConnection(path: old, busyMilliseconds: 0).rows("PRAGMA user_version") { $0.integer(0) }
    #expect(version == [Int64(JournalSchema.migrations.count)])
  }

  @Test func `another program's database is refused and left alone`() throws {
    let other = folder.file("other.sqlite")
    try Data().write(to: URL(filePath: other))
    try SQLiteConnection(path: other, busyMilliseconds: 0).execute("CREATE TABLE bookmarks (url TEXT)")
    let before = try Data(contentsOf: URL(filePath: other))
    #expect(try refusal(other).contains("it is an SQLite database of another program"))
    #expect(try Data(contentsOf: URL(filePath: other)) == before)
  }

  @Test func `a file that is no database is refused and left alone`() throws {
    let other = folder.file("notes.txt")
    let text = Data(String(repeating: "a shopping list\n", count: 500).utf8)
    try text.write(to: URL(filePath: other))
    #expect(try refusal(other).contains("it is no SQLite database"))
    #expect(try Data(contentsOf: URL(filePath: other)) == text)
  }

  @Test func `a damaged file is said to be damaged`() throws {
    do {
      let journal = try SQLiteJournal(path: path)
      for index in 0..<200 { try journal.begin(Sample.run("run-\(index)", text: String(repeating: "x", count: 500))) }
    }
    var bytes = try Data(contentsOf: URL(filePath: path))
    for index in 4096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    try bytes.write(to: URL(filePath: path))
    let error = #expect(throws: JournalError.self) {
      let journal = try SQLiteJournal(path: path)
      _ = try journal.runs(limit: 1000)
    }
    #expect(try #require(error).message.contains("is damaged"))
  }

  @Test func `a full disk is said to be full, and what was stored stays`() throws {
    let journal = try SQLiteJournal(path: path)
    try journal.begin(Sample.run("a"))
    // SQLite's own limit gives the error that a full disk gives.
    let connection = try openedConnection()
    try connection.execute("PRAGMA max_page_count = 1")
    let error = #expect(throws: JournalError.self) {
      try connection.transaction {
        let text = String(repeating: "x", count: 100_000)
        try connection.execute(
          "INSERT INTO runs (id, started, world, source, text, configuration) VALUES ('b', 0, '', '', ?, '')",
          .text(text)
        )
      }
    }
    #expect(try #require(error).message.contains("the disk is full"))
    #expect(try journal.runs(limit: 10).map(\.id.text) == ["a"])
    try journal.begin(Sample.run("c"))
  }

  @Test func `a folder that cannot be made is named with the reason`() throws {
    let file = folder.file("a-file")
    try Data().write(to: URL(filePath: file))
    #expect(try refusal(file + "/deep/journal.sqlite").contains("a part of the path is a file"))
    #expect(try refusal(file + "/journal.sqlite").contains("a-file is not a folder"))
    #expect(try refusal(folder.path).contains("is not a file"))
    #expect(try refusal("").contains("names no file"))
  }

  /// Nothing is read-only for root, so this is tested by everybody else.
  @Test(.enabled(if: geteuid() != 0)) func `a read-only folder or file is refused at once`() throws {
    let closed = folder.file("closed")
    try FileManager.default.createDirectory(
      atPath: closed,
      withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o500]
    )
    #expect(try refusal(closed + "/journal.sqlite").contains("no permission"))
    #expect(try refusal(closed + "/deeper/journal.sqlite").contains("no permission"))
    _ = try SQLiteJournal(path: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
    #expect(try refusal(path).contains("is read-only"))
  }

  @Test func `a database that cannot be written says so`() throws {
    let connection = try openedConnection()
    try connection.execute("PRAGMA query_only = ON")
    let error = #expect(throws: JournalError.self) { try connection.execute("DELETE FROM runs") }
    #expect(try #require(error).message.contains("is read-only"))
  }

  @Test func `a writer that never ends is not waited for without end`() throws {
    let journal = try SQLiteJournal(path: path, busyMilliseconds: 20)
    let other = try SQLiteConnection(path: path, busyMilliseconds: 0)
    try other.execute("BEGIN IMMEDIATE")
    let error = #expect(throws: JournalError.self) { try journal.begin(Sample.run("a")) }
    #expect(try #require(error).message.contains("another process has been writing"))
    try other.execute("ROLLBACK")
    try journal.begin(Sample.run("a"))
  }

  @Test func `every explanation names the file`() {
    let codes = [
      SQLITE_FULL, SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_BUSY,
      SQLITE_IOERR,
      SQLITE_NOMEM, SQLITE_TOOBIG, SQLITE_ERROR,
    ]
    let texts = codes.map { SQLiteConnection.explanation(ofCode: $0, saying: "what SQLite said", "/j.sqlite") }
    #expect(texts.allSatisfy { $0.hasPrefix("/j.sqlite") })
    #expect(Set(texts).count == codes.count)
    #expect(SQLiteConnection.explanation(ofCode: SQLITE_IOERR | (13 << 8), saying: "", "/j").contains("disk"))
  }

  @Test func `many processes may open a new journal at once`() async throws {
    let path = path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<16 {
        group.addTask {
          let journal = try SQLiteJournal(path: path)
          try journal.begin(Sample.run("run-\(index)", at: Int64(index)))
        }
      }
      try await group.waitForAll()
    }
    #expect(try SQLiteJournal(path: path).runs(limit: 100).count == 16)
  }

  /// Whoever looks at a file while another makes its tables takes it for nobody's, not for another program's.
  @Test func `a new journal is opened by several at once, again and again`() async throws {
    for round in 0..<150 {
      let path = folder.file("many/\(round)/journal.sqlite")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { _ = try SQLiteJournal(path: path) } }
        try await group.waitForAll()
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("many")).count == 150)
  }

  @Test func `ten thousand runs are listed in less than a tenth of a second`() throws {
    let connection = try openedConnection()
    let text = String(repeating: "promote api, web by pr\n", count: 20)
    try connection.transaction {
      for index in 0..<10_000 {
        try connection.execute(
          "INSERT INTO runs (id, started, world, source, text, configuration) VALUES (?, ?, 'live', 'r', ?, ?)",
          .text("run-\(index)"),
          .integer(Int64(index % 5000)),
          .text(text),
          .text(text)
        )
      }
    }
    let journal = try SQLiteJournal(path: path)
    var runs: [RunRecord] = []
    let clock = ContinuousClock()
    let best = try (0..<3).map { _ in try clock.measure { runs = try journal.runs(limit: 10_000) } }.min()
    #expect(runs.count == 10_000)
    #expect(runs.first?.id.text == "run-9999")
    #expect(try #require(best) < .milliseconds(100))
    let plan = try connection.rows("EXPLAIN QUERY PLAN SELECT id FROM runs ORDER BY started DESC, ordinal DESC LIMIT 5")
    {
      $0.text(3)
    }
    #expect(plan.count == 1 && plan[0].contains("runs_newest"), "\(plan)")
  }
}
