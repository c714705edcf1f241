/// Bytes in place of others.
struct Patch {
  let range: Range<Int>
  let replacement: [UInt8]

  init(_ range: Range<Int>, _ text: String) {
    self.range = range
    replacement = Array(text.utf8)
  }

  /// - Parameter patches: in the order of the file, none over another.
  static func apply(_ patches: [Patch], to bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var position = 0
    for patch in patches {
      result += bytes[position..<patch.range.lowerBound]
      result += patch.replacement
      position = patch.range.upperBound
    }
    return result + bytes[position...]
  }
}

/// The ways of writing a text as a scalar on one line.
enum ScalarWriting {
  /// The text as a plain scalar; nil where that would not be read back as this text. Stricter than YAML: what only
  /// some readers take for plain is left to quotes.
  static func plain(_ text: String, inFlow: Bool) -> String? {
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.first, let last = scalars.last, first != " ", last != " ", last != ":" else { return nil }
    guard scalars.allSatisfy({ isPrintable($0) && $0 != "\t" && $0 != "\n" }) else { return nil }
    guard !",[]{}#&*!|>'\"%@`".unicodeScalars.contains(first) else { return nil }
    if "-?:".unicodeScalars.contains(first) {
      guard scalars.count > 1, scalars[1] != " ", !(inFlow && ",[]{}".unicodeScalars.contains(scalars[1])) else {
        return nil
      }
    }
    guard !text.hasPrefix("---"), !text.hasPrefix("...") else { return nil }
    for (one, next) in zip(scalars, scalars.dropFirst()) {
      if one == ":" && next == " " || one == " " && next == "#" { return nil }
      if inFlow, one == ":", ",[]{}".unicodeScalars.contains(next) { return nil }
    }
    if inFlow, scalars.contains(where: { ",[]{}?".unicodeScalars.contains($0) }) { return nil }
    return text
  }

  /// The text in single quotes; nil where it needs escapes.
  static func singleQuoted(_ text: String) -> String? {
    guard text.unicodeScalars.allSatisfy({ isPrintable($0) && $0 != "\t" && $0 != "\n" }) else { return nil }
    var result = "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" { result += "'" }
      result.unicodeScalars.append(scalar)
    }
    return result + "'"
  }

  static func doubleQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if isPrintable(scalar) {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16, uppercase: true)
          let width = scalar.value > 0xFFFF ? 8 : 4
          result += (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
        }
      }
    }
    return result + "\""
  }

  /// A text where none stood, as a key or a value: plain if it then is a string, else in double quotes.
  static func fresh(_ text: String, inFlow: Bool) -> String {
    if YAMLScalarType(plain: text) == .string, let plain = plain(text, inFlow: inFlow) { return plain }
    return doubleQuoted(text)
  }

  /// Whether YAML lets the scalar stand unescaped, and no reader takes it for a line's end or a byte order mark
  /// (YAML 1.2, productions 1, 3 and 27).
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x20...0x7E: true
    case 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
    case 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// - Throws: for control characters, whatever style could escape them: none belongs in what is written here.
  static func check(_ text: String, for node: YAMLNode) throws(YAMLError) {
    for scalar in text.unicodeScalars where scalar != "\t" && scalar != "\n" {
      guard scalar.properties.generalCategory != .control else {
        throw YAMLError(
          .controlCharacter(scalar.value),
          "the new value has the control character U+" + String(scalar.value, radix: 16, uppercase: true),
          at: node.place
        )
      }
    }
  }
}
