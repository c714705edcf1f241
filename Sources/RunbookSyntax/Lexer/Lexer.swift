public import RunbookDiagnostics

/// Cuts a text into tokens, one at a time. It never fails: what is wrong becomes a token that says so, and every byte
/// but blanks lies in exactly one token.
///
/// A lexer is a value: a copy looks ahead without moving the original.
public struct Lexer: Sendable {
  let bytes: [UInt8]
  var position: Int
  private let keywords = KeywordTable.shared

  public init(_ source: SourceText) {
    bytes = source.bytes
    // A byte order mark at the very beginning means nothing.
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next token; `.endOfFile` again and again at the end.
  public mutating func next() -> Token {
    skipBlanks()
    guard position < bytes.count else { return token(.endOfFile, from: bytes.count) }
    let start = position
    let byte = bytes[position]
    if isWordByte(byte), byte < 0x80 { return word(from: start) }
    switch byte {
    case UInt8(ascii: "\n"): return single(.newline)
    case UInt8(ascii: "\r") where peek(1) == UInt8(ascii: "\n"):
      position += 2
      return token(.newline, from: start)
    case UInt8(ascii: "#"):
      skipComment()
      return token(.comment, from: start)
    case UInt8(ascii: ","): return single(.comma)
    case UInt8(ascii: ";"): return single(.semicolon)
    case UInt8(ascii: "{"): return single(.leftBrace)
    case UInt8(ascii: "}"): return single(.rightBrace)
    case UInt8(ascii: "("): return single(.leftParenthesis)
    case UInt8(ascii: ")"): return single(.rightParenthesis)
    case UInt8(ascii: "["): return single(.leftBracket)
    case UInt8(ascii: "]"): return single(.rightBracket)
    case UInt8(ascii: "="): return single(.equals)
    case UInt8(ascii: "+"): return single(.plus)
    case UInt8(ascii: "<"): return comparison(.less, .lessOrEqual)
    case UInt8(ascii: ">"): return comparison(.greater, .greaterOrEqual)
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "'"): return quoted(closing: [[UInt8(ascii: "'")]])
    case 0x80...: return foreign(from: start)
    default: return single(.stray)
    }
  }

  @inline(__always)
  func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  func token(_ kind: TokenKind, from start: Int) -> Token {
    Token(kind: kind, span: SourceSpan(start..<position))
  }

  private mutating func single(_ kind: TokenKind) -> Token {
    position += 1
    return token(kind, from: position - 1)
  }

  private mutating func comparison(_ kind: TokenKind, _ orEqual: TokenKind) -> Token {
    let start = position
    let isEqual = peek(1) == UInt8(ascii: "=")
    position += isEqual ? 2 : 1
    return token(isEqual ? orEqual : kind, from: start)
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t") {
      position += 1
    }
  }

  private mutating func skipComment() {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    if position < bytes.count, bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
  }

  /// Letters, digits, `.`, `-`, `_`; and everything beyond ASCII, so that a foreign letter makes one wrong word and not
  /// several.
  @inline(__always)
  private func isWordByte(_ byte: UInt8) -> Bool {
    WordClass.isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private mutating func word(from start: Int) -> Token {
    let first = bytes[start]
    // A hyphen on its own is the operator.
    if first == UInt8(ascii: "-"), !(peek(1).map(isWordByte) ?? false) { return single(.minus) }
    let isNumeric =
      WordClass.isDigit(first) || first == UInt8(ascii: "v") && (peek(1).map(WordClass.isDigit) ?? false)
    while position < bytes.count {
      let byte = bytes[position]
      if isWordByte(byte) {
        if byte >= 0x80, isTypographicQuote(at: position) { break }
        position += 1
      } else if isNumeric, joinsNumber(byte) {
        position += 1
        if byte == UInt8(ascii: "%") { break }
      } else {
        break
      }
    }
    let kind = WordClass.kind(bytes, start..<position)
    let keyword = kind == .name ? keywords.keyword(bytes, start..<position) : nil
    return Token(kind: kind, keyword: keyword, span: SourceSpan(start..<position))
  }

  /// `+` of build metadata and zones, `:` of times, `%` of percentages.
  private func joinsNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "+"): peek(1).map(WordClass.isAlphanumeric) ?? false
    case UInt8(ascii: ":"):
      WordClass.isDigit(bytes[position - 1]) && (peek(1).map(WordClass.isDigit) ?? false)
    case UInt8(ascii: "%"): true
    default: false
    }
  }

  // MARK: Beyond ASCII

  private static let openingQuotes: [[UInt8]] = ["“", "”", "„", "‘", "’", "«"].map { Array($0.utf8) }
  private static let closingQuotes: [[UInt8]] = ["“", "”", "‘", "’", "»"].map { Array($0.utf8) }

  private func isTypographicQuote(at index: Int) -> Bool {
    Self.openingQuotes.contains { bytes[index...].starts(with: $0) }
      || Self.closingQuotes.contains { bytes[index...].starts(with: $0) }
  }

  private mutating func foreign(from start: Int) -> Token {
    isTypographicQuote(at: start) ? quoted(closing: Self.closingQuotes) : word(from: start)
  }

  /// Text in quotes that are not the language's, up to the first closing quote or the end of the line.
  private mutating func quoted(closing: [[UInt8]]) -> Token {
    let start = position
    position += 1
    while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      if let quote = closing.first(where: { bytes[position...].starts(with: $0) }) {
        position += quote.count
        return token(.wronglyQuoted, from: start)
      }
      position += 1
    }
    if bytes[position - 1] == UInt8(ascii: "\r"), position - 1 > start { position -= 1 }
    return token(.wronglyQuoted, from: start)
  }
}
