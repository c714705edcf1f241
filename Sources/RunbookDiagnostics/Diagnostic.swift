/// How much a finding weighs.
public enum Severity: String, CaseIterable, Sendable {
  /// Nothing runs.
  case error
  /// It runs, but somebody should look.
  case warning
  /// An explanation.
  case note
}

/// A finding about a text, as a value. Drawing it is the business of the renderers beside it.
///
/// `summary` and `detail` may carry pieces of the text; the renderers escape what a terminal would obey.
public struct Diagnostic: Hashable, Sendable {
  /// An explanation of a finding at another place of the same text.
  public struct Note: Hashable, Sendable {
    public let message: String
    public let span: SourceSpan

    public init(_ message: String, at span: SourceSpan) {
      self.message = message
      self.span = span
    }
  }

  /// New text for a span; for an empty span, an insertion.
  public struct Replacement: Hashable, Sendable {
    public let span: SourceSpan
    public let text: String

    public init(_ span: SourceSpan, with text: String) {
      self.span = span
      self.text = text
    }
  }

  /// A change that puts the finding right: replacements that do not overlap, made together.
  public struct Fix: Hashable, Sendable {
    /// What the fix does, in the imperative: "write `rollback api to v1.2.2`".
    public let message: String
    public let replacements: [Replacement]
    /// Whether it is what was meant, and not only the nearest thing that could be: a guess is shown, and made by a person.
    public let isCertain: Bool

    public init(_ message: String, _ replacements: [Replacement], isCertain: Bool = true) {
      self.message = message
      self.replacements = replacements
      self.isCertain = isCertain
    }
  }

  /// The stable code of the kind of finding, such as `SW1203`.
  public let code: String
  public let severity: Severity
  /// One sentence without a full stop.
  public let summary: String
  /// What more there is to say, in whole sentences.
  public let detail: String?
  /// The bytes that the finding is about.
  public let subject: SourceSpan
  public let notes: [Note]
  public let fixes: [Fix]

  public init(
    code: String,
    severity: Severity = .error,
    summary: String,
    detail: String? = nil,
    subject: SourceSpan,
    notes: [Note] = [],
    fixes: [Fix] = []
  ) {
    self.code = code
    self.severity = severity
    self.summary = summary
    self.detail = detail
    self.subject = subject
    self.notes = notes
    self.fixes = fixes
  }
}

extension Diagnostic.Fix {
  /// The text with the replacements made, or nil where they overlap or lie outside of it.
  public func applied(to source: SourceText) -> [UInt8]? {
    var result: [UInt8] = []
    var position = 0
    for replacement in replacements.sorted(by: { $0.span.start < $1.span.start }) {
      let range = replacement.span.range
      guard range.lowerBound >= position, range.upperBound <= source.bytes.count else { return nil }
      result += source.bytes[position..<range.lowerBound]
      result += replacement.text.utf8
      position = range.upperBound
    }
    return result + source.bytes[position...]
  }
}
