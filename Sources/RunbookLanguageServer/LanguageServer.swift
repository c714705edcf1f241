import FoundationEssentials
import PromotionModel
import RunbookCheck
import RunbookDiagnostics

/// A server of the Language Server Protocol 3.17 for runbooks, as a value: bytes go in, bytes come out, and nothing else is
/// touched but what ``Surroundings`` hands over.
///
/// Requests are answered in their order. Findings are published by ``settle()``, which is for moments when no more bytes are
/// waiting, so that somebody who types fast gets the findings of what stands there now and not of each letter.
public struct LanguageServer: Sendable {
  enum Phase: Equatable {
    case new
    case running
    case shutDown
  }

  let surroundings: Surroundings
  var phase = Phase.new
  var encoding = PositionEncoding.utf16
  var client: ClientCapabilities?
  /// The folder that the editor has opened.
  var rootFolder: String?
  var documents: [String: OpenDocument] = [:]
  /// By path.
  var configurations: [String: LoadedConfiguration] = [:]
  /// URIs of configurations whose findings the editor shows.
  var shownConfigurations: Set<String> = []
  /// Whether it was said that there is no configuration.
  var missingConfigurationWasSaid = false

  private var reader = MessageReader()
  private var output: [UInt8] = []
  /// Set when the client said `exit`, or its stream ended: 0 after a `shutdown`, else 1.
  public private(set) var exitStatus: Int32?

  public init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  /// Takes bytes from the client and handles every message that is whole.
  public mutating func receive(_ bytes: some Sequence<UInt8>) {
    reader.append(bytes)
    var pieces: [MessageReader.Piece] = []
    while let piece = reader.next() { pieces.append(piece) }
    let messages = pieces.map(Message.init)
    let cancelled = Set(messages.compactMap(\.cancelled))
    for message in messages where exitStatus == nil { handle(message, cancelled) }
  }

  /// The stream has ended without an `exit`.
  public mutating func endOfInput() {
    if exitStatus == nil { exitStatus = phase == .shutDown ? 0 : 1 }
  }

  /// Whether findings wait to be published.
  public var isUnsettled: Bool { phase == .running && documents.values.contains { $0.isUnsettled } }

  /// Publishes the findings of one document that has changed.
  public mutating func settle() {
    guard phase == .running, let uri = documents.values.filter(\.isUnsettled).map(\.uri).min() else { return }
    publish(uri)
  }

  /// What is to be written to the client since the last call.
  public mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  // MARK: Messages

  /// A message, read as far as can be without knowing its method.
  private struct Message {
    let kind: Result<Envelope.Kind, ResponseError>
    let body: Data
    /// The request that is not wanted any more.
    private(set) var cancelled: RequestID?

    private struct Cancellation: Decodable {
      let id: RequestID
    }

    init(_ piece: MessageReader.Piece) {
      switch piece {
      case .malformed(let reason):
        body = Data()
        kind = .failure(ResponseError(code: .parseError, message: reason))
      case .body(let bytes):
        body = Data(bytes)
        guard let envelope = try? JSONDecoder().decode(Envelope.self, from: body) else {
          kind = .failure(ResponseError(code: .parseError, message: WireMessages.notJSON))
          return
        }
        kind = .success(envelope.kind)
        if case .notification(Notice.cancelRequest.rawValue) = envelope.kind {
          cancelled = try? JSONDecoder().decode(Parameters<Cancellation>.self, from: body).params.id
        }
      }
    }
  }

  private mutating func handle(_ message: Message, _ cancelled: Set<RequestID>) {
    switch message.kind {
    case .failure(let error): send(Outgoing.Failure(id: nil, error: error))
    case .success(.invalid(let id)):
      send(Outgoing.Failure(id: id, error: ResponseError(code: .invalidRequest, message: WireMessages.notJSONRPC)))
    case .success(.answer): break
    case .success(.notification(let method)): notify(method, message.body)
    case .success(.request(let id, let method)):
      do throws(ResponseError) {
        guard !cancelled.contains(id) else {
          throw ResponseError(code: .requestCancelled, message: WireMessages.cancelled)
        }
        try answer(id, method, message.body)
      } catch {
        send(Outgoing.Failure(id: id, error: error))
      }
    }
  }

  private mutating func notify(_ method: String, _ body: Data) {
    guard let notice = Notice(rawValue: method) else { return }
    if notice == .exit {
      exitStatus = phase == .shutDown ? 0 : 1
      return
    }
    // What comes before `initialize` or after `shutdown` is dropped.
    guard phase == .running else { return }
    switch notice {
    case .initialized: watchFiles()
    case .didOpen: didOpen(body)
    case .didChange: didChange(body)
    case .didClose: didClose(body)
    // A saved configuration or a saved import may change what is found elsewhere.
    case .didSave, .didChangeWatchedFiles: invalidateAll()
    case .cancelRequest, .exit: break
    }
  }

  private mutating func answer(_ id: RequestID, _ method: String, _ body: Data) throws(ResponseError) {
    let known = Method(rawValue: method)
    switch phase {
    case .new where known != .initialize:
      throw ResponseError(code: .serverNotInitialized, message: WireMessages.notInitialized)
    case .shutDown: throw ResponseError(code: .invalidRequest, message: WireMessages.shuttingDown)
    case .new, .running: break
    }
    guard let known else {
      throw ResponseError(code: .methodNotFound, message: WireMessages.unknownMethod(method))
    }
    switch known {
    case .initialize: reply(id, try initialize(parameters(known, body)))
    case .shutdown:
      phase = .shutDown
      reply(id, String?.none)
    case .completion: reply(id, try completion(parameters(known, body)))
    case .hover: reply(id, try hover(parameters(known, body)))
    case .definition: reply(id, try definition(parameters(known, body)))
    case .references: reply(id, try references(parameters(known, body)))
    case .documentSymbol:
      let symbols = try documentSymbols(parameters(known, body))
      switch symbols {
      case .tree(let symbols): reply(id, symbols)
      case .flat(let symbols): reply(id, symbols)
      }
    case .codeAction: reply(id, try codeActions(parameters(known, body)))
    case .formatting: reply(id, try formatting(parameters(known, body)))
    case .prepareRename: reply(id, try prepareRename(parameters(known, body)))
    case .rename: reply(id, try rename(parameters(known, body)))
    }
  }

  /// The parameters of a notification, which has no answer: one that is malformed is passed over.
  func content<Content: Decodable>(_ type: Content.Type, _ body: Data) -> Content? {
    try? JSONDecoder().decode(Parameters<Content>.self, from: body).params
  }

  private func parameters<Content: Decodable>(_ method: Method, _ body: Data) throws(ResponseError) -> Content {
    do {
      return try JSONDecoder().decode(Parameters<Content>.self, from: body).params
    } catch {
      throw ResponseError(code: .invalidParams, message: WireMessages.wrongParameters(method.rawValue))
    }
  }

  // MARK: Output

  private mutating func reply(_ id: RequestID, _ result: some Encodable) {
    send(Outgoing.Success(id: id, result: result))
  }

  mutating func send(_ message: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let body = try? encoder.encode(message) else { return }
    output += MessageReader.framed(body)
  }

  mutating func send(_ method: String, _ content: some Encodable) {
    send(Outgoing.Notification(method: method, params: content))
  }
}
