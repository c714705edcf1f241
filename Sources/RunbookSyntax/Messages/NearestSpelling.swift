internal import RunbookDiagnostics

/// The right spelling that a wrong word most likely meant.
enum NearestSpelling {
  /// What people type where they mean one of our statements and the spelling alone does not tell.
  private static let statements: [String: StatementWord] = [
    "undo": .rollback, "revert": .rollback, "deploy": .promote, "release": .promote, "ship": .promote, "push": .promote,
    "check": .validate, "watch": .monitor, "observe": .monitor, "sleep": .wait, "pause": .wait, "await": .wait,
    "abort": .stop, "exit": .stop, "quit": .stop, "halt": .stop, "raise": .fail, "throw": .fail, "failure": .on,
    "onfailure": .on, "on-failure": .on, "catch": .on, "rescue": .on, "except": .on, "ensure": .finally,
    "always": .finally, "foreach": .for, "loop": .for, "repeat": .retry, "when": .if, "var": .let, "set": .let,
    "const": .let, "define": .let, "def": .procedure, "function": .procedure, "func": .procedure, "fn": .procedure,
    "proc": .procedure, "include": .import, "use": .import, "param": .input, "parameter": .input, "arg": .input,
    "notify": .announce, "say": .announce, "tell": .announce, "exec": .run, "execute": .run, "call": .run,
    "ask": .confirm, "prompt": .confirm, "assert": .require, "ensures": .require, "unfreeze": .thaw, "lock": .freeze,
    "bounce": .restart, "refresh": .sync, "resync": .sync, "describe": .diagnose, "inspect": .diagnose,
    "debug": .diagnose, "troubleshoot": .diagnose, "list": .show, "display": .show, "get": .show, "print": .show,
    "test": .scenario,
  ]

  static func statement(_ word: String) -> StatementWord? {
    if let verb = statements[word.lowercased()] { return verb }
    return StatementWord(keyword(word, among: Keyword.statements))
  }

  /// The words that other languages, and people, have for our clauses.
  private static let clauses: [String: [Keyword]] = [
    "into": [.to], "onto": [.to], "towards": [.to], "via": [.by], "using": [.by], "with": [.by, .allowing],
    "through": [.by], "for": [.because, .within], "reason": [.because], "since": [.because], "but": [.except],
    "excluding": [.except], "skipping": [.except], "version": [.at, .to], "allow": [.allowing], "timeout": [.within],
    "before": [.until, .within], "till": [.until], "by": [.until], "interval": [.every], "each": [.every],
    "tail": [.follow], "or": [.otherwise], "else": [.otherwise],
  ]

  /// The clause word, of those possible, that a wrong word most likely meant.
  static func clause(_ word: String, among possible: [Keyword]) -> String? {
    if let right = clauses[word.lowercased()]?.first(where: possible.contains) { return right.rawValue }
    return keyword(word, among: possible)?.rawValue
  }

  private static func keyword(_ word: String, among possible: [Keyword]) -> Keyword? {
    nearest(word, among: possible.map(\.rawValue)).flatMap(Keyword.init(rawValue:))
  }

  /// `else if` in other languages.
  static func isElseIf(_ word: String) -> Bool { ["elif", "elsif", "elseif", "else-if"].contains(word) }

  /// `pr` in longer words.
  static func isPullRequest(_ word: String) -> Bool {
    ["pull-request", "pullrequest", "mr", "merge-request", "review"].contains(word.lowercased())
  }

  /// The time of day in `6pm`, `18h`, `18`, `9:30`.
  static func time(_ word: String) -> String? {
    let text = word.lowercased()
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard var hour = Int(digits), digits.count <= 2 else { return nil }
    var minute = "00"
    var rest = text.dropFirst(digits.count)
    if rest.first == ":" || rest.first == "." {
      minute = String(rest.dropFirst().prefix(2))
      rest = rest.dropFirst(3)
      guard minute.count == 2, Int(minute).map((0..<60).contains) == true else { return nil }
    }
    switch rest {
    case "pm" where (1...12).contains(hour): hour = hour % 12 + 12
    case "am" where (1...12).contains(hour): hour %= 12
    case "", "h": break
    default: return nil
    }
    return hour < 24 ? "\(hour < 10 ? "0" : "")\(hour):\(minute)" : nil
  }

  /// The version in `vv1`, `1.2`, `30x`, `api-v1.2.2`: what stands in front of the first digit left out, and missing
  /// parts filled with zeros.
  static func version(_ word: String) -> String? {
    let bytes = Array(word.utf8)
    guard bytes.count <= 128, let digit = bytes.firstIndex(where: WordClass.isDigit) else { return nil }
    let hasLetter = digit > 0 && bytes[digit - 1] | 0x20 == UInt8(ascii: "v")
    let prefix = hasLetter ? "v" : ""
    if bytes.withUnsafeBufferPointer({ WordClass.version($0, digit..<bytes.count) }) != nil {
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
    guard !bytes.isEmpty, bytes.count <= 253 else { return nil }
    guard bytes.withUnsafeBufferPointer({ WordClass.kind($0, 0..<bytes.count) }) == .name else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
