public import RunbookDiagnostics

/// Cuts bytes into tokens, one at a time. It never fails: what is wrong becomes a token that says so, and every byte
/// but blanks lies in exactly one token.
///
/// It holds a pointer, so that no byte costs a reference count, and lives no longer than the call that made it.
struct Lexer {
  let bytes: UnsafeBufferPointer<UInt8>
  var position: Int
  /// Where the text, or the piece of it that is read, ends.
  let end: Int
  private let keywords: KeywordTable

  /// A lexer for a piece of the bytes; offsets are those of the whole.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    keywords = .shared
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    // A byte order mark at the very beginning means nothing.
    let isMarked = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
    self.init(bytes, (isMarked ? 3 : 0)..<bytes.count)
  }

  /// The next token; `.endOfFile` again and again at the end.
  mutating func next() -> Token {
    while position < end, bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t") {
      position += 1
    }
    guard position < end else { return token(.endOfFile, from: end) }
    let start = position
    let byte = bytes[position]
    if WordClass.isWordByte(byte), byte < 0x80 { return word(from: start) }
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
    case UInt8(ascii: "+"): return single(.plus)
    case UInt8(ascii: "=") where isSymbol(peek(1)), UInt8(ascii: "!"): return foreignOperator(from: start)
    case UInt8(ascii: "&") where peek(1) == byte, UInt8(ascii: "|") where peek(1) == byte:
      return foreignOperator(from: start)
    case UInt8(ascii: "<") where peek(1) == UInt8(ascii: ">"): return foreignOperator(from: start)
    case UInt8(ascii: "="): return single(.equals)
    case UInt8(ascii: "<"): return comparison(.less, .lessOrEqual)
    case UInt8(ascii: ">"): return comparison(.greater, .greaterOrEqual)
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "'"): return quoted(closing: [[UInt8(ascii: "'")]])
    case 0x80...: return isTypographicQuote(at: start) ? quoted(closing: Self.closingQuotes) : word(from: start)
    default: return single(.stray)
    }
  }

  @inline(__always)
  func peek(_ distance: Int) -> UInt8? {
    position + distance < end ? bytes[position + distance] : nil
  }

  @inline(__always)
  func token(_ kind: TokenKind, from start: Int) -> Token {
    Token(kind: kind, span: Self.span(start, position))
  }

  /// Texts have less than 4 GB, ``SourceText`` sees to that.
  @inline(__always)
  private static func span(_ start: Int, _ end: Int) -> SourceSpan {
    SourceSpan(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))
  }

  @inline(__always)
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

  private func isSymbol(_ byte: UInt8?) -> Bool {
    byte == UInt8(ascii: "=") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
  }

  /// `==`, `!=`, `&&`, `||`, `<>` and what else other languages have, up to three characters.
  private mutating func foreignOperator(from start: Int) -> Token {
    let first = bytes[start]
    position += 1
    while position < end, position - start < 3, bytes[position] == first || isSymbol(bytes[position]) { position += 1 }
    return token(.foreignOperator, from: start)
  }

  private mutating func skipComment() {
    while position < end, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    if position < end, bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
  }

  // MARK: Words

  @inline(__always)
  private mutating func word(from start: Int) -> Token {
    // Most words are plain letters.
    while position < end, WordClass.isLowercase(bytes[position]) { position += 1 }
    if position == end || !WordClass.isWordByte(bytes[position]), position > start {
      let isNumeric = position < end && position == start + 1 && bytes[start] == UInt8(ascii: "v")
      if !isNumeric, position - start <= WordClass.longestLabel {
        return Token(
          kind: .name,
          keyword: keywords.keyword(bytes, start..<position),
          span: Self.span(start, position)
        )
      }
    }
    position = start
    return anyWord(from: start)
  }

  private mutating func anyWord(from start: Int) -> Token {
    let first = bytes[start]
    // A hyphen on its own is the operator.
    if first == UInt8(ascii: "-"), !(peek(1).map(WordClass.isWordByte) ?? false) { return single(.minus) }
    let isNumeric =
      WordClass.isDigit(first) || first == UInt8(ascii: "v") && (peek(1).map(WordClass.isDigit) ?? false)
    while position < end {
      let byte = bytes[position]
      if WordClass.isWordByte(byte) {
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
    return Token(kind: kind, keyword: keyword, span: Self.span(start, position))
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
    let rest = bytes[index..<end]
    return Self.openingQuotes.contains { rest.starts(with: $0) }
      || Self.closingQuotes.contains { rest.starts(with: $0) }
  }

  /// Text in quotes that are not the language's, up to the first closing quote or the end of the line.
  private mutating func quoted(closing: [[UInt8]]) -> Token {
    let start = position
    position += 1
    while position < end, bytes[position] & 0xC0 == 0x80 { position += 1 }
    while position < end, bytes[position] != UInt8(ascii: "\n") {
      if let quote = closing.first(where: { bytes[position..<end].starts(with: $0) }) {
        position += quote.count
        return token(.wronglyQuoted, from: start)
      }
      position += 1
    }
    if bytes[position - 1] == UInt8(ascii: "\r"), position - 1 > start { position -= 1 }
    return token(.wronglyQuoted, from: start)
  }
}

/// All tokens of a text, comments and line breaks among them; the end of the file is left out. For the formatter, the
/// language server and other tools that look at the text as it was written.
public func tokens(of source: SourceText) -> [Token] {
  source.bytes.withUnsafeBufferPointer { bytes in
    var lexer = Lexer(bytes)
    var tokens: [Token] = []
    tokens.reserveCapacity(bytes.count / 5)
    while true {
      let token = lexer.next()
      if token.kind == .endOfFile { return tokens }
      tokens.append(token)
    }
  }
}
