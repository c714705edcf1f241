struct InitializeParameters: Decodable, Sendable {
  struct Folder: Decodable, Sendable {
    var uri: String
  }

  var rootUri: String?
  var workspaceFolders: [Folder]?
  var capabilities: ClientCapabilities
}

/// What the client can do, as far as it makes a difference here.
struct ClientCapabilities: Decodable, Sendable {
  struct General: Decodable, Sendable {
    var positionEncodings: [String]?
  }

  struct Documents: Decodable, Sendable {
    struct Hover: Decodable, Sendable {
      var contentFormat: [String]?
    }

    struct Symbols: Decodable, Sendable {
      var hierarchicalDocumentSymbolSupport: Bool?
    }

    struct Diagnostics: Decodable, Sendable {
      var relatedInformation: Bool?
    }

    var hover: Hover?
    var documentSymbol: Symbols?
    var publishDiagnostics: Diagnostics?
  }

  struct Workspace: Decodable, Sendable {
    struct WatchedFiles: Decodable, Sendable {
      var dynamicRegistration: Bool?
    }

    var didChangeWatchedFiles: WatchedFiles?
  }

  var general: General?
  var textDocument: Documents?
  var workspace: Workspace?
}

struct InitializeResult: Encodable, Sendable {
  struct ServerInfo: Encodable, Sendable {
    let name = "slipway"
  }

  var capabilities: ServerCapabilities
  let serverInfo = ServerInfo()
}

struct ServerCapabilities: Encodable, Sendable {
  struct Synchronization: Encodable, Sendable {
    let openClose = true
    /// Incremental: a change is a range and its new text; a change without a range is the whole text.
    let change = 2
    let save = true
  }

  struct Completion: Encodable, Sendable {
    let triggerCharacters = [" ", ",", "("]
  }

  struct Rename: Encodable, Sendable {
    let prepareProvider = true
  }

  struct Actions: Encodable, Sendable {
    let codeActionKinds = [CodeAction.quickFix]
  }

  let positionEncoding: PositionEncoding
  let textDocumentSync = Synchronization()
  let completionProvider = Completion()
  let hoverProvider = true
  let definitionProvider = true
  let referencesProvider = true
  let documentSymbolProvider = true
  let codeActionProvider = Actions()
  let documentFormattingProvider = true
  let renameProvider = Rename()
}

/// `client/registerCapability`: to be told when a configuration or an imported runbook changes on disk.
struct RegistrationParameters: Encodable, Sendable {
  struct Watcher: Encodable, Sendable {
    let globPattern: String
  }

  struct Options: Encodable, Sendable {
    let watchers: [Watcher]
  }

  struct Registration: Encodable, Sendable {
    let id = "slipway-files"
    let method = Notice.didChangeWatchedFiles.rawValue
    let registerOptions: Options
  }

  let registrations: [Registration]

  static let watchedFiles = RegistrationParameters(registrations: [
    Registration(
      registerOptions: Options(watchers: [
        Watcher(globPattern: "**/slipway.yaml"), Watcher(globPattern: "**/*.runbook"),
      ])
    )
  ])
}
