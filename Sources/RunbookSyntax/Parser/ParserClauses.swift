internal import RunbookDiagnostics

/// The clauses of a statement read so far, to find the ones that stand twice.
struct SeenClauses {
  private var seen: [(clause: String, span: SourceSpan)] = []

  /// The place of an earlier clause of this name; else remembers this one.
  mutating func insert(_ clause: String, _ span: SourceSpan) -> SourceSpan? {
    if let first = seen.first(where: { $0.clause == clause }) { return first.span }
    seen.append((clause, span))
    return nil
  }
}

extension Parser {
  // MARK: Targets

  /// Targets with the environment in front of them, if two names follow each other.
  mutating func scope<C: Clause>(
    _ clauses: C.Type
  ) throws(Recovery) -> (environment: NameNode?, targets: TargetsNode) {
    let keywords = C.keywords
    guard startsName(keywords), !isAt(.all), !isAt(.promoted) else {
      return (nil, try targets(clauses))
    }
    let next = peek()
    guard next.kind == .name || next.kind == .string, !isClauseWord(next, keywords), !isMistypedClause(next, keywords)
    else { return (nil, try targets(clauses)) }
    let environment = try name(.environment)
    return (environment, try targets(clauses))
  }

  mutating func optionalScope<C: Clause>(
    _ clauses: C.Type
  ) throws(Recovery) -> (environment: NameNode?, targets: TargetsNode)? {
    let keywords = C.keywords
    guard startsName(keywords), !isMistypedClause(token, keywords) else { return nil }
    return try scope(clauses)
  }

  /// `all`, `promoted` or a list.
  mutating func targets<C: Clause>(_ clauses: C.Type) throws(Recovery) -> TargetsNode {
    let start = token
    if isAt(.all) || isAt(.promoted) {
      advance()
      return TargetsNode(kind: start.keyword == .all ? .all : .promoted, span: start.span)
    }
    let names = try names([.service, .word(.all), .word(.promoted)], clauses: C.keywords)
    return TargetsNode(kind: .names(names), span: start.span.union(previous.span))
  }

  /// A list of names with commas between them; `first` is what the first of them could have been.
  mutating func names(_ first: [Expectation], clauses: [Keyword]) throws(Recovery) -> [NameNode] {
    guard startsName(clauses) else { throw fail(unexpected(first, detail: quotingDetail)) }
    var names = [try name(.service)]
    while token.kind == .comma {
      let comma = token.span
      advance()
      let isNewLine = token.kind == .newline
      skipNewlines()
      if isNewLine, let keyword = token.keyword, Keyword.statements.contains(keyword), peek().kind != .comma {
        // The statement ends in front of the verb, as if there were no comma.
        throw fail(SyntaxMessages.trailingComma(at: comma, next: keyword.rawValue))
      }
      guard startsName(clauses), !isAt(.all), !isAt(.promoted) else {
        throw fail(unexpected([.service], detail: quotingDetail))
      }
      names.append(try name(.service))
    }
    return names
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
      case .duration, .version, .integer, .decimal, .string: true
      default: behind.keyword == .if || behind.keyword == .commit || behind.keyword == .pr
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
    switch word.kind {
    case .name:
      advance()
      return NameNode(name: source.text(word.span), span: word.span)
    case .string:
      let literal = try string()
      return NameNode(name: literal.value, span: literal.span, isQuoted: true)
    default:
      throw fail(unexpected([expected], detail: quotingDetail))
    }
  }

  // MARK: Clauses

  /// The next clause and its keyword, which is consumed; nil at the end of the statement.
  mutating func clause<C: Clause>(
    _ clauses: C.Type,
    behind targets: TargetsNode?
  ) throws(Recovery) -> (C, Token)? {
    if isAtStatementEnd { return nil }
    let word = token
    if let keyword = word.keyword, let clause = C.allCases.first(where: { $0.keyword == keyword }) {
      advance()
      return (clause, word)
    }
    throw fail(notAClause(C.keywords, behind: targets))
  }

  private func notAClause(_ keywords: [Keyword], behind targets: TargetsNode?) -> SyntaxError {
    if let error = lexicalError() { return error }
    if token.kind == .version,
      let keyword = keywords.first(where: { $0 == .at }) ?? keywords.first(where: { $0 == .to })
    {
      return SyntaxMessages.missingWord(keyword, before: "version", at: token.span)
    }
    if token.kind == .string, keywords.contains(.because) {
      return SyntaxMessages.missingWord(.because, before: "reason", at: token.span)
    }
    if token.kind == .duration, let keyword = keywords.first(where: { $0 == .within || $0 == .every }) {
      return SyntaxMessages.missingWord(keyword, before: "duration", at: token.span)
    }
    if token.kind == .name || token.kind == .malformedWord {
      if let word = nearest(shown(token), among: keywords.map(\.rawValue)) {
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

  /// Fails where the clause, named with its noun, stood in the statement before; it counts once.
  mutating func once(_ clause: String, _ word: Token, _ seen: inout SeenClauses) throws(Recovery) {
    guard let first = seen.insert(clause, word.span) else { return }
    throw fail(SyntaxMessages.duplicateClause(clause, at: word.span, first: first))
  }

  mutating func expect(_ keyword: Keyword) throws(Recovery) {
    guard isAt(keyword) else { throw fail(unexpected([.word(keyword)])) }
    advance()
  }

  mutating func reason(of clause: String) throws(Recovery) -> StringLiteral {
    guard isAt(.because) else {
      throw fail(
        lexicalError() ?? SyntaxMessages.missingReason(after: clause, found: describe(token), at: token.span)
      )
    }
    advance()
    return try string()
  }

  mutating func way(_ word: Token, _ ways: [Keyword]) throws(Recovery) -> WayNode {
    guard let keyword = token.keyword, ways.contains(keyword) else {
      throw fail(unexpected(ways.map { .word($0) }))
    }
    advance()
    return WayNode(kind: keyword == .pr ? .pullRequest : .commit, span: word.span.union(previous.span))
  }
}
