internal import RunbookDiagnostics

extension Parser {
  /// Statements up to a `}` or the end of the text, neither of which is consumed.
  mutating func statements() -> [Statement] {
    var statements: [Statement] = []
    while true {
      skipSeparators(behind: &statements)
      guard token.kind != .endOfFile, token.kind != .rightBrace else { return statements }
      statements.append(statement())
    }
  }

  /// Blank lines and `;`. A comment behind a `;` on its line belongs to the statement in front of it.
  private mutating func skipSeparators(behind statements: inout [Statement]) {
    while token.kind == .newline || token.kind == .semicolon {
      let wasSemicolon = token.kind == .semicolon
      advance()
      guard wasSemicolon, Self.endsStatement(token.kind), token.kind != .rightBrace, let last = statements.popLast()
      else { continue }
      var comments = last.comments
      comments.suffix += takeComments()
      statements.append(Statement(kind: last.kind, span: last.span, comments: comments))
    }
  }

  private mutating func statement() -> Statement {
    var comments = Comments(before: takeComments())
    let start = token
    let result = kind(of: start)
    let span = SourceSpan(start: start.span.start, end: max(start.span.end, previous.span.end))
    comments.suffix = takeComments()
    flushErrors(from: start.span.start)
    return Statement(kind: result, span: span, comments: comments)
  }

  private mutating func kind(of start: Token) -> StatementKind {
    do throws(Recovery) {
      let kind = try verb()
      try expectEnd()
      return kind
    } catch {
      return .malformed(MalformedStatement(verb: start.keyword, body: skipToEnd()))
    }
  }

  private mutating func expectEnd() throws(Recovery) {
    guard !isAtStatementEnd else { return }
    throw failUnexpected([.statementEnd])
  }

  // MARK: Recovery

  /// Skips the rest of a broken statement; gives the statements of blocks in it.
  mutating func skipToEnd() -> [Statement] {
    var body: [Statement] = []
    while token.kind != .endOfFile, token.kind != .semicolon, token.kind != .rightBrace {
      switch token.kind {
      case .leftBrace:
        if let block = block() { body += block.statements }
      case .newline:
        // A list that goes on behind a comma is still the broken statement, unless a verb begins the next line.
        guard previous.kind == .comma else { return body }
        skipNewlines()
        if let keyword = token.keyword, Keyword.statements.contains(keyword) { return body }
      default:
        advance()
      }
    }
    return body
  }

  // MARK: Blocks

  /// A block from its `{`, which may be missing if that was reported; nil where it nests too deep and was skipped.
  mutating func block() -> Block? {
    guard depth < Self.deepestNesting else {
      skipDeepBlock()
      return nil
    }
    let open = openBlock()
    let suffix = takeComments()
    return closedBlock(nested { parser in parser.statements() }, open: open, suffix: suffix)
  }

  private mutating func openBlock() -> SourceSpan {
    depth += 1
    guard token.kind == .leftBrace else { return SourceSpan(start: previous.span.end, end: previous.span.end) }
    advance()
    return previous.span
  }

  private mutating func closedBlock(_ statements: [Statement], open: SourceSpan, suffix: [Comment]) -> Block {
    depth -= 1
    let comments = Comments(suffix: suffix, after: takeComments())
    if token.kind == .rightBrace {
      advance()
    } else {
      noteUnclosed(open)
    }
    let end = max(previous.span.end, open.end)
    return Block(statements: statements, comments: comments, span: SourceSpan(start: open.start, end: end))
  }

  /// Skips from a `{` to its `}` without recursion.
  private mutating func skipDeepBlock() {
    note(SyntaxMessages.nestingTooDeep(limit: Self.deepestNesting, at: token.span))
    guard token.kind == .leftBrace else { return }
    var open = 0
    repeat {
      if token.kind == .leftBrace { open += 1 }
      if token.kind == .rightBrace { open -= 1 }
      advance()
    } while open > 0 && token.kind != .endOfFile
    // Its error stands for the braces that are missing, too.
    if open > 0 { forgiveUnclosed() }
  }

  /// `on failure { … }` behind its `on`.
  mutating func onFailure() throws(Recovery) -> StatementKind {
    try failureHead()
    return try handler(block())
  }

  /// From `failure` up to the `{`.
  private mutating func failureHead() throws(Recovery) {
    if isAt(.failure) { advance() } else { try recoverFailureWord() }
    if token.kind != .leftBrace { try recoverLeftBrace() }
  }

  private func handler(_ body: Block?) throws(Recovery) -> StatementKind {
    guard let body else { throw Recovery() }
    return .onFailure(OnFailureStatement(body: body))
  }

  /// Reports that the word `failure` is missing or wrong; the block behind it is read all the same.
  private mutating func recoverFailureWord() throws(Recovery) {
    guard token.kind == .leftBrace || peek().kind == .leftBrace else { throw failUnexpected([.word(.failure)]) }
    note(unexpected([.word(.failure)]))
    if token.kind != .leftBrace { advance() }
  }

  /// Reports a missing `{`; where its `}` is there, the block is read all the same.
  private mutating func recoverLeftBrace() throws(Recovery) {
    guard hasUnmatchedBraceAhead() else { throw failUnexpected([.leftBrace]) }
    note(unexpected([.leftBrace]))
  }
}
