public import RunbookDiagnostics

extension Parser {
  mutating func string() throws(Recovery) -> StringLiteral {
    let word = token
    guard word.kind == .string || word.kind == .stringBlock else { throw failString() }
    height = 0
    if word.isPlain {
      advance()
      return StringLiteral(span: word.span)
    }
    return decodedString(word)
  }

  private mutating func failString() -> Recovery {
    guard token.kind == .name || token.kind == .malformedWord else { return failUnexpected([.string]) }
    var error = SyntaxMessages.unexpected(describe(token), expected: [.string], at: token.span)
    // A word by itself lacks its quotes.
    let next = peek().kind
    if Self.endsStatement(next) || next == .rightParenthesis || next == .leftBrace, !shown(token).hasSuffix("…") {
      error.replacements = [.init(token.span, with: "\"\(shown(token))\"")]
    }
    return fail(error)
  }

  /// A string with escapes, interpolations or lines, whose errors are noted.
  private mutating func decodedString(_ word: Token) -> StringLiteral {
    let isBlock = word.kind == .stringBlock
    var decoder = StringDecoder(bytes, word.span, isBlock: isBlock, isClosed: true, keepsText: false)
    let pieces = decoder.decode()
    for error in decoder.errors { note(error) }
    var interpolations: [StringLiteral.Interpolation] = []
    var deepest = 0
    for case .interpolation(let span) in pieces {
      if let interpolation = interpolation(span) { interpolations.append(interpolation) }
      deepest = max(deepest, height + 1)
    }
    height = deepest
    advance()
    return StringLiteral(span: word.span, isBlock: isBlock, interpolations: interpolations)
  }

  /// Where the parser stood in front of an interpolation.
  private struct Place {
    let tokens: [Token]
    let index: Int
    let token: Token
    let previous: Token
    let brackets: Int
    let depth: Int
    let isInString: Bool
  }

  /// Reads the expression between the braces of `span`; nil where it is wrong, which was noted.
  private mutating func interpolation(_ span: SourceSpan) -> StringLiteral.Interpolation? {
    guard depth < Self.deepestNesting else {
      note(
        SyntaxMessages.nestingTooDeep(
          limit: Self.deepestNesting,
          at: SourceSpan(start: span.start, end: span.start + 1)
        )
      )
      return nil
    }
    let place = enterInterpolation(span)
    let expression = interpolatedExpression()
    leaveInterpolation(place)
    return expression.map { StringLiteral.Interpolation(span: span, expression: $0) }
  }

  private mutating func enterInterpolation(_ span: SourceSpan) -> Place {
    let place = Place(
      tokens: tokens,
      index: index,
      token: token,
      previous: previous,
      brackets: brackets,
      depth: depth,
      isInString: isInString
    )
    var lexer = Lexer(bytes, Int(span.start) + 1..<Int(span.end) - 1)
    var (inner, comments) = Self.sorted(&lexer)
    // The end stands where the brace does.
    let brace = SourceSpan(start: span.end - 1, end: span.end - 1)
    inner[inner.count - 1] = Token(kind: .endOfFile, span: brace)
    if let comment = comments.first { note(SyntaxMessages.commentInString(at: comment.span)) }
    comments = []
    (tokens, index, token, isInString) = (inner, 0, inner[0], true)
    previous = Token(kind: .leftBrace, span: SourceSpan(start: span.start, end: span.start + 1))
    // Line breaks do not count in a block's interpolation.
    (brackets, depth) = (1, depth + 1)
    skipNewlines()
    return place
  }

  private mutating func leaveInterpolation(_ place: Place) {
    (tokens, index, token, previous) = (place.tokens, place.index, place.token, place.previous)
    (brackets, depth, isInString) = (place.brackets, place.depth, place.isInString)
  }

  private mutating func interpolatedExpression() -> Expression? {
    do throws(Recovery) {
      let expression = try expression()
      guard token.kind == .endOfFile else { throw failInterpolation() }
      return expression
    } catch {
      return nil
    }
  }

  private mutating func failInterpolation() -> Recovery {
    failUnexpected([.operation, .rightBrace])
  }
}

extension StringLiteral {
  /// The pieces of the text in their order, with escapes resolved, and in a block without indentation. An interpolation
  /// with an error is left out.
  public func segments(in source: SourceText) -> [Segment] {
    source.bytes.withUnsafeBufferPointer { bytes in
      guard Int(span.end) <= bytes.count, span.count >= (isBlock ? 6 : 2) else { return [] }
      var decoder = StringDecoder(bytes, span, isBlock: isBlock, isClosed: true)
      return decoder.decode().compactMap { piece in
        switch piece {
        case .text(let text): .text(text)
        case .interpolation(let place):
          interpolations.first { $0.span == place }.map { .interpolation($0.expression) }
        }
      }
    }
  }

  /// The text with escapes resolved, and in a block without indentation. Interpolations are as they were written, in
  /// their braces.
  public func value(in source: SourceText) -> String {
    source.bytes.withUnsafeBufferPointer { bytes in
      guard Int(span.end) <= bytes.count, span.count >= (isBlock ? 6 : 2) else { return "" }
      var decoder = StringDecoder(bytes, span, isBlock: isBlock, isClosed: true)
      var value = ""
      for piece in decoder.decode() {
        switch piece {
        case .text(let text): value += text
        case .interpolation(let place): value += source.text(place)
        }
      }
      return value
    }
  }
}
