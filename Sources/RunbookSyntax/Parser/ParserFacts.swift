internal import RunbookDiagnostics

extension Parser {
  /// The fact that begins at the current word: in front of `of`, or where only the `of` is missing.
  func factHere() -> FactWord? {
    let next = peek()
    switch token.keyword {
    case .previous:
      return next.keyword == .version && isFactBefore(peekSecond()) ? .previousVersion : nil
    case .metric:
      // Alone with a string it is a variable with the description of an input.
      return next.kind == .string && !Self.endsStatement(peekSecond().kind) ? .metric : nil
    case .version: return isFactBefore(next) ? .version : nil
    case .health: return isFactBefore(next) ? .health : nil
    case .sync: return isFactBefore(next) ? .sync : nil
    case .image: return isFactBefore(next) ? .image : nil
    case .ready: return isFactBefore(next) ? .ready : nil
    case .replicas: return isFactBefore(next) ? .replicas : nil
    case .restarts: return isFactBefore(next) ? .restarts : nil
    case .errors: return isFactBefore(next) ? .errors : nil
    case .age: return isFactBefore(next) ? .age : nil
    case .some, .none: return nil
    }
  }

  /// `of`, or a service's name: two words behind each other are no expression, so the `of` was forgotten.
  private func isFactBefore(_ next: Token) -> Bool {
    if next.keyword == .of { return true }
    guard next.kind == .name else { return false }
    guard let keyword = next.keyword else { return true }
    return !Keyword.operators.contains(keyword) && keyword != .else && keyword != .after
  }

  /// A fact from its first word.
  mutating func fact(_ word: FactWord) throws(Recovery) -> Expression {
    let start = token
    try deeper()
    advance()
    var metric: StringLiteral?
    if word == .previousVersion { advance() }
    if word == .metric { metric = try string() }
    let wordSpan = start.span.union(previous.span)
    let metricHeight = height
    if !take(.of) { try missing(.of, before: "service") }
    let service = try factService()
    let highest = max(height, metricHeight)
    if !take(.in) { try missing(.in, before: "environment") }
    let environment = try name(.environment)
    let window = try window(of: word)
    depth -= 1
    try grow(from: max(highest, window == nil ? 0 : height))
    let node = FactNode(
      word: word,
      wordSpan: wordSpan,
      metric: metric,
      service: service,
      environment: environment,
      window: window
    )
    return Expression(kind: .fact(node), span: start.span.union(previous.span))
  }

  /// Notes the missing word where what it stands in front of is there; else gives up.
  private mutating func missing(_ keyword: Keyword, before what: String) throws(Recovery) {
    let isWord = token.kind == .name && !(token.keyword.map(Keyword.operators.contains) ?? false)
    guard isWord || token.kind == .string || keyword == .of && token.kind == .leftParenthesis else {
      throw failUnexpected([.word(keyword)], detail: SyntaxMessages.factsNameTheirEnvironment)
    }
    // `api api in production`, `version version of api`
    if let repeated = repeatedWord() {
      note(repeated)
      advance()
      if take(keyword) { return }
      throw failUnexpected([.word(keyword)])
    }
    let next = peek().kind
    if token.keyword == nil, nearest(shown(token), among: [keyword.rawValue]) != nil,
      next == .name || next == .string || next == .leftParenthesis
    {
      // A word that is nearly the right one, with what is due behind it.
      note(SyntaxMessages.unknownClause(shown(token), nearest: keyword.rawValue, at: token.span))
      return advance()
    }
    note(SyntaxMessages.missingWord(keyword, before: what, at: token.span))
  }

  /// A name or an expression in parentheses.
  private mutating func factService() throws(Recovery) -> Expression {
    // `of of api`
    if isAt(.of), let repeated = repeatedWord(), peek().kind == .name, peek().keyword != .in {
      note(repeated)
      advance()
    }
    if token.kind == .leftParenthesis { return try operand() }
    let name = try name(.service)
    height = 1
    return Expression(kind: .name(name), span: name.span)
  }

  /// `since 5m` of errors, `over 5m` of a metric.
  private mutating func window(of word: FactWord) throws(Recovery) -> Expression? {
    guard let due = windowWord(of: word) else { return nil }
    if take(due) { return try windowLength() }
    let other: Keyword = due == .since ? .over : .since
    if isAt(other) {
      note(SyntaxMessages.unknownClause(other.rawValue, nearest: due.rawValue, at: token.span))
      advance()
      return try windowLength()
    }
    guard token.kind == .duration else { return nil }
    note(SyntaxMessages.missingWord(due, before: "duration", at: token.span))
    return try windowLength()
  }

  private func windowWord(of word: FactWord) -> Keyword? {
    switch word {
    case .errors: .since
    case .metric: .over
    case .version, .previousVersion, .health, .sync, .image, .ready, .replicas, .restarts, .age: nil
    }
  }

  /// A literal, a name or an expression in parentheses.
  private mutating func windowLength() throws(Recovery) -> Expression {
    let isVariable = token.kind == .name && WordClass.isLowercase(bytes[Int(token.span.start)])
    guard isVariable, !(token.keyword.map(Keyword.operators.contains) ?? false) else { return try duration() }
    return name()
  }
}
