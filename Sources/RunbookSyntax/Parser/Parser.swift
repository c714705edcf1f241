public import RunbookDiagnostics

/// A recursive-descent parser. An error is noted once, the rest of its statement is skipped, and the next one is read.
struct Parser {
  /// Thrown after an error was noted; whoever reads statements goes on behind the broken one.
  struct Recovery: Error {}

  /// The deepest nesting of blocks.
  static let deepestNesting = 200

  let source: SourceText
  private var lexer: Lexer
  private(set) var token: Token
  /// The token before, comments aside.
  private(set) var previous: Token
  /// Comments read since they were last given to a node.
  private var comments: [Comment] = []
  var depth = 0
  private(set) var diagnostics: [Diagnostic] = []
  /// Errors of the statement being read.
  private var errors: [SyntaxError] = []
  /// Whether the verb of the statement was wrong already, so that what follows is read without complaint.
  private var isSilenced = false
  /// How often it may still be looked ahead for a closing brace, so that no text makes this slow.
  private var braceSearches = 20
  /// Whether an unclosed brace was reported, which stands for all of them.
  private var reportedUnclosed = false

  init(_ source: SourceText) {
    self.source = source
    lexer = Lexer(source)
    let start = Token(kind: .newline, span: SourceSpan(start: 0, end: 0))
    (token, previous) = (start, start)
    if source.isTruncated { note(SyntaxMessages.textTooLarge()) }
    if let span = source.invalidUTF8 { note(SyntaxMessages.invalidUTF8(at: span)) }
    flushErrors(from: 0)
    advance()
  }

  mutating func file() -> (file: RunbookFile, diagnostics: [Diagnostic]) {
    var statements: [Statement] = []
    while true {
      statements += self.statements()
      guard token.kind == .rightBrace else { break }
      note(SyntaxMessages.unmatchedBrace(at: token.span))
      flushErrors(from: token.span.start)
      advance()
    }
    let file = RunbookFile(statements: statements, comments: Comments(after: takeComments()), span: source.span)
    // The errors of a block come before those of the statement around it.
    let ordered = diagnostics.enumerated().sorted {
      ($0.element.subject.start, $0.offset) < ($1.element.subject.start, $1.offset)
    }
    return (file, ordered.map(\.element))
  }

  // MARK: Tokens

  mutating func advance() {
    previous = token
    token = nextToken()
  }

  private mutating func nextToken() -> Token {
    while true {
      let token = lexer.next()
      guard token.kind == .comment else { return token }
      comments.append(Comment(span: token.span))
    }
  }

  /// The token behind the current one.
  func peek() -> Token { ahead(1) }

  /// The token behind that one.
  func peekSecond() -> Token { ahead(2) }

  private func ahead(_ distance: Int) -> Token {
    var copy = lexer
    var left = distance
    while true {
      let token = copy.next()
      if token.kind != .comment { left -= 1 }
      if left == 0 { return token }
    }
  }

  mutating func takeComments() -> [Comment] {
    defer { comments = [] }
    return comments
  }

  func isAt(_ keyword: Keyword) -> Bool { token.keyword == keyword }

  /// Whether the statement ends in front of the current token.
  var isAtStatementEnd: Bool { Self.endsStatement(token.kind) }

  static func endsStatement(_ kind: TokenKind) -> Bool {
    kind == .newline || kind == .semicolon || kind == .rightBrace || kind == .endOfFile
  }

  mutating func skipNewlines() {
    while token.kind == .newline { advance() }
  }

  /// Whether a `}` closes a block that was never opened: looks for one from the current token on.
  mutating func hasUnmatchedBraceAhead() -> Bool {
    guard braceSearches > 0 else { return false }
    braceSearches -= 1
    var copy = lexer
    var open = 0
    var kind = token.kind
    while kind != .endOfFile {
      if kind == .leftBrace { open += 1 }
      if kind == .rightBrace { open -= 1 }
      if open < 0 - depth { return true }
      kind = copy.next().kind
    }
    return false
  }

  // MARK: Errors

  /// Notes an error of the current statement.
  mutating func note(_ error: SyntaxError) {
    guard !isSilenced else { return }
    // Bytes that are no text make no right word; that they are none is said already.
    if let invalid = source.invalidUTF8, error.code != .invalidUTF8, error.subject.contains(invalid) { return }
    errors.append(error)
  }

  /// Notes an error and gives the statement up.
  mutating func fail(_ error: SyntaxError) -> Recovery {
    note(error)
    return Recovery()
  }

  /// Goes on without complaint until the statement ends: its verb was wrong, and reported.
  mutating func silence() { isSilenced = true }

  mutating func noteUnclosed(_ open: SourceSpan) {
    guard !reportedUnclosed else { return }
    reportedUnclosed = true
    note(SyntaxMessages.unclosedBrace(at: token.span, open: open))
  }

  /// Reports no unclosed brace any more.
  mutating func forgiveUnclosed() { reportedUnclosed = true }

  /// Does `body` with errors of its own: a block within a statement is nobody's clause.
  mutating func nested<Result>(_ body: (inout Parser) -> Result) -> Result {
    let outer = (errors, isSilenced)
    (errors, isSilenced) = ([], false)
    defer { (errors, isSilenced) = outer }
    return body(&self)
  }

  /// Makes diagnostics of the errors of the statement that began at `start` and ends in front of the current token.
  mutating func flushErrors(from start: UInt32) {
    isSilenced = false
    guard !errors.isEmpty else { return }
    let span = SourceSpan(start: start, end: max(previous.span.end, start))
    for error in errors {
      diagnostics.append(
        Diagnostic(
          code: error.code.rawValue,
          summary: error.summary,
          detail: error.detail,
          subject: error.subject,
          notes: error.notes,
          fixes: fix(error.replacements, in: span).map { [$0] } ?? []
        )
      )
    }
    errors = []
  }

  /// The longest statement that a fix shows whole.
  private static let longestShownStatement = 160

  private func fix(_ replacements: [Diagnostic.Replacement], in statement: SourceSpan) -> Diagnostic.Fix? {
    guard !replacements.isEmpty else { return nil }
    let text = source.text(statement)
    let parts = replacements.map(\.text).joined(separator: " … ")
    let isLine = !text.utf8.contains(UInt8(ascii: "\n")) && statement.count <= Self.longestShownStatement
    guard isLine, replacements.allSatisfy({ statement.contains($0.span) }) else {
      return Diagnostic.Fix(parts.isEmpty ? "remove it" : "write `\(parts)`", replacements)
    }
    let shifted = replacements.map { replacement in
      let start = replacement.span.start - statement.start
      let end = replacement.span.end - statement.start
      return Diagnostic.Replacement(SourceSpan(start: start, end: end), with: replacement.text)
    }
    let corrected = Diagnostic.Fix("", shifted).applied(to: SourceText(name: "", text: text)) ?? []
    let shown = corrected.map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 }
    return Diagnostic.Fix("write `\(String(decoding: shown, as: UTF8.self))`", replacements)
  }
}

/// Reads a runbook. A text with errors gives a tree too, and at least one diagnostic of severity error.
///
/// Never fails: any bytes give a tree, in time that grows with their number.
public func parse(_ source: SourceText) -> (file: RunbookFile, diagnostics: [Diagnostic]) {
  var parser = Parser(source)
  return parser.file()
}
