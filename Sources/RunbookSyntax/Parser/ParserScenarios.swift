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
      if take(.person) { return try person() }
      throw failUnexpected([.word(.reviewer), .word(.network), .word(.person)])
    }
    if isAt(.metric), peek().kind == .string { return try metric() }
    if isAt(.alert), peek().kind == .string { return try alert() }
    if isAt(.program), peek().kind == .string { return try program() }
    if isAt(.foreign), peek().keyword == .commits {
      advance()
      advance()
      try expect(.every)
      return .foreignCommits(every: try duration())
    }
    if token.kind == .integer || token.kind == .leftParenthesis { return try rejectedPushes() }
    if let next = peek().keyword, token.kind == .name || token.kind == .string,
      let event = try environmentEvent(next)
    {
      return event
    }
    return try serviceEvent()
  }

  /// `ENV is locked for 2h` and the like; nil where a service follows, which may be named like the words.
  private mutating func environmentEvent(_ next: Keyword) throws(Recovery) -> GivenStatement.Event? {
    let after = peekSecond().keyword
    if next == .is, after == .locked || after == .frozen {
      let environment = try name(.environment)
      advance()
      let isLocked = isAt(.locked)
      advance()
      try expect(.for)
      let duration = try duration()
      return isLocked ? .isLocked(environment, duration: duration) : .isFrozen(environment, duration: duration)
    }
    if next == .is, after.map({ !Self.serviceEvents.contains($0) }) ?? true {
      _ = try name(.environment)
      advance()
      throw failUnexpected([.word(.locked), .word(.frozen)])
    }
    if next == .leads, after == .to {
      let environment = try name(.environment)
      advance()
      advance()
      try expect(.another)
      try expect(.cluster)
      return .leadsElsewhere(environment)
    }
    return nil
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

  private mutating func person() throws(Recovery) -> GivenStatement.Event {
    if take(.says) {
      try expect(.no)
      return .personSaysNo
    }
    guard take(.never) else { throw failUnexpected([.phrase("says no"), .phrase("never answers")]) }
    try expect(.answers)
    return .personNeverAnswers
  }

  /// `program "npm run smoke" fails`, or `never ends`
  private mutating func program() throws(Recovery) -> GivenStatement.Event {
    advance()
    let line = try string()
    if take(.fails) { return .programFails(line) }
    guard take(.never) else { throw failUnexpected([.word(.fails), .phrase("never ends")]) }
    try expect(.ends)
    return .programNeverEnds(line)
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

  /// `metric "NAME" of SERVICE in ENV is 0.5`, or `has no data`
  private mutating func metric() throws(Recovery) -> GivenStatement.Event {
    advance()
    let metric = try string()
    let subject = try measuredSubject()
    if take(.is) { return .metric(metric, subject, value: try operand()) }
    guard take(.has) else { throw failUnexpected([.word(.is), .phrase("has no data")]) }
    try expect(.no)
    try expect(.data)
    return .noMetric(metric, subject)
  }

  /// `alert "NAME" of SERVICE in ENV fires`
  private mutating func alert() throws(Recovery) -> GivenStatement.Event {
    advance()
    let alert = try string()
    let subject = try measuredSubject()
    try expect(.fires)
    return .alert(alert, subject)
  }

  /// `of SERVICE in ENV`
  private mutating func measuredSubject() throws(Recovery) -> ScenarioSubject {
    try expect(.of)
    let service = try name(.service)
    try expect(.in)
    return ScenarioSubject(environment: try name(.environment), service: service)
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
    case .does:
      advance()
      try expect(.not)
      try expect(.answer)
      return .doesNotAnswer(subject)
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
    if take(.pushed) {
      try expect(.again)
      return .isPushedAgain(subject)
    }
    if take(.set) {
      try expect(.to)
      event = .setByHand(subject, version: try version())
    } else if take(.scaled) {
      try expect(.to)
      event = .scaledByHand(subject, count: try wholeNumber())
    } else if take(.deleted) {
      event = .deletedByHand(subject)
    } else {
      let words: [Keyword] = [.set, .scaled, .deleted, .evicted, .drained, .pushed]
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
    failUnexpected([
      .environment, .phrase("the reviewer"), .phrase("the network"), .phrase("the person"), .word(.program),
      .word(.metric), .word(.alert), .wholeNumber,
    ])
  }

  /// The words that say what happens to a service.
  private static let serviceEvents: [Keyword] = [
    .crashes, .cannot, .never, .answers, .does, .logs, .moves, .syncs, .scales, .heals, .migrates, .is,
  ]

  private mutating func failServiceEvent() -> Recovery { failUnexpected(Self.serviceEvents.map { .word($0) }) }

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
    case .safe:
      advance()
      return .safe
    case .some, .none:
      throw failExpectation()
    }
  }

  private mutating func failExpectation() -> Recovery {
    let endings: [Keyword] = [.ok, .suspended, .undetermined, .refused, .failed]
    let others: [Keyword] = [.announced, .exit, .within, .safe]
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
