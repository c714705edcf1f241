internal import RunbookDiagnostics

/// Resolves the escapes of one string literal, finds its interpolations, and takes the indentation from a block.
struct StringDecoder {
  enum Piece {
    case text(String)
    /// With both braces.
    case interpolation(SourceSpan)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let isBlock: Bool
  /// Whether the texts between interpolations are wanted: who parses looks for interpolations and errors only.
  private let keepsText: Bool
  private(set) var errors: [SyntaxError] = []
  private var position: Int
  private var end: Int
  private var text: [UInt8] = []
  private var pieces: [Piece] = []

  /// - Parameters:
  ///   - span: the literal with its quotes.
  ///   - isClosed: false for a string whose closing quotes are missing.
  ///   - keepsText: false where ``decode()`` need give no ``Piece/text(_:)``.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ span: SourceSpan,
    isBlock: Bool,
    isClosed: Bool,
    keepsText: Bool = true
  ) {
    self.bytes = bytes
    self.isBlock = isBlock
    self.keepsText = keepsText
    let quotes = isBlock ? 3 : 1
    position = Int(span.start) + quotes
    end = isClosed ? Int(span.end) - quotes : Int(span.end)
  }

  /// Whether a byte of a string may mean something else than itself.
  @inline(__always)
  static func meansSomething(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\n"),
      UInt8(ascii: "\r"):
      true
    default: false
    }
  }

  mutating func decode() -> [Piece] {
    if isBlock { decodeBlock() } else { decodeLine() }
    if keepsText, !text.isEmpty || pieces.isEmpty { closeText() }
    return pieces
  }

  /// Everything up to ``end``.
  private mutating func decodeLine() {
    while position < end {
      takePlain()
      if position < end { decodeNext() }
    }
  }

  /// What means itself, up to the next byte that may not.
  private mutating func takePlain() {
    let start = position
    while position < end, !Self.meansSomething(bytes[position]) { position += 1 }
    if keepsText { text.append(contentsOf: bytes[start..<position]) }
  }

  private mutating func take(_ byte: UInt8) {
    if keepsText { text.append(byte) }
  }

  private mutating func closeText() {
    pieces.append(.text(String(decoding: text, as: UTF8.self)))
    text = []
  }

  private mutating func decodeNext() {
    let byte = bytes[position]
    let next = position + 1 < end ? bytes[position + 1] : nil
    switch byte {
    case UInt8(ascii: "\\"):
      decodeEscape()
    case UInt8(ascii: "{") where next == byte, UInt8(ascii: "}") where next == byte:
      take(byte)
      position += 2
    case UInt8(ascii: "{"):
      decodeInterpolation()
    case UInt8(ascii: "}"):
      errors.append(SyntaxMessages.loneClosingBrace(at: SourceSpan(position..<position + 1)))
      position += 1
    default:
      take(byte)
      position += 1
    }
  }

  // MARK: Escapes

  private mutating func decodeEscape() {
    let start = position
    position += 1
    switch position < end ? bytes[position] : 0 {
    case UInt8(ascii: "n"): append("\n")
    case UInt8(ascii: "t"): append("\t")
    case UInt8(ascii: "\""): append("\"")
    case UInt8(ascii: "\\"): append("\\")
    case UInt8(ascii: "u"): decodeScalar(from: start)
    default:
      if position < end { position += 1 }
      while position < end, bytes[position] & 0xC0 == 0x80 { position += 1 }
      invalidEscape(from: start)
    }
  }

  private mutating func append(_ character: Unicode.Scalar) {
    position += 1
    take(character)
  }

  private mutating func take(_ character: Unicode.Scalar) {
    if keepsText { text += Array(String(character).utf8) }
  }

  /// `\u{…}` with one to eight hexadecimal digits.
  private mutating func decodeScalar(from start: Int) {
    position += 1
    guard position < end, bytes[position] == UInt8(ascii: "{") else { return invalidEscape(from: start) }
    position += 1
    let digits = position
    while position < end, WordClass.isAlphanumeric(bytes[position]) { position += 1 }
    let number = UInt32(String(decoding: bytes[digits..<position], as: UTF8.self), radix: 16)
    guard position < end, bytes[position] == UInt8(ascii: "}") else { return invalidEscape(from: start) }
    position += 1
    guard position - 1 - digits <= 8, let scalar = number.flatMap(Unicode.Scalar.init) else {
      return invalidEscape(from: start)
    }
    take(scalar)
  }

  private mutating func invalidEscape(from start: Int) {
    let shown = String(decoding: bytes[start..<min(position, start + 16)], as: UTF8.self)
    errors.append(SyntaxMessages.invalidEscape(shown, at: SourceSpan(start..<position)))
  }

  // MARK: Interpolations

  /// From a `{` to its `}`, which the lexer saw.
  private mutating func decodeInterpolation() {
    let start = position
    skipInterpolation()
    if !text.isEmpty { closeText() }
    pieces.append(.interpolation(SourceSpan(start..<position)))
  }

  /// Moves behind the `}` that closes the `{` here; strings inside may have interpolations of their own. False at the
  /// end of the literal.
  @discardableResult
  private mutating func skipInterpolation() -> Bool {
    var levels = StringLevels()
    levels.push(.interpolation)
    position += 1
    while position < end {
      let byte = bytes[position]
      let next = position + 1 < end ? bytes[position + 1] : nil
      position += 1
      if levels.last == .interpolation {
        if byte == UInt8(ascii: "\"") { levels.push(.string) }
        if byte == UInt8(ascii: "}") { levels.pop() }
        if levels.count == 0 { return true }
      } else if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "{") && next == byte {
        position = min(position + 1, end)
      } else if byte == UInt8(ascii: "{") {
        levels.push(.interpolation)
      } else if byte == UInt8(ascii: "\"") {
        levels.pop()
      }
    }
    return false
  }

  /// In a string without its closing quotes, the first `{` that nothing closes: it hides the quotes.
  mutating func openBrace() -> SourceSpan? {
    while position < end {
      let byte = bytes[position]
      let next = position + 1 < end ? bytes[position + 1] : nil
      if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "{") && next == byte {
        position += 2
      } else if byte == UInt8(ascii: "{") {
        let start = position
        if !skipInterpolation() { return SourceSpan(start..<start + 1) }
      } else {
        position += 1
      }
    }
    return nil
  }

  // MARK: Blocks

  private mutating func decodeBlock() {
    let closing = end
    var indentation = closing
    while indentation > position, isBlank(bytes[indentation - 1]) { indentation -= 1 }
    guard indentation > position, bytes[indentation - 1] == UInt8(ascii: "\n") else {
      let quotes = SourceSpan(closing..<closing + 3)
      errors.append(SyntaxMessages.blockStringLayout(SyntaxMessages.blockEndsOnOwnLine, at: quotes))
      return
    }
    let indent = Array(bytes[indentation..<closing])
    let first = position
    while position < indentation, isBlank(bytes[position]) || bytes[position] == UInt8(ascii: "\r") { position += 1 }
    guard bytes[position] == UInt8(ascii: "\n") else {
      errors.append(
        SyntaxMessages.blockStringLayout(SyntaxMessages.blockBeginsOnNextLine, at: SourceSpan(first..<position + 1))
      )
      return
    }
    // The line break in front of the closing quotes is no part of the text.
    let contentEnd = indentation - 1
    guard position < contentEnd else { return }
    end = contentEnd > 0 && bytes[contentEnd - 1] == UInt8(ascii: "\r") ? contentEnd - 1 : contentEnd
    position += 1
    skipIndentation(indent)
    while position < end {
      takePlain()
      if position < end { decodeBlockByte(indent) }
    }
  }

  private mutating func decodeBlockByte(_ indent: [UInt8]) {
    let byte = bytes[position]
    if byte == UInt8(ascii: "\r"), position + 1 < end, bytes[position + 1] == UInt8(ascii: "\n") {
      position += 1
    } else if byte == UInt8(ascii: "\n") {
      take(byte)
      position += 1
      skipIndentation(indent)
    } else {
      decodeNext()
    }
  }

  private mutating func skipIndentation(_ indent: [UInt8]) {
    let start = position
    if bytes[position..<end].starts(with: indent) {
      position += indent.count
      return
    }
    // A line of nothing but blanks may be shorter.
    while position < end, isBlank(bytes[position]) { position += 1 }
    let isEmpty = position == end || bytes[position] == UInt8(ascii: "\n") || bytes[position] == UInt8(ascii: "\r")
    guard isEmpty else {
      position = start
      errors.append(
        SyntaxMessages.blockStringLayout(SyntaxMessages.blockIndentation, at: SourceSpan(start..<start + 1))
      )
      return
    }
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
