internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

/// A value of the configuration and where it stands.
struct Field {
  /// The key itself: `namespace`.
  var name: String
  /// For people: `environments.production.namespace`.
  var path: String
  var key: SourceSpan
  var node: YAMLNode

  /// The value, or the key where there is none to point at.
  var span: SourceSpan { node.span.isEmpty ? key : SourceSpan(node.span) }
}

/// Reads values of the expected kinds and gathers what is wrong.
struct ConfigurationReader {
  private(set) var diagnostics: [Diagnostic] = []

  mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Aliases and merge keys are refused, once each; the readers below then pass over them in silence.
  mutating func reportAliases(in node: YAMLNode) {
    switch node.content {
    case .alias(let name): report(.alias(name, at: SourceSpan(node.span)))
    case .scalar: break
    case .sequence(let elements, _): for element in elements { reportAliases(in: element) }
    case .mapping(let pairs, _):
      for pair in pairs {
        reportAliases(in: pair.key)
        if Self.isMergeKey(pair.key) {
          report(.mergeKey(at: SourceSpan(pair.key.span)))
        } else {
          reportAliases(in: pair.value)
        }
      }
    }
  }

  private static func isMergeKey(_ key: YAMLNode) -> Bool {
    if case .scalar("<<", style: .plain) = key.content { true } else { false }
  }

  private static func isAlias(_ node: YAMLNode) -> Bool {
    if case .alias = node.content { true } else { false }
  }

  /// The entries of a mapping whose keys are names; of a key that stands twice, the first.
  mutating func entries(_ field: Field, expecting expected: String = "a mapping") -> [Field]? {
    if Self.isAlias(field.node) { return nil }
    guard let pairs = field.node.pairs else {
      report(.wrongType(field, expected: expected))
      return nil
    }
    var seen: Set<String> = []
    var fields: [Field] = []
    for pair in pairs where !Self.isMergeKey(pair.key) && !Self.isAlias(pair.key) {
      guard let key = pair.key.text else {
        report(.keyIsNoName(at: SourceSpan(pair.key.span)))
        continue
      }
      guard seen.insert(key).inserted else { continue }
      let path = field.path.isEmpty ? key : "\(field.path).\(key)"
      fields.append(Field(name: key, path: path, key: SourceSpan(pair.key.span), node: pair.value))
    }
    return fields
  }

  /// The fields of a mapping with fixed keys; reports unknown and missing ones.
  mutating func section(_ section: ConfigurationSection, _ field: Field) -> [String: Field]? {
    guard let entries = entries(field) else { return nil }
    var fields: [String: Field] = [:]
    for entry in entries {
      if section.keys.contains(entry.name) {
        fields[entry.name] = entry
      } else {
        report(.unknownKey(entry.name, in: field.path, among: section.keys.filter { fields[$0] == nil }, at: entry.key))
      }
    }
    for key in section.requiredKeys where fields[key] == nil { report(.missingKey(key, in: field)) }
    return fields
  }

  /// A string that is not empty and can be shown.
  mutating func string(_ field: Field?, expecting expected: String = "a string") -> String? {
    guard let field, !Self.isAlias(field.node) else { return nil }
    guard field.node.scalarType == .string, let text = field.node.text else {
      report(.wrongType(field, expected: expected))
      return nil
    }
    return checked(text, field)
  }

  /// The text of a scalar, whatever type YAML takes it for.
  mutating func text(_ field: Field?, expecting expected: String) -> String? {
    guard let field, !Self.isAlias(field.node) else { return nil }
    guard let text = field.node.text, !field.node.isNull else {
      report(.wrongType(field, expected: expected))
      return nil
    }
    return checked(text, field)
  }

  private mutating func checked(_ text: String, _ field: Field) -> String? {
    guard !text.isEmpty else {
      report(.emptyValue(field))
      return nil
    }
    guard visible(text) == text else {
      report(.controlCharacters(field))
      return nil
    }
    return text
  }

  mutating func strings(_ field: Field?, expecting expected: String) -> [(text: String, field: Field)]? {
    guard let field, !Self.isAlias(field.node) else { return nil }
    guard let elements = field.node.elements else {
      report(.wrongType(field, expected: expected))
      return nil
    }
    return elements.enumerated().compactMap { index, element in
      let entry = Field(name: field.name, path: "\(field.path)[\(index)]", key: field.key, node: element)
      return string(entry).map { ($0, entry) }
    }
  }

  mutating func boolean(_ field: Field?) -> Bool? {
    guard let field, !Self.isAlias(field.node) else { return nil }
    if field.node.scalarType == .boolean {
      if field.node.text == "true" { return true }
      if field.node.text == "false" { return false }
    }
    report(.wrongType(field, expected: "true or false"))
    return nil
  }

  mutating func integer(_ field: Field?, in range: ClosedRange<Int>) -> Int? {
    guard let field, !Self.isAlias(field.node) else { return nil }
    guard field.node.scalarType == .number, let text = field.node.text,
      text.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "-") })
    else {
      report(.wrongType(field, expected: "a whole number"))
      return nil
    }
    guard let value = Int(text), range.contains(value) else {
      report(.outOfRange(field, range))
      return nil
    }
    return value
  }

  /// A duration as a runbook writes it.
  mutating func duration(_ field: Field?, atLeast least: Duration) -> Duration? {
    guard let field, let text = text(field, expecting: "a duration such as 30m") else { return nil }
    guard let value = DurationText.duration(text) else {
      report(.badDuration(text, field, nearest: DurationText.suggestion(text)))
      return nil
    }
    guard value >= least, value <= DurationText.longest else {
      report(.durationOutOfRange(text, field, least: least, most: DurationText.longest))
      return nil
    }
    return value
  }

  mutating func choice(_ field: Field?, among choices: [String]) -> String? {
    guard let field, let text = string(field, expecting: oneOf(choices)) else { return nil }
    guard choices.contains(text) else {
      report(.badChoice(text, field, choices: choices))
      return nil
    }
    return text
  }

  /// A pattern whose placeholders are all known and, where they must be, there.
  mutating func pattern(_ field: Field?, needing needed: [String], allowing allowed: [String]) -> String? {
    guard let field, let text = string(field) else { return nil }
    return checkedPattern(text, field, needing: needed, allowing: allowed) ? text : nil
  }

  mutating func checkedPattern(
    _ text: String,
    _ field: Field,
    needing needed: [String],
    allowing allowed: [String]
  ) -> Bool {
    let found = Placeholders.names(in: text)
    let strangers = found.filter { !allowed.contains($0) }
    for name in strangers { report(.unknownPlaceholder(name, field, among: allowed)) }
    let missing = needed.filter { !found.contains($0) }
    for name in missing where strangers.isEmpty { report(.missingPlaceholder(name, field)) }
    return strangers.isEmpty && missing.isEmpty
  }

  /// The path of a value in a service's file.
  mutating func valuePath(_ field: Field?) -> String? {
    guard let field, let text = pattern(field, needing: [], allowing: Placeholders.place) else { return nil }
    return checkedValuePath(text, field, at: field.span) ? text : nil
  }

  mutating func checkedValuePath(_ text: String, _ field: Field, at span: SourceSpan) -> Bool {
    do throws(YAMLError) {
      let path = try YAMLPath(text)
      if !path.steps.isEmpty { return true }
      report(.badValuePath("`.` is the whole file, not a value in it", field, at: span))
    } catch {
      report(.badValuePath(error.message, field, at: span))
    }
    return false
  }
}
