import FoundationEssentials
import PromotionModel
import RunbookCheck
import RunbookDiagnostics

extension LanguageServer {
  // MARK: Beginning

  mutating func initialize(_ parameters: InitializeParameters) throws(ResponseError) -> InitializeResult {
    guard phase == .new else {
      throw ResponseError(code: .invalidRequest, message: WireMessages.initializedTwice)
    }
    phase = .running
    client = parameters.capabilities
    encoding = .chosen(from: parameters.capabilities.general?.positionEncodings)
    let root = parameters.workspaceFolders?.first?.uri ?? parameters.rootUri
    rootFolder = root.flatMap(DocumentPath.path).map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    return InitializeResult(capabilities: ServerCapabilities(positionEncoding: encoding))
  }

  /// Asks to be told of configurations and runbooks that change on disk, where the client can do that.
  mutating func watchFiles() {
    guard client?.workspace?.didChangeWatchedFiles?.dynamicRegistration == true else { return }
    send(
      Outgoing.Request(
        id: .text("slipway-watch"),
        method: "client/registerCapability",
        params: RegistrationParameters.watchedFiles
      )
    )
  }

  // MARK: Text

  mutating func didOpen(_ body: Data) {
    guard let item = content(DidOpenParameters.self, body)?.textDocument else { return }
    documents[item.uri] = OpenDocument(uri: item.uri, version: item.version, text: DocumentText(item.text))
    invalidateOthers(than: item.uri)
  }

  mutating func didChange(_ body: Data) {
    guard let parameters = content(DidChangeParameters.self, body),
      // Taken out, so that the text is changed in place and not copied.
      var document = documents.removeValue(forKey: parameters.textDocument.uri)
    else { return }
    for change in parameters.contentChanges {
      if let range = change.range {
        document.text.replace(encoding.offsets(of: range, in: document.text), with: Array(change.text.utf8))
      } else {
        document.text = DocumentText(change.text)
      }
    }
    document.change(to: parameters.textDocument.version)
    documents[document.uri] = document
    invalidateOthers(than: document.uri)
  }

  mutating func didClose(_ body: Data) {
    guard let uri = content(TextDocumentParameters.self, body)?.textDocument.uri,
      documents.removeValue(forKey: uri) != nil
    else { return }
    // What is not open has no findings to look at.
    send(
      Notifications.publishDiagnostics,
      PublishDiagnosticsParameters(uri: uri, version: nil, diagnostics: [])
    )
    invalidateOthers(than: uri)
  }

  /// What else is open may import what has changed, or be checked with it.
  private mutating func invalidateOthers(than uri: String) {
    let isConfiguration = documents[uri]?.isRunbook == false
    for other in documents.keys where other != uri {
      guard isConfiguration || documents[other]?.analysis?.dependsOnFiles == true else { continue }
      documents[other]?.invalidate()
    }
  }

  mutating func invalidateAll() {
    for uri in documents.keys { documents[uri]?.invalidate() }
  }

  // MARK: What is known

  func document(_ uri: String) throws(ResponseError) -> OpenDocument {
    guard let document = documents[uri] else {
      throw ResponseError(code: .invalidParams, message: WireMessages.notOpen(uri))
    }
    return document
  }

  /// A document with its analysis, which is made now where it is not there.
  mutating func analyzed(_ uri: String) throws(ResponseError) -> (document: OpenDocument, analysis: Analysis) {
    let document = try document(uri)
    if let analysis = document.analysis { return (document, analysis) }
    let fleet = configuration(for: document)?.fleet
    let analysis = Analysis(document.source, fleet: fleet, imports: imports(of: document))
    documents[uri]?.analysis = analysis
    return (document, analysis)
  }

  /// The files that the editor has, as it has them.
  private var openFiles: [String: [UInt8]] {
    Dictionary(
      documents.values.compactMap { document in document.path.map { ($0, document.text.bytes) } },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The folder in which a document's configuration and imports are looked for.
  func folder(of document: OpenDocument) -> String? {
    document.path.map(DocumentPath.folder) ?? rootFolder
  }

  private func imports(of document: OpenDocument) -> ImportResolver {
    guard let folder = folder(of: document) else { return .none }
    let (open, read) = (openFiles, surroundings.file)
    return ImportResolver { path in
      let whole = DocumentPath.resolved(path, from: folder)
      guard let bytes = open[whole] ?? read(whole) else { return .failure(.init(ServerMessages.fileIsMissing)) }
      return .success(SourceText(name: whole, bytes: bytes))
    }
  }

  /// The configuration of a document, read anew where its bytes have changed.
  mutating func configuration(for document: OpenDocument) -> LoadedConfiguration? {
    guard let (path, bytes) = surroundings.configuration(for: folder(of: document), open: openFiles) else {
      sayConfigurationIsMissing()
      return nil
    }
    if let known = configurations[path], known.source.bytes == bytes { return known }
    let loaded = LoadedConfiguration(path: path, bytes: bytes)
    configurations[path] = loaded
    publish(loaded)
    return loaded
  }

  private mutating func sayConfigurationIsMissing() {
    guard !missingConfigurationWasSaid else { return }
    missingConfigurationWasSaid = true
    send(Notifications.logMessage, LogMessage(type: LogMessage.information, message: ServerMessages.noConfiguration))
  }

  // MARK: Findings

  mutating func publish(_ uri: String) {
    guard let (document, analysis) = try? analyzed(uri) else { return }
    documents[uri]?.isPublished = true
    let diagnostics = ProtocolDiagnostics(encoding: encoding, client: client).diagnostics(of: analysis, in: document)
    send(
      Notifications.publishDiagnostics,
      PublishDiagnosticsParameters(uri: uri, version: document.version, diagnostics: diagnostics)
    )
  }

  /// Shows what is wrong with a configuration, at its own place.
  private mutating func publish(_ configuration: LoadedConfiguration) {
    let uri = DocumentPath.uri(ofPath: configuration.path)
    guard !configuration.findings.isEmpty || shownConfigurations.contains(uri) else { return }
    if configuration.findings.isEmpty { shownConfigurations.remove(uri) } else { shownConfigurations.insert(uri) }
    let text = DocumentText(bytes: configuration.source.bytes)
    let diagnostics = ProtocolDiagnostics(encoding: encoding, client: client)
    send(
      Notifications.publishDiagnostics,
      PublishDiagnosticsParameters(
        uri: uri,
        version: nil,
        diagnostics: configuration.findings.prefix(ProtocolDiagnostics.most).map {
          diagnostics.diagnostic($0, in: text, uri: uri)
        }
      )
    )
  }
}

/// The notifications that the server sends.
enum Notifications {
  static let publishDiagnostics = "textDocument/publishDiagnostics"
  static let logMessage = "window/logMessage"
}

struct LogMessage: Encodable, Sendable {
  static let information = 3

  let type: Int
  let message: String
}
