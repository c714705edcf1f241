/// Draws a finding for people: where it is, the line, carets under the exact bytes, notes and fixes.
///
/// ```
/// release.runbook:3:14: error: expected `to` before the version [SW1016]
///   3 | rollback api v1.2.2
///     |              ^^^^^^
/// help: write `to v1.2.2`
/// ```
public struct TextDiagnosticRenderer: DiagnosticRenderer {
  /// Whether to colour with ANSI sequences.
  public let color: Bool

  public init(color: Bool = false) {
    self.color = color
  }

  public func render(_ diagnostic: Diagnostic, in source: SourceText) -> String {
    var result = headline(
      diagnostic.severity,
      diagnostic.summary,
      code: diagnostic.code,
      at: diagnostic.subject,
      in: source
    )
    result += excerpt(diagnostic.subject, tint(diagnostic.severity), in: source)
    if let detail = diagnostic.detail { result += "  \(visible(detail))\n" }
    for note in diagnostic.notes {
      result += headline(.note, note.message, code: nil, at: note.span, in: source)
      result += excerpt(note.span, tint(.note), in: source)
    }
    for fix in diagnostic.fixes {
      result += "\(paint("help:", .help)) \(visible(fix.message))\n"
    }
    return result
  }

  private func headline(
    _ severity: Severity,
    _ summary: String,
    code: String?,
    at span: SourceSpan,
    in source: SourceText
  ) -> String {
    let position = source.position(at: span.start)
    let place = paint("\(visible(source.name)):\(position.line):\(position.column):", .strong)
    let kind = paint("\(severity.rawValue):", tint(severity))
    return "\(place) \(kind) \(paint(visible(summary), .strong))\(code.map { " [\($0)]" } ?? "")\n"
  }

  private func excerpt(_ span: SourceSpan, _ tint: Tint, in source: SourceText) -> String {
    let line = source.line(at: span.start)
    let excerpt = SourceExcerpt(of: span, line: source.span(ofLine: line), in: source)
    let number = String(line)
    let margin = String(repeating: " ", count: max(0, 3 - number.count))
    let blank = String(repeating: " ", count: margin.count + number.count)
    let carets = String(repeating: "^", count: excerpt.caretWidth)
    let indent = String(repeating: " ", count: excerpt.caretColumn)
    return "\(margin)\(number) | \(excerpt.text)\n\(blank) | \(indent)\(paint(carets, tint))\n"
  }

  private enum Tint: String {
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
    case help = "1;32"
    case strong = "1"
  }

  private func tint(_ severity: Severity) -> Tint {
    switch severity {
    case .error: .error
    case .warning: .warning
    case .note: .note
    }
  }

  private func paint(_ text: String, _ tint: Tint) -> String {
    color ? "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// A line of the source made fit for a terminal, and where the carets go.
struct SourceExcerpt {
  private(set) var text = ""
  /// The columns in front of the first caret.
  private(set) var caretColumn = 0
  /// The number of carets, at least one: for an empty span it stands at the place.
  private(set) var caretWidth = 0

  private static let tabWidth = 4
  /// Longer lines are shown as a window around the span.
  private static let longestLine = 240
  private static let windowBefore = 60

  init(of span: SourceSpan, line: SourceSpan, in source: SourceText) {
    var start = Int(line.start)
    var end = Int(line.end)
    let first = min(max(Int(span.start), start), end)
    let last = min(max(Int(span.end), first), end)
    if end - start > Self.longestLine {
      start = Self.boundary(max(start, first - Self.windowBefore), from: start, in: source)
      end = Self.boundary(min(end, start + Self.longestLine), from: start, in: source)
    }
    if start > line.start { text = "…" }
    var column = text.isEmpty ? 0 : 1
    // The three pieces are drawn apart, so that a character made of several scalars never hides the span's edges.
    column = append(source, start..<max(first, start), from: column)
    caretColumn = column
    column = append(source, first..<max(first, min(last, end)), from: column)
    caretWidth = max(1, column - caretColumn)
    _ = append(source, min(last, end)..<end, from: column)
    if end < line.end { text += "…" }
  }

  /// The nearest offset, `offset` or before, at which a character of UTF-8 begins.
  private static func boundary(_ offset: Int, from start: Int, in source: SourceText) -> Int {
    var offset = offset
    while offset > start, offset < source.bytes.count, source.bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
    return offset
  }

  private mutating func append(_ source: SourceText, _ range: Range<Int>, from column: Int) -> Int {
    var column = column
    for character in source.text(SourceSpan(range)) {
      if character == "\t" {
        let width = Self.tabWidth - column % Self.tabWidth
        text += String(repeating: " ", count: width)
        column += width
      } else if character.unicodeScalars.contains(where: isTreacherous) {
        let escaped = visible(String(character))
        text += escaped
        column += escaped.count
      } else {
        text.append(character)
        column += columnWidth(character)
      }
    }
    return column
  }
}
