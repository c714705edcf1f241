internal import PromotionModel

/// Durations as the language writes them: `250ms`, `90s`, `30m`, `1h30m`, `2d`, the larger units first, each once.
enum DurationText {
  static let longest = Duration.seconds(365 * 86_400)

  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  static func duration(_ text: String) -> Duration? {
    var rest = Array(text.utf8)[...]
    var total: Int64 = 0
    var nextUnit = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix(while: isDigit)
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { !isDigit($0) }
      rest = rest.dropFirst(letters.count)
      guard digits.count <= 9, let count = Int64(String(decoding: digits, as: UTF8.self)),
        let unit = units.firstIndex(where: { $0.name.utf8.elementsEqual(letters) }), unit >= nextUnit
      else { return nil }
      total += count * units[unit].milliseconds
      nextUnit = unit + 1
    }
    return .milliseconds(total)
  }

  /// What was most likely meant by a text that is no duration.
  static func suggestion(_ text: String) -> String? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { return nil }
    let word = text.dropFirst(digits.count).lowercased().filter { $0 != " " }
    let unit: String? =
      switch word {
      case "sec", "secs", "second", "seconds": "s"
      case "min", "mins", "minute", "minutes": "m"
      case "hr", "hrs", "hour", "hours": "h"
      case "day", "days": "d"
      default: nil
      }
    return unit.map { digits + $0 }
  }
}

/// `{name}` in the patterns of the configuration.
enum Placeholders {
  static let service = "service"
  static let environment = "environment"
  /// Those that name a place: what ``PromotionModel/RepositorySettings/fill(_:service:environment:)`` fills in.
  static let place = [service, environment]

  /// What stands between braces, in order; a brace without its other half counts as a placeholder of its own.
  static func names(in pattern: String) -> [String] {
    var names: [String] = []
    var current: String?
    for character in pattern {
      switch (character, current) {
      case ("{", nil): current = ""
      case ("{", let open?):
        names.append(open)
        current = ""
      case ("}", let open?):
        names.append(open)
        current = nil
      case ("}", nil): names.append("")
      case (_, nil): break
      case (_, let open?): current = open + String(character)
      }
    }
    if let current { names.append(current) }
    return names
  }
}

func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

func isLowercaseLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

func isLetter(_ byte: UInt8) -> Bool { isLowercaseLetter(byte | 0x20) }

/// A label of RFC 1123 as Kubernetes takes it: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 characters.
func isLabel(_ text: some StringProtocol) -> Bool {
  let bytes = Array(text.utf8)
  guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
  func isEnd(_ byte: UInt8) -> Bool { isDigit(byte) || isLowercaseLetter(byte) }
  return isEnd(first) && isEnd(last) && bytes.allSatisfy { isEnd($0) || $0 == UInt8(ascii: "-") }
}

/// `a, b or c`
func oneOf(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + " or " + last
}
