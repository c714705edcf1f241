internal import RunbookDiagnostics

extension Parser {
  // MARK: Targets

  /// Targets with the environment in front of them, if two names follow each other.
  mutating func scope<C: WordChoice>(_ clauses: C.Type) throws(Recovery) -> ScopeNode {
    let environment = try leadingEnvironment(clauses)
    return ScopeNode(environment: environment, targets: try targets(clauses))
  }

  /// The environment where targets follow it, in the same way as in ``scope(_:)``.
  private mutating func leadingEnvironment<C: WordChoice>(_ clauses: C.Type) throws(Recovery) -> NameNode? {
    guard startsName(C.keywords), !isAt(.all), !isAt(.promoted) else { return nil }
    let next = peek()
    guard next.kind == .name || next.kind == .string else { return nil }
    // `and` between names stands for the comma of a list.
    guard next.keyword != .and, !isClauseWord(next, C.keywords), !isMistypedClause(next, C.keywords) else { return nil }
    return try name(.environment)
  }

  mutating func optionalScope<C: WordChoice>(_ clauses: C.Type) throws(Recovery) -> ScopeNode {
    guard startsName(C.keywords), !isMistypedClause(token, C.keywords) else { return ScopeNode() }
    return try scope(clauses)
  }

  /// `all`, `promoted` or a list.
  mutating func targets<C: WordChoice>(_ clauses: C.Type) throws(Recovery) -> TargetsNode {
    let start = token
    if isAt(.all) || isAt(.promoted) {
      advance()
      return TargetsNode(kind: start.keyword == .all ? .all : .promoted, span: start.span)
    }
    guard startsName(C.keywords) else { throw failTargets() }
    let names = try names(clauses: C.keywords)
    return TargetsNode(kind: .names(names), span: start.span.union(previous.span))
  }

  private mutating func failTargets() -> Recovery {
    failUnexpected([.service, .word(.all), .word(.promoted)], detail: quotingDetail)
  }

  /// A list of names with commas between them.
  mutating func names(clauses: [Keyword]) throws(Recovery) -> [NameNode] {
    let first = try listedName(clauses)
    guard token.kind == .comma || isAt(.and) else { return [first] }
    var names = [first]
    while true {
      if isAt(.and), peek().kind == .name || peek().kind == .string {
        noteAndInList()
        advance()
      } else if token.kind == .comma {
        try listComma()
      } else {
        return names
      }
      names.append(try listedName(clauses))
    }
  }

  /// A name of a list: no clause word, and neither `all` nor `promoted`, which stand alone.
  private mutating func listedName(_ clauses: [Keyword]) throws(Recovery) -> NameNode {
    guard startsName(clauses), !isAt(.all), !isAt(.promoted) else {
      throw failUnexpected([.service], detail: quotingDetail)
    }
    return try name(.service)
  }

  private mutating func noteAndInList() {
    let span = SourceSpan(start: gapStart(before: token), end: token.span.end)
    note(SyntaxMessages.andInList(at: token.span, replacing: span))
  }

  /// A comma and the line breaks behind it.
  private mutating func listComma() throws(Recovery) {
    let comma = token.span
    advance()
    guard token.kind == .newline else { return }
    let end = index
    skipNewlines()
    guard let word = StatementWord(token.keyword) else { return }
    // The statement ends in front of the verb, as if there were no comma.
    move(to: end)
    throw fail(SyntaxMessages.trailingComma(at: comma, next: word.keyword.rawValue))
  }

  /// Whether the current token can be a name where the given clauses may begin too.
  private func startsName(_ clauses: [Keyword]) -> Bool {
    token.kind == .string || token.kind == .name && !isClauseWord(token, clauses)
  }

  private func isClauseWord(_ token: Token, _ clauses: [Keyword]) -> Bool {
    token.keyword.map(clauses.contains) ?? false
  }

  /// Whether a word in the place of a name is a clause's with a typo: it is near to one, and a value follows.
  private func isMistypedClause(_ word: Token, _ clauses: [Keyword]) -> Bool {
    guard word.kind == .name, word.keyword == nil, !clauses.isEmpty else { return false }
    let behind = word == token ? peek() : peekSecond()
    let isValue =
      switch behind.kind {
      case .duration, .version, .integer, .decimal, .string, .leftParenthesis: true
      default: behind.keyword == .if || WayWord(behind.keyword) != nil
      }
    return isValue && nearest(shown(word), among: clauses.map(\.rawValue)) != nil
  }

  private var quotingDetail: String? {
    switch token.kind {
    case .duration, .version, .integer, .decimal: SyntaxMessages.quoteTheName
    case .name: token.keyword == nil ? nil : SyntaxMessages.quoteTheName
    default: nil
    }
  }

  mutating func name(_ expected: Expectation) throws(Recovery) -> NameNode {
    let word = token
    if word.kind == .name {
      advance()
      return NameNode(span: word.span)
    }
    guard word.kind == .string else { throw failUnexpected([expected], detail: quotingDetail) }
    let literal = try string()
    guard literal.interpolations.isEmpty else { throw fail(SyntaxMessages.interpolatedName(at: literal.span)) }
    return NameNode(span: literal.span, isQuoted: true)
  }

  // MARK: Clauses

  /// The next clause and its keyword, which is consumed; nil at the end of the statement.
  mutating func clause<C: WordChoice>(
    _ clauses: C.Type,
    behind targets: TargetsNode? = nil
  ) throws(Recovery) -> (C, Token)? {
    if isAtStatementEnd { return nil }
    let word = token
    guard let clause = C(word.keyword) else { throw fail(notAClause(C.keywords, behind: targets)) }
    advance()
    return (clause, word)
  }

  private func notAClause(_ keywords: [Keyword], behind targets: TargetsNode?) -> SyntaxError {
    if let error = lexicalError() ?? repeatedWord() { return error }
    if let keyword = forgottenWord(keywords) {
      let what: String =
        switch token.kind {
        case .version: "version"
        case .string: "reason"
        case .clockTime, .dateTime: "time"
        default: "duration"
        }
      return SyntaxMessages.missingWord(keyword, before: what, at: token.span)
    }
    if keywords.contains(.from), targets != nil, [.all, .promoted].contains(token.keyword) {
      // Not the nearest clause: what stands in front is the mistake.
      return SyntaxMessages.unexpected(
        describe(token),
        expected: keywords.map { .word($0) } + [.statementEnd],
        at: token.span,
        detail: SyntaxMessages.promotionNamesServices
      )
    }
    if token.kind == .name || token.kind == .malformedWord {
      if let word = NearestSpelling.clause(shown(token), among: keywords) {
        return SyntaxMessages.unknownClause(shown(token), nearest: word, at: token.span)
      }
    }
    var expected: [Expectation] = keywords.map { .word($0) } + [.statementEnd]
    if case .names = targets?.kind, previous.span.end == targets?.span.end {
      expected.insert(.comma, at: 0)
      if token.kind == .name, token.keyword == nil, keywords.isEmpty {
        // Where clauses may follow, the word can be one that there is not, and a comma is no certain correction.
        return SyntaxMessages.missingComma(
          describe(token),
          expected: expected,
          at: token.span,
          end: previous.span.end
        )
      }
    }
    if token.kind == .name, token.keyword == nil, targets != nil {
      let detail = keywords.contains(.from) ? SyntaxMessages.environmentAfterTo : SyntaxMessages.environmentFirst
      return unexpected(expected, detail: detail)
    }
    return unexpected(expected)
  }

  /// The clause word that was forgotten in front of a value.
  private func forgottenWord(_ keywords: [Keyword]) -> Keyword? {
    let possible: [Keyword] =
      switch token.kind {
      case .version: [.at, .to]
      case .string: [.because]
      case .duration: [.within, .every]
      case .clockTime, .dateTime: [.until]
      default: []
      }
    return possible.first(where: keywords.contains)
  }

  mutating func expect(_ keyword: Keyword) throws(Recovery) {
    guard isAt(keyword) else { throw failUnexpected([.word(keyword)]) }
    advance()
  }

  /// The reason of what the rules refuse without one.
  mutating func reason(of clause: ClauseName) throws(Recovery) -> StringLiteral {
    guard isAt(.because) else { throw failReason(clause) }
    advance()
    return try string()
  }

  private mutating func failReason(_ clause: ClauseName) -> Recovery {
    let missing = SyntaxMessages.missingReason(after: clause.name, found: describe(token), at: foundSpan)
    return fail(lexicalError() ?? missing)
  }
}

/// The clauses of a statement read so far, to find the ones that stand twice.
struct SeenClauses {
  /// One more than where each clause begins; zero for those that have not been seen.
  private var places = SIMD32<UInt32>()

  /// The place of an earlier clause of this name; else remembers this one.
  mutating func insert(_ clause: ClauseName, _ word: Token) -> UInt32? {
    let number = clause.rawValue
    let place = places[number]
    if place > 0 { return place - 1 }
    places[number] = word.span.start + 1
    return nil
  }
}

extension Parser {
  /// Fails where the clause, named with its noun, stood in the statement before; it counts once.
  mutating func once(_ clause: ClauseName, _ word: Token, _ seen: inout SeenClauses) throws(Recovery) {
    guard let first = seen.insert(clause, word) else { return }
    let span = SourceSpan(start: first, end: first + UInt32(word.span.count))
    throw fail(SyntaxMessages.duplicateClause(clause.name, at: word.span, first: span))
  }
}
