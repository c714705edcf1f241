/// Writing into a block scalar (`|` or `>`): its header, its indentation and the blank lines after it are kept as far
/// as the new text can be written so.
struct BlockScalarWriting {
  private let bytes: [UInt8]
  private let isFolded: Bool
  private let oldText: String
  /// The indicators: `|`, `>-`, `|2+`.
  private let header: Range<Int>
  /// The end of the header's line, before its line end.
  private let headerLineEnd: Int
  private let lineEnd: String
  /// From the first line after the header to the end that libyaml names, trailing blank lines included.
  private let body: Range<Int>
  /// The end of the last line that is not blank, before its line end; the header's, when all are.
  private let textEnd: Int

  /// nil when the header is the last of the file: there is no line to write into.
  init?(_ node: YAMLNode, in bytes: [UInt8]) {
    guard case .scalar(let text, let style) = node.content, style == .literal || style == .folded else { return nil }
    let span = node.contentSpan
    var position = span.lowerBound + 1
    while position < span.upperBound, "+-0123456789".utf8.contains(bytes[position]) { position += 1 }
    header = span.lowerBound..<position
    while position < span.upperBound, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
    guard let end = LineEnd.at(position, in: bytes), position < span.upperBound else { return nil }
    headerLineEnd = position
    lineEnd = end
    body = (position + end.utf8.count)..<max(position + end.utf8.count, span.upperBound)
    var last = body.upperBound
    while last > body.lowerBound, [0x20, 0x0A, 0x0D].contains(bytes[last - 1]) { last -= 1 }
    if last == body.lowerBound {
      textEnd = headerLineEnd
    } else {
      while last < body.upperBound, bytes[last] == 0x20 { last += 1 }
      textEnd = last
    }
    self.bytes = bytes
    isFolded = style == .folded
    oldText = text
  }

  /// Ways of writing the text, the one that keeps most first. Each is to be read back before it is trusted.
  func candidates(_ text: String) -> [[Patch]] {
    guard let indentation, let lines = lines(of: text) else { return [] }
    let trailing = text.utf8.reversed().prefix { $0 == 0x0A }.count
    let current: Chomping = Chomping.allCases.first { bytes[header].contains($0.indicator ?? 0) } ?? .clip
    let needed: Chomping = trailing == 0 ? .strip : trailing == 1 ? .clip : .keep
    let written = lines.map { $0.isEmpty ? "" : indentation + $0 }.joined(separator: lineEnd)
    return (current == needed ? [current] : [current, needed]).map { chomping in
      let head = Patch(header, self.header(chomping))
      if chomping == .keep {
        // Every blank line counts, so the ones that are there give way.
        return [head, Patch(body, written + String(repeating: lineEnd, count: max(trailing, 1)))]
      }
      return [head, Patch(body.lowerBound..<max(textEnd, body.lowerBound), written)]
    }
  }

  /// The text in double quotes instead; a comment after the header stays.
  func quoted(_ text: String) -> [Patch] {
    [Patch(header, ScalarWriting.doubleQuoted(text)), Patch(headerLineEnd..<max(textEnd, headerLineEnd), "")]
  }

  private enum Chomping: CaseIterable {
    case strip, keep, clip

    var indicator: UInt8? {
      switch self {
      case .strip: UInt8(ascii: "-")
      case .keep: UInt8(ascii: "+")
      case .clip: nil
      }
    }
  }

  private func header(_ chomping: Chomping) -> String {
    let current = String(decoding: bytes[header], as: UTF8.self)
    if bytes[header].contains(chomping.indicator ?? 0) { return current }
    let bare = current.filter { $0 != "-" && $0 != "+" }
    return bare + (chomping.indicator.map { String(UnicodeScalar($0)) } ?? "")
  }

  private var hasIndentationIndicator: Bool { bytes[header].contains { $0 >= 0x31 && $0 <= 0x39 } }

  /// The spaces before the text's own: those of the first line that is not blank, less those that belong to it.
  private var indentation: String? {
    var lineStart = body.lowerBound
    var position = lineStart
    while position < body.upperBound, [0x20, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
      if bytes[position - 1] != 0x20 { lineStart = position }
    }
    guard position < body.upperBound else { return nil }
    let first = oldText.utf8.split(separator: 0x0A).first { line in line.contains { $0 != 0x20 } }
    guard let first else { return nil }
    let count = position - lineStart - first.prefix { $0 == 0x20 }.count
    return count > 0 ? String(repeating: " ", count: count) : nil
  }

  /// The lines to write, without the trailing ones; nil when a block scalar cannot hold the text.
  private func lines(of text: String) -> [String]? {
    let content = text.utf8.reversed().drop { $0 == 0x0A }.reversed()
    guard !content.isEmpty else { return nil }
    let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: Array($0), as: UTF8.self) }
    let startsBlank = { (line: String) in line.utf8.first == 0x20 || line.utf8.first == 0x09 }
    if let first = lines.first(where: { !$0.isEmpty }), startsBlank(first), isFolded || !hasIndentationIndicator {
      return nil
    }
    guard isFolded else { return lines }
    guard !lines.contains(where: startsBlank) else { return nil }
    // A single line end within a folded text is a space: between two lines of text stands one more.
    var folded: [String] = []
    for line in lines {
      if let last = folded.last, !last.isEmpty { folded.append("") }
      folded.append(line)
    }
    return folded
  }
}

/// Line ends as they stand in a file.
enum LineEnd {
  /// The line end at an offset; nil if there is none.
  static func at(_ offset: Int, in bytes: [UInt8]) -> String? {
    guard offset < bytes.count else { return nil }
    switch bytes[offset] {
    case 0x0A: return "\n"
    case 0x0D: return offset + 1 < bytes.count && bytes[offset + 1] == 0x0A ? "\r\n" : "\r"
    default: return nil
    }
  }

  /// The end of the line an offset stands on, before its line end.
  static func endOfLine(from offset: Int, in bytes: [UInt8]) -> Int {
    var position = offset
    while position < bytes.count, at(position, in: bytes) == nil { position += 1 }
    return position
  }

  /// The first line end of the file; LF when there is none.
  static func first(in bytes: [UInt8]) -> String {
    at(endOfLine(from: 0, in: bytes), in: bytes) ?? "\n"
  }
}
