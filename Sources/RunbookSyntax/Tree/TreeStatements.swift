public import RunbookDiagnostics

/// `[ENVIRONMENT] TARGETS`; with verbs that take it, either may be left out.
public struct ScopeNode: Hashable, Sendable {
  public let environment: NameNode?
  public let targets: TargetsNode?

  public init(environment: NameNode? = nil, targets: TargetsNode? = nil) {
    (self.environment, self.targets) = (environment, targets)
  }
}

/// `validate [ENVIRONMENT] TARGETS`
public struct ValidateStatement: Hashable, Sendable {
  public let scope: ScopeNode

  public init(scope: ScopeNode) { self.scope = scope }
}

/// How a change reaches its goal: `by pr`, `by commit`, and for a rollback `by revert [of "sha"]` and `by undo`.
public struct WayNode: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case pullRequest
    case commit
    /// `of` names the commit to revert; nil: that of the last promotion.
    case revert(of: StringLiteral?)
    case undo
  }

  public let kind: Kind
  /// The clause with its `by`.
  public let span: SourceSpan

  public init(kind: Kind, span: SourceSpan) { (self.kind, self.span) = (kind, span) }
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
  public var version: Expression?
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

  public init(targets: TargetsNode) { self.targets = targets }
}

/// `wait merge`, `wait sync`, `wait rollout`, `wait DURATION` or `wait until TIME`.
public struct WaitStatement: Hashable, Sendable {
  public enum Condition: Hashable, Sendable {
    case merge
    case sync
    case rollout
    /// `wait 5m`, `wait (soak)`
    case elapsed(Expression)
    /// `wait until 18:00`, `wait until 2026-12-24T18:00Z`, `wait until (start)`
    case until(Expression)
  }

  public let condition: Condition
  /// Only for `sync` and `rollout`.
  public var scope = ScopeNode()
  /// `within DURATION`; never for a time.
  public var within: Expression?

  public init(condition: Condition) { self.condition = condition }
}

/// `merge [within DURATION]`
public struct MergeStatement: Hashable, Sendable {
  public let within: Expression?

  public init(within: Expression?) { self.within = within }
}

/// `monitor DURATION [ENVIRONMENT] [TARGETS]` with its clauses.
public struct MonitorStatement: Hashable, Sendable {
  /// `allowing COUNT errors per DURATION`
  public struct ErrorAllowance: Hashable, Sendable {
    public let count: Expression
    public let per: Expression

    public init(count: Expression, per: Expression) { (self.count, self.per) = (count, per) }
  }

  public let duration: Expression
  public var scope = ScopeNode()
  /// `every DURATION`
  public var every: Expression?
  /// `allowing N restarts`
  public var allowedRestarts: Expression?
  public var allowedErrors: ErrorAllowance?

  public init(duration: Expression) { self.duration = duration }
}

/// `verify [ENVIRONMENT] [TARGETS]`
public struct VerifyStatement: Hashable, Sendable {
  public let scope: ScopeNode

  public init(scope: ScopeNode) { self.scope = scope }
}

/// `rollback [ENVIRONMENT] TARGETS` with its clauses.
public struct RollbackStatement: Hashable, Sendable {
  public let scope: ScopeNode
  /// `to VERSION`
  public var to: Expression?
  /// `by commit|pr|revert|undo`
  public var way: WayNode?
  /// The words `otherwise undo`, where they stand.
  public var otherwiseUndo: SourceSpan?
  public var because: StringLiteral?
  /// The words `even if undetermined`, where they stand.
  public var evenIfUndetermined: SourceSpan?

  public init(scope: ScopeNode) { self.scope = scope }
}

/// `reconcile ENVIRONMENT [TARGETS] [by pr]`
public struct ReconcileStatement: Hashable, Sendable {
  public let scope: ScopeNode
  public var way: WayNode?

  public init(scope: ScopeNode) { self.scope = scope }
}

/// `sync [ENVIRONMENT] TARGETS [replacing resources because "…"]`
public struct SyncStatement: Hashable, Sendable {
  public let scope: ScopeNode
  /// The reason of `replacing resources because "…"`.
  public var replacingResources: StringLiteral?

  public init(scope: ScopeNode) { self.scope = scope }
}

/// `restart [ENVIRONMENT] TARGETS`
public struct RestartStatement: Hashable, Sendable {
  public let scope: ScopeNode

  public init(scope: ScopeNode) { self.scope = scope }
}

/// `diagnose [ENVIRONMENT] TARGETS`
public struct DiagnoseStatement: Hashable, Sendable {
  public let scope: ScopeNode

  public init(scope: ScopeNode) { self.scope = scope }
}

/// `announce "text"`, `announce planned|complete|rolled-back`, with `to NAME`
public struct AnnounceStatement: Hashable, Sendable {
  public enum Message: Hashable, Sendable {
    case text(StringLiteral)
    case planned
    case complete
    case rolledBack
  }

  public let message: Message
  /// A configured place; nil: all of them.
  public let to: NameNode?

  public init(message: Message, to: NameNode?) { (self.message, self.to) = (message, to) }
}

/// `freeze ENVIRONMENT until DATE-TIME [except TEAM] because "…"`
public struct FreezeStatement: Hashable, Sendable {
  public let environment: NameNode
  public let until: Expression
  public let except: NameNode?
  public let because: StringLiteral

  public init(environment: NameNode, until: Expression, except: NameNode?, because: StringLiteral) {
    (self.environment, self.until, self.except, self.because) = (environment, until, except, because)
  }
}

/// `thaw ENVIRONMENT because "…"`
public struct ThawStatement: Hashable, Sendable {
  public let environment: NameNode
  public let because: StringLiteral

  public init(environment: NameNode, because: StringLiteral) {
    (self.environment, self.because) = (environment, because)
  }
}

/// `show status|versions|diff|history|logs|pods [ENVIRONMENT] [TARGETS] [follow]`, `show pull requests`
public struct ShowStatement: Hashable, Sendable {
  public enum Subject: String, CaseIterable, Hashable, Sendable {
    case status
    case versions
    case diff
    case history
    case logs
    case pods
    case pullRequests = "pull requests"
  }

  public let subject: Subject
  public var scope = ScopeNode()
  /// The word `follow`, where it stands: of `logs` and `pods`.
  public var follow: SourceSpan?

  public init(subject: Subject) { self.subject = subject }
}

/// A statement that could not be read; an error about it stands among the diagnostics.
public struct MalformedStatement: Hashable, Sendable {
  /// The verb it began with, so that nobody is told that it is missing; nil where the verb itself was unknown.
  public let verb: Keyword?
  /// The statements in braces that stood in it.
  public let body: [Statement]

  public init(verb: Keyword?, body: [Statement] = []) {
    self.verb = verb
    self.body = body
  }
}
