internal import RunbookDiagnostics

/// Where a bracket ends: at its closing bracket, or in front of what shows that this is missing.
struct BracketEnd {
  let index: Int
  let isClosed: Bool
}

extension Parser {
  /// Skips the rest of a broken statement; gives the statements of blocks in it.
  mutating func skipToEnd() -> [Statement] {
    var body: [Statement] = []
    leaveBrackets()
    while token.kind != .endOfFile, token.kind != .semicolon, token.kind != .rightBrace {
      switch token.kind {
      case .leftBrace:
        body += skippedBlock()
      case .leftParenthesis, .leftBracket:
        if let end = bracketEnd(of: index), end.isClosed { move(to: end.index) }
        advance()
      case .newline:
        guard goesOnBehindNewline() else { return body }
      default:
        advance()
      }
    }
    return body
  }

  /// At a line break in a broken statement: whether the next line is still a part of it; then moves there.
  private mutating func goesOnBehindNewline() -> Bool {
    var next = index
    while tokens[next].kind == .newline { next += 1 }
    let first = tokens[next]
    switch first.kind {
    case .rightParenthesis, .rightBracket: break
    default:
      // A list goes on behind its comma and an expression behind an operator, unless a verb begins the next line; `sync of`
      // is a fact.
      let isVerb = StatementWord(first.keyword) != nil && tokens[next + 1].keyword != .of
      guard asksForMore(previous), !isVerb else { return false }
    }
    move(to: next)
    return true
  }

  private func asksForMore(_ token: Token) -> Bool {
    switch token.kind {
    case .comma, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus, .foreignOperator: true
    case .name: token.keyword.map(Keyword.operators.contains) ?? false
    default: false
    }
  }

  /// A block of a broken statement, with an `else` that follows it.
  private mutating func skippedBlock() -> [Statement] {
    guard let block = blockOfBroken() else { return [] }
    if let next = indexOfElse() { move(to: next + 1) }
    return block.statements
  }

  private mutating func blockOfBroken() -> Block? {
    do throws(Recovery) { return try block(endsAtElse: true) } catch { return nil }
  }

  // MARK: Braces

  /// Whether a `}` closes a block that was never opened: looks for one from the current token on.
  mutating func hasUnmatchedBraceAhead() -> Bool {
    guard braceSearches > 0, !isInString else { return false }
    braceSearches -= 1
    var open = 0
    for token in tokens[index...] {
      if token.kind == .leftBrace { open += 1 }
      if token.kind == .rightBrace { open -= 1 }
      if open < 0 - openBlocks { return true }
    }
    return false
  }

  /// Whether more blocks are opened from here on than are closed, even those that are open here.
  mutating func hasTooManyBracesAhead() -> Bool {
    guard braceSearches > 0, !isInString else { return false }
    braceSearches -= 1
    var open = openBlocks
    for token in tokens[index...] {
      if token.kind == .leftBrace { open += 1 }
      if token.kind == .rightBrace { open -= 1 }
    }
    return open > 0
  }

  /// The `{` whose `}` was most likely forgotten: the first whose counterpart stands further to the left than the line that
  /// it is on. The count of braces alone would always blame the outermost.
  func misalignedBrace() -> SourceSpan? {
    var open: [(brace: SourceSpan, column: Int)] = []
    var column = 0
    var startsLine = true
    for token in tokens {
      if startsLine { column = Int(token.span.start) - lineStart(before: token) }
      switch token.kind {
      case .leftBrace: open.append((token.span, column))
      case .rightBrace:
        guard let last = open.popLast() else { return nil }
        if startsLine, column < last.column { return last.brace }
      default: break
      }
      startsLine = token.kind == .newline
    }
    return nil
  }

  private func lineStart(before token: Token) -> Int {
    var start = Int(token.span.start)
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    return start
  }

  /// Skips from a `{` to its `}` without recursion.
  mutating func skipDeepBlock() {
    guard token.kind == .leftBrace else { return }
    var open = 0
    repeat {
      if token.kind == .leftBrace { open += 1 }
      if token.kind == .rightBrace { open -= 1 }
      advance()
    } while open > 0 && token.kind != .endOfFile
    // Its error stands for the braces that are missing, too.
    if open > 0 { reportedUnclosed = true }
  }

  // MARK: Brackets

  /// Where the bracket at an index ends; nil in an interpolation, which is short enough to be given up as a whole.
  mutating func bracketEnd(of open: Int) -> BracketEnd? {
    guard !isInString else { return nil }
    if bracketEnds.isEmpty { bracketEnds = findBracketEnds() }
    return bracketEnds[open]
  }

  /// Matches all brackets in one go. A bracket is not closed when a brace, or a line that begins a statement, comes first.
  private func findBracketEnds() -> [BracketEnd?] {
    var ends = [BracketEnd?](repeating: nil, count: tokens.count)
    var open: [Int] = []
    for (index, token) in tokens.enumerated() {
      switch token.kind {
      case .leftParenthesis, .leftBracket:
        open.append(index)
      case .rightParenthesis, .rightBracket:
        let opening: TokenKind = token.kind == .rightParenthesis ? .leftParenthesis : .leftBracket
        if let last = open.last, tokens[last].kind == opening {
          open.removeLast()
          ends[last] = BracketEnd(index: index, isClosed: true)
        }
      case .leftBrace, .rightBrace, .endOfFile, .semicolon:
        for last in open { ends[last] = BracketEnd(index: index, isClosed: false) }
        open = []
      case .newline:
        guard !open.isEmpty, beginsStatement(at: index + 1) else { continue }
        for last in open { ends[last] = BracketEnd(index: index, isClosed: false) }
        open = []
      default: continue
      }
    }
    return ends
  }

  /// Whether a statement word stands there, and not as a name among others.
  private func beginsStatement(at index: Int) -> Bool {
    guard index + 1 < tokens.count, StatementWord(tokens[index].keyword) != nil else { return false }
    switch tokens[index + 1].kind {
    case .comma, .rightParenthesis, .rightBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus,
      .minus, .foreignOperator:
      return false
    default:
      return !(tokens[index + 1].keyword.map(Keyword.operators.contains) ?? false)
    }
  }

  /// After an error in brackets: goes on behind the outermost, or where it should have been closed.
  private mutating func leaveBrackets() {
    guard brackets > 0 else { return }
    brackets = 0
    guard let end = bracketEnd(of: outermostBracket) else { return }
    move(to: end.index)
    if end.isClosed { advance() }
  }

  /// Opens a bracket at the current token.
  mutating func openBracket() {
    if brackets == 0 { outermostBracket = index }
    brackets += 1
    advance()
  }

  /// Consumes the closing bracket that is due. Where it is certain that it was forgotten, reports that and goes on as if it
  /// stood here.
  mutating func closeBracket(_ open: Token, at openIndex: Int, _ expected: [Expectation]) throws(Recovery) {
    let closing: TokenKind = open.kind == .leftParenthesis ? .rightParenthesis : .rightBracket
    if token.kind == closing {
      brackets -= 1
      advance()
      return
    }
    guard let end = bracketEnd(of: openIndex), !end.isClosed, lexicalError() == nil else {
      throw failUnexpected(expected)
    }
    let text = closing == .rightParenthesis ? ")" : "]"
    let isHere = isRightBehindPrevious(end.index)
    note(SyntaxMessages.unclosedBracket(text, open: open.span, behind: previous.span.end, isCertain: isHere))
    guard isHere else { throw Recovery() }
    brackets -= 1
    move(to: end.index)
  }

  /// Whether only line breaks stand between the token before and this index.
  private func isRightBehindPrevious(_ end: Int) -> Bool {
    var before = min(end, tokens.count - 1) - 1
    while before >= 0, tokens[before].kind == .newline { before -= 1 }
    return before >= 0 && tokens[before].span == previous.span
  }
}
