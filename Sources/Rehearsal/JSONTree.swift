import FoundationEssentials
import RunbookDiagnostics
import YAMLEdit

/// A YAML document as the JSON that it stands for, so that one decoder reads both.
indirect enum JSONTree: Decodable {
  case object([String: JSONTree])
  case array([JSONTree])
  case string(String)
  /// A number, a boolean or null, as JSON writes it.
  case word(String)

  /// Something that JSON has no word for.
  struct Problem: Error {
    var message: String
    var span: SourceSpan
  }

  init(_ node: YAMLNode) throws {
    switch node.content {
    case .mapping(let pairs, _):
      var object: [String: JSONTree] = [:]
      for pair in pairs {
        guard let key = pair.key.text else {
          throw Problem(message: "a key is no text", span: SourceSpan(pair.key.span))
        }
        object[key] = try JSONTree(pair.value)
      }
      self = .object(object)
    case .sequence(let elements, _): self = .array(try elements.map { try JSONTree($0) })
    case .alias(let name):
      throw Problem(message: "an alias (`*\(name)`) cannot stand here: write the value", span: SourceSpan(node.span))
    case .scalar(let text, _):
      switch node.scalarType {
      case .null: self = .word("null")
      case .boolean where ["true", "false"].contains(text.lowercased()): self = .word(text.lowercased())
      case .number where Self.isJSONNumber(text): self = .word(text)
      case .string, .timestamp, .special, .boolean, .number, nil: self = .string(text)
      }
    }
  }

  private static func isJSONNumber(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
    return digits == "0" || !digits.isEmpty && !digits.hasPrefix("0") && digits.utf8.count < 18
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let object = try? container.decode([String: JSONTree].self) {
      self = .object(object)
    } else if let array = try? container.decode([JSONTree].self) {
      self = .array(array)
    } else if let text = try? container.decode(String.self) {
      self = .string(text)
    } else {
      // Only the keys of objects are looked at.
      self = .word("null")
    }
  }

  var text: String {
    switch self {
    case .object(let object):
      "{" + object.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\($0.value.text)" }.joined(separator: ",")
        + "}"
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .string(let text): Self.quoted(text)
    case .word(let word): word
    }
  }

  private static func quoted(_ text: String) -> String {
    var written = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": written += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case _: written.unicodeScalars.append(scalar)
      }
    }
    return written + "\""
  }

  /// The keys of mappings that are not in `other`, with their places. A key without a value is known anywhere.
  func keys(notIn other: JSONTree, below node: YAMLNode) -> [(key: String, span: SourceSpan)] {
    switch (self, other) {
    case (.object(let mine), .object(let theirs)):
      return (node.pairs ?? []).flatMap { pair -> [(key: String, span: SourceSpan)] in
        guard let key = pair.key.text, let value = mine[key], !pair.value.isNull else { return [] }
        guard let known = theirs[key] else { return [(key, SourceSpan(pair.key.span))] }
        return value.keys(notIn: known, below: pair.value)
      }
    case (.array(let mine), .array(let theirs)):
      return zip(zip(mine, theirs), node.elements ?? []).flatMap { pair, node in pair.0.keys(notIn: pair.1, below: node)
      }
    case (.object, _), (.array, _), (.string, _), (.word, _): return []
    }
  }
}
