public import PromotionModel

/// A runbook in which every name is known and every default is filled in: what the interpreter runs.
public struct CheckedRunbook: Sendable {
  public var title: String?
  public var body: CheckedBlock
  public var fleet: Fleet

  public init(title: String?, body: CheckedBlock, fleet: Fleet) {
    (self.title, self.body, self.fleet) = (title, body, fleet)
  }
}

/// Statements in order, and what answers a failure among them.
public struct CheckedBlock: Sendable {
  public var statements: [CheckedStatement]
  /// The `on failure` of the block, wherever it stood in it.
  public var onFailure: CheckedHandler?

  public init(statements: [CheckedStatement] = [], onFailure: CheckedHandler? = nil) {
    (self.statements, self.onFailure) = (statements, onFailure)
  }
}

public struct CheckedHandler: Sendable {
  /// The ordinal of the `on failure` among the statements of its block, for the step path.
  public var ordinal: Int
  /// A handler has no handler of its own.
  public var statements: [CheckedStatement]

  public init(ordinal: Int, statements: [CheckedStatement]) { (self.ordinal, self.statements) = (ordinal, statements) }
}

public struct CheckedStatement: Sendable {
  /// Its place among the statements of its block, from 0, declarations and handlers counted.
  public var ordinal: Int
  /// Its line in the runbook, from 1.
  public var line: Int
  /// As it stands in the runbook, white space folded.
  public var text: String
  public var action: Action

  public init(ordinal: Int, line: Int, text: String, action: Action) {
    (self.ordinal, self.line, self.text, self.action) = (ordinal, line, text, action)
  }
}

/// What a statement does.
public enum Action: Sendable {
  case validate(ValidateAction)
  case promote(PromoteAction)
  case waitMerge(within: Duration?)
  case waitArrival(WaitArrivalAction)
  case waitTime(Duration)
  case monitor(MonitorAction)
  case rollback(RollbackAction)
  case stop(reason: String)
  case fail(reason: String)

  /// The verb, as events and the journal name it.
  public var verb: String {
    switch self {
    case .validate: "validate"
    case .promote: "promote"
    case .waitMerge: "wait merge"
    case .waitArrival(let wait): wait.untilRolledOut ? "wait rollout" : "wait sync"
    case .waitTime: "wait"
    case .monitor: "monitor"
    case .rollback: "rollback"
    case .stop: "stop"
    case .fail: "fail"
    }
  }
}

/// Which services a statement works on.
public enum Targets: Hashable, Sendable {
  /// All services that the environment's files enable, without these.
  case all(except: [ServiceName])
  case services([ServiceName])
  /// Those of this run's promotions.
  case promoted
}

public struct ValidateAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets
}

public struct PromoteAction: Sendable {
  public enum Way: String, Sendable { case pullRequest = "pr", commit }

  public var targets: Targets
  public var source: EnvironmentName
  public var target: EnvironmentName
  public var version: Version?
  public var way: Way
  public var reason: String?
  /// Each names the reason for doing without a safeguard.
  public var withoutValidation: String?
  public var allowingDowngrade: String?
  public var allowingUnstaged: String?
}

public struct WaitArrivalAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets
  public var within: Duration?
  /// `wait rollout`: the new digest runs everywhere. Otherwise Argo CD has synced the commit.
  public var untilRolledOut: Bool
}

public struct MonitorAction: Sendable {
  public var duration: Duration
  public var environment: EnvironmentName
  public var targets: Targets
  public var every: Duration?
  public var allowedRestarts: Int
  public var allowedErrors: ErrorAllowance?

  public struct ErrorAllowance: Sendable {
    public var count: Int
    public var window: Duration
  }
}

public struct RollbackAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets
  public var version: Version?
  public var reason: String?
  /// Act on *undetermined* and *timed out* too, in a handler (rule 5).
  public var evenIfUndetermined: Bool
}
