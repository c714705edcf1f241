import RunbookDiagnostics

/// A document as the editor has it.
struct OpenDocument: Sendable {
  let uri: String
  /// nil for a document that is no file.
  let path: String?
  var version: Int
  var text: DocumentText
  /// Of this version; nil until somebody asks.
  var analysis: Analysis?
  /// Whether the editor knows the findings of this version.
  var isPublished = false

  init(uri: String, version: Int, text: DocumentText) {
    (self.uri, self.version, self.text) = (uri, version, text)
    path = DocumentPath.path(ofURI: uri)
  }

  /// Whether it has findings of its own: an editor may open configurations with this server, too.
  var isRunbook: Bool { path.map { !$0.hasSuffix(".yaml") && !$0.hasSuffix(".yml") } ?? true }

  /// The document in the form that parser and checker read.
  var source: SourceText { SourceText(name: path ?? uri, bytes: text.bytes) }

  var isUnsettled: Bool { isRunbook && !isPublished }

  mutating func change(to version: Int) {
    self.version = version
    invalidate()
  }

  mutating func invalidate() {
    analysis = nil
    isPublished = false
  }
}
