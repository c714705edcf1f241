/// What a run of name characters is: durations, versions, numbers, times and names, recognised on bytes.
enum WordClass {
  /// The class of the run `range` of `bytes`, which is not empty.
  static func kind(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> TokenKind {
    let first = bytes[range.lowerBound]
    if isDigit(first) {
      if duration(bytes, range) != nil { return .duration }
      if version(bytes, range) != nil { return .version }
      if let number = number(bytes, range) { return number }
      if isClockTime(bytes, range) { return .clockTime }
      if isDateTime(bytes, range) { return .dateTime }
    } else if first == UInt8(ascii: "v"), version(bytes, range) != nil {
      return .version
    }
    return isName(bytes, range) ? .name : .malformedWord
  }

  /// The length of time that the bytes write: numbers with `d`, `h`, `m`, `s`, `ms`, the larger unit first, each at most
  /// once. Numbers have at most nine digits.
  static func duration(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Duration? {
    var index = range.lowerBound
    var milliseconds: Int64 = 0
    var smallest = Int64.max
    while index < range.upperBound {
      let digits = index
      var number: Int64 = 0
      while index < range.upperBound, isDigit(bytes[index]) {
        number = number * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
        index += 1
        if index - digits > 9 { return nil }
      }
      guard index > digits, index < range.upperBound else { return nil }
      let unit: Int64
      switch bytes[index] {
      case UInt8(ascii: "d"): unit = 86_400_000
      case UInt8(ascii: "h"): unit = 3_600_000
      case UInt8(ascii: "s"): unit = 1000
      case UInt8(ascii: "m"):
        let isMilliseconds = index + 1 < range.upperBound && bytes[index + 1] == UInt8(ascii: "s")
        unit = isMilliseconds ? 1 : 60_000
        if isMilliseconds { index += 1 }
      default: return nil
      }
      index += 1
      guard unit < smallest else { return nil }
      smallest = unit
      milliseconds += number * unit
    }
    return .milliseconds(milliseconds)
  }

  /// The bytes of a version of Semantic Versioning 2.0.0 without its optional `v`, or nil where it is none.
  static func version(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    var index = range.lowerBound
    if index < range.upperBound, bytes[index] == UInt8(ascii: "v") { index += 1 }
    let start = index
    for part in 0..<3 {
      if part > 0 {
        guard index < range.upperBound, bytes[index] == UInt8(ascii: ".") else { return nil }
        index += 1
      }
      let digits = index
      while index < range.upperBound, isDigit(bytes[index]) { index += 1 }
      guard isNumericIdentifier(bytes, digits..<index) else { return nil }
    }
    if index < range.upperBound, bytes[index] == UInt8(ascii: "-") {
      guard let end = identifiers(bytes, index + 1..<range.upperBound, numericOnlyPlain: true) else { return nil }
      index = end
    }
    if index < range.upperBound, bytes[index] == UInt8(ascii: "+") {
      guard let end = identifiers(bytes, index + 1..<range.upperBound, numericOnlyPlain: false) else { return nil }
      index = end
    }
    return index == range.upperBound ? start..<index : nil
  }

  /// Dot-separated identifiers from the beginning of `range`; the offset behind them.
  private static func identifiers(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, numericOnlyPlain: Bool)
    -> Int?
  {
    var index = range.lowerBound
    while true {
      let start = index
      var allDigits = true
      while index < range.upperBound, isAlphanumeric(bytes[index]) || bytes[index] == UInt8(ascii: "-") {
        if !isDigit(bytes[index]) { allDigits = false }
        index += 1
      }
      guard index > start else { return nil }
      if numericOnlyPlain, allDigits, !isNumericIdentifier(bytes, start..<index) { return nil }
      guard index < range.upperBound, bytes[index] == UInt8(ascii: ".") else { return index }
      index += 1
    }
  }

  /// Digits without a leading zero.
  private static func isNumericIdentifier(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    !range.isEmpty && (range.count == 1 || bytes[range.lowerBound] != UInt8(ascii: "0"))
  }

  /// Integer, decimal or percentage.
  private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> TokenKind? {
    var index = range.lowerBound
    while index < range.upperBound, isDigit(bytes[index]) { index += 1 }
    if index == range.upperBound { return .integer }
    var kind = TokenKind.integer
    if bytes[index] == UInt8(ascii: ".") {
      let fraction = index + 1
      index = fraction
      while index < range.upperBound, isDigit(bytes[index]) { index += 1 }
      guard index > fraction else { return nil }
      kind = .decimal
      if index == range.upperBound { return kind }
    }
    return bytes[index] == UInt8(ascii: "%") && index + 1 == range.upperBound ? .percentage : nil
  }

  /// `HH:MM`, 00:00 to 23:59.
  private static func isClockTime(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count == 5 else { return false }
    let start = range.lowerBound
    guard let hour = twoDigits(bytes, start), let minute = twoDigits(bytes, start + 3) else { return false }
    return bytes[start + 2] == UInt8(ascii: ":") && hour < 24 && minute < 60
  }

  /// `YYYY-MM-DDTHH:MM[:SS](Z|±HH:MM)` of RFC 3339.
  private static func isDateTime(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let start = range.lowerBound
    guard range.count >= 17, twoDigits(bytes, start) != nil, twoDigits(bytes, start + 2) != nil else { return false }
    guard let month = twoDigits(bytes, start + 5), let day = twoDigits(bytes, start + 8) else { return false }
    guard bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-") else { return false }
    guard (1...12).contains(month), (1...31).contains(day), bytes[start + 10] == UInt8(ascii: "T") else { return false }
    var index = start + 16
    guard isClockTime(bytes, start + 11..<index) else { return false }
    if bytes[index] == UInt8(ascii: ":") {
      guard index + 3 < range.upperBound, let second = twoDigits(bytes, index + 1), second <= 60 else { return false }
      index += 3
    }
    if bytes[index] == UInt8(ascii: "Z") { return index + 1 == range.upperBound }
    guard bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") else { return false }
    return isClockTime(bytes, index + 1..<range.upperBound)
  }

  private static func twoDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
    guard isDigit(bytes[index]), isDigit(bytes[index + 1]) else { return nil }
    return Int(bytes[index] - UInt8(ascii: "0")) * 10 + Int(bytes[index + 1] - UInt8(ascii: "0"))
  }

  /// DNS labels after RFC 1123, joined with dots: lower-case letters, digits and inner hyphens, 63 at most a label.
  static func isName(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    var labelStart = range.lowerBound
    for index in range.lowerBound...range.upperBound {
      if index < range.upperBound, bytes[index] != UInt8(ascii: ".") {
        let byte = bytes[index]
        guard isLowercase(byte) || isDigit(byte) || byte == UInt8(ascii: "-") else { return false }
        continue
      }
      guard index > labelStart, index - labelStart <= longestLabel else { return false }
      guard bytes[labelStart] != UInt8(ascii: "-"), bytes[index - 1] != UInt8(ascii: "-") else { return false }
      labelStart = index + 1
    }
    return true
  }

  /// The longest label of a name, after RFC 1123.
  static let longestLabel = 63

  /// Letters, digits, `.`, `-`, `_`; and everything beyond ASCII, so that a foreign letter makes one wrong word and not
  /// several.
  @inline(__always)
  static func isWordByte(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  @inline(__always)
  static func isLowercase(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }

  @inline(__always)
  static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLowercase(byte | 0x20) }
}
