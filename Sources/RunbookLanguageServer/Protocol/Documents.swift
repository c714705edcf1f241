struct DidOpenParameters: Decodable, Sendable {
  struct Item: Decodable, Sendable {
    var uri: String
    var version: Int
    var text: String
  }

  var textDocument: Item
}

struct DidChangeParameters: Decodable, Sendable {
  struct Identifier: Decodable, Sendable {
    var uri: String
    var version: Int
  }

  struct Change: Decodable, Sendable {
    /// nil: `text` is the whole document.
    var range: TextRange?
    var text: String
  }

  var textDocument: Identifier
  var contentChanges: [Change]
}

struct PublishDiagnosticsParameters: Codable, Sendable {
  var uri: String
  /// nil for a file that is not open.
  var version: Int?
  var diagnostics: [ProtocolDiagnostic]
}

/// The protocol's `Diagnostic`.
struct ProtocolDiagnostic: Codable, Equatable, Sendable {
  struct RelatedInformation: Codable, Equatable, Sendable {
    var location: Location
    var message: String
  }

  var range: TextRange
  /// 1 is an error, 2 a warning, 3 information.
  var severity: Int
  var code: String
  var source: String
  var message: String
  var relatedInformation: [RelatedInformation]?
}

struct CodeActionParameters: Decodable, Sendable {
  struct Context: Decodable, Sendable {
    var only: [String]?
  }

  var textDocument: TextDocumentIdentifier
  var range: TextRange
  var context: Context
}

struct CodeAction: Encodable, Sendable {
  static let quickFix = "quickfix"

  var title: String
  let kind = Self.quickFix
  var diagnostics: [ProtocolDiagnostic]
  var isPreferred: Bool
  var edit: WorkspaceEdit
}

struct RenameParameters: Decodable, Sendable {
  var textDocument: TextDocumentIdentifier
  var position: Position
  var newName: String
}

struct ReferenceParameters: Decodable, Sendable {
  struct Context: Decodable, Sendable {
    var includeDeclaration: Bool
  }

  var textDocument: TextDocumentIdentifier
  var position: Position
  var context: Context
}

/// What `textDocument/prepareRename` answers.
struct RenameTarget: Encodable, Sendable {
  var range: TextRange
  var placeholder: String
}

struct Hover: Encodable, Sendable {
  var contents: MarkupContent
  var range: TextRange
}

struct CompletionList: Encodable, Sendable {
  let isIncomplete = false
  var items: [CompletionItem]
}

struct CompletionItem: Encodable, Sendable {
  /// The protocol's numbers.
  enum Kind: Int, Encodable, Sendable {
    case function = 3
    case variable = 6
    case module = 9
    case value = 12
    case keyword = 14
    case constant = 21
    case event = 23
    case `operator` = 24
  }

  var label: String
  var kind: Kind
  var detail: String?
  var documentation: String?
  /// Keeps the order in which the server lists them.
  var sortText: String
  var textEdit: TextEdit
}

struct DocumentSymbol: Encodable, Sendable {
  /// The protocol's numbers.
  enum Kind: Int, Encodable, Sendable {
    case file = 1
    case module = 2
    case method = 6
    case function = 12
    case variable = 13
    case event = 24
  }

  var name: String
  var detail: String?
  var kind: Kind
  var range: TextRange
  var selectionRange: TextRange
  var children: [DocumentSymbol]?
}

/// For clients that know no tree of symbols.
struct SymbolInformation: Encodable, Sendable {
  var name: String
  var kind: DocumentSymbol.Kind
  var location: Location
  var containerName: String?
}
