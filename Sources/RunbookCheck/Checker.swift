import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// The state of one check.
struct Checker {
  /// A finding with the index of its file in ``files``.
  struct Found: Hashable {
    let diagnostic: Diagnostic
    let file: Int
  }

  /// In what a statement stands, which decides what may be said there.
  enum Surrounding {
    case plain, onFailure, finally
  }

  let fleet: Fleet
  let imports: ImportResolver
  let services: [String: ServiceName]
  let environments: [String: EnvironmentName]
  /// The runbook, then what it imports.
  var files: [LoadedFile]
  /// The file that is looked at.
  var current = 0
  var names = NameIndexBuilder()

  private(set) var findings: [Found] = []
  private var known: Set<Key> = []

  /// What makes two findings the same.
  private struct Key: Hashable {
    let code: String
    let file: Int
    let span: SourceSpan
    let summary: String
  }
  private(set) var errorCount = 0
  private var spellings = 0
  /// Findings are not kept.
  var isSilent = false

  // What the statements leave behind.
  var title: String?
  var titleSpan: SourceSpan?
  var inputs: [CheckedInput] = []
  var nextSlot = 0
  /// What is known of the services that variables stand for, by slot.
  var slotServices: [Int: ServiceSet] = [:]
  /// Facts of the statement that is looked at.
  var factCount = 0
  /// Definitions that something speaks of.
  var used: Set<Int> = []
  /// Procedures whose bodies were looked at for a call.
  var lookedAt: Set<Int> = []

  // Where the checker stands.
  var inputScope = Scope()
  /// From the file's to the innermost block's.
  var scopes: [Scope] = []
  /// Where the blocks around the statement end, the innermost last.
  var blockEnds: [UInt32] = []
  var surrounding = Surrounding.plain
  /// The procedures whose bodies are being looked at, the outermost first, and the statements that call them.
  var calls: [(procedure: Int, file: Int, span: SourceSpan)] = []
  /// The number of ``calls`` around the innermost handler.
  var handlerCalls = 0
  var isInCalledBody: Bool { calls.count > handlerCalls }
  /// Blocks and calls around the statement.
  var depth = 0
  var loopDepth = 0
  /// Statements of procedures that were looked at, those of each call counted.
  var expanded = 0
  var isTooLarge = false
  /// What the scenarios that are being looked at test.
  var tested = CheckedBlock()
  /// Of a procedure that nobody calls: what its parameters are is not known, so that much cannot be said.
  var isLenient = false

  // Promotions that something must be said about.
  /// Those that no handler around them has taken back so far.
  var untaken: [PromotionMark] = []
  var takenBack: [Coverage] = []
  /// Those that were not monitored where the run ended well.
  var unwatchedAtEnd: Set<PromotionMark> = []

  // One mistake, one finding: what could not be made sense of is not missed elsewhere.
  /// Verbs of statements that are wrong.
  private(set) var unreadable: Set<String> = []
  /// Texts of statements that could not be read; the names in them may have been declared there.
  private(set) var malformed: [String] = []
  private(set) var hasMalformed = false
  /// A statement of which nothing was known, not even its verb.
  private var hasUnknownVerb = false

  init(_ file: RunbookFile, source: SourceText, fleet: Fleet, imports: ImportResolver) {
    (self.fleet, self.imports) = (fleet, imports)
    services = Dictionary(fleet.services.map { ($0.name.text, $0.name) }, uniquingKeysWith: { first, _ in first })
    environments = Dictionary(
      fleet.environments.map { ($0.name.text, $0.name) },
      uniquingKeysWith: { first, _ in first }
    )
    files = [LoadedFile(source: source, tree: file, path: nil)]
    noteMalformed(in: file.statements, source)
    let name = source.name.split(separator: "/").last.map(String.init) ?? source.name
    loadProcedures(of: 0, chain: [name])
  }

  // MARK: Findings

  mutating func report(_ finding: Diagnostic, in file: Int? = nil) {
    let file = file ?? current
    // A procedure is looked at once for each call, and says the same each time.
    let key = Key(code: finding.code, file: file, span: finding.subject, summary: finding.summary)
    guard !isSilent, known.insert(key).inserted else { return }
    findings.append(Found(diagnostic: withCall(finding, in: file), file: file))
    if finding.severity == .error { errorCount += 1 }
  }

  /// What is wrong with the values or the order of things in a procedure may be so for one call only: which one is said
  /// where it stands in the same text.
  private func withCall(_ finding: Diagnostic, in file: Int) -> Diagnostic {
    guard let call = calls.last, call.file == file, file == current, let code = CheckCode(rawValue: finding.code),
      code.dependsOnCall
    else { return finding }
    return Diagnostic(
      code: finding.code,
      severity: finding.severity,
      summary: finding.summary,
      detail: finding.detail,
      subject: finding.subject,
      notes: finding.notes + [.init("in the call here", at: call.span)],
      fixes: finding.fixes
    )
  }

  /// Whether a statement with this verb was reported already, or one that may be anything: of a verb that nobody knows,
  /// or a call of something unknown.
  func isUnreadable(_ verb: String) -> Bool {
    hasUnknownVerb || unreadable.contains(verb) || unreadable.contains("call")
  }

  mutating func markUnreadable(_ verb: String) {
    if !isLenient, !isSilent { unreadable.insert(verb) }
  }

  /// Whether a statement that could not be read has this word, and so may have declared it.
  func isInMalformed(_ word: String) -> Bool { malformed.contains { $0.contains(word) } }

  func isMalformed(_ statement: Statement) -> Bool {
    if case .malformed = statement.kind { true } else { false }
  }

  /// Takes down what could not be read, wherever it stands.
  mutating func noteMalformed(in statements: [Statement], _ source: SourceText) {
    TreeWalk.statements(statements) { statement in
      guard case .malformed(let node) = statement.kind else { return }
      hasMalformed = true
      guard let verb = node.verb else {
        hasUnknownVerb = true
        malformed.append(source.text(statement.span))
        return
      }
      unreadable.insert(verb.rawValue)
      if ["let", "input", "for", "procedure"].contains(verb.rawValue) { malformed.append(source.text(statement.span)) }
    }
  }

  // MARK: Spelling

  /// Whether names are still compared with all that could be meant.
  var looksForSpellings: Bool { spellings < Self.mostSpellings }

  /// The candidate that was most likely meant. In a text with thousands of wrong names only the first are looked at,
  /// since each is compared with all candidates.
  mutating func nearestSpelling(_ word: String, among candidates: [String]) -> String? {
    guard looksForSpellings else { return nil }
    spellings += candidates.count
    return nearest(word, among: candidates)
  }

  private static let mostSpellings = 100_000

  // MARK: Texts

  var source: SourceText { files[current].source }

  func text(_ name: NameNode) -> String { name.text(in: source) }

  /// A statement as it is shown: on one line, without comments; of one with a block, what stands in front of its `{`.
  func shown(_ statement: Statement) -> String {
    var end = statement.span.end
    if let block = statement.kind.blocks.first { end = min(end, block.span.start) }
    var text: [UInt8] = []
    var start = Int(statement.span.start)
    for comment in statement.comments.suffix where comment.span.start >= start && comment.span.end <= end {
      text += source.bytes[start..<Int(comment.span.start)]
      start = Int(comment.span.end)
    }
    text += source.bytes[start..<max(start, Int(end))]
    return Self.folded(text)
  }

  func folded(_ text: String) -> String { Self.folded(Array(text.utf8)) }

  /// With one blank for all white space between words. By bytes, since every statement comes through here.
  private static func folded(_ text: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var isBlank = false
    for byte in text {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        isBlank = !result.isEmpty
      } else {
        if isBlank { result.append(0x20) }
        isBlank = false
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
