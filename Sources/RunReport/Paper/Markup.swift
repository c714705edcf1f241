internal import PromotionModel

/// A piece of HTML. There are two ways to make one from a text: ``Pen/text(_:)``, which escapes, and elements of the page's
/// own, whose names are literals of the program. So what came from outside can never be markup.
struct Markup: Sendable {
  fileprivate(set) var source: String

  fileprivate init(source: String) { self.source = source }

  static let empty = Markup(source: "")

  /// Markup of the program itself.
  static func own(_ literal: StaticString) -> Markup { Markup(source: "\(literal)") }

  static func joined(_ parts: [Markup], by separator: StaticString = "") -> Markup {
    Markup(source: parts.map(\.source).joined(separator: "\(separator)"))
  }

  static func + (a: Markup, b: Markup) -> Markup { Markup(source: a.source + b.source) }

  var isEmpty: Bool { source.isEmpty }
}

/// Writes HTML: escapes every text, and takes the secrets out of it.
struct Pen: Sendable {
  let redactor: Redactor

  /// The one way of a text into the page: without secrets; what means something in HTML as character references, in
  /// quotes too; and what steers a terminal or hides text (control characters, bidirectional overrides) spelled out.
  func text(_ text: String) -> Markup { Markup(source: Self.escaped(redactor.clean(text), keepsLines: false)) }

  /// The same for what stands in a `pre`: line feeds and tabs stay.
  func lines(_ text: String) -> Markup { Markup(source: Self.escaped(redactor.clean(text), keepsLines: true)) }

  func element(
    _ name: StaticString,
    _ attributes: KeyValuePairs<StaticString, String> = [:],
    _ content: Markup? = nil
  ) -> Markup {
    var source = "<\(name)"
    for (key, value) in attributes { source += " \(key)=\"\(text(value).source)\"" }
    source += ">"
    guard let content else { return Markup(source: source) }
    return Markup(source: source + content.source + "</\(name)>")
  }

  func element(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: String)
    -> Markup
  {
    element(name, attributes, text(content))
  }

  /// A link, where the address is one of the web; else its text alone.
  func link(_ address: String, _ label: String) -> Markup {
    let isWeb = ["https://", "http://"].contains { address.lowercased().hasPrefix($0) }
    guard isWeb else { return text(label) }
    return element("a", ["href": address, "rel": "noreferrer noopener"], label)
  }

  static func escaped(_ text: String, keepsLines: Bool) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "`": result += "&#96;"
      case "\n", "\t": result += keepsLines ? String(scalar) : TerminalText.escaped(String(scalar))
      case _ where TerminalText.isUnsafe(scalar): result += TerminalText.escaped(String(scalar))
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
