/// What readers take a scalar for.
///
/// The union of YAML 1.1 (<https://yaml.org/type/>) and the 1.2 core schema, since Kubernetes, Helm and Argo CD
/// read a mixture of both: where either sees another type than a string, so does this.
public enum YAMLScalarType: Sendable, Equatable {
  case string, number, boolean, null, timestamp
  /// A merge key `<<` or default value `=`.
  case special

  /// The type of a plain scalar without a tag.
  public init(plain text: String) {
    let bytes = Array(text.utf8)
    switch text.lowercased() {
    case "", "~", "null": self = .null
    case "y", "n", "yes", "no", "on", "off", "true", "false": self = .boolean
    case "<<", "=": self = .special
    default:
      if Self.isTimestamp(bytes) {
        self = .timestamp
      } else if Self.isNumber(bytes) {
        self = .number
      } else {
        self = .string
      }
    }
  }

  init(tag: String) {
    switch tag {
    case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float": self = .number
    case "tag:yaml.org,2002:bool": self = .boolean
    case "tag:yaml.org,2002:null": self = .null
    case "tag:yaml.org,2002:timestamp": self = .timestamp
    default: self = .string
    }
  }

  var name: String {
    switch self {
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .null: "no value"
    case .timestamp: "a date"
    case .special: "a merge key"
    }
  }

  /// `2001-12-14`, alone or followed by a time.
  private static func isTimestamp(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    func digits(_ range: ClosedRange<Int>) -> Bool {
      let run = rest.prefix { isDigit($0) }
      rest = rest.dropFirst(run.count)
      return range.contains(run.count)
    }
    func dash() -> Bool {
      guard rest.first == UInt8(ascii: "-") else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard digits(4...4), dash(), digits(1...2), dash(), digits(1...2) else { return false }
    guard let next = rest.first else { return true }
    return [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " "), UInt8(ascii: "\t")].contains(next)
  }

  private static func isNumber(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let lower = rest.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
    if lower == Array(".inf".utf8) || lower == Array(".nan".utf8) { return true }
    if lower.count > 2, lower[0] == UInt8(ascii: "0") {
      let tail = lower.dropFirst(2)
      switch lower[1] {
      // Hexadecimal, with the point and exponent that Go's reader knows; octal; binary.
      case UInt8(ascii: "x"): if tail.allSatisfy({ isHexadecimal($0) || "._p+-".utf8.contains($0) }) { return true }
      case UInt8(ascii: "o"), UInt8(ascii: "b"):
        if tail.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) { return true }
      default: break
      }
    }
    return isDecimal(lower[...])
  }

  /// Digits with `_`, `,` and, for base 60, `:` between them; one point; one exponent.
  private static func isDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    let whole = rest.prefix { isDigit($0) || "_,:".utf8.contains($0) }
    rest = rest.dropFirst(whole.count)
    var digits = whole.contains(where: isDigit)
    guard whole.first.map(isDigit) ?? true else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      let fraction = rest.prefix { isDigit($0) || $0 == UInt8(ascii: "_") }
      rest = rest.dropFirst(fraction.count)
      digits = digits || fraction.contains(where: isDigit)
    }
    guard digits else { return false }
    if rest.first == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
      guard let first = rest.first, isDigit(first) else { return false }
      rest = rest.drop { isDigit($0) || $0 == UInt8(ascii: "_") }
    }
    return rest.isEmpty
  }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
private func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 0x61 && byte <= 0x66) }
