internal import RunbookDiagnostics

extension Lexer {
  /// Interpolations whose strings nest deeper are taken for a string that is not closed.
  private static let deepestNesting = 32

  /// A string or a `"""` block from its opening quotes.
  mutating func string() -> Token {
    let start = position
    // Most strings are plain.
    var plain = position + 1
    while plain < end, !StringDecoder.meansSomething(bytes[plain]) { plain += 1 }
    if plain < end, bytes[plain] == UInt8(ascii: "\""), plain > start + 1 {
      position = plain + 1
      return Token(kind: .string, isPlain: true, span: SourceSpan(start..<position))
    }
    return anyString(from: start)
  }

  private mutating func anyString(from start: Int) -> Token {
    let isBlock = startsBlockQuotes
    position += isBlock ? 3 : 1
    var levels = StringLevels()
    while position < end {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\n"), !isBlock || levels.count > 1 { break }
      switch levels.last ?? .string {
      case .string:
        if byte == UInt8(ascii: "\""), levels.count == 0 {
          if !isBlock {
            position += 1
            return token(.string, from: start)
          }
          if startsBlockQuotes {
            position += 3
            return token(.stringBlock, from: start)
          }
        }
        stringByte(byte, &levels)
      case .interpolation:
        if byte == UInt8(ascii: "\"") { levels.push(.string) }
        if byte == UInt8(ascii: "}") { levels.pop() }
        position += 1
      }
      if levels.count > Self.deepestNesting { break }
    }
    if !isBlock {
      while position < end, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      if bytes[position - 1] == UInt8(ascii: "\r"), position - 1 > start { position -= 1 }
    } else {
      position = end
    }
    return token(.unterminatedString, from: start)
  }

  private var startsBlockQuotes: Bool {
    let quote = UInt8(ascii: "\"")
    return bytes[position] == quote && peek(1) == quote && peek(2) == quote
  }

  private mutating func stringByte(_ byte: UInt8, _ levels: inout StringLevels) {
    switch byte {
    case UInt8(ascii: "\\") where peek(1) == UInt8(ascii: "u") && peek(2) == UInt8(ascii: "{"):
      // The braces of `\u{…}` are no interpolation.
      position += 3
    case UInt8(ascii: "\\") where peek(1) != UInt8(ascii: "\n") && peek(1) != UInt8(ascii: "\r"):
      position += 2
    case UInt8(ascii: "{") where peek(1) == UInt8(ascii: "{"):
      position += 2
    case UInt8(ascii: "{"):
      levels.push(.interpolation)
      position += 1
    case UInt8(ascii: "\""):
      if levels.last == .string { levels.pop() }
      position += 1
    default:
      position += 1
    }
    position = min(position, end)
  }
}
