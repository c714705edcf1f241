internal import RunbookDiagnostics

/// The right spelling that a wrong word most likely meant.
enum NearestSpelling {
  /// What people type where they mean one of our verbs and the spelling alone does not tell.
  private static let synonyms: [String: Keyword] = [
    "undo": .rollback, "revert": .rollback, "deploy": .promote, "release": .promote, "ship": .promote,
    "check": .validate, "watch": .monitor, "observe": .monitor, "sleep": .wait, "pause": .wait, "abort": .stop,
    "exit": .stop, "failure": .on,
  ]

  static func statement(_ word: String) -> Keyword? {
    if let verb = synonyms[word.lowercased()] { return verb }
    return nearest(word, among: Keyword.statements.map(\.rawValue)).flatMap(Keyword.init(rawValue:))
  }

  /// The version in `vv1`, `1.2`, `30x`, `api-v1.2.2`: what stands in front of the first digit left out, and missing
  /// parts filled with zeros.
  static func version(_ word: String) -> String? {
    let bytes = Array(word.utf8)
    guard bytes.count <= 128, let digit = bytes.firstIndex(where: WordClass.isDigit) else { return nil }
    let hasLetter = digit > 0 && bytes[digit - 1] | 0x20 == UInt8(ascii: "v")
    let prefix = hasLetter ? "v" : ""
    if WordClass.version(bytes, digit..<bytes.count) != nil {
      return prefix + String(decoding: bytes[digit...], as: UTF8.self)
    }
    var parts: [String] = []
    for part in bytes[digit...].split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false) {
      let digits = part.prefix(while: WordClass.isDigit).prefix(18)
      guard !digits.isEmpty, parts.count < 3 else { break }
      parts.append(String(Int(String(decoding: digits, as: UTF8.self)) ?? 0))
      if digits.count < part.count { break }
    }
    guard !parts.isEmpty else { return nil }
    while parts.count < 3 { parts.append("0") }
    return prefix + parts.joined(separator: ".")
  }

  private static let units: [String: String] = [
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s",
    "seconds": "s", "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h", "hr": "h", "hrs": "h",
    "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d",
  ]

  /// The duration in `30min`, `30M` or, of two words, `30 minutes`.
  static func duration(_ word: String) -> String? {
    let digits = word.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count <= 9, let unit = units[word.dropFirst(digits.count).lowercased()] else {
      return nil
    }
    return digits + unit
  }

  /// The name in `API` or `my_service`, if lower case and hyphens make one of it.
  static func name(_ word: String) -> String? {
    let bytes = word.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    guard !bytes.isEmpty, bytes.count <= 253, WordClass.kind(bytes, 0..<bytes.count) == .name else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
