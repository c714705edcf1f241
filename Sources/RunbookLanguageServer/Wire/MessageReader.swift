/// Cuts a stream of bytes into messages, as the base protocol of the Language Server Protocol frames them: header fields
/// in ASCII, each ended by CR LF, an empty line, and then as many bytes as `Content-Length` said.
struct MessageReader {
  enum Piece: Equatable {
    case body([UInt8])
    /// A header that says no length, or none that can be believed; the stream goes on behind its empty line.
    case malformed(reason: String)
  }

  /// A header longer than this is none.
  static let longestHeader = 4096
  /// A document of 10 MB in which every character is escaped six-fold is below this.
  static let largestBody = 256 << 20

  private var buffer: [UInt8] = []
  /// What was taken from the buffer already.
  private var start = 0
  private var bodyLength: Int?

  mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole message; nil until more bytes came.
  mutating func next() -> Piece? {
    if bodyLength == nil {
      guard let header = header() else { return nil }
      switch Self.length(header) {
      case .success(let length): bodyLength = length
      case .failure(let problem): return .malformed(reason: problem.reason)
      }
    }
    guard let length = bodyLength, buffer.count - start >= length else { return nil }
    let body = Array(buffer[start..<start + length])
    start += length
    bodyLength = nil
    return .body(body)
  }

  /// The bytes of the next header without its empty line.
  private mutating func header() -> [UInt8]? {
    let end = Array("\r\n\r\n".utf8)
    let limit = min(buffer.count, start + Self.longestHeader)
    var index = start
    while index + end.count <= limit {
      if buffer[index] == end[0], buffer[index..<index + end.count].elementsEqual(end) {
        defer { start = index + end.count }
        return Array(buffer[start..<index])
      }
      index += 1
    }
    guard buffer.count - start >= Self.longestHeader else { return nil }
    // Whatever this is, it is no header: drop it, so that the buffer cannot grow without end.
    defer { start = limit }
    return Array(buffer[start..<limit])
  }

  private struct Problem: Error {
    let reason: String
  }

  private static func length(_ header: [UInt8]) -> Result<Int, Problem> {
    var length: Int?
    for line in String(decoding: header, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { return .failure(Problem(reason: WireMessages.noHeaderField)) }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      switch line[..<colon].lowercased() {
      case "content-length":
        guard let number = Int(value), number >= 0, value.allSatisfy(\.isWholeNumber) else {
          return .failure(Problem(reason: WireMessages.lengthIsNoNumber))
        }
        guard number <= largestBody else { return .failure(Problem(reason: WireMessages.bodyTooLarge)) }
        length = number
      // `Content-Type`, and what other fields there may come to be.
      default: break
      }
    }
    return length.map(Result.success) ?? .failure(Problem(reason: WireMessages.noLength))
  }
}

extension MessageReader {
  /// A body with its header.
  static func framed(_ body: some Collection<UInt8>) -> [UInt8] {
    Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}
