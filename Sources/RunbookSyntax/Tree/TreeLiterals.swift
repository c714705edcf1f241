public import RunbookDiagnostics

/// A length of time as written: `250ms`, `90s`, `1h30m`, `2d`. A day has 24 hours.
public struct DurationLiteral: Hashable, Sendable {
  public let value: Duration
  public let span: SourceSpan

  public init(value: Duration, span: SourceSpan) {
    self.value = value
    self.span = span
  }
}

/// A version after Semantic Versioning 2.0.0.
public struct VersionLiteral: Hashable, Sendable {
  /// The version without the optional `v` in front of it.
  public let text: String
  public let span: SourceSpan

  public init(text: String, span: SourceSpan) {
    self.text = text
    self.span = span
  }
}

/// A whole number, not negative.
public struct IntegerLiteral: Hashable, Sendable {
  public let value: Int
  public let span: SourceSpan

  public init(value: Int, span: SourceSpan) {
    self.value = value
    self.span = span
  }
}

/// A string with its escapes resolved.
public struct StringLiteral: Hashable, Sendable {
  public enum Segment: Hashable, Sendable {
    case text(String)
    /// What stands between the braces of an interpolation. The parser reports it as not understood yet, so a file
    /// without errors has none.
    case interpolation(SourceSpan)
  }

  public let segments: [Segment]
  /// The literal with its quotes.
  public let span: SourceSpan
  /// Whether it was written as a `"""` block.
  public let isBlock: Bool

  public init(segments: [Segment], span: SourceSpan, isBlock: Bool = false) {
    self.segments = segments
    self.span = span
    self.isBlock = isBlock
  }

  /// The text, interpolations left out.
  public var value: String {
    var value = ""
    for case .text(let text) in segments { value += text }
    return value
  }
}

/// The name of a service or of an environment; which of them it is and whether it exists, the checker says.
public struct NameNode: Hashable, Sendable {
  public let name: String
  public let span: SourceSpan
  /// Whether it was written in quotes, because it reads as something else without.
  public let isQuoted: Bool

  public init(name: String, span: SourceSpan, isQuoted: Bool = false) {
    self.name = name
    self.span = span
    self.isQuoted = isQuoted
  }
}

/// What a statement works on.
///
/// One bare name may be a service or an environment with the targets left out (`wait sync production`), and only the
/// configuration tells which. The parser always takes it for a target: `environment` is nil and `targets` is the list of
/// this one name. The checker, which knows the environments, reads it again.
public struct TargetsNode: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// `all`
    case all
    /// `promoted`: what this run promoted.
    case promoted
    /// A list of names, at least one.
    case names([NameNode])
  }

  public let kind: Kind
  public let span: SourceSpan

  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}
