internal import CSQLite
internal import RunLog

/// One connection to an SQLite database: statements are prepared once, values are always bound, and every error is a
/// ``JournalError`` that says what is wrong with which file. Not `Sendable`: its owner guards it.
final class SQLiteConnection {
  enum Value {
    case integer(Int64)
    case text(String)
    case null

    static func integer(_ value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    static func text(_ value: String?) -> Value { value.map(Value.text) ?? .null }
  }

  /// The row that a statement stands on; valid until the statement moves.
  struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String {
      guard let bytes = sqlite3_column_text(statement, column) else { return "" }
      let count = Int(sqlite3_column_bytes(statement, column))
      return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
  }

  private let path: String
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  /// Opens a file that exists already.
  /// - Parameter busyMilliseconds: how long a write of another process is waited for.
  init(path: String, busyMilliseconds: Int32) throws {
    var handle: OpaquePointer?
    // The connection has one owner that locks it, so SQLite need not.
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    guard let handle else { throw JournalError("\(path): there is no memory to open it") }
    guard code == SQLITE_OK else {
      let error = Self.error(handle, path)
      sqlite3_close_v2(handle)
      throw error
    }
    // SQLite opens what it may not write all the same, to be read.
    guard sqlite3_db_readonly(handle, "main") == 0 else {
      sqlite3_close_v2(handle)
      throw JournalError(Self.explanation(ofCode: SQLITE_READONLY, saying: "", path))
    }
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, busyMilliseconds)
    (self.path, self.handle) = (path, handle)
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs a statement to its end.
  /// - Returns: how many rows it inserted, changed or deleted.
  @discardableResult
  func execute(_ sql: String, _ values: Value...) throws -> Int {
    try perform(sql, values) { _ in }
    return Int(sqlite3_changes(handle))
  }

  func rows<Element>(_ sql: String, _ values: Value..., read: (Row) throws -> Element) throws -> [Element] {
    var found: [Element] = []
    try perform(sql, values) { row in found.append(try read(row)) }
    return found
  }

  /// All or nothing, with the right to write from the start.
  func transaction(_ body: () throws -> Void) throws {
    try execute("BEGIN IMMEDIATE")
    do {
      try body()
      try execute("COMMIT")
    } catch {
      // A full disk has rolled back by itself already.
      if sqlite3_get_autocommit(handle) == 0 { try execute("ROLLBACK") }
      throw error
    }
  }

  /// Reads several things as they stood at one moment, whatever other processes write meanwhile.
  func snapshot<T>(_ body: () throws -> T) throws -> T {
    try execute("BEGIN")
    do {
      let found = try body()
      try execute("COMMIT")
      return found
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { try execute("ROLLBACK") }
      throw error
    }
  }

  /// Whether the last call failed because another connection was in the way.
  var isBusy: Bool { sqlite3_errcode(handle) & 0xFF == SQLITE_BUSY }

  /// Waits a moment for another process.
  func pause(milliseconds: Int32) { sqlite3_sleep(milliseconds) }

  private func perform(_ sql: String, _ values: [Value], _ visit: (Row) throws -> Void) throws {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() { try bind(value, to: Int32(index + 1), of: statement) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: try visit(Row(statement: statement))
      case SQLITE_DONE: return
      default: throw Self.error(handle, path)
      }
    }
  }

  private func prepared(_ sql: String) throws -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw Self.error(handle, path) }
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: Value, to index: Int32, of statement: OpaquePointer) throws {
    let code =
      switch value {
      case .null: sqlite3_bind_null(statement, index)
      case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
      case .text(let text):
        // The last argument is SQLITE_TRANSIENT, which the importer leaves out for its cast: SQLite makes its own copy.
        sqlite3_bind_text(
          statement,
          index,
          text,
          Int32(clamping: text.utf8.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        )
      }
    guard code == SQLITE_OK else { throw Self.error(handle, path) }
  }

  private static func error(_ handle: OpaquePointer, _ path: String) -> JournalError {
    let code = sqlite3_extended_errcode(handle)
    return JournalError(
      explanation(ofCode: code, saying: String(cString: sqlite3_errmsg(handle)), path),
      isOutage: [SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR].contains(code & 0xFF)
    )
  }

  /// What a result code of SQLite means for the person who runs a release, and what they can do about it.
  static func explanation(ofCode code: Int32, saying message: String, _ path: String) -> String {
    switch code & 0xFF {
    case SQLITE_FULL: "\(path): the disk is full; make room and try again"
    case SQLITE_READONLY: "\(path) cannot be written: the file or its folder is read-only"
    case SQLITE_PERM, SQLITE_AUTH: "\(path): no permission to use it"
    case SQLITE_CANTOPEN: "\(path) cannot be opened: look at the permissions of the file and its folder"
    case SQLITE_CORRUPT: "\(path) is damaged (\(message)); move it away to start a new one"
    case SQLITE_NOTADB: "\(path) is not a run journal: it is no SQLite database; move it away to start a new one"
    case SQLITE_BUSY, SQLITE_LOCKED: "\(path): another process has been writing to it for too long; try again"
    case SQLITE_IOERR: "\(path): the disk does not work as it should (\(message))"
    case SQLITE_NOMEM: "\(path): out of memory"
    case SQLITE_TOOBIG: "\(path): a text is too long to be stored"
    default: "\(path): \(message)"
    }
  }
}
