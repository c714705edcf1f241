/// Well-formedness of UTF-8 as the Unicode Standard defines it in table 3-7.
enum UTF8Validation {
  /// The first sequence of `bytes` that is not well formed, as its first byte, or nil.
  static func firstInvalidSequence(in bytes: [UInt8]) -> SourceSpan? {
    bytes.withUnsafeBufferPointer { buffer in
      var index = 0
      while index < buffer.count {
        if buffer[index] < 0x80 {
          index += 1
          continue
        }
        let length = sequenceLength(in: buffer, at: index)
        if length == 0 { return SourceSpan(index..<index + 1) }
        index += length
      }
      return nil
    }
  }

  /// The length of the well-formed sequence of several bytes that begins at `index`, or zero.
  private static func sequenceLength(in buffer: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch buffer[index] {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard index + length <= buffer.count, second.contains(buffer[index + 1]) else { return 0 }
    for offset in 2..<max(length, 2) where buffer[index + offset] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
