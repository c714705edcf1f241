import FoundationEssentials

/// The name of a request, given by whoever asks: a number or a string.
enum RequestID: Hashable, Codable, Sendable {
  case number(Int)
  case text(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}

/// What every message of JSON-RPC 2.0 has; its parameters are read when it is known what they must be.
struct Envelope: Decodable {
  enum Kind {
    case request(RequestID, method: String)
    case notification(method: String)
    /// The answer to something that the server asked.
    case answer
    case invalid(RequestID?)
  }

  let kind: Kind

  private enum Key: String, CodingKey { case jsonrpc, id, method, result, error }

  init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: Key.self) else {
      kind = .invalid(nil)
      return
    }
    let isVersion2 = (try? container.decode(String.self, forKey: .jsonrpc)) == "2.0"
    let id = try? container.decode(RequestID.self, forKey: .id)
    let method = try? container.decode(String.self, forKey: .method)
    let hasID = container.contains(.id)
    switch (method, id) {
    case (let method?, let id?) where isVersion2: kind = .request(id, method: method)
    case (let method?, nil) where isVersion2 && !hasID: kind = .notification(method: method)
    case (nil, _) where hasID && (container.contains(.result) || container.contains(.error)): kind = .answer
    default: kind = .invalid(id)
    }
  }
}

/// The parameters of a message.
struct Parameters<Content: Decodable>: Decodable {
  let params: Content
}

/// For requests that have none, or whose are not looked at.
struct NoParameters: Decodable {
  init(from decoder: any Decoder) throws {}
}

/// An error of JSON-RPC or of the Language Server Protocol.
struct ResponseError: Error, Encodable, Equatable {
  /// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#errorCodes
  enum Code: Int, Encodable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case serverNotInitialized = -32002
    case requestFailed = -32803
    case requestCancelled = -32800
  }

  let code: Code
  let message: String
}

/// What goes to the client.
enum Outgoing {
  struct Success<Content: Encodable>: Encodable {
    let id: RequestID
    let result: Content

    private enum Key: String, CodingKey { case jsonrpc, id, result }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode("2.0", forKey: .jsonrpc)
      try container.encode(id, forKey: .id)
      // Not `encodeIfPresent`: a result of nothing is a null, not an absent key.
      try container.encode(result, forKey: .result)
    }
  }

  struct Failure: Encodable {
    /// nil where the request could not be told.
    let id: RequestID?
    let error: ResponseError

    private enum Key: String, CodingKey { case jsonrpc, id, error }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode("2.0", forKey: .jsonrpc)
      try container.encode(id, forKey: .id)
      try container.encode(error, forKey: .error)
    }
  }

  struct Notification<Content: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let method: String
    let params: Content
  }

  struct Request<Content: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID
    let method: String
    let params: Content
  }
}
