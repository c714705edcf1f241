internal import RunbookDiagnostics

extension Parser {
  /// `let NAME = EXPRESSION` behind its `let`.
  mutating func binding() throws(Recovery) -> StatementKind {
    let name = try name(.name)
    try equals()
    let value = try expression()
    guard isAtStatementEnd else { throw failUnexpected([.operation, .statementEnd]) }
    return .binding(LetStatement(name: name, value: value))
  }

  /// `=` and the line breaks behind it. Where a value stands instead, the `=` was forgotten.
  private mutating func equals() throws(Recovery) {
    if token.kind == .equals {
      advance()
      return try goOnBehindNewline()
    }
    if token.kind == .foreignOperator || isAt(.is) {
      note(SyntaxMessages.foreignOperator(shown(token), right: "=", at: token.span))
      return advance()
    }
    guard startsValue, repeatedWord() == nil, peek().kind != .equals else { throw failUnexpected([.equals]) }
    note(SyntaxMessages.missingEquals(describe(token), at: token.span))
  }

  private var startsValue: Bool {
    switch token.kind {
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .string, .stringBlock,
      .leftParenthesis, .leftBracket:
      true
    case .name: !(token.keyword.map(Keyword.operators.contains) ?? false)
    case .malformedWord, .unterminatedString, .wronglyQuoted, .comma, .semicolon, .newline, .leftBrace, .rightBrace,
      .rightParenthesis, .rightBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus,
      .foreignOperator, .comment, .stray, .endOfFile:
      false
    }
  }

  // MARK: If

  mutating func condition() throws(Recovery) -> StatementKind {
    var branches = [try branch(Comments())]
    while let next = takeElse() {
      guard branches.count < Self.deepestNesting else { throw tooManyBranches() }
      if next.isIf {
        branches.append(try branch(next.comments))
      } else {
        let body = try block([.word(.if), .leftBrace])
        return .condition(IfStatement(branches: branches, otherwise: body, otherwiseComments: next.comments))
      }
    }
    return .condition(IfStatement(branches: branches, otherwise: nil))
  }

  private mutating func branch(_ comments: Comments) throws(Recovery) -> IfStatement.Branch {
    let condition = try expression()
    skipThen()
    let body = try block([.operation, .leftBrace], endsAtElse: true)
    return IfStatement.Branch(condition: condition, body: body, comments: comments)
  }

  /// `if … then {`
  private mutating func skipThen() {
    guard token.kind == .name, peek().kind == .leftBrace, shown(token) == "then" else { return }
    note(SyntaxMessages.superfluousWord("then", at: token.span, upTo: peek().span.start))
    advance()
  }

  private mutating func tooManyBranches() -> Recovery {
    fail(SyntaxMessages.tooManyBranches(limit: Self.deepestNesting, at: previous.span))
  }

  /// The index of an `else` (or of what other languages have for `else if`) at the current token, or behind line breaks.
  func indexOfElse() -> Int? {
    var next = index
    while tokens[next].kind == .newline { next += 1 }
    let word = tokens[next]
    if word.keyword == .else { return next }
    guard word.kind == .name, word.keyword == nil, NearestSpelling.isElseIf(shown(word)) else { return nil }
    return next + 1 < tokens.count && tokens[next + 1].kind != .leftParenthesis ? next : nil
  }

  /// Consumes `else` or `else if`.
  private mutating func takeElse() -> (isIf: Bool, comments: Comments)? {
    guard let next = indexOfElse() else { return nil }
    move(to: next)
    let comments = Comments(before: takeComments())
    let word = token
    advance()
    if word.keyword == .else { return (take(.if), comments) }
    note(SyntaxMessages.elseIf(source.text(word.span), at: word.span))
    return (true, comments)
  }

  // MARK: Loops and limits

  /// `for NAME in TARGETS { … }` behind its `for`.
  mutating func loop() throws(Recovery) -> StatementKind {
    if token.kind == .name, shown(token) == "each", peek().kind == .name, peek().keyword != .in {
      note(SyntaxMessages.superfluousWord("each", at: token.span, upTo: peek().span.start))
      advance()
    }
    let name = try name(.name)
    try expect(.in)
    let scope = try scope(NoClause.self)
    let targets = scope.targets ?? TargetsNode(kind: .names([]), span: previous.span)
    let body = try block([.comma, .leftBrace])
    return .loop(ForStatement(name: name, environment: scope.environment, targets: targets, body: body))
  }

  /// `retry N times [every D] { … }` behind its `retry`.
  mutating func retry() throws(Recovery) -> StatementKind {
    let count = try wholeNumber()
    if !take(.times) { try missingTimes() }
    var every: Expression?
    if take(.every) {
      every = try duration()
    } else if token.kind == .duration {
      note(SyntaxMessages.missingWord(.every, before: "duration", at: token.span))
      every = try duration()
    }
    let expected: [Expectation] = every == nil ? [.word(.every), .leftBrace] : [.leftBrace]
    return .retry(RetryStatement(count: count, every: every, body: try block(expected)))
  }

  private mutating func missingTimes() throws(Recovery) {
    if token.kind == .leftBrace || isAt(.every) {
      note(SyntaxMessages.missingTimes(behind: previous.span.end))
      return
    }
    throw failUnexpected([.word(.times)])
  }

  /// `within D { … }` behind its `within`.
  mutating func within() throws(Recovery) -> StatementKind {
    let limit = try duration()
    return .within(WithinStatement(limit: limit, body: try block()))
  }
}
