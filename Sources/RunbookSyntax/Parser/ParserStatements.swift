internal import RunbookDiagnostics

extension Parser {
  /// A statement from its first word.
  ///
  /// This and what else stands between a block and the blocks in it keeps its errors in functions of their own: they need
  /// much of the stack, of which a thread may have half a megabyte.
  mutating func verb() throws(Recovery) -> StatementKind {
    guard let keyword = try statementKeyword() else { return rollbackPromoted() }
    return try statement(of: keyword)
  }

  /// Consumes the verb; nil for a wrong one that means `rollback promoted` by itself.
  private mutating func statementKeyword() throws(Recovery) -> Keyword? {
    if let keyword = token.keyword, Keyword.statements.contains(keyword) {
      advance()
      return keyword
    }
    let verb = try correctedVerb()
    return verb == .rollback && isAtStatementEnd ? nil : verb
  }

  private mutating func statement(of keyword: Keyword) throws(Recovery) -> StatementKind {
    switch keyword {
    case .validate: return try validate()
    case .promote: return try promote()
    case .wait: return try wait()
    case .monitor: return try monitor()
    case .rollback: return try rollback()
    case .on: return try onFailure()
    case .stop: return try stop()
    case .fail: return try failStatement()
    case .runbook: return try title()
    case .all, .allowing, .at, .because, .by, .commit, .downgrade, .error, .errors, .even, .every, .except, .failure,
      .from, .if, .merge, .per, .pr, .promoted, .restart, .restarts, .rollout, .sync, .to, .undetermined, .unstaged,
      .validation, .within, .without:
      throw failUnexpected(Keyword.statements.map { .word($0) })
    }
  }

  /// Reports a verb that is none; where the right one is known, gives that, so that the statement is read on as if it
  /// stood there: what it says counts for the rest of the runbook.
  private mutating func correctedVerb() throws(Recovery) -> Keyword {
    let word = token
    let text = shown(word)
    guard word.kind == .name || word.kind == .malformedWord && NearestSpelling.statement(text) != nil else {
      throw failUnexpected(Keyword.statements.map { .word($0) })
    }
    guard let verb = NearestSpelling.statement(text) else {
      throw fail(SyntaxMessages.unknownStatement(text, nearest: nil, at: word.span))
    }
    advance()
    var spelling = verb.rawValue
    if verb == .on, word.keyword == .failure || token.kind == .leftBrace { spelling = "on failure" }
    if verb == .rollback, isAtStatementEnd { spelling = "rollback promoted" }
    var error = SyntaxMessages.unknownStatement(text, nearest: spelling, at: word.span)
    if spelling == "on failure", token.kind != .leftBrace { error.replacements = [] }
    // `undo api v1.2.2` lacks a word too; both corrections are one fix.
    if verb == .rollback, token.kind == .name, peek().kind == .version {
      let place = peek().span.start
      error.replacements.append(.init(SourceSpan(start: place, end: place), with: "to "))
    }
    note(error)
    silence()
    return verb
  }

  /// What `undo` alone means.
  private func rollbackPromoted() -> StatementKind {
    .rollback(RollbackStatement(environment: nil, targets: TargetsNode(kind: .promoted, span: previous.span)))
  }

  // MARK: Verbs

  private mutating func title() throws(Recovery) -> StatementKind {
    .runbook(RunbookDeclaration(title: try string()))
  }

  private mutating func stop() throws(Recovery) -> StatementKind {
    .stop(StopStatement(reason: try string()))
  }

  private mutating func failStatement() throws(Recovery) -> StatementKind {
    .fail(FailStatement(reason: try string()))
  }

  private mutating func validate() throws(Recovery) -> StatementKind {
    let scope = try scope(NoClause.self)
    _ = try clause(NoClause.self, behind: scope.targets)
    return .validate(ValidateStatement(environment: scope.environment, targets: scope.targets))
  }

  private mutating func promote() throws(Recovery) -> StatementKind {
    var statement = PromoteStatement(targets: try targets(PromoteClause.self))
    var seen = SeenClauses()
    while let (clause, word) = try clause(PromoteClause.self, behind: statement.targets) {
      switch clause {
      case .except:
        try once("except", word, &seen)
        statement.except = try names([.service], clauses: PromoteClause.keywords)
      case .from:
        try once("from", word, &seen)
        statement.from = try name(.environment)
      case .to:
        try once("to", word, &seen)
        statement.to = try name(.environment)
      case .at:
        try once("at", word, &seen)
        statement.version = try version()
      case .by:
        try once("by", word, &seen)
        statement.way = try way(word, [.pr, .commit])
      case .without:
        try expect(.validation)
        try once("without validation", word, &seen)
        statement.withoutValidation = try reason(of: "without validation")
      case .allowing:
        if isAt(.downgrade) {
          advance()
          try once("allowing downgrade", word, &seen)
          statement.allowingDowngrade = try reason(of: "allowing downgrade")
        } else if isAt(.unstaged) {
          advance()
          try once("allowing unstaged", word, &seen)
          statement.allowingUnstaged = try reason(of: "allowing unstaged")
        } else {
          throw fail(unexpected([.word(.downgrade), .word(.unstaged)]))
        }
      case .because:
        try once("because", word, &seen)
        statement.because = try string()
      }
    }
    return .promote(statement)
  }

  private mutating func wait() throws(Recovery) -> StatementKind {
    if token.kind == .name, source.text(token.span) == "for", !Self.endsStatement(peek().kind) {
      note(SyntaxMessages.superfluousWord("for", at: token.span, upTo: peek().span.start))
      advance()
    }
    var statement: WaitStatement
    if isAt(.merge) {
      advance()
      statement = WaitStatement(condition: .merge)
    } else if isAt(.sync) || isAt(.rollout) {
      statement = WaitStatement(condition: isAt(.sync) ? .sync : .rollout)
      advance()
      if let scope = try optionalScope(WaitClause.self) {
        statement.environment = scope.environment
        statement.targets = scope.targets
      }
    } else if startsDuration {
      return .wait(WaitStatement(condition: .elapsed(try duration())))
    } else {
      throw fail(unexpected([.word(.merge), .word(.sync), .word(.rollout), .duration]))
    }
    var seen = SeenClauses()
    while let (clause, word) = try clause(WaitClause.self, behind: statement.targets) {
      switch clause {
      case .within:
        try once("within", word, &seen)
        statement.within = try duration()
      }
    }
    return .wait(statement)
  }

  private mutating func monitor() throws(Recovery) -> StatementKind {
    var statement = MonitorStatement(duration: try duration())
    if let scope = try optionalScope(MonitorClause.self) {
      statement.environment = scope.environment
      statement.targets = scope.targets
    }
    var seen = SeenClauses()
    while let (clause, word) = try clause(MonitorClause.self, behind: statement.targets) {
      switch clause {
      case .every:
        try once("every", word, &seen)
        statement.every = try duration()
      case .allowing:
        let count = try wholeNumber()
        if isAt(.restarts) || isAt(.restart) {
          advance()
          try once("allowing restarts", word, &seen)
          statement.allowedRestarts = count
        } else if isAt(.errors) || isAt(.error) {
          advance()
          try expect(.per)
          let per = try duration()
          try once("allowing errors", word, &seen)
          statement.allowedErrors = MonitorStatement.ErrorAllowance(count: count, per: per)
        } else {
          throw fail(unexpected([.word(.restarts), .word(.errors)]))
        }
      }
    }
    return .monitor(statement)
  }

  private mutating func rollback() throws(Recovery) -> StatementKind {
    let scope = try scope(RollbackClause.self)
    var statement = RollbackStatement(environment: scope.environment, targets: scope.targets)
    var seen = SeenClauses()
    while let (clause, word) = try clause(RollbackClause.self, behind: statement.targets) {
      switch clause {
      case .to:
        try once("to", word, &seen)
        if token.kind == .name, ["previous", "before", "last"].contains(source.text(token.span)) {
          let clause = SourceSpan(start: gapStart(before: word), end: token.span.end)
          throw fail(SyntaxMessages.rollbackToPrevious(shown(token), at: token.span, clause: clause))
        }
        statement.to = try version()
      case .by:
        try once("by", word, &seen)
        statement.way = try way(word, [.commit])
      case .because:
        try once("because", word, &seen)
        statement.because = try string()
      case .even:
        try expect(.if)
        try expect(.undetermined)
        try once("even if undetermined", word, &seen)
        statement.evenIfUndetermined = word.span.union(previous.span)
      }
    }
    return .rollback(statement)
  }
}
