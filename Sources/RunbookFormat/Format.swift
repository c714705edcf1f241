public import RunbookDiagnostics
public import RunbookSyntax

/// The one layout of a runbook: a statement a line, two blanks a block, one blank between words, a blank line where there
/// was one or more, lists broken behind commas where a line grows over ``lineWidth``. Lines end in LF, the last one too.
///
/// Words, strings and comments stay as they are written and in their order; only what stands between them changes, so
/// that the tree of the result differs from `file` in its places alone. The result laid out again is the same.
///
/// - Parameters:
///   - file: the tree of `source`, which must be free of syntax errors: what could not be read has no layout.
///   - source: the text that `file` was read from.
/// - Returns: the laid out text; where the tree does not belong to the text, or the text has errors after which words would
///   be lost, the text as it was.
public func format(_ file: RunbookFile, source: SourceText) -> String {
  var printer = LayoutPrinter(source, Landmarks(file))
  let result = SourceText(name: source.name, bytes: printer.laidOut())
  return keepsWords(of: source, in: result) ? result.text(result.span) : source.text(source.span)
}

/// The width in characters that lines are kept within where they can be broken. Comments do not count.
public let lineWidth = 100

/// Whether two texts have the same words, strings and comments in the same order; blanks, line breaks and `;` between
/// them are left out.
func keepsWords(of before: SourceText, in after: SourceText) -> Bool {
  words(of: before).elementsEqual(words(of: after)) { left, right in
    left.kind == right.kind && spelling(of: left, in: before) == spelling(of: right, in: after)
  }
}

private func words(of source: SourceText) -> some Sequence<Token> {
  tokens(of: source).lazy.filter { $0.kind != .newline && $0.kind != .semicolon }
}

/// The bytes of a token as the layout writes them: comments without blanks at their end, the lines of a block in LF.
func spelling(of token: Token, in source: SourceText) -> ArraySlice<UInt8> {
  var bytes = source.bytes[token.span.range]
  switch token.kind {
  case .comment:
    while let last = bytes.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") || last == UInt8(ascii: "\r") {
      bytes.removeLast()
    }
    return bytes
  case .stringBlock where bytes.contains(UInt8(ascii: "\r")):
    return lineFeedsOnly(bytes)
  case .name, .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .malformedWord, .string,
    .stringBlock, .unterminatedString, .wronglyQuoted, .comma, .semicolon, .newline, .leftBrace, .rightBrace,
    .leftParenthesis, .rightParenthesis, .leftBracket, .rightBracket, .equals, .less, .lessOrEqual, .greater,
    .greaterOrEqual, .plus, .minus, .foreignOperator, .stray, .endOfFile:
    return bytes
  }
}

/// The lines of a `"""` block in LF: a CR in front of a line break is no part of its value. A second one is, and would
/// take the place of the first; such a block is kept to the byte.
private func lineFeedsOnly(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count)
  for (index, byte) in zip(bytes.indices, bytes) {
    if byte == UInt8(ascii: "\n"), result.last == UInt8(ascii: "\r") {
      result.removeLast()
      if index >= bytes.startIndex + 2, bytes[index - 2] == UInt8(ascii: "\r") { return bytes }
    }
    result.append(byte)
  }
  return result[...]
}
