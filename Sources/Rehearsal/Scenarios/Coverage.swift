import PromotionModel
import RunLog
public import RunbookCheck
import RunbookInterpreter

/// Which statements of runbooks, and of the files that they import, scenarios came by.
///
/// A procedure's statement is one, however often it is called; where it is called in answer to a failure too, it is another
/// one there.
public struct Coverage: Hashable, Sendable {
  public struct Statement: Hashable, Sendable {
    /// The file that it stands in, as it is shown.
    public var file: String
    public var line: Int
    public var text: String
    /// Whether it answers a failure: it stands in an `on failure`, or is called there.
    public var isInFailureBranch: Bool
    /// How many scenarios came by.
    public var scenarios = 0
    fileprivate var place: StatementPlace
  }

  /// File by file, in the order of the text.
  public private(set) var statements: [Statement] = []
  /// The files, the runbook first.
  public private(set) var files: [String] = []

  public init() {}

  /// - Parameter name: the file of the runbook, as it is shown; what it imports stands beside it.
  public init(of runbook: CheckedRunbook, named name: String) {
    let name = Self.folded(name)
    let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
    func shown(_ file: String?) -> String { file.map { Self.folded(folder + $0) } ?? name }
    var known: Set<StatementPlace> = []
    Self.walk(runbook.body, isInFailureBranch: false) { statement, isInFailureBranch in
      let place = StatementPlace(statement, isInFailureBranch: isInFailureBranch)
      guard known.insert(place).inserted else { return }
      statements.append(
        Statement(
          file: shown(statement.file),
          line: statement.line,
          text: statement.text,
          isInFailureBranch: isInFailureBranch,
          place: place
        )
      )
    }
    files = [name] + Set(statements.map(\.file)).subtracting([name]).sorted()
    sort()
  }

  /// A path without the ways around: a file is the same by whichever way it is imported.
  public static func folded(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false) where part != "." {
      if part == "..", let last = parts.last, last != "..", !last.isEmpty {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }

  /// Counts a scenario of the runbook that this was made of, before anything else was added.
  public mutating func add(_ outcome: ScenarioOutcome) { add(outcome.begun) }

  /// Counts something else that came by those.
  mutating func add(_ begun: Set<StatementPlace>) {
    for index in statements.indices where begun.contains(statements[index].place) {
      statements[index].scenarios += 1
    }
  }

  /// What other scenarios came by, of the same files or of others.
  public mutating func add(_ other: Coverage) {
    struct Key: Hashable {
      var file: String
      var offset: Int
      var isInFailureBranch: Bool
      init(_ statement: Statement) {
        (file, offset) = (statement.file, statement.place.offset)
        isInFailureBranch = statement.isInFailureBranch
      }
    }
    let known = Dictionary(uniqueKeysWithValues: statements.indices.map { (Key(statements[$0]), $0) })
    for statement in other.statements {
      if let index = known[Key(statement)] {
        statements[index].scenarios += statement.scenarios
      } else {
        statements.append(statement)
      }
    }
    files += other.files.filter { !files.contains($0) }
    sort()
  }

  /// Of one file alone.
  public func of(_ file: String) -> Coverage {
    var part = Coverage()
    part.files = [file]
    part.statements = statements.filter { $0.file == file }
    return part
  }

  public var missed: [Statement] { statements.filter { $0.scenarios == 0 } }

  /// In whole percent, rounded down; 100 where there is nothing to come by.
  public var percent: Int { Self.percent(statements.count - missed.count, of: statements.count) }

  /// The same of the statements that answer failures alone.
  public var failurePercent: Int {
    let all = statements.filter(\.isInFailureBranch)
    return Self.percent(all.count - missed.filter(\.isInFailureBranch).count, of: all.count)
  }

  private static func percent(_ part: Int, of whole: Int) -> Int { whole == 0 ? 100 : part * 100 / whole }

  private mutating func sort() {
    let ranks = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($1, $0) })
    func order(_ statement: Statement) -> (Int, Int, Int) {
      (ranks[statement.file] ?? 0, statement.place.offset, statement.isInFailureBranch ? 1 : 0)
    }
    statements.sort { order($0) < order($1) }
  }

  private static func walk(
    _ block: CheckedBlock,
    isInFailureBranch: Bool,
    _ body: (CheckedStatement, Bool) -> Void
  ) {
    for statement in block.statements {
      body(statement, isInFailureBranch)
      for inner in statement.action.blocks { walk(inner, isInFailureBranch: isInFailureBranch, body) }
    }
    if let handler = block.onFailure { walk(handler.block, isInFailureBranch: true, body) }
    if let handler = block.finally { walk(handler.block, isInFailureBranch: isInFailureBranch, body) }
  }
}

/// A statement as the scenarios of a runbook come by it: a line may have several, and so may its handlers.
struct StatementPlace: Hashable, Sendable {
  /// The imported file; nil for the runbook.
  var file: String?
  /// Where it begins in its file, in bytes.
  var offset: Int
  var isInFailureBranch: Bool

  init(_ statement: CheckedStatement, isInFailureBranch: Bool) {
    (file, offset) = (statement.file, statement.offset)
    self.isInFailureBranch = isInFailureBranch
  }

  /// That of a step; nil for what is no statement of the runbook.
  init?(_ step: StepPath, in runbook: CheckedRunbook) {
    guard let statement = runbook.statement(at: step) else { return nil }
    self.init(statement, isInFailureBranch: step.components.contains(.onFailure))
  }
}
