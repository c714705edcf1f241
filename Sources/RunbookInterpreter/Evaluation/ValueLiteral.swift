import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

extension Value {
  /// As it is written in a runbook; nil for what no literal says.
  var literal: String? {
    switch self {
    case .string(let text): Self.quoted(text)
    case .version(let version): "v\(version)"
    case .service(let name): Self.name(name.text)
    case .environment(let name): Self.name(name.text)
    case .list(let values):
      values.allSatisfy { $0.literal != nil }
        ? "[" + values.compactMap(\.literal).joined(separator: ", ") + "]" : nil
    case .duration, .integer, .decimal, .percentage, .boolean, .clockTime, .dateTime, .health, .sync: text
    }
  }

  private static func quoted(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case "{": literal += "{{"
      case "}": literal += "}}"
      case "\n": literal += "\\n"
      case "\t": literal += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: literal += "\\u{\(String(scalar.value, radix: 16))}"
      case _: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }

  private static func name(_ name: String) -> String {
    let found = tokens(of: SourceText(name: "", text: name)).filter { $0.kind != .endOfFile }
    return found.count == 1 && found[0].kind == .name && found[0].keyword == nil ? name : "\"\(name)\""
  }
}
