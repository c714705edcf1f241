public import RunbookDiagnostics

// The tree holds places, not texts: a name or a string is read from the source when somebody asks for it, so that a
// large runbook costs a node a token at most and no string.

/// The name of a service, an environment, a variable or a procedure; which of them it is and whether it exists, the
/// checker says.
public struct NameNode: Hashable, Sendable {
  public let span: SourceSpan
  /// Whether it was written in quotes, because it reads as something else without.
  public let isQuoted: Bool

  public init(span: SourceSpan, isQuoted: Bool = false) {
    self.span = span
    self.isQuoted = isQuoted
  }

  /// The name without quotes.
  public func text(in source: SourceText) -> String {
    guard isQuoted else { return source.text(span) }
    return StringLiteral(span: span).value(in: source)
  }
}

/// A version after Semantic Versioning 2.0.0.
public struct VersionLiteral: Hashable, Sendable {
  public let span: SourceSpan

  public init(span: SourceSpan) { self.span = span }

  /// The version without the optional `v` in front of it.
  public func text(in source: SourceText) -> String {
    let text = source.text(span)
    return text.hasPrefix("v") ? String(text.dropFirst()) : text
  }
}

/// A string with interpolations, if any. Its text is decoded when it is asked for.
public struct StringLiteral: Hashable, Sendable {
  /// `{…}` in a string.
  public struct Interpolation: Hashable, Sendable {
    /// With both braces.
    public let span: SourceSpan
    public let expression: Expression

    public init(span: SourceSpan, expression: Expression) {
      self.span = span
      self.expression = expression
    }
  }

  public enum Segment: Hashable, Sendable {
    /// With escapes resolved and, in a block, indentation taken away.
    case text(String)
    case interpolation(Expression)
  }

  /// The literal with its quotes.
  public let span: SourceSpan
  /// Whether it was written as a `"""` block.
  public let isBlock: Bool
  /// In the order of the text.
  public let interpolations: [Interpolation]

  public init(span: SourceSpan, isBlock: Bool = false, interpolations: [Interpolation] = []) {
    self.span = span
    self.isBlock = isBlock
    self.interpolations = interpolations
  }
}

/// What a statement works on.
///
/// One bare name may be a service, an environment with the targets left out (`wait sync production`), or a variable, and
/// only the configuration and the declarations tell which. The parser always takes it for a target: `environment` is
/// nil and `targets` is the list of this one name. The checker, which knows the names, reads it again.
public struct TargetsNode: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// `all`
    case all
    /// `promoted`: what this run promoted.
    case promoted
    /// A list of names, at least one: services, or variables that hold services.
    case names([NameNode])
  }

  public let kind: Kind
  public let span: SourceSpan

  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}
