/// Finds keywords by their bytes, without making a string.
struct KeywordTable: Sendable {
  private struct Slot: Sendable {
    var low: UInt64 = 0
    var high: UInt64 = 0
    var keyword: Keyword?
  }

  static let shared = KeywordTable()

  /// The longest word that fits into a slot.
  private static let longest = 16
  private static let slotBits = 10
  private var slots = [Slot](repeating: Slot(), count: 1 << slotBits)

  private init() {
    for keyword in Keyword.allCases {
      let bytes = Array(keyword.rawValue.utf8)
      guard let (low, high) = bytes.withUnsafeBufferPointer({ Self.packed($0, 0..<bytes.count) }) else { continue }
      var index = Self.slot(low, high)
      while slots[index].keyword != nil { index = (index + 1) & (slots.count - 1) }
      slots[index] = Slot(low: low, high: high, keyword: keyword)
    }
  }

  /// The keyword that the bytes spell, or nil.
  func keyword(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Keyword? {
    guard let (low, high) = Self.packed(bytes, range) else { return nil }
    var index = Self.slot(low, high)
    while let keyword = slots[index].keyword {
      if slots[index].low == low, slots[index].high == high { return keyword }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The bytes as two numbers, the first byte the lowest.
  @inline(__always)
  private static func packed(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>
  ) -> (low: UInt64, high: UInt64)? {
    let count = range.count
    guard count <= longest else { return nil }
    guard range.lowerBound + longest <= bytes.count else { return packedOneByOne(bytes, range) }
    // All sixteen bytes lie in the text: they are read at once, and those behind the word are put out.
    let text = UnsafeRawBufferPointer(bytes)
    let low = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
    if count < 8 { return (low & (1 << UInt64(8 * count) - 1), 0) }
    if count == 8 { return (low, 0) }
    let high = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: range.lowerBound + 8, as: UInt64.self))
    return (low, count == longest ? high : high & (1 << UInt64(8 * (count - 8)) - 1))
  }

  private static func packedOneByOne(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>
  ) -> (low: UInt64, high: UInt64) {
    var low: UInt64 = 0
    var high: UInt64 = 0
    for (place, index) in range.enumerated() {
      if place < 8 { low |= UInt64(bytes[index]) << UInt64(8 * place) }
      if place >= 8 { high |= UInt64(bytes[index]) << UInt64(8 * (place - 8)) }
    }
    return (low, high)
  }

  @inline(__always)
  private static func slot(_ low: UInt64, _ high: UInt64) -> Int {
    Int(truncatingIfNeeded: ((low ^ (high &* 31)) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - slotBits))
  }
}
