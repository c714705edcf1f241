import PromotionModel
import RunbookCheck

// The statements of the main job with everything worked out: what their verbs run.

struct ValidateTerms: Sendable {
  var environment: EnvironmentName
  var targets: TargetList

  init(_ action: ValidateAction, _ step: StepContext) async throws {
    (environment, targets) = (action.environment, try await step.resolve(action.targets))
  }
}

struct PromoteTerms: Sendable {
  var targets: TargetList
  var source: EnvironmentName
  var target: EnvironmentName
  var version: Version?
  var way: PromoteAction.Way
  var reason: String?
  var withoutValidation: String?
  var allowingDowngrade: String?
  var allowingUnstaged: String?

  init(_ action: PromoteAction, _ step: StepContext) async throws {
    targets = try await step.resolve(action.targets)
    (source, target, way) = (action.source, action.target, action.way)
    version = try await step.resolve(action.version)
    reason = try await step.told(action.reason)
    withoutValidation = try await step.told(action.withoutValidation)
    allowingDowngrade = try await step.told(action.allowingDowngrade)
    allowingUnstaged = try await step.told(action.allowingUnstaged)
    if version != nil, case .services(let services) = targets, services.count > 1 {
      throw Halt(.refused, "`at` names one version, and \(services.count) services are to be promoted")
    }
  }
}

struct WaitArrivalTerms: Sendable {
  var environment: EnvironmentName
  var targets: TargetList
  var within: Duration?
  var untilRolledOut: Bool

  init(_ action: WaitArrivalAction, _ step: StepContext) async throws {
    (environment, untilRolledOut) = (action.environment, action.untilRolledOut)
    targets = try await step.resolve(action.targets)
    within = try await step.resolve(action.within)
  }
}

struct MonitorTerms: Sendable {
  var duration: Duration
  var environment: EnvironmentName
  var targets: TargetList
  var every: Duration?
  var allowedRestarts: Int
  var allowedErrors: (count: Int, window: Duration)?

  init(_ action: MonitorAction, _ step: StepContext) async throws {
    environment = action.environment
    targets = try await step.resolve(action.targets)
    duration = try await step.resolve(action.duration)
    every = try await step.resolve(action.every)
    allowedRestarts = try await step.resolve(action.allowedRestarts) ?? 0
    if let errors = action.allowedErrors {
      allowedErrors = (try await step.resolve(errors.count), try await step.resolve(errors.window))
    }
    // Computed ones were not seen by the checker: no time of evidence would prove nothing and end well.
    guard duration > .zero else { throw Halt(.refused, "a monitor of no time at all sees nothing") }
    if let every, every <= .zero { throw Halt(.refused, "`every` takes a time above nothing") }
    if let window = allowedErrors?.window, window <= .zero { throw Halt(.refused, "`per` takes a time above nothing") }
  }
}

struct VerifyTerms: Sendable {
  var environment: EnvironmentName
  var targets: TargetList

  init(_ action: ScopeAction, _ step: StepContext) async throws {
    (environment, targets) = (action.environment, try await step.resolve(action.targets))
  }
}

struct RollbackTerms: Sendable {
  var environment: EnvironmentName
  var targets: TargetList
  var version: Version?
  var reason: String?
  var evenIfUndetermined: Bool
  var isByPullRequest: Bool
  var isByRevert: Bool
  /// The commit that `by revert of` names.
  var revertOf: String?
  var undo: Undo

  /// Whether the cluster is undone past git.
  enum Undo: Hashable, Sendable {
    case never
    /// When git cannot be written.
    case otherwise
    case first
  }

  init(_ action: RollbackAction, _ step: StepContext) async throws {
    undo = action.way == .undo ? .first : action.otherwiseUndo ? .otherwise : .never
    (environment, evenIfUndetermined) = (action.environment, action.evenIfUndetermined)
    targets = try await step.resolve(action.targets)
    version = try await step.resolve(action.version)
    reason = try await step.told(action.reason)
    isByPullRequest = action.way == .pullRequest
    if case .revert(let commit) = action.way {
      (isByRevert, revertOf) = (true, try await step.resolve(commit))
    } else {
      isByRevert = false
    }
  }
}
