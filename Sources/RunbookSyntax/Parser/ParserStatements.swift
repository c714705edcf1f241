internal import RunbookDiagnostics

extension Parser {
  /// A statement from its first word.
  mutating func statementKind() throws(Recovery) -> StatementKind {
    if let word = StatementWord(token.keyword) {
      advance()
      return try statement(of: word)
    }
    return try otherStatement()
  }

  private mutating func statement(of word: StatementWord) throws(Recovery) -> StatementKind {
    switch word {
    case .runbook: try title()
    case .input: try input()
    case .import: try importing()
    case .procedure: try procedure()
    case .scenario: try scenario()
    case .given: try given()
    case .expect: try expectation()
    case .validate: try validate()
    case .promote: try promote()
    case .wait: try wait()
    case .merge: try merge()
    case .monitor: try monitor()
    case .verify: try verify()
    case .rollback: try rollback()
    case .reconcile: try reconcile()
    case .sync: try sync()
    case .restart: try restart()
    case .diagnose: try diagnose()
    case .announce: try announce()
    case .freeze: try freeze()
    case .thaw: try thaw()
    case .confirm: try confirm()
    case .require: try require()
    case .run: try run()
    case .show: try show()
    case .let: try binding()
    case .if: try condition()
    case .for: try loop()
    case .retry: try retry()
    case .within: try within()
    case .on: try onFailure()
    case .finally: try finally()
    case .stop: try stop()
    case .fail: try failing()
    }
  }

  /// What begins with no statement word: a call, or a mistake.
  private mutating func otherStatement() throws(Recovery) -> StatementKind {
    let isCallee = token.kind == .name && !isAt(.else) || token.kind == .string
    if isCallee, peek().kind == .leftParenthesis { return try call() }
    if token.kind == .leftBrace, hasTooManyBracesAhead() { return try superfluousBrace() }
    if token.kind == .name, peek().kind == .equals {
      note(SyntaxMessages.missingLet(at: token.span))
      return try binding()
    }
    let word = try correctedWord()
    if word == .rollback, isAtStatementEnd { return rollbackPromoted() }
    return try statement(of: word)
  }

  /// `{ {`: the brace is left out, and what stands behind it read as if it were not there.
  private mutating func superfluousBrace() throws(Recovery) -> StatementKind {
    note(SyntaxMessages.superfluousBrace(at: token.span))
    advance()
    skipNewlines()
    guard !isAtStatementEnd, token.kind != .leftBrace else { throw Recovery() }
    return try statementKind()
  }

  /// Reports a word that begins no statement; where the right one is known, gives that, so that the statement is read on
  /// as if it stood there: what it says counts for the rest of the runbook.
  private mutating func correctedWord() throws(Recovery) -> StatementWord {
    let word = token
    let text = shown(word)
    if word.keyword == .else || NearestSpelling.isElseIf(text) { throw fail(SyntaxMessages.loneElse(at: word.span)) }
    guard word.kind == .name || word.kind == .malformedWord && NearestSpelling.statement(text) != nil else {
      throw failUnexpected([.statement])
    }
    guard let right = NearestSpelling.statement(text), !isUnlikely(right) else {
      throw fail(SyntaxMessages.unknownStatement(text, nearest: nil, at: word.span))
    }
    advance()
    note(correction(of: word, to: right))
    silence()
    return right
  }

  /// Whether what follows makes the nearest word improbable: `status of api …` is no misspelt `scenario`.
  private func isUnlikely(_ word: StatementWord) -> Bool {
    peek().keyword == .of
  }

  /// "unknown statement …", with all that is known to be wrong with it as one fix. The word is consumed already.
  private func correction(of word: Token, to right: StatementWord) -> SyntaxError {
    let text = shown(word)
    var spelling = right.keyword.rawValue
    if right == .on, token.keyword != .failure { spelling = "on failure" }
    if right == .rollback, isAtStatementEnd { spelling = "rollback promoted" }
    var error = SyntaxMessages.unknownStatement(text, nearest: spelling, at: word.span)
    if spelling == "on failure", token.kind != .leftBrace { error.replacements = [] }
    // `undo api v1.2.2` lacks a word too; both corrections are one fix.
    if right == .rollback, token.kind == .name, peek().kind == .version {
      let place = peek().span.start
      error.replacements.append(.init(SourceSpan(start: place, end: place), with: "to "))
    }
    return error
  }

  /// What `undo` alone means.
  private func rollbackPromoted() -> StatementKind {
    .rollback(RollbackStatement(scope: ScopeNode(targets: TargetsNode(kind: .promoted, span: previous.span))))
  }
}
