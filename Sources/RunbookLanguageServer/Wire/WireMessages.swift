/// The wording of what can be wrong with a message.
enum WireMessages {
  static let noHeaderField = "a header line has no colon"
  static let lengthIsNoNumber = "Content-Length is no whole number"
  static let noLength = "the header has no Content-Length"
  static let bodyTooLarge = "Content-Length is over \(MessageReader.largestBody) bytes"
  static let notJSON = "the message is no JSON"
  static let notJSONRPC = "the message is no request, notification or answer of JSON-RPC 2.0"
  static let notInitialized = "the first request is `initialize`"
  static let initializedTwice = "`initialize` was sent already"
  static let shuttingDown = "the server is shut down; only `exit` may follow"
  static let cancelled = "cancelled"

  static func unknownMethod(_ method: String) -> String { "the method \(method) is not known" }
  static func wrongParameters(_ method: String) -> String { "the parameters of \(method) are not what they must be" }
  static func notOpen(_ uri: String) -> String { "\(uri) is not open" }
  static func resultCannotBeWritten(_ method: String) -> String { "the result of \(method) cannot be written" }
}
