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
  private static let slotBits = 9
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

  @inline(__always)
  private static func packed(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>
  ) -> (low: UInt64, high: UInt64)? {
    guard range.count <= longest else { return nil }
    var low: UInt64 = 0
    var high: UInt64 = 0
    for index in range {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(bytes[index])
    }
    return (low, high)
  }

  @inline(__always)
  private static func slot(_ low: UInt64, _ high: UInt64) -> Int {
    Int(truncatingIfNeeded: ((low ^ (high &* 31)) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - slotBits))
  }
}
