public import PromotionModel

/// What a statement does.
public enum Action: Sendable {
  case validate(ValidateAction)
  case promote(PromoteAction)
  case waitMerge(within: Setting<Duration>?)
  case waitArrival(WaitArrivalAction)
  case waitTime(Setting<Duration>)
  case waitUntil(WaitUntilAction)
  case merge(within: Setting<Duration>?)
  case monitor(MonitorAction)
  case verify(ScopeAction)
  case rollback(RollbackAction)
  case reconcile(ReconcileAction)
  case sync(SyncAction)
  case restart(ScopeAction)
  case diagnose(ScopeAction)
  case announce(AnnounceAction)
  case freeze(FreezeAction)
  case thaw(environment: EnvironmentName, reason: Setting<String>)
  case confirm(ConfirmAction)
  case require(RequireAction)
  case run(ProgramAction)
  case show(ShowAction)
  case bind(Variable, CheckedExpression)
  case branch(BranchAction)
  case loop(LoopAction)
  case retry(RetryAction)
  case within(limit: Setting<Duration>, CheckedBlock)
  case call(CallAction)
  case stop(reason: Setting<String>)
  case fail(reason: Setting<String>)

  /// The verb, as events and the journal name it.
  public var verb: String {
    switch self {
    case .validate: "validate"
    case .promote: "promote"
    case .waitMerge: "wait merge"
    case .waitArrival(let wait): wait.untilRolledOut ? "wait rollout" : "wait sync"
    case .waitTime: "wait"
    case .waitUntil: "wait until"
    case .merge: "merge"
    case .monitor: "monitor"
    case .verify: "verify"
    case .rollback: "rollback"
    case .reconcile: "reconcile"
    case .sync: "sync"
    case .restart: "restart"
    case .diagnose: "diagnose"
    case .announce: "announce"
    case .freeze: "freeze"
    case .thaw: "thaw"
    case .confirm: "confirm"
    case .require: "require"
    case .run: "run"
    case .show: "show"
    case .bind: "let"
    case .branch: "if"
    case .loop: "for"
    case .retry: "retry"
    case .within: "within"
    case .call(let call): call.procedure
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
  /// Services and variables with services or lists of services, in the order of the text.
  case computed([CheckedExpression])
}

/// Of `verify`, `restart`, `diagnose`.
public struct ScopeAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets

  public init(environment: EnvironmentName, targets: Targets) {
    (self.environment, self.targets) = (environment, targets)
  }
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
  public var version: Setting<Version>?
  public var way: Way
  public var reason: Setting<String>?
  /// Each names the reason for doing without a safeguard.
  public var withoutValidation: Setting<String>?
  public var allowingDowngrade: Setting<String>?
  public var allowingUnstaged: Setting<String>?
}

public struct WaitArrivalAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets
  public var within: Setting<Duration>?
  /// `wait rollout`: the new digest runs everywhere. Otherwise Argo CD has synced the commit.
  public var untilRolledOut: Bool
}

/// `wait until`: the next such time of day in the zone of the configured window, else in UTC; or a moment, which may
/// be past already.
public enum WaitUntilAction: Sendable {
  case clockTime(Setting<Int>)
  case dateTime(Setting<Timestamp>)
}

public struct MonitorAction: Sendable {
  public var duration: Setting<Duration>
  public var environment: EnvironmentName
  public var targets: Targets
  public var every: Setting<Duration>?
  /// None: 0.
  public var allowedRestarts: Setting<Int>?
  public var allowedErrors: ErrorAllowance?

  public struct ErrorAllowance: Sendable {
    public var count: Setting<Int>
    public var window: Setting<Duration>
  }
}

public struct RollbackAction: Sendable {
  public enum Way: Hashable, Sendable {
    case commit
    case pullRequest
    /// nil: the commit of the last promotion.
    case revert(of: Setting<String>?)
    case undo
  }

  public var environment: EnvironmentName
  public var targets: Targets
  public var version: Setting<Version>?
  public var way: Way
  public var otherwiseUndo: Bool
  public var reason: Setting<String>?
  /// Act on *undetermined* and *timed out* too, in a handler (rule 5).
  public var evenIfUndetermined: Bool
}

public struct ReconcileAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets
  public var way: PromoteAction.Way
}

public struct SyncAction: Sendable {
  public var environment: EnvironmentName
  public var targets: Targets
  /// Argo CD's force, with its reason.
  public var replacingResources: Setting<String>?
}

public struct AnnounceAction: Sendable {
  public enum Message: Sendable {
    case text(Setting<String>)
    case planned, complete, rolledBack
  }

  public var message: Message
  /// nil: everywhere.
  public var place: String?
}

public struct FreezeAction: Sendable {
  public var environment: EnvironmentName
  public var until: Setting<Timestamp>
  public var except: String?
  public var reason: Setting<String>
}

public enum ConfirmAction: Sendable {
  case question(Setting<String>)
  case checklist
}

public struct RequireAction: Sendable {
  public enum Requirement: Sendable {
    /// A boolean.
    case condition(CheckedExpression)
    case configuredWindow
    case window(CheckedWindow)
  }

  public var requirement: Requirement
  public var message: Setting<String>?
  /// The condition as it stands in the runbook.
  public var text: String
}

public struct CheckedWindow: Sendable {
  /// 1 is Monday, 7 Sunday.
  public var days: Set<Int>
  /// Minutes since midnight; `to` before `from` ends on the next day.
  public var from: Setting<Int>
  public var to: Setting<Int>
  /// An IANA name; nil: the configured one, else UTC.
  public var zone: String?
}

public struct ProgramAction: Sendable {
  public enum Command: Sendable {
    /// Words as written, each with its interpolations: an interpolated value is never split again.
    case words([Setting<String>])
    /// For the shell.
    case shell(Setting<String>)
  }

  public var command: Command
  public var within: Setting<Duration>?
  public var directory: Setting<String>?
}

public struct ShowAction: Sendable {
  public enum Subject: String, Sendable {
    case status, versions, diff, history, logs, pods
    case pullRequests = "pull requests"
  }

  public var subject: Subject
  /// nil: all environments.
  public var environment: EnvironmentName?
  /// nil: all services.
  public var targets: Targets?
  public var follows: Bool
}

public struct BranchAction: Sendable {
  public struct Branch: Sendable {
    /// A boolean.
    public var condition: CheckedExpression
    public var block: CheckedBlock
  }

  public var branches: [Branch]
  public var otherwise: CheckedBlock?
}

public struct LoopAction: Sendable {
  public var variable: Variable
  public var environment: EnvironmentName
  public var targets: Targets
  public var block: CheckedBlock
}

public struct RetryAction: Sendable {
  /// How often at most, the first time counted.
  public var count: Setting<Int>
  public var every: Setting<Duration>?
  public var block: CheckedBlock
}

/// A procedure's body with its parameters bound: each call has a body of its own, checked with what it is called with.
public struct CallAction: Sendable {
  public var procedure: String
  public var arguments: [(variable: Variable, value: CheckedExpression)]
  public var block: CheckedBlock
}
