internal import RunbookDiagnostics

// What stands between a block and the blocks in it keeps its errors in functions of their own: they need much of the
// stack, of which a thread may have half a megabyte.

extension Parser {
  /// Statements up to a `}` or the end of the text, neither of which is consumed.
  mutating func statements() -> [Statement] {
    var statements: [Statement] = []
    while true {
      skipSeparators(behind: &statements)
      guard token.kind != .endOfFile, token.kind != .rightBrace else { return statements }
      if endsAtElse, token.keyword == .else { return statements }
      statements.append(statement())
    }
  }

  /// Blank lines and `;`. A comment behind a `;` on its line belongs to the statement in front of it.
  private mutating func skipSeparators(behind statements: inout [Statement]) {
    var isOnItsLine = true
    while token.kind == .newline || token.kind == .semicolon {
      if token.kind == .newline { isOnItsLine = false }
      advance()
      guard isOnItsLine, Self.endsStatement(token.kind), token.kind != .rightBrace, let last = statements.last else {
        continue
      }
      let behind = takeComments()
      guard !behind.isEmpty else { continue }
      var comments = last.comments
      comments.suffix += behind
      statements[statements.count - 1] = Statement(kind: last.kind, span: last.span, comments: comments)
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
    let outerDepth = depth
    do throws(Recovery) {
      let kind = try statementKind()
      try expectEnd()
      return kind
    } catch {
      depth = outerDepth
      return malformed(start)
    }
  }

  private mutating func malformed(_ start: Token) -> StatementKind {
    .malformed(MalformedStatement(verb: start.keyword, body: skipToEnd()))
  }

  private mutating func expectEnd() throws(Recovery) {
    guard !isAtStatementEnd else { return }
    throw failAtEnd()
  }

  private mutating func failAtEnd() -> Recovery {
    // `} { …`: the word between was forgotten.
    if token.kind == .leftBrace, previous.kind == .rightBrace {
      return fail(SyntaxMessages.missingElse(at: token.span))
    }
    return failUnexpected([.statementEnd])
  }

  // MARK: Blocks

  /// A block with its braces. Where the `{` is missing and its `}` is not, the block is read all the same.
  ///
  /// - Parameter expected: what could have stood in the place of the `{`.
  mutating func block(
    _ expected: [Expectation] = [.leftBrace],
    endsAtElse: Bool = false
  ) throws(Recovery) -> Block {
    if token.kind != .leftBrace { try recoverLeftBrace(expected) }
    guard depth < Self.deepestNesting else { throw tooDeepBlock() }
    let open = openBlock()
    let suffix = takeComments()
    let outer = Surroundings(errors: errors, isSilenced: isSilenced, endsAtElse: self.endsAtElse)
    (errors, isSilenced, self.endsAtElse) = ([], false, endsAtElse)
    let statements = self.statements()
    (errors, isSilenced, self.endsAtElse) = (outer.errors, outer.isSilenced, outer.endsAtElse)
    return closedBlock(statements, open: open, suffix: suffix)
  }

  /// What a block within a statement does not share with it: its errors are nobody else's.
  private struct Surroundings {
    let errors: [SyntaxError]
    let isSilenced: Bool
    let endsAtElse: Bool
  }

  private mutating func openBlock() -> SourceSpan {
    depth += 1
    openBlocks += 1
    guard token.kind == .leftBrace else { return SourceSpan(start: previous.span.end, end: previous.span.end) }
    advance()
    return previous.span
  }

  private mutating func closedBlock(_ statements: [Statement], open: SourceSpan, suffix: [Comment]) -> Block {
    depth -= 1
    openBlocks -= 1
    let comments = Comments(suffix: suffix, after: takeComments())
    if token.kind == .rightBrace {
      advance()
    } else if token.keyword == .else {
      note(SyntaxMessages.missingBraceBeforeElse(at: token.span, open: open))
    } else if !reportedUnclosed {
      reportedUnclosed = true
      note(SyntaxMessages.unclosedBrace(at: token.span, open: misalignedBrace() ?? open))
    }
    let end = max(previous.span.end, open.end)
    return Block(statements: statements, comments: comments, span: SourceSpan(start: open.start, end: end))
  }

  private mutating func tooDeepBlock() -> Recovery {
    // Once a statement: its `else` is as deep.
    if !errors.contains(where: { $0.code == .nestingTooDeep }) {
      note(SyntaxMessages.nestingTooDeep(limit: Self.deepestNesting, at: token.span))
    }
    skipDeepBlock()
    return Recovery()
  }

  /// Reports a missing `{`; where its `}` is there, the block is read all the same.
  private mutating func recoverLeftBrace(_ expected: [Expectation]) throws(Recovery) {
    guard hasUnmatchedBraceAhead() else { throw failUnexpected(expected) }
    note(unexpected(expected))
  }

  // MARK: On failure, finally

  /// `on failure { … }` behind its `on`.
  mutating func onFailure() throws(Recovery) -> StatementKind {
    if isAt(.failure) { advance() } else { try recoverFailureWord() }
    return .onFailure(OnFailureStatement(body: try block()))
  }

  mutating func finally() throws(Recovery) -> StatementKind {
    .finally(FinallyStatement(body: try block()))
  }

  /// Reports that the word `failure` is missing or wrong; the block behind it is read all the same.
  private mutating func recoverFailureWord() throws(Recovery) {
    guard token.kind == .leftBrace || peek().kind == .leftBrace else { throw failUnexpected([.word(.failure)]) }
    note(unexpected([.word(.failure)]))
    if token.kind != .leftBrace { advance() }
  }
}
