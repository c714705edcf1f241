/// Where code points and lines of a file stand in its bytes.
///
/// libyaml's marks count code points, not bytes, and take NEL, LS and PS for line ends, which editors do not: so
/// offsets, lines and columns are worked out here from the code point alone.
struct SourceMap: Sendable {
  /// The length of a byte order mark at the start; code point 0 is the one after it.
  let base: Int
  let codePointCount: Int
  private let bytes: [UInt8]
  /// The byte offset of every 64th code point.
  private let checkpoints: [UInt32]
  /// The code point at which each line starts.
  private let lineStarts: [UInt32]

  private static let stride = 64

  init(_ bytes: [UInt8]) throws(YAMLError) {
    let base = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var checkpoints: [UInt32] = []
    var lineStarts: [UInt32] = [0]
    var offset = base
    var codePoint = 0
    while offset < bytes.count {
      if codePoint % Self.stride == 0 { checkpoints.append(UInt32(offset)) }
      guard let width = Self.width(of: bytes, at: offset) else {
        let line = lineStarts.count
        throw YAMLError(
          .invalidUTF8,
          "the file is not valid UTF-8",
          at: YAMLPlace(offset: offset, line: line, column: codePoint - Int(lineStarts[line - 1]) + 1)
        )
      }
      let byte = bytes[offset]
      let isLoneReturn = byte == 0x0D && !(offset + 1 < bytes.count && bytes[offset + 1] == 0x0A)
      offset += width
      codePoint += 1
      if byte == 0x0A || isLoneReturn { lineStarts.append(UInt32(codePoint)) }
    }
    self.base = base
    self.bytes = bytes
    self.codePointCount = codePoint
    self.checkpoints = checkpoints
    self.lineStarts = lineStarts
  }

  func byteOffset(ofCodePoint index: Int) -> Int {
    guard index < codePointCount else { return bytes.count }
    var offset = Int(checkpoints[index / Self.stride])
    for _ in 0..<(index % Self.stride) {
      offset += 1
      while bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }
    return offset
  }

  func place(ofCodePoint index: Int) -> YAMLPlace {
    let index = min(max(index, 0), codePointCount)
    // The last line that starts at or before the index.
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(lineStarts[middle]) <= index { low = middle } else { high = middle }
    }
    return YAMLPlace(
      offset: byteOffset(ofCodePoint: index),
      line: low + 1,
      column: index - Int(lineStarts[low]) + 1
    )
  }

  func place(ofByte target: Int) -> YAMLPlace {
    // The last checkpoint at or before the byte, then forward.
    var low = 0
    var high = checkpoints.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(checkpoints[middle]) <= target { low = middle } else { high = middle }
    }
    var index = low * Self.stride
    while index < codePointCount, byteOffset(ofCodePoint: index) < target { index += 1 }
    return place(ofCodePoint: index)
  }

  /// The width of the code point at an offset; nil when there is no valid one (RFC 3629, section 4).
  private static func width(of bytes: [UInt8], at offset: Int) -> Int? {
    let lead = bytes[offset]
    let width: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: width = 2
    case 0xE0...0xEF:
      width = 3
      if lead == 0xE0 { second = 0xA0...0xBF }
      if lead == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
      width = 4
      if lead == 0xF0 { second = 0x90...0xBF }
      if lead == 0xF4 { second = 0x80...0x8F }
    default: return nil
    }
    guard offset + width <= bytes.count, second.contains(bytes[offset + 1]) else { return nil }
    for index in 2..<max(2, width) where bytes[offset + index] & 0xC0 != 0x80 { return nil }
    return width
  }
}
