public import RunbookDiagnostics

/// The kinds of tokens. Words are classed in the order of LANGUAGE: duration, version, number, name.
public enum TokenKind: UInt8, CaseIterable, Sendable {
  /// `api`, `team.api`, and every keyword.
  case name
  /// `90s`, `1h30m`
  case duration
  /// `v1.2.2`, `1.2.2-rc.1+b7`
  case version
  case integer
  /// `1.2`
  case decimal
  /// `0.5%`
  case percentage
  /// `18:00`
  case clockTime
  /// `2026-12-24T18:00+00:00`
  case dateTime
  /// A run of name characters that is none of the above, such as `API` or `a_b`.
  case malformedWord
  /// `"…"`
  case string
  /// `"""…"""`
  case stringBlock
  /// A string without its closing quotes: up to the end of the line, a block up to the end of the text.
  case unterminatedString
  /// Text in single or typographic quotes.
  case wronglyQuoted
  case comma
  case semicolon
  case newline
  case leftBrace
  case rightBrace
  case leftParenthesis
  case rightParenthesis
  case leftBracket
  case rightBracket
  case equals
  case less
  case lessOrEqual
  case greater
  case greaterOrEqual
  case plus
  case minus
  /// An operator of other languages: `==`, `!=`, `!`, `&&`, `||`, `<>`, `=>`, `=<`.
  case foreignOperator
  /// `#` to the end of the line.
  case comment
  /// A character that begins nothing.
  case stray
  case endOfFile
}

/// A piece of the text: twelve bytes, no text of its own.
public struct Token: Hashable, Sendable {
  public let kind: TokenKind
  /// The keyword that a name reads as.
  public let keyword: Keyword?
  /// Whether it is a string whose text means itself: without escapes, interpolations and lines.
  public let isPlain: Bool
  public let span: SourceSpan

  public init(kind: TokenKind, keyword: Keyword? = nil, isPlain: Bool = false, span: SourceSpan) {
    self.kind = kind
    self.keyword = keyword
    self.isPlain = isPlain
    self.span = span
  }
}
