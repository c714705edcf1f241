/// A text that diagnostics point into: its name, its bytes and where its lines begin.
///
/// Lines end in LF or CRLF. Bytes that are no UTF-8 are kept, so that everything else in the text can still be
/// reported; ``invalidUTF8`` tells where the first of them stands.
public struct SourceText: Sendable {
  /// A place for people: both count from one, columns in Unicode scalars.
  public struct Position: Hashable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }
  }

  /// The largest text; what is longer is cut there and ``isTruncated`` is set. Spans hold 32-bit offsets.
  public static let maximumByteCount = Int(UInt32.max) - 1

  /// The name to show, as a rule the path as the user gave it.
  public let name: String
  public let bytes: [UInt8]
  /// Whether bytes over ``maximumByteCount`` were left out.
  public let isTruncated: Bool
  /// The first sequence that is no UTF-8, or nil.
  public let invalidUTF8: SourceSpan?
  private let lineStarts: [UInt32]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    isTruncated = bytes.count > Self.maximumByteCount
    self.bytes = isTruncated ? Array(bytes[..<Self.maximumByteCount]) : bytes
    lineStarts = Self.lineStarts(in: self.bytes)
    invalidUTF8 = UTF8Validation.firstInvalidSequence(in: self.bytes)
  }

  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The number of lines; a text without a byte has one.
  public var lineCount: Int { lineStarts.count }

  /// The whole text.
  public var span: SourceSpan { SourceSpan(0..<bytes.count) }

  /// The number, from one, of the line in which `offset` lies; offsets behind the end count to the last line.
  public func line(at offset: UInt32) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Line and column of `offset`.
  public func position(at offset: UInt32) -> Position {
    let line = line(at: offset)
    let end = min(Int(offset), bytes.count)
    let scalars = bytes[Int(lineStarts[line - 1])..<end].reduce(into: 0) { count, byte in
      if byte & 0xC0 != 0x80 { count += 1 }
    }
    return Position(line: line, column: scalars + 1)
  }

  /// The bytes of a line, counted from one, without its LF or CRLF. Lines that do not exist are empty, at the end.
  public func span(ofLine line: Int) -> SourceSpan {
    guard line >= 1, line <= lineStarts.count else { return SourceSpan(bytes.count..<bytes.count) }
    let start = Int(lineStarts[line - 1])
    var end = line < lineStarts.count ? Int(lineStarts[line]) - 1 : bytes.count
    if line < lineStarts.count, end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return SourceSpan(start..<end)
  }

  /// The text of a span; sequences that are no UTF-8 become U+FFFD.
  public func text(_ span: SourceSpan) -> String {
    String(decoding: bytes[span.range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  private static func lineStarts(in bytes: [UInt8]) -> [UInt32] {
    var starts: [UInt32] = [0]
    bytes.withUnsafeBufferPointer { buffer in
      for index in buffer.indices where buffer[index] == UInt8(ascii: "\n") {
        starts.append(UInt32(index + 1))
      }
    }
    return starts
  }
}
