public import RunbookDiagnostics

/// A value, or how to come by one.
///
/// Where a clause takes a duration, a version, a number, a percentage or a time, the parser takes a literal of that kind,
/// or any expression in parentheses: `wait 5m`, `wait (soak)`.
public struct Expression: Hashable, Sendable {
  public let kind: ExpressionKind
  public let span: SourceSpan

  public init(kind: ExpressionKind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}

public enum ExpressionKind: Hashable, Sendable {
  /// `90s`; a day has 24 hours.
  case duration(Duration)
  case version
  /// A whole number, not negative.
  case integer(Int)
  /// `1.2`
  case decimal
  /// `0.5%`
  case percentage
  /// `18:00`
  case clockTime
  /// `2026-12-24T18:00+00:00`
  case dateTime
  /// `true`, `false`
  case boolean(Bool)
  case string(StringLiteral)
  /// A variable, a service, an environment, a state such as `healthy`, or one of the run's own values (`run.id`,
  /// `run.url`, `promoted`, `pull-request.url`, `failure.message`, …).
  case name(NameNode)
  /// `env("NAME")`
  case environmentVariable(StringLiteral)
  /// `[api, web]`
  indirect case list([Expression])
  indirect case parenthesized(Expression)
  indirect case not(Expression)
  indirect case binary(BinaryOperator, Expression, Expression, operatorSpan: SourceSpan)
  indirect case fact(FactNode)
}

/// From the loosest to the tightest: `or`; `and`; comparisons and `in`, which do not chain; `+` and `-`.
public enum BinaryOperator: String, CaseIterable, Sendable {
  case or
  case and
  case `is`
  case isNot = "is not"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case `in`
  case notIn = "not in"
  case plus = "+"
  case minus = "-"
}

/// `FACT of SERVICE in ENVIRONMENT`, with `since` or `over` where the fact takes it.
public struct FactNode: Hashable, Sendable {
  public let word: FactWord
  /// The words of the fact: `previous version`, `metric "error-rate"`.
  public let wordSpan: SourceSpan
  /// Of `metric`.
  public let metric: StringLiteral?
  /// A name or an expression in parentheses.
  public let service: Expression
  public let environment: NameNode
  /// `since 5m` of `errors`, `over 5m` of `metric`: a literal, a name or an expression in parentheses.
  public let window: Expression?

  public init(
    word: FactWord,
    wordSpan: SourceSpan,
    metric: StringLiteral? = nil,
    service: Expression,
    environment: NameNode,
    window: Expression? = nil
  ) {
    (self.word, self.wordSpan, self.metric) = (word, wordSpan, metric)
    (self.service, self.environment, self.window) = (service, environment, window)
  }
}

/// What can be asked of a service in an environment. These words are facts only in front of `of` (`previous` in front of
/// `version`, `metric` in front of a string, `errors` in front of `of`).
public enum FactWord: String, CaseIterable, Sendable {
  /// The version that the repository declares.
  case version
  /// The version before the last promotion.
  case previousVersion = "previous version"
  /// Argo CD's health: `healthy`, `progressing`, `degraded`, `suspended`, `missing`, `unknown`.
  case health
  /// `synced`, `out-of-sync`, `unknown`.
  case sync
  /// The image that the service's container runs, a string.
  case image
  /// Ready replicas.
  case ready
  /// Wanted replicas.
  case replicas
  case restarts
  /// Error lines in the logs, `since` a duration ago.
  case errors
  /// How long the youngest pod has run.
  case age
  /// `metric "NAME"`, `over` a duration.
  case metric
}
