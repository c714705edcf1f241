public import RunbookDiagnostics

/// A recursive-descent parser. An error is noted once, the rest of its statement is skipped, and the next one is read.
///
/// Where a word is a keyword: the first word of a statement is looked up among the statement words, except in front of a
/// `(`, where a word that begins no such statement is a procedure's name. Behind a verb, its clause words are no
/// targets; whoever has a service of that name writes it in quotes. In an expression a word is an operator between values,
/// `not`, `true` and `false` in front of one, a fact only in front of `of`, and a name otherwise.
struct Parser {
  /// Thrown after an error was noted; whoever reads statements goes on behind the broken one.
  struct Recovery: Error {}

  /// The deepest nesting of blocks, parentheses, brackets, facts, `not` and interpolations, taken together, and the longest chain
  /// of operators. Threads may have no more than half a megabyte of stack, and all that walk a tree need some of it.
  static let deepestNesting = 64

  let source: SourceText
  /// The bytes of ``source``, without a reference count.
  let bytes: UnsafeBufferPointer<UInt8>
  /// All tokens but comments, the end of the file last; while an interpolation is read, those of the interpolation.
  var tokens: [Token]
  /// The index of ``token``.
  var index = 0
  var token: Token
  /// The token before, line breaks aside.
  var previous: Token
  private let comments: [Comment]
  /// The first comment that no node has yet.
  private var nextComment = 0
  /// How many `(` and `[` are open around the current token: line breaks do not count in them.
  var brackets = 0
  /// The index of the outermost of them.
  var outermostBracket = 0
  /// Where the bracket at the index of each token ends, found when an error first asks.
  var bracketEnds: [BracketEnd?] = []
  /// How deep blocks and expressions are nested around the current token.
  var depth = 0
  /// How many blocks are open.
  var openBlocks = 0
  /// How deep the tree of the expression read last is.
  var height = 0
  /// Whether the current block ends in front of an `else` that stands for its missing `}`.
  var endsAtElse = false
  /// Whether the text of an interpolation is read.
  var isInString = false
  private(set) var diagnostics: [Diagnostic] = []
  /// Errors of the statement being read.
  var errors: [SyntaxError] = []
  /// Whether the verb of the statement was wrong already, so that what follows is read without complaint.
  var isSilenced = false
  /// How often it may still be looked ahead for a closing brace, so that no text makes this slow.
  var braceSearches = 20
  /// Whether an unclosed brace was reported, which stands for all of them.
  var reportedUnclosed = false

  init(_ source: SourceText, _ bytes: UnsafeBufferPointer<UInt8>) {
    self.source = source
    self.bytes = bytes
    var lexer = Lexer(bytes)
    (tokens, comments) = Self.sorted(&lexer)
    let start = Token(kind: .newline, span: SourceSpan(start: 0, end: 0))
    (token, previous) = (tokens[0], start)
    if source.isTruncated { note(SyntaxMessages.textTooLarge()) }
    if let span = source.invalidUTF8 { note(SyntaxMessages.invalidUTF8(at: span)) }
    flushErrors(from: 0)
  }

  /// The tokens up to the end, and the comments among them apart.
  static func sorted(_ lexer: inout Lexer) -> (tokens: [Token], comments: [Comment]) {
    var tokens: [Token] = []
    var comments: [Comment] = []
    tokens.reserveCapacity((lexer.end - lexer.position) / 5 + 1)
    while true {
      let token = lexer.next()
      if token.kind == .comment {
        comments.append(Comment(span: token.span))
        continue
      }
      tokens.append(token)
      if token.kind == .endOfFile { return (tokens, comments) }
    }
  }

  mutating func file() -> (file: RunbookFile, diagnostics: [Diagnostic]) {
    var statements = self.statements()
    while token.kind == .rightBrace {
      note(SyntaxMessages.unmatchedBrace(at: token.span))
      flushErrors(from: token.span.start)
      advance()
      statements += self.statements()
    }
    let file = RunbookFile(statements: statements, comments: Comments(after: takeComments()), span: source.span)
    // The errors of a block come before those of the statement around it.
    let ordered = diagnostics.enumerated().sorted {
      ($0.element.subject.start, $0.offset) < ($1.element.subject.start, $1.offset)
    }
    return (file, ordered.map(\.element))
  }

  // MARK: Tokens

  @inline(__always)
  mutating func advance() {
    if token.kind != .newline { previous = token }
    guard index + 1 < tokens.count else { return }
    index += 1
    token = tokens[index]
    if brackets > 0 { skipNewlines() }
  }

  mutating func skipNewlines() {
    while token.kind == .newline {
      index += 1
      token = tokens[index]
    }
  }

  /// Goes to a token, back or ahead.
  mutating func move(to target: Int) {
    index = min(max(target, 0), tokens.count - 1)
    token = tokens[index]
    var before = index - 1
    while before >= 0, tokens[before].kind == .newline { before -= 1 }
    if before >= 0 { previous = tokens[before] }
  }

  /// The token behind the current one.
  func peek() -> Token { tokens[indexAhead(1)] }

  /// The token behind that one.
  func peekSecond() -> Token { tokens[indexAhead(2)] }

  /// The index of a token ahead; within brackets line breaks are no tokens.
  private func indexAhead(_ distance: Int) -> Int {
    var found = index
    for _ in 0..<distance where found + 1 < tokens.count {
      found += 1
      if brackets > 0 {
        while tokens[found].kind == .newline { found += 1 }
      }
    }
    return found
  }

  /// The comments in front of the current token that no node has yet.
  @inline(__always)
  mutating func takeComments() -> [Comment] {
    guard nextComment < comments.count, comments[nextComment].span.start < token.span.start else { return [] }
    let first = nextComment
    while nextComment < comments.count, comments[nextComment].span.start < token.span.start { nextComment += 1 }
    return Array(comments[first..<nextComment])
  }

  /// Where ``takeComments()`` has come to.
  var commentMark: Int { nextComment }

  /// The comments that were taken since, but for those that stand in `statements`.
  func commentsTaken(since mark: Int, besides statements: [Statement]) -> [Comment] {
    guard mark < nextComment else { return [] }
    let kept = Set(statements.flatMap(\.allComments))
    return comments[mark..<nextComment].filter { !kept.contains($0) }
  }

  @inline(__always)
  func isAt(_ keyword: Keyword) -> Bool { token.keyword == keyword }

  /// Consumes the keyword if it stands here.
  mutating func take(_ keyword: Keyword) -> Bool {
    guard isAt(keyword) else { return false }
    advance()
    return true
  }

  /// Whether the statement ends in front of the current token.
  @inline(__always)
  var isAtStatementEnd: Bool { Self.endsStatement(token.kind) }

  static func endsStatement(_ kind: TokenKind) -> Bool {
    kind == .newline || kind == .semicolon || kind == .rightBrace || kind == .endOfFile
  }

  // MARK: Errors

  /// Notes an error of the current statement.
  mutating func note(_ error: SyntaxError) {
    guard !isSilenced else { return doubtCorrection(error) }
    // Bytes that are no text make no right word; that they are none is said already.
    if let invalid = source.invalidUTF8, error.code != .invalidUTF8, error.subject.contains(invalid) { return }
    errors.append(error)
  }

  /// With the right verb the statement is wrong all the same, so that it is no certain correction; unless this error is
  /// corrected with it.
  private mutating func doubtCorrection(_ error: SyntaxError) {
    guard let last = errors.indices.last else { return }
    let corrected = errors[last].replacements.map(\.span)
    if error.replacements.isEmpty || !error.replacements.allSatisfy({ corrected.contains($0.span) }) {
      errors[last].replacements = []
    }
  }

  /// Notes an error and gives the statement up. A guess before it was wrong, and is what there is to report.
  mutating func fail(_ error: SyntaxError) -> Recovery {
    guard let guess = errors.firstIndex(where: \.isGuess) else {
      note(error)
      return Recovery()
    }
    errors.removeSubrange((guess + 1)...)
    errors[guess].replacements = []
    return Recovery()
  }

  /// Goes on without complaint until the statement ends: its verb was wrong, and reported.
  mutating func silence() { isSilenced = true }

  /// Makes diagnostics of the errors of the statement that began at `start` and ends in front of the current token.
  @inline(__always)
  mutating func flushErrors(from start: UInt32) {
    isSilenced = false
    if !errors.isEmpty { report(from: start) }
  }

  private mutating func report(from start: UInt32) {
    let span = SourceSpan(start: start, end: max(previous.span.end, start))
    for error in errors {
      diagnostics.append(
        Diagnostic(
          code: error.code.rawValue,
          summary: error.summary,
          detail: error.detail,
          subject: error.subject,
          notes: error.notes,
          fixes: fix(error, in: span).map { [$0] } ?? []
        )
      )
    }
    errors = []
  }

  /// The longest statement that a fix shows whole.
  private static let longestShownStatement = 160

  private func fix(_ error: SyntaxError, in statement: SourceSpan) -> Diagnostic.Fix? {
    let (replacements, isCertain) = (error.replacements, error.isCertain)
    guard !replacements.isEmpty else { return nil }
    let text = source.text(statement)
    let parts = replacements.map(\.text).joined(separator: " … ")
    let isLine = statement.count <= Self.longestShownStatement && !text.utf8.contains(UInt8(ascii: "\n"))
    guard isLine, replacements.allSatisfy({ statement.contains($0.span) }) else {
      return Diagnostic.Fix(parts.isEmpty ? "remove it" : "write `\(parts)`", replacements, isCertain: isCertain)
    }
    let shifted = replacements.map { replacement in
      let start = replacement.span.start - statement.start
      let end = replacement.span.end - statement.start
      return Diagnostic.Replacement(SourceSpan(start: start, end: end), with: replacement.text)
    }
    let corrected = Diagnostic.Fix("", shifted).applied(to: SourceText(name: "", text: text)) ?? []
    let shown = corrected.map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 }
    return Diagnostic.Fix("write `\(String(decoding: shown, as: UTF8.self))`", replacements, isCertain: isCertain)
  }
}

/// Reads a runbook. A text with errors gives a tree too, and at least one diagnostic of severity error.
///
/// Never fails: any bytes give a tree, in time that grows with their number.
public func parse(_ source: SourceText) -> (file: RunbookFile, diagnostics: [Diagnostic]) {
  source.bytes.withUnsafeBufferPointer { bytes in
    var parser = Parser(source, bytes)
    return parser.file()
  }
}
