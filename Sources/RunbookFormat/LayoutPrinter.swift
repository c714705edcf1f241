internal import RunbookDiagnostics
internal import RunbookSyntax

/// Goes through the tokens of a text once and writes each of them in its place. What the tree says decides about lines
/// and blanks, never about whether a token is written.
struct LayoutPrinter {
  /// What the last token that is no comment was to the layout.
  private enum Position {
    case beginning
    case blockStart
    case blockEnd
    case statementEnd
    case inside
  }

  private let source: SourceText
  private let marks: Landmarks
  private var output: [UInt8] = []
  private var line: LayoutLine
  private var depth = 0
  private var position = Position.beginning
  /// The last token, and the last one that is no comment.
  private var last: Token?
  private var lastWord: Token?
  /// Line breaks since the last token, blank lines included.
  private var breaks = 0
  /// A comment here belongs to no token on its line.
  private var isDetached = true

  init(_ source: SourceText, _ marks: Landmarks) {
    (self.source, self.marks) = (source, marks)
    line = LayoutLine(indentation: 0)
    output.reserveCapacity(source.bytes.count + source.bytes.count / 8)
  }

  mutating func laidOut() -> [UInt8] {
    for token in tokens(of: source) {
      switch token.kind {
      case .newline:
        breaks += 1
        isDetached = true
      case .semicolon:
        breaks = 0
        // A comment behind it belongs to the statement on its line, where there is one.
        isDetached = isDetached || position != .statementEnd
      case .comment: write(comment: token)
      case .name, .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .malformedWord, .string,
        .stringBlock, .unterminatedString, .wronglyQuoted, .comma, .leftBrace, .rightBrace, .leftParenthesis,
        .rightParenthesis, .leftBracket, .rightBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus,
        .minus, .foreignOperator, .stray, .endOfFile:
        write(word: token)
      }
    }
    endLine()
    return output
  }

  // MARK: Tokens

  private mutating func write(comment: Token) {
    let bytes = spelling(of: comment, in: source)
    if !isDetached, last != nil {
      line.append(bytes, .suffix)
    } else if position == .inside {
      line.append(bytes, .ownLine)
    } else {
      // Between a `}` and its `else` stands no blank line: it would look like the end of the statement.
      startLine(allowsBlank: position != .blockEnd)
      line.append(bytes, .ownLine)
    }
    moveOn(comment)
  }

  private mutating func write(word token: Token) {
    let bytes = spelling(of: token, in: source)
    let start = token.span.start
    if marks.statementStarts.contains(start) {
      startLine(allowsBlank: true)
      line.append(bytes, .first)
    } else if marks.blockEnds.contains(start) {
      depth = max(0, depth - 1)
      if position == .blockStart, last?.kind != .comment {
        line.append(bytes, .joined)
      } else {
        startLine(allowsBlank: false)
        line.append(bytes, .first)
      }
    } else if position == .blockEnd, last?.kind == .comment {
      // `else` behind a comment.
      startLine(allowsBlank: false)
      line.append(bytes, .first)
    } else {
      line.append(bytes, space(before: token))
    }
    position = position(of: token)
    if position == .blockStart { depth += 1 }
    lastWord = token
    moveOn(token)
  }

  private mutating func moveOn(_ token: Token) {
    last = token
    breaks = 0
    isDetached = false
  }

  private func position(of token: Token) -> Position {
    if marks.blockStarts.contains(token.span.start) { return .blockStart }
    if marks.statementEnds.contains(token.span.end) { return .statementEnd }
    return marks.blockEnds.contains(token.span.start) ? .blockEnd : .inside
  }

  private func space(before token: Token) -> LayoutLine.Joint {
    guard let before = lastWord else { return .first }
    switch token.kind {
    case .comma, .rightParenthesis, .rightBracket: return .joined
    case .leftParenthesis where marks.callees.contains(before.span.start): return .joined
    case .name, .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .malformedWord, .string,
      .stringBlock, .unterminatedString, .wronglyQuoted, .semicolon, .newline, .leftBrace, .rightBrace,
      .leftParenthesis, .leftBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus, .comment,
      .foreignOperator, .stray, .endOfFile:
      break
    }
    if before.kind == .leftParenthesis || before.kind == .leftBracket { return .joined }
    // The word of a statement would begin one on a new line.
    let beginsStatement = token.keyword.map(Keyword.statements.contains) ?? false
    let isBreakable = before.kind == .comma || marks.connectives.contains(before.span.start)
    return isBreakable && !beginsStatement ? .breakable : .spaced
  }

  // MARK: Lines

  private mutating func startLine(allowsBlank: Bool) {
    let hasText = !output.isEmpty || !line.isEmpty
    let isFirstInBlock = position == .blockStart && last?.kind != .comment
    let wantsBlank = allowsBlank && breaks > 1 && hasText && !isFirstInBlock
    endLine()
    if wantsBlank { output.append(UInt8(ascii: "\n")) }
    line = LayoutLine(indentation: 2 * depth)
  }

  private mutating func endLine() {
    guard !line.isEmpty else { return }
    line.write(to: &output)
    line = LayoutLine(indentation: 2 * depth)
  }
}
