/// The part of a line that is the same whenever the same thing happens: numbers, times, addresses and ids become `#`.
struct FoldedLine {
  /// What of a line counts; the rest is rarely what tells two kinds apart.
  static let longest = 512

  private(set) var bytes: [UInt8] = []
  private(set) var hash: UInt64 = 0

  init() { bytes.reserveCapacity(Self.longest) }

  /// Reads another line into the same memory.
  mutating func fold(_ line: UnsafeRawBufferPointer) {
    bytes.removeAll(keepingCapacity: true)
    let end = min(line.count, Self.longest)
    var place = 0
    while place < end {
      let byte = line[place]
      guard Self.isWord(byte) else {
        append(byte)
        place += 1
        continue
      }
      let start = place
      var digits = 0
      var others = 0
      while place < end, Self.isWord(line[place]) {
        if Self.isDigit(line[place]) { digits += 1 } else if !Self.isHexLetter(line[place]) { others += 1 }
        place += 1
      }
      // `0x…` is a number too.
      if place - start > 2, line[start] == 0x30, line[start + 1] | 0x20 == 0x78 { others -= 1 }
      if others == 0, place - start == 8, Self.isUUID(line, from: start, before: end) {
        append(Self.mark)
        place = start + 36
        continue
      }
      append(line, start..<place, digits: digits, isHex: others == 0)
    }
    // FNV-1a, 64 bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.hash = hash
  }

  /// A run of letters and digits: a number or an id is one `#`; in a name such as `s3` or `worker12` only long numbers go;
  /// in what begins with a number, such as `30ms`, all of them.
  private mutating func append(_ line: UnsafeRawBufferPointer, _ run: Range<Int>, digits: Int, isHex: Bool) {
    let isID = digits == run.count || (isHex && digits > 0 && run.count >= 6) || (digits >= 3 && run.count >= 16)
    let isMeasure = Self.isDigit(line[run.lowerBound])
    if digits == 0 || (digits == 1 && !isID && !isMeasure) {
      for place in run { append(line[place]) }
      return
    }
    if isID { return append(Self.mark) }
    var place = run.lowerBound
    while place < run.upperBound {
      var end = place
      while end < run.upperBound, Self.isDigit(line[end]) { end += 1 }
      if end - place >= (isMeasure ? 1 : 2) {
        append(Self.mark)
        place = end
      } else {
        append(line[place])
        place += 1
      }
    }
  }

  private mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// RFC 9562: eight, four, four, four and twelve digits.
  private static func isUUID(_ line: UnsafeRawBufferPointer, from start: Int, before end: Int) -> Bool {
    guard start + 36 <= end else { return false }
    for place in 0..<36 {
      let byte = line[start + place]
      let isDash = place == 8 || place == 13 || place == 18 || place == 23
      guard isDash ? byte == UInt8(ascii: "-") : isDigit(byte) || isHexLetter(byte) else { return false }
    }
    return true
  }

  private static let mark = UInt8(ascii: "#")

  @inline(__always) private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  @inline(__always) private static func isHexLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 6 }
  @inline(__always) private static func isWord(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }
}
