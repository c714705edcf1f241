internal import RunbookDiagnostics

// The verbs of a release: from `validate` to `rollback`.

extension Parser {
  mutating func validate() throws(Recovery) -> StatementKind {
    .validate(ValidateStatement(scope: try wholeScope()))
  }

  /// A scope behind which nothing stands.
  private mutating func wholeScope() throws(Recovery) -> ScopeNode {
    let scope = try scope(NoClause.self)
    _ = try clause(NoClause.self, behind: scope.targets)
    return scope
  }

  // MARK: Promote

  mutating func promote() throws(Recovery) -> StatementKind {
    var statement = PromoteStatement(targets: try targets(PromoteClause.self))
    var seen = SeenClauses()
    while let (clause, word) = try clause(PromoteClause.self, behind: statement.targets) {
      switch clause {
      case .except:
        try once(.except, word, &seen)
        statement.except = try names(clauses: PromoteClause.keywords)
      case .from:
        try once(.from, word, &seen)
        statement.from = try name(.environment)
      case .to:
        try once(.to, word, &seen)
        statement.to = try name(.environment)
      case .at:
        try once(.at, word, &seen)
        statement.version = try version()
      case .by:
        try once(.by, word, &seen)
        statement.way = try way(word, [.pr, .commit])
      case .without:
        try expect(.validation)
        try once(.withoutValidation, word, &seen)
        statement.withoutValidation = try reason(of: .withoutValidation)
      case .allowing:
        try allowance(word, &statement, &seen)
      case .because:
        try once(.because, word, &seen)
        statement.because = try string()
      }
    }
    return .promote(statement)
  }

  /// `allowing downgrade because "…"`, `allowing unstaged because "…"`
  private mutating func allowance(
    _ word: Token,
    _ statement: inout PromoteStatement,
    _ seen: inout SeenClauses
  ) throws(Recovery) {
    if take(.downgrade) {
      try once(.allowingDowngrade, word, &seen)
      statement.allowingDowngrade = try reason(of: .allowingDowngrade)
    } else if take(.unstaged) {
      try once(.allowingUnstaged, word, &seen)
      statement.allowingUnstaged = try reason(of: .allowingUnstaged)
    } else {
      throw failUnexpected([.word(.downgrade), .word(.unstaged)])
    }
  }

  /// The way behind `by`.
  mutating func way(_ word: Token, _ ways: [WayWord]) throws(Recovery) -> WayNode {
    guard let way = WayWord(token.keyword), ways.contains(way) else { throw failWay(ways) }
    advance()
    let kind: WayNode.Kind =
      switch way {
      case .commit: .commit
      case .pr: .pullRequest
      case .revert: .revert(of: take(.of) ? try string() : nil)
      case .undo: .undo
      }
    return WayNode(kind: kind, span: word.span.union(previous.span))
  }

  private mutating func failWay(_ ways: [WayWord]) -> Recovery {
    // `by pull request`
    if isAt(.pull), peek().keyword == .request, ways.contains(.pr) {
      let span = token.span.union(peek().span)
      return fail(SyntaxMessages.unknownClause("pull request", nearest: "pr", at: span))
    }
    if ways.contains(.pr), NearestSpelling.isPullRequest(shown(token)) {
      return fail(SyntaxMessages.unknownClause(shown(token), nearest: "pr", at: token.span))
    }
    return failUnexpected(ways.map { .word($0.keyword) })
  }

  // MARK: Wait, merge

  mutating func wait() throws(Recovery) -> StatementKind {
    skipFor()
    guard let subject = WaitSubject(token.keyword) else { return try waitForTime() }
    advance()
    var statement: WaitStatement
    switch subject {
    case .merge: statement = WaitStatement(condition: .merge)
    case .sync: statement = WaitStatement(condition: .sync)
    case .rollout: statement = WaitStatement(condition: .rollout)
    case .until: return .wait(WaitStatement(condition: .until(try time())))
    }
    if subject != .merge { statement.scope = try optionalScope(WithinClause.self) }
    statement.within = try onlyWithin(behind: statement.scope.targets)
    return .wait(statement)
  }

  private mutating func waitForTime() throws(Recovery) -> StatementKind {
    guard startsDuration else {
      throw failUnexpected([.word(.merge), .word(.sync), .word(.rollout), .word(.until), .duration])
    }
    return .wait(WaitStatement(condition: .elapsed(try duration())))
  }

  /// `wait for …`, `wait for the …`, `monitor for …`: words that only people need.
  private mutating func skipFor() {
    let start = token.span
    guard isAt(.for), !Self.endsStatement(peek().kind) else { return }
    advance()
    if isAt(.the), !Self.endsStatement(peek().kind) { advance() }
    let words = source.text(start.union(previous.span))
    note(SyntaxMessages.superfluousWord(words, at: start.union(previous.span), upTo: token.span.start))
  }

  /// `within D`, once and with nothing behind it, or nothing.
  private mutating func onlyWithin(behind targets: TargetsNode?) throws(Recovery) -> Expression? {
    var seen = SeenClauses()
    var within: Expression?
    while let (clause, word) = try clause(WithinClause.self, behind: targets) {
      switch clause {
      case .within:
        try once(.within, word, &seen)
        within = try duration()
      }
    }
    return within
  }

  mutating func merge() throws(Recovery) -> StatementKind {
    .merge(MergeStatement(within: try onlyWithin(behind: nil)))
  }

  // MARK: Monitor, verify

  mutating func monitor() throws(Recovery) -> StatementKind {
    skipFor()
    var statement = MonitorStatement(duration: try duration())
    statement.scope = try optionalScope(MonitorClause.self)
    var seen = SeenClauses()
    while let (clause, word) = try clause(MonitorClause.self, behind: statement.scope.targets) {
      switch clause {
      case .every:
        try once(.every, word, &seen)
        statement.every = try duration()
      case .allowing:
        try allowance(word, &statement, &seen)
      }
    }
    return .monitor(statement)
  }

  /// `allowing 2 restarts`, `allowing 5 errors per 1m`
  private mutating func allowance(
    _ word: Token,
    _ statement: inout MonitorStatement,
    _ seen: inout SeenClauses
  ) throws(Recovery) {
    let count = try wholeNumber()
    if isAt(.restarts) || isAt(.restart) {
      advance()
      try once(.allowingRestarts, word, &seen)
      statement.allowedRestarts = count
    } else if isAt(.errors) || isAt(.error) {
      advance()
      try expect(.per)
      let per = try duration()
      try once(.allowingErrors, word, &seen)
      statement.allowedErrors = MonitorStatement.ErrorAllowance(count: count, per: per)
    } else {
      throw failUnexpected([.word(.restarts), .word(.errors)])
    }
  }

  mutating func verify() throws(Recovery) -> StatementKind {
    let scope = try optionalScope(NoClause.self)
    _ = try clause(NoClause.self, behind: scope.targets)
    return .verify(VerifyStatement(scope: scope))
  }

  // MARK: Rollback, reconcile

  mutating func rollback() throws(Recovery) -> StatementKind {
    var statement = RollbackStatement(scope: try scope(RollbackClause.self))
    var seen = SeenClauses()
    while let (clause, word) = try clause(RollbackClause.self, behind: statement.scope.targets) {
      switch clause {
      case .to:
        try once(.to, word, &seen)
        if isPrevious { throw failPrevious(word) }
        statement.to = try version()
      case .by:
        try once(.by, word, &seen)
        statement.way = try way(word, [.commit, .pr, .revert, .undo])
      case .otherwise:
        try expect(.undo)
        try once(.otherwiseUndo, word, &seen)
        statement.otherwiseUndo = word.span.union(previous.span)
      case .because:
        try once(.because, word, &seen)
        statement.because = try string()
      case .even:
        try expect(.if)
        try expect(.undetermined)
        try once(.evenIfUndetermined, word, &seen)
        statement.evenIfUndetermined = word.span.union(previous.span)
      }
    }
    return .rollback(statement)
  }

  /// `rollback api to previous`
  private var isPrevious: Bool {
    token.kind == .name && ["previous", "before", "last", "the"].contains(shown(token))
  }

  private mutating func failPrevious(_ word: Token) -> Recovery {
    let first = token
    // `to the previous version`, `to previous version`
    while token.kind == .name, ["previous", "before", "last", "the", "version", "one"].contains(shown(token)) {
      advance()
    }
    let span = first.span.union(previous.span)
    let clause = SourceSpan(start: gapStart(before: word), end: span.end)
    return fail(SyntaxMessages.rollbackToPrevious(source.text(span), at: span, clause: clause))
  }

  mutating func reconcile() throws(Recovery) -> StatementKind {
    var statement = ReconcileStatement(scope: try scope(ReconcileClause.self))
    var seen = SeenClauses()
    while let (clause, word) = try clause(ReconcileClause.self, behind: statement.scope.targets) {
      switch clause {
      case .by:
        try once(.by, word, &seen)
        statement.way = try way(word, [.pr])
      }
    }
    return .reconcile(statement)
  }

  // MARK: Troubleshooting

  mutating func sync() throws(Recovery) -> StatementKind {
    var statement = SyncStatement(scope: try scope(SyncClause.self))
    var seen = SeenClauses()
    while let (clause, word) = try clause(SyncClause.self, behind: statement.scope.targets) {
      switch clause {
      case .replacing:
        try expect(.resources)
        try once(.replacingResources, word, &seen)
        statement.replacingResources = try reason(of: .replacingResources)
      }
    }
    return .sync(statement)
  }

  mutating func restart() throws(Recovery) -> StatementKind {
    .restart(RestartStatement(scope: try wholeScope()))
  }

  mutating func diagnose() throws(Recovery) -> StatementKind {
    .diagnose(DiagnoseStatement(scope: try wholeScope()))
  }

  mutating func show() throws(Recovery) -> StatementKind {
    guard let word = ShowSubject(token.keyword) else { throw failShow() }
    advance()
    let subject: ShowStatement.Subject
    switch word {
    case .status: subject = .status
    case .versions: subject = .versions
    case .diff: subject = .diff
    case .history: subject = .history
    case .logs: subject = .logs
    case .pods: subject = .pods
    case .pull:
      try expect(.requests)
      return .show(ShowStatement(subject: .pullRequests))
    }
    var statement = ShowStatement(subject: subject)
    statement.scope = try optionalScope(ShowClause.self)
    if subject == .logs || subject == .pods { statement.follow = try follow(behind: statement.scope.targets) }
    _ = try clause(NoClause.self, behind: statement.scope.targets)
    return .show(statement)
  }

  private mutating func failShow() -> Recovery {
    failUnexpected(ShowStatement.Subject.allCases.map { .phrase($0.rawValue) })
  }

  private mutating func follow(behind targets: TargetsNode?) throws(Recovery) -> SourceSpan? {
    guard let (_, word) = try clause(ShowClause.self, behind: targets) else { return nil }
    return word.span
  }
}
