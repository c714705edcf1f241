/// A point in time, in nanoseconds since 1970-01-01T00:00:00Z, written as RFC 3339 in UTC.
///
/// Kubernetes, git and GitHub give their own times; evidence is judged by those (rule 8 of the language), so this type
/// is a plain value and knows no clock.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanosecondsSinceEpoch: Int64

  public init(nanosecondsSinceEpoch: Int64) { self.nanosecondsSinceEpoch = nanosecondsSinceEpoch }
  /// Saturates where nanoseconds do not reach, about 292 years from the epoch.
  public init(secondsSinceEpoch: Int64) {
    let (scaled, overflow) = secondsSinceEpoch.multipliedReportingOverflow(by: 1_000_000_000)
    self.nanosecondsSinceEpoch = overflow ? (secondsSinceEpoch < 0 ? .min : .max) : scaled
  }

  /// A time that never comes.
  public static let distantFuture = Timestamp(nanosecondsSinceEpoch: .max)

  /// Without the fraction of its second: for people.
  public var wholeSecond: Timestamp {
    let second: Int64 = 1_000_000_000
    let rest = nanosecondsSinceEpoch % second
    return Timestamp(nanosecondsSinceEpoch: nanosecondsSinceEpoch - (rest < 0 ? rest + second : rest))
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanosecondsSinceEpoch < b.nanosecondsSinceEpoch }

  /// Saturates, so that an absurd duration of a runbook is a time that never comes rather than a crash.
  public static func + (time: Timestamp, duration: Duration) -> Timestamp {
    let (sum, overflow) = time.nanosecondsSinceEpoch.addingReportingOverflow(duration.wholeNanoseconds)
    return Timestamp(nanosecondsSinceEpoch: overflow ? (duration < .zero ? .min : .max) : sum)
  }

  /// Saturates, as `+` does.
  public static func - (time: Timestamp, duration: Duration) -> Timestamp {
    let (difference, overflow) = time.nanosecondsSinceEpoch.subtractingReportingOverflow(duration.wholeNanoseconds)
    return Timestamp(nanosecondsSinceEpoch: overflow ? (duration < .zero ? .max : .min) : difference)
  }

  /// The time from `b` to `a`; negative when `a` is earlier.
  public static func - (a: Timestamp, b: Timestamp) -> Duration {
    .nanoseconds(a.nanosecondsSinceEpoch) - .nanoseconds(b.nanosecondsSinceEpoch)
  }
}

extension Duration {
  /// The duration in whole nanoseconds, saturating at about 292 years.
  public var wholeNanoseconds: Int64 {
    // Up to an hour or so no wide division is needed, which takes ten times as long: 10^9 is 2^9 times 1,953,125.
    if attoseconds >= 0, let short = Int64(exactly: attoseconds >> 9) { return short / 1_953_125 }
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowed ? (seconds < 0 ? .min : .max) : sum
  }

  /// As a runbook writes it: `1h30m`, `90s` as `1m30s`, `250ms`, `0s`.
  public var runbookText: String {
    var milliseconds = wholeNanoseconds / 1_000_000
    guard milliseconds != 0 else { return "0s" }
    var text = milliseconds < 0 ? "-" : ""
    milliseconds = abs(milliseconds)
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
      as [(String, Int64)]
    {
      let count = milliseconds / size
      if count > 0 { text += "\(count)\(unit)" }
      milliseconds %= size
    }
    return text
  }
}

extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
  /// RFC 3339 in UTC with as many fractional digits as needed in groups of three: `2026-11-23T22:30:00Z`.
  public var description: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(30)
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes ``description`` in UTF-8: logs have one in every line.
  public func append(to bytes: inout [UInt8]) {
    let second: Int64 = 1_000_000_000
    var days = nanosecondsSinceEpoch / (86_400 * second)
    var rest = nanosecondsSinceEpoch % (86_400 * second)
    if rest < 0 {
      rest += 86_400 * second
      days -= 1
    }
    let (year, month, day) = Self.civil(fromDays: days)
    let clock = rest / second
    Self.append(year, digits: 4, before: 0x2D, to: &bytes)
    Self.append(month, digits: 2, before: 0x2D, to: &bytes)
    Self.append(day, digits: 2, before: 0x54, to: &bytes)
    Self.append(clock / 3600, digits: 2, before: 0x3A, to: &bytes)
    Self.append(clock / 60 % 60, digits: 2, before: 0x3A, to: &bytes)
    Self.append(clock % 60, digits: 2, before: nil, to: &bytes)
    var fraction = rest % second
    if fraction != 0 {
      var digits = 9
      while fraction % 1000 == 0 { (fraction, digits) = (fraction / 1000, digits - 3) }
      bytes.append(0x2E)
      Self.append(fraction, digits: digits, before: nil, to: &bytes)
    }
    bytes.append(0x5A)
  }

  /// A number with leading zeros, and what stands behind it.
  private static func append(_ value: Int64, digits: Int, before mark: UInt8?, to bytes: inout [UInt8]) {
    var scale: Int64 = 1
    for _ in 1..<digits { scale *= 10 }
    while scale > 0 {
      bytes.append(0x30 + UInt8(truncatingIfNeeded: value / scale % 10))
      scale /= 10
    }
    if let mark { bytes.append(mark) }
  }

  /// Reads RFC 3339 (`2026-11-23T22:30:00.5+01:00`); nil for anything else.
  public init?(_ text: String) { self.init(utf8: Array(text.utf8)[...]) }

  /// Reads RFC 3339 in UTF-8; nil for anything else.
  public init?(utf8 text: ArraySlice<UInt8>) {
    var bytes = text
    func number(_ digits: Int) -> Int64? {
      guard bytes.count >= digits else { return nil }
      var value: Int64 = 0
      for index in bytes.startIndex..<bytes.startIndex + digits {
        let byte = bytes[index]
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        value = value * 10 + Int64(byte - 0x30)
      }
      bytes = bytes.dropFirst(digits)
      return value
    }
    func skip(_ allowed: StaticString) -> UInt8? {
      guard let first = bytes.first else { return nil }
      let isAllowed = allowed.withUTF8Buffer { $0.contains(first) }
      guard isAllowed else { return nil }
      bytes = bytes.dropFirst()
      return first
    }
    guard let year = number(4), skip("-") != nil, let month = number(2), skip("-") != nil, let day = number(2),
      skip("Tt ") != nil, let hour = number(2), skip(":") != nil, let minute = number(2), skip(":") != nil,
      let second = number(2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var nanoseconds: Int64 = 0
    if skip(".") != nil {
      var scale: Int64 = 100_000_000
      var digits = 0
      while let digit = number(1) {
        nanoseconds += digit * scale
        scale /= 10
        digits += 1
      }
      guard digits > 0 else { return nil }
    }
    guard let zone = skip("Zz+-") else { return nil }
    var offset: Int64 = 0
    if zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
      guard let hours = number(2), skip(":") != nil, let minutes = number(2), hours < 24, minutes < 60 else {
        return nil
      }
      offset = (hours * 60 + minutes) * 60 * (zone == UInt8(ascii: "+") ? 1 : -1)
    }
    guard bytes.isEmpty else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    let (civilYear, civilMonth, civilDay) = Self.civil(fromDays: days)
    guard (civilYear, civilMonth, civilDay) == (year, month, day), (1678...2261).contains(year) else { return nil }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    self.init(nanosecondsSinceEpoch: seconds * 1_000_000_000 + nanoseconds)
  }

  /// Days since the epoch of a proleptic Gregorian date, in 400-year eras of 146,097 days that start in March.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time: \(text)")
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
