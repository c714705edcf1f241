/// JSON (RFC 8259) whose objects keep the order of their keys; for lines that people read as well as programs.
enum JSONText {
  case string(String)
  case integer(Int64)
  /// A number of thousandths, written as a decimal fraction without going through binary.
  case thousandths(Int64)
  case bool(Bool)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  /// On one line. Scalars that may steer a terminal are written as `\uXXXX`, which JSON allows for all.
  var text: String {
    var result = ""
    write(to: &result)
    return result
  }

  private func write(to result: inout String) {
    switch self {
    case .string(let value): Self.write(value, to: &result)
    case .integer(let value): result += "\(value)"
    case .thousandths(let value): Self.write(thousandths: value, to: &result)
    case .bool(let value): result += value ? "true" : "false"
    case .array(let values):
      result += "["
      for (index, value) in values.enumerated() {
        if index > 0 { result += "," }
        value.write(to: &result)
      }
      result += "]"
    case .object(let members):
      result += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { result += "," }
        Self.write(member.key, to: &result)
        result += ":"
        member.value.write(to: &result)
      }
      result += "}"
    }
  }

  private static func write(thousandths value: Int64, to result: inout String) {
    let magnitude = value.magnitude
    result += (value < 0 ? "-" : "") + "\(magnitude / 1000)"
    guard magnitude % 1000 != 0 else { return }
    var digits = String(1000 + magnitude % 1000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    result += "." + digits
  }

  private static func write(_ value: String, to result: inout String) {
    result += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where TerminalText.isUnsafe(scalar):
        for unit in UTF16.encode(scalar) ?? .init() {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
      default: result.unicodeScalars.append(scalar)
      }
    }
    result += "\""
  }
}
