public import RunbookDiagnostics

/// The page of a code: what the finding means, why it is one, and how it is put right.
public struct Explanation: Hashable, Sendable {
  /// What an example is written in.
  public enum Example: Hashable, Sendable {
    /// A runbook that gives this finding, and one that does not.
    case runbook(wrong: String, right: String)
    /// Sections of a `slipway.yaml`; the others are those of ``sampleConfiguration``.
    case configuration(wrong: String, right: String)
    /// Whole configurations.
    case wholeConfiguration(wrong: String, right: String)
    /// What cannot be shown on a page.
    case none
  }

  public let code: String
  public let severity: Severity
  /// What is wrong, as a title.
  public let title: String
  /// What it means and why it matters, in whole sentences.
  public let text: String
  public let example: Example
  /// Sections of the configuration that the runbooks of the example need other than in ``sampleConfiguration``.
  public let configuration: String?
  /// Files that the runbooks of the example import, by path.
  public let files: [String: String]

  init(
    _ code: String,
    _ title: String,
    _ text: String,
    wrong: String,
    right: String,
    severity: Severity = .error,
    configuration: String? = nil,
    files: [String: String] = [:]
  ) {
    (self.code, self.title, self.text, self.severity) = (code, title, text, severity)
    example = .runbook(wrong: wrong, right: right)
    (self.configuration, self.files) = (configuration, files)
  }

  init(
    configuration code: String,
    _ title: String,
    _ text: String,
    wrong: String,
    right: String,
    severity: Severity = .error
  ) {
    (self.code, self.title, self.text, self.severity) = (code, title, text, severity)
    example = .configuration(wrong: wrong, right: right)
    (configuration, files) = (nil, [:])
  }

  init(wholeConfiguration code: String, _ title: String, _ text: String, wrong: String, right: String) {
    (self.code, self.title, self.text, severity) = (code, title, text, .error)
    example = .wholeConfiguration(wrong: wrong, right: right)
    (configuration, files) = (nil, [:])
  }

  /// A page without an example.
  init(withoutExample code: String, _ title: String, _ text: String) {
    (self.code, self.title, self.text, severity) = (code, title, text, .error)
    (example, configuration, files) = (.none, nil, [:])
  }

  /// All pages, by code.
  public static let all: [Explanation] = {
    let syntax = syntaxPages + syntaxValuePages
    let configuration = configurationPages + configurationFleetPages
    let check = [namePages, targetPages, valuePages, procedurePages, flowPages, warningPages].flatMap(\.self)
    return (syntax + configuration + check).sorted { $0.code < $1.code }
  }()

  private static let byCode = Dictionary(all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

  /// The page of a code; nil when there is none.
  public static func of(_ code: String) -> Explanation? { byCode[code] }

  /// The code that was most likely meant.
  public static func nearestCode(to code: String) -> String? { nearest(code, among: all.map(\.code)) }
}
