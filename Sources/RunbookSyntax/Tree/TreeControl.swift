/// `let NAME = EXPRESSION`
public struct LetStatement: Hashable, Sendable {
  public let name: NameNode
  public let value: Expression

  public init(name: NameNode, value: Expression) { (self.name, self.value) = (name, value) }
}

/// `if CONDITION { … } else if CONDITION { … } else { … }`
public struct IfStatement: Hashable, Sendable {
  public struct Branch: Hashable, Sendable {
    public let condition: Expression
    public let body: Block
    /// Comments between the branch before and its `else`.
    public let comments: Comments

    public init(condition: Expression, body: Block, comments: Comments = Comments()) {
      (self.condition, self.body, self.comments) = (condition, body, comments)
    }
  }

  /// The `if` and every `else if`, at least one.
  public let branches: [Branch]
  public let otherwise: Block?
  /// Comments in front of the last `else`.
  public let otherwiseComments: Comments

  public init(branches: [Branch], otherwise: Block?, otherwiseComments: Comments = Comments()) {
    (self.branches, self.otherwise, self.otherwiseComments) = (branches, otherwise, otherwiseComments)
  }
}

/// `for NAME in TARGETS { … }`
public struct ForStatement: Hashable, Sendable {
  public let name: NameNode
  /// `for s in staging all` has an environment; else that of the last promotion, as with verbs.
  public let environment: NameNode?
  public let targets: TargetsNode
  public let body: Block

  public init(name: NameNode, environment: NameNode?, targets: TargetsNode, body: Block) {
    (self.name, self.environment, self.targets, self.body) = (name, environment, targets, body)
  }
}

/// `retry N times [every D] { … }`
public struct RetryStatement: Hashable, Sendable {
  public let count: Expression
  public let every: Expression?
  public let body: Block

  public init(count: Expression, every: Expression?, body: Block) {
    (self.count, self.every, self.body) = (count, every, body)
  }
}

/// `within D { … }`
public struct WithinStatement: Hashable, Sendable {
  public let limit: Expression
  public let body: Block

  public init(limit: Expression, body: Block) { (self.limit, self.body) = (limit, body) }
}

/// `on failure { … }`
public struct OnFailureStatement: Hashable, Sendable {
  public let body: Block

  public init(body: Block) { self.body = body }
}

/// `finally { … }`
public struct FinallyStatement: Hashable, Sendable {
  public let body: Block

  public init(body: Block) { self.body = body }
}

/// `stop "reason"`
public struct StopStatement: Hashable, Sendable {
  public let reason: StringLiteral

  public init(reason: StringLiteral) { self.reason = reason }
}

/// `fail "reason"`
public struct FailStatement: Hashable, Sendable {
  public let reason: StringLiteral

  public init(reason: StringLiteral) { self.reason = reason }
}

/// `require CONDITION [else "message"]`, `require window …`, `require window`
public struct RequireStatement: Hashable, Sendable {
  public enum Requirement: Hashable, Sendable {
    case condition(Expression)
    /// The configured windows.
    case configuredWindow
    case window(WindowNode)
  }

  public let requirement: Requirement
  public let message: StringLiteral?

  public init(requirement: Requirement, message: StringLiteral?) {
    (self.requirement, self.message) = (requirement, message)
  }
}

/// `weekdays 18:00 to 22:00 "Europe/London"`
public struct WindowNode: Hashable, Sendable {
  /// `weekdays`, `weekends`, `daily`, or days (`monday, tuesday`), at least one.
  public let days: [NameNode]
  /// A clock time, or an expression in parentheses.
  public let from: Expression
  public let to: Expression
  /// An IANA zone; nil: the configured one, else UTC.
  public let zone: StringLiteral?

  public init(days: [NameNode], from: Expression, to: Expression, zone: StringLiteral?) {
    (self.days, self.from, self.to, self.zone) = (days, from, to, zone)
  }
}

/// `confirm "question"`, `confirm checklist`
public struct ConfirmStatement: Hashable, Sendable {
  /// nil: the configured checklist.
  public let question: StringLiteral?

  public init(question: StringLiteral?) { self.question = question }
}

/// `run "npm run smoke" [within D] [in "dir"]`, `run shell "…"`
public struct RunStatement: Hashable, Sendable {
  public let command: StringLiteral
  public let isShell: Bool
  public var within: Expression?
  public var directory: StringLiteral?

  public init(command: StringLiteral, isShell: Bool) { (self.command, self.isShell) = (command, isShell) }
}
