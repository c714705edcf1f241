/// What came from a client.
public enum Arrival: Sendable {
  case bytes([UInt8])
  /// Nothing yet; only where nobody wanted to wait.
  case nothing
  /// The stream has ended.
  case end
}

extension LanguageServer {
  /// Serves one client until it says `exit` or its stream ends.
  ///
  /// - Parameters:
  ///   - read: the next bytes. With `waits`, it returns when there are some or the stream has ended.
  ///   - write: sends bytes; false when nobody takes them any more.
  /// - Returns: the exit status that the protocol wants: 0 after a `shutdown`, else 1.
  public mutating func serve(
    read: (_ waits: Bool) -> Arrival,
    write: ([UInt8]) -> Bool
  ) -> Int32 {
    while true {
      if let status = exitStatus { return status }
      // While findings are due, what has arrived already goes first.
      switch read(!isUnsettled) {
      case .bytes(let bytes): receive(bytes)
      case .nothing: settle()
      case .end: endOfInput()
      }
      let output = takeOutput()
      guard output.isEmpty || write(output) else { return 1 }
    }
  }
}
