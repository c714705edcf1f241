internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `announce`: where announcements go, and how they read.
  /// - Parameter hasForge: whether there are pull requests to comment on.
  mutating func announcements(_ field: Field, hasForge: Bool) -> AnnouncementSettings {
    var settings = AnnouncementSettings()
    guard let fields = section(.announce, field) else { return settings }
    if let places = fields["places"] {
      settings.places = (entries(places) ?? []).compactMap { place($0, hasForge: hasForge) }
    }
    guard let templates = fields["templates"], let texts = section(.templates, templates) else { return settings }
    for kind in AnnouncementKind.allCases {
      guard let field = texts[kind.rawValue], let text = template(field, allowing: AnnouncementSettings.placeholders)
      else { continue }
      settings.templates[kind] = text
    }
    return settings
  }

  private mutating func place(_ field: Field, hasForge: Bool) -> AnnouncementPlace? {
    if !isLabel(field.name) {
      report(
        .badName(
          field.name,
          "a place",
          "It may have a-z, 0-9 and hyphens within, at most 63 characters.",
          at: field.key
        )
      )
    }
    guard let fields = section(.place, field) else { return nil }
    guard fields.count == 1, let road = fields.values.first else {
      report(.wrongType(field, expected: "one of `webhook`, `comment` and `command`"))
      return nil
    }
    switch road.name {
    case "webhook":
      guard let variable = string(road) else { return nil }
      guard Self.isVariable(variable) else {
        report(.badValue(variable, road, expected: "the name of the environment variable that holds the URL"))
        return nil
      }
      return AnnouncementPlace(field.name, .webhook(variable: variable))
    case "comment":
      guard choice(road, among: ["pull-request"]) != nil else { return nil }
      if !hasForge { report(.badValue("pull-request", road, expected: "a section `pull-request` beside it")) }
      return AnnouncementPlace(field.name, .pullRequestComment)
    default:
      let words = strings(road, expecting: "a list: a program and its arguments")
      guard let words, !words.isEmpty else {
        if words != nil { report(.emptyValue(road)) }
        return nil
      }
      return AnnouncementPlace(field.name, .command(words.map(\.text)))
    }
  }

  /// Several lines of text with known placeholders.
  mutating func template(_ field: Field, allowing placeholders: [String]) -> String? {
    guard let text = field.node.text, field.node.scalarType == .string else {
      report(.wrongType(field, expected: "a text"))
      return nil
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      report(.emptyValue(field))
      return nil
    }
    guard lines.allSatisfy({ visible($0) == $0 }) else {
      report(.controlCharacters(field))
      return nil
    }
    let whole = lines.joined(separator: "\n")
    return checkedPattern(whole, field, needing: [], allowing: placeholders) ? whole : nil
  }

  /// A name that shells and programs take for a variable; never an URL by mistake.
  static func isVariable(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "_") else { return false }
    return text.utf8.count <= 128
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }
}
