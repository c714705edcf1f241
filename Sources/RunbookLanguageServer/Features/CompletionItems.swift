import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

extension LanguageServer {
  /// What may be written at a place.
  mutating func completion(_ parameters: PositionParameters) throws(ResponseError) -> CompletionList {
    let document = try document(parameters.textDocument.uri)
    let offset = encoding.offset(of: parameters.position, in: document.text)
    // The names of imported procedures need the whole document; what is known of an older version will do.
    let (_, analysis) = try analyzed(document.uri)
    let place = CompletionPlace(in: document.source, at: offset)
    let completer = Completer(
      place: place,
      fleet: analysis.fleet,
      procedures: Self.procedures(of: analysis),
      versions: surroundings.versions
    )
    let range = encoding.range(place.replaced, in: document.text)
    let items = completer.suggestions().enumerated().map { index, suggestion in
      CompletionItem(
        label: suggestion.label,
        kind: suggestion.kind,
        detail: suggestion.detail,
        documentation: suggestion.documentation,
        sortText: Self.sortText(index),
        textEdit: TextEdit(range: range, newText: suggestion.text)
      )
    }
    return CompletionList(items: items)
  }

  private static func sortText(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  private static func procedures(of analysis: Analysis) -> [NameIndex.Definition] {
    // Without a configuration there is no index, and what the file itself declares is found in its tree.
    analysis.names?.definitions.filter { $0.kind == .procedure } ?? []
  }
}

/// Where something is to be completed: in a statement, or in an interpolation of a string.
struct CompletionPlace: Sendable {
  /// The text that the tokens come from.
  let source: SourceText
  let around: StatementAround
  /// The bytes of the document that a suggestion takes the place of.
  let replaced: Range<Int>
  /// Whether it is an expression in `{…}`.
  var isInterpolation = false
  /// Whether nothing can be completed: in a comment, in the text of a string.
  var isDead = false

  init(in source: SourceText, at offset: Int) {
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

/// Something that may be written.
struct Suggestion: Equatable {
  var label: String
  /// What is inserted, where it is not the label.
  var text: String
  var kind: CompletionItem.Kind
  var detail: String?
  var documentation: String?

  init(
    _ label: String,
    _ kind: CompletionItem.Kind,
    text: String? = nil,
    detail: String? = nil,
    documentation: String? = nil
  ) {
    (self.label, self.kind, self.detail, self.documentation) = (label, kind, detail, documentation)
    self.text = text ?? label
  }
}
