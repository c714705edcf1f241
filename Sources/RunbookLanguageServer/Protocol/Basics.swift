// The structures of the Language Server Protocol 3.17 that this server speaks, with the protocol's names for their fields.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/

/// From zero; what a column counts is agreed on, see ``PositionEncoding``.
struct Position: Hashable, Comparable, Codable, Sendable {
  var line: Int
  var character: Int

  static func < (left: Position, right: Position) -> Bool {
    (left.line, left.character) < (right.line, right.character)
  }
}

/// The protocol's `Range`.
struct TextRange: Hashable, Codable, Sendable {
  var start: Position
  var end: Position
}

struct Location: Hashable, Codable, Sendable {
  var uri: String
  var range: TextRange
}

struct TextEdit: Hashable, Codable, Sendable {
  var range: TextRange
  var newText: String
}

struct WorkspaceEdit: Encodable, Sendable {
  var changes: [String: [TextEdit]]
}

struct TextDocumentIdentifier: Codable, Sendable {
  var uri: String
}

struct TextDocumentParameters: Decodable, Sendable {
  var textDocument: TextDocumentIdentifier
}

struct PositionParameters: Decodable, Sendable {
  var textDocument: TextDocumentIdentifier
  var position: Position
}

struct MarkupContent: Codable, Equatable, Sendable {
  enum Kind: String, Codable { case markdown, plaintext }

  var kind: Kind
  var value: String
}
