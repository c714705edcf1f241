/// The text of an open document, with its lines as the Language Server Protocol counts them: LF, CR LF and CR alone all
/// end a line. (The language itself knows LF and CR LF only, so these lines are for talking with editors.)
struct DocumentText: Sendable {
  private(set) var bytes: [UInt8]
  private var lineStarts: [Int32]

  init(_ text: String) { self.init(bytes: Array(text.utf8)) }

  init(bytes: [UInt8]) {
    self.bytes = bytes
    lineStarts = [0]
    appendLineStarts(from: 1, through: bytes.count, to: &lineStarts)
  }

  var lineCount: Int { lineStarts.count }

  /// Replaces bytes; a range that reaches over the end is cut there. What stands behind is not read again.
  mutating func replace(_ range: Range<Int>, with replacement: [UInt8]) {
    let range = range.clamped(to: 0..<bytes.count)
    bytes.replaceSubrange(range, with: replacement)
    // Whether a line starts somewhere depends on the byte there and on the one before it.
    let kept = lineStarts.prefix(firstLine { Int($0) >= max(1, range.lowerBound) })
    let behind = lineStarts.suffix(lineStarts.count - firstLine { Int($0) > range.upperBound })
    let delta = Int32(replacement.count - range.count)
    var starts = Array(kept)
    appendLineStarts(from: max(1, range.lowerBound), through: range.lowerBound + replacement.count, to: &starts)
    starts.reserveCapacity(starts.count + behind.count)
    for start in behind { starts.append(start + delta) }
    lineStarts = starts
  }

  /// Adds the lines that start at one of these offsets, the last of them included.
  private func appendLineStarts(from first: Int, through last: Int, to starts: inout [Int32]) {
    guard first <= last else { return }
    bytes.withUnsafeBufferPointer { bytes in
      for offset in first...last {
        let before = bytes[offset - 1]
        guard before == UInt8(ascii: "\n") || before == UInt8(ascii: "\r") else { continue }
        if before == UInt8(ascii: "\r"), offset < bytes.count, bytes[offset] == UInt8(ascii: "\n") { continue }
        starts.append(Int32(clamping: offset))
      }
    }
  }

  private func firstLine(where isBehind: (Int32) -> Bool) -> Int {
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(lineStarts[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The line, from zero, in which an offset lies.
  func line(at offset: Int) -> Int { max(0, firstLine { Int($0) > offset } - 1) }

  /// The bytes of a line without what ends it; behind the last line, the end.
  func line(_ line: Int) -> Range<Int> {
    guard line >= 0, line < lineStarts.count else { return bytes.count..<bytes.count }
    let start = Int(lineStarts[line])
    guard line + 1 < lineStarts.count else { return start..<bytes.count }
    var end = Int(lineStarts[line + 1]) - 1
    if end > start, bytes[end] == UInt8(ascii: "\n"), bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }
}

/// How the columns of positions are counted, as client and server agree at the start.
enum PositionEncoding: String, Codable, Sendable {
  case utf8 = "utf-8"
  case utf16 = "utf-16"

  /// UTF-8 where the client offers it, since it costs nothing; else UTF-16, which every client knows.
  static func chosen(from offered: [String]?) -> PositionEncoding {
    (offered ?? []).contains(utf8.rawValue) ? .utf8 : .utf16
  }

  /// The offset of a position; columns behind the end of a line mean its end, lines behind the last one the end of the
  /// text. A column inside of a character means its beginning.
  func offset(of position: Position, in text: DocumentText) -> Int {
    let line = text.line(position.line)
    guard position.line < text.lineCount, position.character > 0 else { return line.lowerBound }
    var offset = line.lowerBound
    var units = 0
    while offset < line.upperBound {
      let (length, width) = self.character(text.bytes[offset])
      guard units + width <= position.character else { break }
      units += width
      offset += length
    }
    return min(offset, line.upperBound)
  }

  func position(of offset: Int, in text: DocumentText) -> Position {
    let offset = min(max(0, offset), text.bytes.count)
    let number = text.line(at: offset)
    let line = text.line(number)
    let end = min(offset, line.upperBound)
    guard self == .utf16 else { return Position(line: number, character: end - line.lowerBound) }
    var units = 0
    var index = line.lowerBound
    while index < end {
      let (length, width) = character(text.bytes[index])
      units += width
      index += length
    }
    return Position(line: number, character: units)
  }

  func range(_ range: Range<Int>, in text: DocumentText) -> TextRange {
    TextRange(start: position(of: range.lowerBound, in: text), end: position(of: range.upperBound, in: text))
  }

  func offsets(of range: TextRange, in text: DocumentText) -> Range<Int> {
    let start = offset(of: range.start, in: text)
    return start..<max(start, offset(of: range.end, in: text))
  }

  /// The bytes of the character that a byte of UTF-8 begins, and how many columns it takes.
  private func character(_ lead: UInt8) -> (length: Int, width: Int) {
    switch lead {
    case 0xC0..<0xE0: (2, self == .utf8 ? 2 : 1)
    case 0xE0..<0xF0: (3, self == .utf8 ? 3 : 1)
    case 0xF0...: (4, self == .utf8 ? 4 : 2)
    default: (1, 1)
    }
  }
}
