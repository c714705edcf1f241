internal import RunbookDiagnostics

// What a scenario says: the closed forms of `given` and `expect`.

extension Parser {
  // MARK: Given

  mutating func given() throws(Recovery) -> StatementKind {
    let event = try event()
    var after: Expression?
    if take(.after) {
      after = try duration()
    } else if token.kind == .duration {
      note(SyntaxMessages.missingWord(.after, before: "duration", at: token.span))
      after = try duration()
    } else if !isAtStatementEnd {
      throw failUnexpected([.word(.after), .statementEnd])
    }
    return .given(GivenStatement(event: event, after: after))
  }

  private mutating func event() throws(Recovery) -> GivenStatement.Event {
    if isAt(.the) {
      advance()
      if take(.reviewer) { return try reviewer() }
      if take(.network) { return try network() }
      throw failUnexpected([.word(.reviewer), .word(.network)])
    }
    if isAt(.metric), peek().kind == .string { return try metric() }
    if isAt(.foreign), peek().keyword == .commits {
      advance()
      advance()
      try expect(.every)
      return .foreignCommits(every: try duration())
    }
    if token.kind == .integer || token.kind == .leftParenthesis { return try rejectedPushes() }
    return try serviceEvent()
  }

  private mutating func reviewer() throws(Recovery) -> GivenStatement.Event {
    if take(.merges) { return .reviewerMerges(by: take(.by) ? try name(.mergeMethod) : nil) }
    if take(.closes) { return .reviewerCloses }
    if take(.never) {
      try expect(.comes)
      return .reviewerNeverComes
    }
    if take(.edits) {
      let service = try name(.service)
      try expect(.to)
      return .reviewerEdits(service: service, version: try version())
    }
    throw failUnexpected([.word(.merges), .word(.closes), .word(.edits), .word(.never)])
  }

  private mutating func network() throws(Recovery) -> GivenStatement.Event {
    try expect(.is)
    try expect(.lost)
    try expect(.for)
    return .networkLost(duration: try duration())
  }

  private mutating func rejectedPushes() throws(Recovery) -> GivenStatement.Event {
    let count = try wholeNumber()
    try expect(.pushes)
    try expect(.are)
    try expect(.rejected)
    return .pushesRejected(count: count)
  }

  /// `metric "NAME" of SERVICE in ENV is 0.5`
  private mutating func metric() throws(Recovery) -> GivenStatement.Event {
    advance()
    let metric = try string()
    try expect(.of)
    let service = try name(.service)
    try expect(.in)
    let environment = try name(.environment)
    try expect(.is)
    let value = try operand()
    return .metric(metric, ScenarioSubject(environment: environment, service: service), value: value)
  }

  /// `ENV SERVICE crashes` and the like.
  private mutating func serviceEvent() throws(Recovery) -> GivenStatement.Event {
    guard token.kind == .name || token.kind == .string else { throw failEvent() }
    let environment = try name(.environment)
    let service = try name(.service)
    let subject = ScenarioSubject(environment: environment, service: service)
    switch token.keyword {
    case .crashes:
      advance()
      return .crashes(subject)
    case .cannot:
      advance()
      try expect(.be)
      if take(.pulled) { return .cannotBePulled(subject) }
      if take(.migrated) { return .cannotBeMigrated(subject) }
      throw failUnexpected([.word(.pulled), .word(.migrated)])
    case .migrates:
      advance()
      try expect(.for)
      return .migrates(subject, duration: try duration())
    case .never:
      advance()
      try expect(.becomes)
      try expect(.ready)
      return .neverReady(subject)
    case .answers:
      advance()
      return .answers(subject, status: try wholeNumber())
    case .logs:
      advance()
      return try loggedErrors(subject)
    case .moves:
      advance()
      try expect(.to)
      return .movesTo(subject, version: try version())
    case .syncs:
      advance()
      try expect(.slowly)
      try expect(.by)
      return .syncsSlowly(subject, by: try duration())
    case .heals:
      advance()
      try expect(.itself)
      return .healsItself(subject)
    case .scales:
      advance()
      try expect(.to)
      return .scalesTo(subject, count: try wholeNumber())
    case .is:
      advance()
      return try passiveEvent(subject)
    case .some, .none:
      throw failServiceEvent()
    }
  }

  /// What is done to a service: `is set to v1.1.1 by hand`, `is evicted`.
  private mutating func passiveEvent(_ subject: ScenarioSubject) throws(Recovery) -> GivenStatement.Event {
    let event: GivenStatement.Event
    if take(.evicted) { return .isEvicted(subject) }
    if take(.drained) { return .isDrained(subject) }
    if take(.set) {
      try expect(.to)
      event = .setByHand(subject, version: try version())
    } else if take(.scaled) {
      try expect(.to)
      event = .scaledByHand(subject, count: try wholeNumber())
    } else if take(.deleted) {
      event = .deletedByHand(subject)
    } else {
      let words: [Keyword] = [.set, .scaled, .deleted, .evicted, .drained]
      throw failUnexpected(words.map { .word($0) })
    }
    try expect(.by)
    try expect(.hand)
    return event
  }

  private mutating func loggedErrors(_ subject: ScenarioSubject) throws(Recovery) -> GivenStatement.Event {
    let count = try wholeNumber()
    guard isAt(.errors) || isAt(.error) else { throw failUnexpected([.word(.errors)]) }
    advance()
    try expect(.per)
    return .logsErrors(subject, count: count, per: try duration())
  }

  private mutating func failEvent() -> Recovery {
    failUnexpected([.environment, .phrase("the reviewer"), .phrase("the network"), .word(.metric), .wholeNumber])
  }

  private mutating func failServiceEvent() -> Recovery {
    let words: [Keyword] = [
      .crashes, .cannot, .never, .answers, .logs, .moves, .syncs, .scales, .heals, .migrates, .is,
    ]
    return failUnexpected(words.map { .word($0) })
  }

  // MARK: Expect

  mutating func expectation() throws(Recovery) -> StatementKind {
    let expectation = try expected()
    return .expect(ExpectStatement(expectation))
  }

  private mutating func expected() throws(Recovery) -> ExpectStatement.Expectation {
    // A service may be named like one of the words: `expect ok in production is v1.2.2`.
    if token.kind == .string || token.kind == .name && peek().keyword == .in { return try expectedVersion() }
    switch token.keyword {
    case .ok, .suspended, .undetermined, .refused, .failed:
      advance()
      return try ending(previous.span)
    case .timed:
      let start = token
      advance()
      try expect(.out)
      return try ending(start.span.union(previous.span))
    case .pull:
      advance()
      try expect(.request)
      guard isAt(.merged) || isAt(.closed) || isAt(.open) else {
        throw failUnexpected([.word(.merged), .word(.closed), .word(.open)])
      }
      return .pullRequest(state: try name(.name))
    case .no:
      advance()
      try expect(.pull)
      try expect(.request)
      return .pullRequest(state: nil)
    case .announced:
      advance()
      guard AnnounceSubject(token.keyword) != nil else {
        throw failUnexpected(AnnounceSubject.keywords.map { .word($0) })
      }
      return .announced(try name(.name))
    case .exit:
      advance()
      return .exit(try wholeNumber())
    case .within:
      advance()
      return .within(try duration())
    case .some, .none:
      throw failExpectation()
    }
  }

  private mutating func failExpectation() -> Recovery {
    let endings: [Keyword] = [.ok, .suspended, .undetermined, .refused, .failed]
    let others: [Keyword] = [.announced, .exit, .within]
    let expected: [Expectation] =
      endings.map { .word($0) } + [.phrase("timed out"), .phrase("pull request"), .phrase("no pull request")]
      + others.map { .word($0) }
    // A service without its environment.
    if token.kind == .name, peek().kind == .name, nearest(shown(token), among: endings.map(\.rawValue)) == nil {
      advance()
      return failUnexpected([.word(.in)], detail: SyntaxMessages.expectVersion)
    }
    return failUnexpected(expected, detail: SyntaxMessages.expectVersion)
  }

  /// The verb behind an ending's `at`: `monitor`, `wait merge`.
  private mutating func ending(_ words: SourceSpan) throws(Recovery) -> ExpectStatement.Expectation {
    guard take(.at) else { return .ending(words, verb: nil) }
    guard let verb = StatementWord(token.keyword) else { throw failUnexpected([.verb]) }
    let start = token
    advance()
    if verb == .wait, isAt(.merge) || isAt(.sync) || isAt(.rollout) { advance() }
    return .ending(words, verb: start.span.union(previous.span))
  }

  /// `api in production is v1.2.2`
  private mutating func expectedVersion() throws(Recovery) -> ExpectStatement.Expectation {
    let service = try name(.service)
    try expect(.in)
    let environment = try name(.environment)
    try expect(.is)
    let subject = ScenarioSubject(environment: environment, service: service)
    return .version(subject, version: try version())
  }
}
