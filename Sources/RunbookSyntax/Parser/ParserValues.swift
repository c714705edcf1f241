internal import RunbookDiagnostics

// Values in clauses: a literal of the kind that is due, or any expression in parentheses.

extension Parser {
  var startsDuration: Bool {
    switch token.kind {
    case .duration, .integer, .decimal, .leftParenthesis: true
    default: token.kind == .name && NearestSpelling.duration(shown(token)) != nil
    }
  }

  mutating func duration() throws(Recovery) -> Expression {
    let word = token
    if word.kind == .duration, let value = WordClass.duration(bytes, word.span.range) {
      advance()
      return Expression(kind: .duration(value), span: word.span)
    }
    if word.kind == .leftParenthesis { return try value() }
    throw fail(durationDue())
  }

  private func durationDue() -> SyntaxError {
    if let error = lexicalError(wordsAside: true) { return error }
    let text = shown(token)
    switch token.kind {
    case .integer where peek().kind == .name, .decimal where peek().kind == .name:
      // `30 minutes`
      let unit = peek()
      guard let nearest = NearestSpelling.duration(text + shown(unit)) else { break }
      let span = token.span.union(unit.span)
      return SyntaxMessages.durationDue("`\(source.text(span))`", nearest: nearest, at: span)
    case .name, .malformedWord:
      return SyntaxMessages.durationDue(
        describe(token),
        nearest: NearestSpelling.duration(text),
        variable: token.kind == .name && !text.contains(where: \.isNumber) ? text : nil,
        at: token.span
      )
    default: break
    }
    return SyntaxMessages.durationDue(describe(token), nearest: nil, at: foundSpan)
  }

  mutating func version() throws(Recovery) -> Expression {
    let word = token
    if word.kind == .version {
      advance()
      return Expression(kind: .version, span: word.span)
    }
    if word.kind == .leftParenthesis { return try value() }
    throw fail(versionDue())
  }

  private func versionDue() -> SyntaxError {
    if let error = lexicalError(wordsAside: true) { return error }
    let word: String? =
      switch token.kind {
      case .name where token.keyword == nil: shown(token)
      case .malformedWord, .integer, .decimal, .duration: shown(token)
      case .string: shown(token).filter { $0 != "\"" }
      default: nil
      }
    let nearest = word.flatMap { NearestSpelling.version($0) }
    return SyntaxMessages.versionDue(
      describe(token),
      nearest: nearest,
      // A version that was filled up, or cut, is a guess: it may be another one that was meant.
      isCertain: nearest.flatMap { word?.hasSuffix($0) } ?? true,
      variable: token.kind == .name && nearest == nil ? shown(token) : nil,
      at: foundSpan
    )
  }

  mutating func wholeNumber() throws(Recovery) -> Expression {
    if token.kind == .integer { return try integer() }
    if token.kind == .leftParenthesis { return try value() }
    throw failUnexpected([.wholeNumber])
  }

  /// An integer literal.
  mutating func integer() throws(Recovery) -> Expression {
    let word = token
    var value = 0
    for byte in bytes[word.span.range] {
      let (scaled, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = scaled.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !isTooLarge, !isOver else { throw fail(SyntaxMessages.numberTooLarge(at: word.span)) }
      value = sum
    }
    advance()
    return Expression(kind: .integer(value), span: word.span)
  }

  /// A time of day or a date with a time.
  mutating func time() throws(Recovery) -> Expression {
    let word = token
    switch word.kind {
    case .clockTime:
      advance()
      return Expression(kind: .clockTime, span: word.span)
    case .dateTime:
      advance()
      return Expression(kind: .dateTime, span: word.span)
    case .leftParenthesis:
      return try value()
    default:
      throw fail(timeDue())
    }
  }

  private func timeDue() -> SyntaxError {
    if let error = lexicalError(wordsAside: true) { return error }
    var nearest: String?
    if token.kind == .name || token.kind == .malformedWord || token.kind == .integer {
      nearest = NearestSpelling.time(shown(token))
    }
    let variable = token.kind == .name && nearest == nil ? shown(token) : nil
    return SyntaxMessages.timeDue(describe(token), nearest: nearest, variable: variable, at: foundSpan)
  }

  /// An expression in parentheses.
  private mutating func value() throws(Recovery) -> Expression { try operand() }

  // MARK: What was found

  /// "expected …, found …" about the current token; where the token itself is wrong, what is wrong with it.
  func unexpected(_ expected: [Expectation], detail: String? = nil) -> SyntaxError {
    lexicalError() ?? repeatedWord()
      ?? SyntaxMessages.unexpected(
        describe(token),
        expected: expected,
        nearest: nearestWord(expected),
        at: foundSpan,
        detail: detail
      )
  }

  /// The error of a word that is the one before it once more.
  func repeatedWord() -> SyntaxError? {
    guard token.kind == .name, previous.kind == .name, index > 0, tokens[index - 1].span == previous.span else {
      return nil
    }
    let text = source.text(token.span)
    guard text == source.text(previous.span) else { return nil }
    let gap = SourceSpan(start: previous.span.end, end: token.span.end)
    return SyntaxMessages.repeatedWord(shown(token), at: token.span, gap: gap)
  }

  /// The expected word that the current token most likely meant; nil where it is no misspelt word.
  private func nearestWord(_ expected: [Expectation]) -> String? {
    // An operator stands where it is meant, and is no misspelt `in`.
    guard token.kind == .name, !(token.keyword.map(Keyword.operators.contains) ?? false) else { return nil }
    let words = expected.compactMap { expectation -> String? in
      switch expectation {
      case .word(let keyword): keyword.rawValue
      case .phrase(let words): words
      case .statement, .verb, .service, .name, .environment, .team, .place, .day, .mergeMethod, .value, .operation,
        .duration, .version, .wholeNumber, .string, .description, .comma, .equals, .leftBrace, .rightBrace,
        .leftParenthesis, .rightParenthesis, .rightBracket, .statementEnd:
        nil
      }
    }
    let found = nearest(shown(token), among: words)
    return found == source.text(token.span) ? nil : found
  }

  /// Notes that something else was expected here and gives the statement up.
  mutating func failUnexpected(_ expected: [Expectation], detail: String? = nil) -> Recovery {
    fail(unexpected(expected, detail: detail))
  }

  /// Where a statement or the text ends too early, the place behind its last token.
  var foundSpan: SourceSpan {
    guard isAtStatementEnd, token.kind != .rightBrace else { return token.span }
    return SourceSpan(start: previous.span.end, end: previous.span.end)
  }

  /// The longest word that a message repeats.
  private static let longestShownWord = 80

  /// The text of a token, shortened where nobody would read it.
  func shown(_ token: Token) -> String {
    guard token.span.count > Self.longestShownWord else { return source.text(token.span) }
    let start = Int(token.span.start)
    return source.text(SourceSpan(start..<start + Self.longestShownWord)) + "…"
  }

  /// The end of what stands in front of a token on its line, so that the blanks between go with the token.
  func gapStart(before token: Token) -> UInt32 {
    var start = Int(token.span.start)
    while start > 0, bytes[start - 1] == UInt8(ascii: " ") || bytes[start - 1] == UInt8(ascii: "\t") { start -= 1 }
    return UInt32(start)
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .name, .malformedWord, .comma, .semicolon, .leftBrace, .rightBrace, .leftParenthesis, .rightParenthesis,
      .leftBracket, .rightBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus,
      .foreignOperator, .stray:
      "`\(shown(token))`"
    case .duration: "a duration"
    case .version: "a version"
    case .integer: "a number"
    case .decimal: "a decimal number"
    case .percentage: "a percentage"
    case .clockTime: "a time of day"
    case .dateTime: "a date"
    case .string, .stringBlock, .unterminatedString, .wronglyQuoted: "a string"
    case .comment: "a comment"
    case .newline: "the end of the line"
    case .endOfFile: isInString ? "the end of the interpolation" : "the end of the file"
    }
  }

  /// The error of a token that is wrong wherever it stands; with `wordsAside`, words are judged by the caller.
  func lexicalError(wordsAside: Bool = false) -> SyntaxError? {
    let span = token.span
    switch token.kind {
    case .unterminatedString:
      var decoder = StringDecoder(bytes, span, isBlock: false, isClosed: false)
      let isBlock = source.text(token.span).hasPrefix("\"\"\"")
      let subject = isBlock ? SourceSpan(start: span.start, end: span.start + 3) : span
      return SyntaxMessages.unterminatedString(isBlock: isBlock, at: subject, brace: decoder.openBrace())
    case .wronglyQuoted:
      return SyntaxMessages.wrongQuotes(at: span, corrected: straightQuoted(shown(token)))
    case .stray:
      return SyntaxMessages.stray(shown(token), at: span)
    case .foreignOperator:
      return SyntaxMessages.foreignOperator(shown(token), right: ForeignOperator.right(shown(token)), at: span)
    case .malformedWord where !wordsAside:
      return SyntaxMessages.malformedName(shown(token), nearest: NearestSpelling.name(shown(token)), at: span)
    case .name, .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .malformedWord, .string,
      .stringBlock, .comma, .semicolon, .newline, .leftBrace, .rightBrace, .leftParenthesis, .rightParenthesis,
      .leftBracket, .rightBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus, .comment,
      .endOfFile:
      return nil
    }
  }

  /// The text of other quotes in straight ones, where it needs no escape.
  private func straightQuoted(_ text: String) -> String? {
    guard text.count >= 2, !text.hasSuffix("…") else { return nil }
    let content = text.dropFirst().dropLast()
    guard let last = text.last, "'“”‘’»".contains(last), !content.contains(where: { "\"\\{}".contains($0) }) else {
      return nil
    }
    return "\"\(content)\""
  }
}
