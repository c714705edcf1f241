internal import RunbookDiagnostics

// The verbs around a release: words to people, gates and programs.

extension Parser {
  mutating func announce() throws(Recovery) -> StatementKind {
    let message: AnnounceStatement.Message
    if let word = AnnounceSubject(token.keyword) {
      advance()
      message =
        switch word {
        case .planned: .planned
        case .complete: .complete
        case .rolledBack: .rolledBack
        }
    } else if token.kind == .name || token.kind == .malformedWord {
      throw failAnnounce()
    } else {
      message = .text(try string())
    }
    var seen = SeenClauses()
    var to: NameNode?
    while let (clause, word) = try clause(AnnounceClause.self) {
      switch clause {
      case .to:
        try once(.to, word, &seen)
        to = try name(.place)
      }
    }
    return .announce(AnnounceStatement(message: message, to: to))
  }

  private mutating func failAnnounce() -> Recovery {
    failUnexpected(AnnounceSubject.keywords.map { .word($0) } + [.string])
  }

  mutating func freeze() throws(Recovery) -> StatementKind {
    guard FreezeClause(token.keyword) == nil else { throw failUnexpected([.environment]) }
    let environment = try name(.environment)
    var seen = SeenClauses()
    var until: Expression?
    var except: NameNode?
    var because: StringLiteral?
    while let (clause, word) = try clause(FreezeClause.self) {
      switch clause {
      case .until:
        try once(.until, word, &seen)
        until = try time()
      case .except:
        try once(.except, word, &seen)
        except = try name(.team)
      case .because:
        try once(.because, word, &seen)
        because = try string()
      }
    }
    guard let until, let because else { throw failMissingClause(until == nil ? "until" : "because", of: "freeze") }
    return .freeze(FreezeStatement(environment: environment, until: until, except: except, because: because))
  }

  private mutating func failMissingClause(_ clause: String, of verb: String) -> Recovery {
    fail(SyntaxMessages.missingClause(clause, of: verb, at: foundSpan))
  }

  mutating func thaw() throws(Recovery) -> StatementKind {
    guard ThawClause(token.keyword) == nil else { throw failUnexpected([.environment]) }
    let environment = try name(.environment)
    var seen = SeenClauses()
    var because: StringLiteral?
    while let (clause, word) = try clause(ThawClause.self) {
      switch clause {
      case .because:
        try once(.because, word, &seen)
        because = try string()
      }
    }
    guard let because else { throw failMissingClause("because", of: "thaw") }
    return .thaw(ThawStatement(environment: environment, because: because))
  }

  mutating func confirm() throws(Recovery) -> StatementKind {
    if take(.checklist) { return .confirm(ConfirmStatement(question: nil)) }
    guard token.kind == .string || token.kind == .stringBlock else {
      throw failUnexpected([.word(.checklist), .string])
    }
    return .confirm(ConfirmStatement(question: try string()))
  }

  mutating func run() throws(Recovery) -> StatementKind {
    let isShell = take(.shell)
    guard token.kind == .string || token.kind == .stringBlock else {
      throw failUnexpected(isShell ? [.string] : [.word(.shell), .string])
    }
    var statement = RunStatement(command: try string(), isShell: isShell)
    var seen = SeenClauses()
    while let (clause, word) = try clause(RunClause.self) {
      switch clause {
      case .within:
        try once(.within, word, &seen)
        statement.within = try duration()
      case .in:
        try once(.in, word, &seen)
        statement.directory = try string()
      }
    }
    return .run(statement)
  }

  mutating func stop() throws(Recovery) -> StatementKind { .stop(StopStatement(reason: try string())) }

  mutating func failing() throws(Recovery) -> StatementKind { .fail(FailStatement(reason: try string())) }

  // MARK: Require

  mutating func require() throws(Recovery) -> StatementKind {
    let requirement = try requirement()
    var message: StringLiteral?
    if take(.else) {
      message = try string()
    } else if !isAtStatementEnd {
      throw failRequire(requirement)
    }
    return .require(RequireStatement(requirement: requirement, message: message))
  }

  private mutating func failRequire(_ requirement: RequireStatement.Requirement) -> Recovery {
    if token.kind == .string { return fail(SyntaxMessages.missingWord(.else, before: "message", at: token.span)) }
    if case .condition = requirement { return failUnexpected([.operation, .word(.else), .statementEnd]) }
    return failUnexpected([.word(.else), .statementEnd])
  }

  private mutating func requirement() throws(Recovery) -> RequireStatement.Requirement {
    guard isAt(.window), isWindow(before: peek()) else { return .condition(try expression()) }
    advance()
    if isAtStatementEnd || isAt(.else) { return .configuredWindow }
    return .window(try window())
  }

  /// Whether `window` in front of this token is the word and not a variable: no operator follows.
  private func isWindow(before next: Token) -> Bool {
    switch next.kind {
    case .name: !(next.keyword.map(Keyword.operators.contains) ?? false)
    case .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus, .foreignOperator: false
    default: true
    }
  }

  /// `weekdays 18:00 to 22:00 "Europe/London"`
  private mutating func window() throws(Recovery) -> WindowNode {
    var days = [try day()]
    while token.kind == .comma {
      advance()
      skipNewlines()
      days.append(try day())
    }
    let from = try time()
    try expect(.to)
    let to = try time()
    let zone = token.kind == .string ? try string() : nil
    return WindowNode(days: days, from: from, to: to, zone: zone)
  }

  private mutating func day() throws(Recovery) -> NameNode {
    guard let keyword = token.keyword, Keyword.days.contains(keyword) else { throw failDay() }
    return try name(.day)
  }

  private mutating func failDay() -> Recovery {
    let near = token.kind == .name ? nearest(shown(token), among: Keyword.days.map(\.rawValue)) : nil
    return fail(
      lexicalError() ?? SyntaxMessages.unexpected(describe(token), expected: [.day], nearest: near, at: foundSpan)
    )
  }
}
