/// The way from a document's root to a node.
///
/// As text: `service.chartTag`, `images[name=api].newTag`, `a[0].b`, and with quotes where a key or value has
/// characters of the path's own: `a."b.c"`, `images[name="x]y"]`. `[#2]` is the third entry of a mapping, for keys
/// that have no other name; `.` is the root. In quotes, `\"`, `\\` and `\u{1F600}` are escapes.
public struct YAMLPath: Sendable, Hashable {
  public enum Step: Sendable {
    /// The value of a mapping's key.
    case key(String)
    /// An element of a sequence, from 0.
    case index(Int)
    /// The one element of a sequence that is a mapping in which the key has this value.
    case match(key: String, value: String)
    /// The value of a mapping's entry, from 0.
    case entry(Int)
  }

  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }

  public static let root = YAMLPath([])

  /// - Throws: ``YAMLError/Reason/malformedPath`` with the place in the text.
  public init(_ text: String) throws(YAMLError) {
    if text == "." {
      steps = []
    } else {
      var parser = PathParser(text)
      steps = try parser.parse()
    }
  }

  /// The path with another text in each key and match value, for templates such as `images[name={service}]`: what
  /// is put in never becomes syntax of the path.
  public func mapTexts(_ transform: (String) -> String) -> YAMLPath {
    YAMLPath(
      steps.map { step in
        switch step {
        case .key(let key): .key(transform(key))
        case .match(let key, let value): .match(key: transform(key), value: transform(value))
        case .index, .entry: step
        }
      }
    )
  }
}

extension YAMLPath: CustomStringConvertible {
  /// The text that ``init(_:)-(String)`` reads back as this path.
  public var description: String {
    guard !steps.isEmpty else { return "." }
    var result = ""
    for step in steps {
      switch step {
      case .key(let key): result += (result.isEmpty ? "" : ".") + Self.word(key)
      case .index(let index): result += "[\(index)]"
      case .match(let key, let value): result += "[" + Self.word(key) + "=" + Self.word(value) + "]"
      case .entry(let ordinal): result += "[#\(ordinal)]"
      }
    }
    return result
  }

  private static func word(_ text: String) -> String {
    let isBare = !text.isEmpty && text.unicodeScalars.allSatisfy { isBareAnywhere($0) }
    guard !isBare else { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        result += "\\"
        result.unicodeScalars.append(scalar)
      } else if isPresentable(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return result + "\""
  }

  private static func isBareAnywhere(_ scalar: Unicode.Scalar) -> Bool {
    PathParser.isBare(scalar) && !".[]=#".unicodeScalars.contains(scalar)
  }
}

extension YAMLPath.Step: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.key(let one), .key(let other)): sameBytes(one, other)
    case (.index(let one), .index(let other)): one == other
    case (.match(let oneKey, let one), .match(let otherKey, let other)):
      sameBytes(oneKey, otherKey) && sameBytes(one, other)
    case (.entry(let one), .entry(let other)): one == other
    case (.key, _), (.index, _), (.match, _), (.entry, _): false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .key(let key):
      hasher.combine(0)
      hasher.combine(Array(key.utf8))
    case .index(let index):
      hasher.combine(1)
      hasher.combine(index)
    case .match(let key, let value):
      hasher.combine(2)
      hasher.combine(Array(key.utf8))
      hasher.combine(Array(value.utf8))
    case .entry(let ordinal):
      hasher.combine(3)
      hasher.combine(ordinal)
    }
  }
}

private struct PathParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// Whether a scalar may stand in a word without quotes, the separators of the word's place aside.
  static func isBare(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "\"" && scalar != "\\" && !scalar.properties.isWhitespace && isPresentable(scalar)
  }

  mutating func parse() throws(YAMLError) -> [YAMLPath.Step] {
    var steps: [YAMLPath.Step] = []
    while position < scalars.count {
      if take("[") {
        steps.append(try bracket())
      } else {
        if !steps.isEmpty, !take(".") { throw expected("`.` or `[`") }
        steps.append(.key(try word(until: ".[]").text))
      }
    }
    guard !steps.isEmpty else { throw expected("a key") }
    return steps
  }

  private mutating func bracket() throws(YAMLError) -> YAMLPath.Step {
    if take("#") {
      let (text, _) = try word(until: "]")
      guard let ordinal = Self.ordinal(text), take("]") else { throw expected("an entry's number and `]`") }
      return .entry(ordinal)
    }
    let (text, isQuoted) = try word(until: "=]")
    if take("=") {
      let (value, _) = try word(until: "]")
      guard take("]") else { throw expected("`]`") }
      return .match(key: text, value: value)
    }
    guard take("]") else { throw expected("`=` or `]`") }
    if isQuoted { return .key(text) }
    guard let index = Self.ordinal(text) else { throw expected("an index, or `=` and a value,") }
    return .index(index)
  }

  private mutating func word(until stops: String) throws(YAMLError) -> (text: String, isQuoted: Bool) {
    if take("\"") { return (try quotedRest(), true) }
    var text = String.UnicodeScalarView()
    while position < scalars.count, !stops.unicodeScalars.contains(scalars[position]) {
      guard Self.isBare(scalars[position]) else { throw expected("quotes around such a character") }
      text.append(scalars[position])
      position += 1
    }
    guard !text.isEmpty else { throw expected("a key, an index or a value") }
    return (String(text), false)
  }

  private mutating func quotedRest() throws(YAMLError) -> String {
    var text = String.UnicodeScalarView()
    while position < scalars.count {
      let scalar = scalars[position]
      position += 1
      switch scalar {
      case "\"": return String(text)
      case "\\": text.append(try escape())
      default: text.append(scalar)
      }
    }
    throw expected("the closing `\"`")
  }

  private mutating func escape() throws(YAMLError) -> Unicode.Scalar {
    if take("\"") { return "\"" }
    if take("\\") { return "\\" }
    guard take("u"), take("{") else { throw expected("`\"`, `\\` or `u{…}` after the backslash") }
    let digits = scalars[position...].prefix { $0.properties.isASCIIHexDigit }
    position += digits.count
    guard digits.count <= 6, let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16),
      let scalar = Unicode.Scalar(value), take("}")
    else { throw expected("a character's number in hexadecimal and `}`") }
    return scalar
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard position < scalars.count, scalars[position] == scalar else { return false }
    position += 1
    return true
  }

  private static func ordinal(_ text: String) -> Int? {
    text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(text) : nil
  }

  private func expected(_ what: String) -> YAMLError {
    let before = String(String.UnicodeScalarView(scalars[..<position])).utf8.count
    let text = quoted(String(String.UnicodeScalarView(scalars)))
    return YAMLError(
      .malformedPath,
      "in the path \(text): expected \(what) at character \(position + 1)",
      at: YAMLPlace(offset: before, line: 1, column: position + 1)
    )
  }
}
