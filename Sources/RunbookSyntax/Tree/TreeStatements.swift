public import RunbookDiagnostics

/// `runbook "title"`
public struct RunbookDeclaration: Hashable, Sendable {
  public let title: StringLiteral

  public init(title: StringLiteral) {
    self.title = title
  }
}

/// `validate [ENVIRONMENT] TARGETS`
public struct ValidateStatement: Hashable, Sendable {
  public let environment: NameNode?
  public let targets: TargetsNode

  public init(environment: NameNode?, targets: TargetsNode) {
    self.environment = environment
    self.targets = targets
  }
}

/// How a change reaches the repository: `by pr` or `by commit`.
public struct WayNode: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case pullRequest
    case commit
  }

  public let kind: Kind
  /// The clause with its `by`.
  public let span: SourceSpan

  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}

/// `promote TARGETS` with its clauses; a clause that is not written is nil, or empty for `except`.
public struct PromoteStatement: Hashable, Sendable {
  public let targets: TargetsNode
  /// `except LIST`
  public var except: [NameNode] = []
  /// `from ENVIRONMENT`
  public var from: NameNode?
  /// `to ENVIRONMENT`
  public var to: NameNode?
  /// `at VERSION`
  public var version: VersionLiteral?
  /// `by pr|commit`
  public var way: WayNode?
  /// The reason of `without validation because "…"`.
  public var withoutValidation: StringLiteral?
  /// The reason of `allowing downgrade because "…"`.
  public var allowingDowngrade: StringLiteral?
  /// The reason of `allowing unstaged because "…"`.
  public var allowingUnstaged: StringLiteral?
  /// The reason of the promotion itself.
  public var because: StringLiteral?

  public init(targets: TargetsNode) {
    self.targets = targets
  }
}

/// `wait merge`, `wait sync`, `wait rollout` or `wait DURATION`.
public struct WaitStatement: Hashable, Sendable {
  public enum Condition: Hashable, Sendable {
    case merge
    case sync
    case rollout
    case elapsed(DurationLiteral)
  }

  public let condition: Condition
  /// Only for `sync` and `rollout`.
  public var environment: NameNode?
  /// Only for `sync` and `rollout`; nil where left out.
  public var targets: TargetsNode?
  /// `within DURATION`; never for a duration.
  public var within: DurationLiteral?

  public init(condition: Condition) {
    self.condition = condition
  }
}

/// `monitor DURATION [ENVIRONMENT] [TARGETS]` with its clauses.
public struct MonitorStatement: Hashable, Sendable {
  /// `allowing N errors per DURATION`
  public struct ErrorAllowance: Hashable, Sendable {
    public let count: IntegerLiteral
    public let per: DurationLiteral

    public init(count: IntegerLiteral, per: DurationLiteral) {
      self.count = count
      self.per = per
    }
  }

  public let duration: DurationLiteral
  public var environment: NameNode?
  /// Nil where left out.
  public var targets: TargetsNode?
  /// `every DURATION`
  public var every: DurationLiteral?
  /// `allowing N restarts`
  public var allowedRestarts: IntegerLiteral?
  public var allowedErrors: ErrorAllowance?

  public init(duration: DurationLiteral) {
    self.duration = duration
  }
}

/// `rollback [ENVIRONMENT] TARGETS` with its clauses.
public struct RollbackStatement: Hashable, Sendable {
  public let environment: NameNode?
  public let targets: TargetsNode
  /// `to VERSION`
  public var to: VersionLiteral?
  /// `by commit`
  public var way: WayNode?
  public var because: StringLiteral?
  /// The words `even if undetermined`, where they stand.
  public var evenIfUndetermined: SourceSpan?

  public init(environment: NameNode?, targets: TargetsNode) {
    self.environment = environment
    self.targets = targets
  }
}

/// `on failure { … }`
public struct OnFailureStatement: Hashable, Sendable {
  public let body: Block

  public init(body: Block) {
    self.body = body
  }
}

/// `stop "reason"`
public struct StopStatement: Hashable, Sendable {
  public let reason: StringLiteral

  public init(reason: StringLiteral) {
    self.reason = reason
  }
}

/// `fail "reason"`
public struct FailStatement: Hashable, Sendable {
  public let reason: StringLiteral

  public init(reason: StringLiteral) {
    self.reason = reason
  }
}

/// A statement that could not be read; an error about it stands among the diagnostics.
public struct MalformedStatement: Hashable, Sendable {
  /// The verb it began with, so that nobody is told that it is missing; nil where the verb itself was unknown.
  public let verb: Keyword?

  public init(verb: Keyword?) {
    self.verb = verb
  }
}
