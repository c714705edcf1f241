/// Results in the XML that build servers read (JUnit).
public struct JUnitSuite: Sendable {
  public enum Result: Hashable, Sendable {
    case passed
    case failed(message: String, text: String)
    /// It could not be told.
    case error(message: String, text: String)
    case skipped(message: String)
  }

  public struct Case: Hashable, Sendable {
    public var name: String
    public var line: Int?
    public var seconds: Double?
    public var result: Result

    public init(name: String, line: Int?, seconds: Double? = nil, result: Result) {
      (self.name, self.line, self.seconds, self.result) = (name, line, seconds, result)
    }
  }

  /// What is known of a suite as a whole.
  public struct Property: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// The file that the cases stand in.
  public var name: String
  public var cases: [Case]
  public var properties: [Property]

  public init(name: String, cases: [Case], properties: [Property] = []) {
    (self.name, self.cases, self.properties) = (name, cases, properties)
  }

  public static func text(_ suites: [JUnitSuite]) -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    lines.append("<testsuites \(counts(suites.flatMap(\.cases)))>")
    for suite in suites {
      lines.append("  <testsuite name=\"\(escaped(suite.name))\" \(counts(suite.cases))>")
      lines += suite.propertyLines
      for one in suite.cases { lines += suite.lines(one) }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func counts(_ cases: [Case]) -> String {
    let failures = cases.count { if case .failed = $0.result { true } else { false } }
    let errors = cases.count { if case .error = $0.result { true } else { false } }
    let skipped = cases.count { if case .skipped = $0.result { true } else { false } }
    var text = "tests=\"\(cases.count)\" failures=\"\(failures)\""
    if errors > 0 { text += " errors=\"\(errors)\"" }
    if skipped > 0 { text += " skipped=\"\(skipped)\"" }
    return text
  }

  private var propertyLines: [String] {
    guard !properties.isEmpty else { return [] }
    return ["    <properties>"]
      + properties.map {
        "      <property name=\"\(Self.escaped($0.name))\" value=\"\(Self.escaped($0.value))\"/>"
      } + ["    </properties>"]
  }

  private func lines(_ one: Case) -> [String] {
    let file = Self.escaped(name)
    var head = "    <testcase name=\"\(Self.escaped(one.name))\" classname=\"\(file)\" file=\"\(file)\""
    if let line = one.line { head += " line=\"\(line)\"" }
    if let seconds = one.seconds { head += " time=\"\(Self.thousandths(seconds))\"" }
    switch one.result {
    case .passed: return [head + "/>"]
    case .failed(let message, let text): return [head + ">"] + Self.element("failure", message, text)
    case .error(let message, let text): return [head + ">"] + Self.element("error", message, text)
    case .skipped(let message):
      return [head + ">", "      <skipped message=\"\(Self.escaped(message))\"/>", "    </testcase>"]
    }
  }

  private static func element(_ name: String, _ message: String, _ text: String) -> [String] {
    ["      <\(name) message=\"\(escaped(message))\">", escaped(text) + "</\(name)>", "    </testcase>"]
  }

  private static func thousandths(_ seconds: Double) -> String {
    let value = Int((max(0, seconds) * 1000).rounded())
    return "\(value / 1000).\("\(1000 + value % 1000)".dropFirst())"
  }

  /// XML 1.0 has no place for most control characters, escaped or not.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      case _: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
