import PromotionModel
import RunbookCheck
import RunbookCompletion

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
      versions: { [versions = surroundings.versions] in versions($0, $1).map { KnownVersion($0) } }
    )
    let range = encoding.range(place.replaced, in: document.text)
    let items = completer.suggestions().enumerated().map { index, suggestion in
      CompletionItem(
        label: suggestion.label,
        kind: CompletionItem.Kind(suggestion.kind),
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

extension CompletionItem.Kind {
  init(_ kind: Suggestion.Kind) {
    switch kind {
    case .function: self = .function
    case .variable: self = .variable
    case .module: self = .module
    case .value: self = .value
    case .keyword: self = .keyword
    case .constant: self = .constant
    case .operator: self = .operator
    }
  }
}
