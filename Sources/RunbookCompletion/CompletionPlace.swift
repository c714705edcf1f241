import RunbookDiagnostics
import RunbookSyntax

/// Where something is to be completed: in a statement, or in an interpolation of a string.
package struct CompletionPlace: Sendable {
  /// The text that the tokens come from.
  package let source: SourceText
  package let around: StatementAround
  /// The bytes of the document that a suggestion takes the place of.
  package let replaced: Range<Int>
  /// Whether it is an expression in `{…}`.
  package private(set) var isInterpolation = false
  /// Whether nothing can be completed: in a comment, in the text of a string.
  package private(set) var isDead = false

  package init(in source: SourceText, at offset: Int) {
    let around = StatementAround(in: source, at: offset)
    guard let touched = around.touched else {
      (self.source, self.around, replaced) = (source, around, offset..<offset)
      return
    }
    let span = touched.token.span.range
    if touched.token.kind.isWord {
      (self.source, self.around, replaced) = (source, around, span.lowerBound..<span.upperBound)
      return
    }
    if touched.token.kind.isString, let open = Self.interpolation(in: source.bytes[span.lowerBound..<offset]) {
      // Only up to the place: behind it, the string may not be closed yet.
      let inner = SourceText(name: source.name, bytes: Array(source.bytes[open..<offset]))
      var inside = StatementAround(in: inner, at: inner.bytes.count)
      (inside.variables, inside.blocks) = (around.variables, around.blocks)
      let length = inside.touched?.token.span.count ?? 0
      (self.source, self.around, replaced) = (inner, inside, offset - length..<offset)
      isInterpolation = true
      isDead = inside.touched.map { !$0.token.kind.isWord } ?? false
      return
    }
    (self.source, self.around, replaced) = (source, around, offset..<offset)
    isDead = true
  }

  /// Behind the `{` of the innermost interpolation that is open at the end of a piece of a string; nil when none is.
  private static func interpolation(in bytes: ArraySlice<UInt8>) -> Int? {
    /// True for an interpolation, with the offset behind its `{`; false for a string.
    var levels: [Int?] = []
    var index = bytes.startIndex
    // The opening quotes.
    while index < bytes.endIndex, bytes[index] == UInt8(ascii: "\"") { index += 1 }
    while index < bytes.endIndex {
      let byte = bytes[index]
      let next = index + 1 < bytes.endIndex ? bytes[index + 1] : nil
      if let level = levels.last, level != nil {
        if byte == UInt8(ascii: "\"") { levels.append(nil) }
        if byte == UInt8(ascii: "}") { levels.removeLast() }
        index += 1
      } else if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "{") && next == byte {
        index += 2
      } else {
        if byte == UInt8(ascii: "{") { levels.append(index + 1) }
        if byte == UInt8(ascii: "\""), !levels.isEmpty { levels.removeLast() }
        index += 1
      }
    }
    return levels.last ?? nil
  }
}
