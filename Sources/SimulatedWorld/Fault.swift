public import PromotionModel

/// Something that goes differently from a good release, and when.
public struct Fault: Hashable, Sendable {
  public enum Start: Hashable, Sendable {
    /// So long after the world's start.
    case after(Duration)
    /// So long after a run's change first came to the branch, by a push or by a merge.
    case afterPromotion(Duration)
    /// Right before the effect of the call of that kind with that number, counted from 1.
    case before(Touch, occurrence: Int)
  }

  public var start: Start
  public var effect: Effect

  public init(_ effect: Effect, start: Start = .after(.zero)) { (self.effect, self.start) = (effect, start) }

  public enum Effect: Hashable, Sendable {
    /// How an image behaves wherever it runs from then on.
    case image(ImageFault)
    /// Argo CD goes on saying Synced and Healthy at the old revision for so long after each commit. No services: all.
    case slowDelivery(EnvironmentName, services: Set<ServiceName> = [], by: Duration)
    /// Somebody commits another version of a service: staging moves, or production is fixed by hand.
    case foreignTag(ServiceName, EnvironmentName, Version)
    /// Somebody commits to other files, again and again; nil: once.
    case foreignCommits(every: Duration?)
    /// Somebody sets the image with kubectl, past git.
    case liveImage(ServiceName, EnvironmentName, Version)
    /// Somebody scales a Deployment with kubectl, past git.
    case liveReplicas(ServiceName, EnvironmentName, Int)
    /// Somebody deletes a Deployment with kubectl.
    case liveDeletion(ServiceName, EnvironmentName)
    /// Argo CD puts back what somebody changes past git (`selfHeal`). No services: all.
    case selfHeal(EnvironmentName, services: Set<ServiceName> = [])
    /// An autoscaler, to which git leaves the number of replicas, asks for so many.
    case autoscaled(ServiceName, EnvironmentName, to: Int)
    /// The oldest ready pod of a service goes, and another one takes its place.
    case podLost(ServiceName, EnvironmentName, PodLoss)
    /// Each sync of a service begins with a migration: a Job in a wave of its own, before the Deployment.
    case migration(ServiceName, EnvironmentName, Migration)
    /// What the reviewer of pull requests does; without such a fault, merges 5 to 20 minutes after the opening.
    case reviewer(Review)
    /// Nothing answers for so long.
    case networkLost(for: Duration)
    /// One server does not answer for so long, and the others do.
    case serverLost(OutsideServer, for: Duration)
    /// The server refuses the next so many pushes.
    case pushesRejected(Int)
    /// Another run takes the lock of an environment over, for so long.
    case foreignLock(EnvironmentName, for: Duration)
    /// Somebody else freezes an environment for so long.
    case foreignFreeze(EnvironmentName, for: Duration)
    /// The context of an environment leads to another cluster than the one that is meant.
    case anotherCluster(EnvironmentName)
    /// What a metric of a service is from then on; nil: nobody measures it.
    case metric(String, ServiceName, EnvironmentName, Double?)
    /// One call goes wrong: the one with that number of its kind, counted from 1 at the world's start.
    case call(Touch, occurrence: Int, CallFault)
  }
}

/// A Job that Argo CD runs before it applies the rest of a service (hook `PreSync`, or a lower sync wave).
public struct Migration: Hashable, Sendable {
  public var duration: Duration
  public var fails: Bool

  public init(takes duration: Duration, fails: Bool = false) { (self.duration, self.fails) = (duration, fails) }
}

/// How a pod goes that did nothing wrong.
public enum PodLoss: String, Hashable, Sendable, CaseIterable {
  /// The kubelet ends it, as its node runs low: it stays as an object whose phase is `Failed`.
  case evicted
  /// Somebody drains its node: it is deleted.
  case drained
}

/// How the image of a service misbehaves. Durations count from the start of the container, and for containers that ran
/// before from the start of the fault.
public struct ImageFault: Hashable, Sendable {
  public enum Versions: Hashable, Sendable {
    case any
    /// Every version that did not run in that environment when the world began.
    case new
    case exactly(Version)
  }

  public enum Behaviour: Hashable, Sendable {
    /// The container ends with an error after that time; each later life lasts three seconds at most, so that it soon
    /// is in `CrashLoopBackOff`.
    case crashes(after: Duration)
    case cannotBePulled
    case neverReady
    /// What the health endpoint answers while the newest ready pod runs this image.
    case health(ProbeResult.Answer, after: Duration)
    /// So many error lines in each such time, evenly: the first one comes a part of it after the delay.
    case logsErrors(Int, per: Duration, after: Duration)
    /// What a metric of the service is while the newest ready pod runs this image; nil: nobody measures it.
    case metric(String, Double?, after: Duration)
    /// An alert fires while the newest ready pod runs this image.
    case alert(String, after: Duration)
    /// The registry serves another image under the same tag.
    case anotherDigest

    public static func logsErrors(perMinute count: Int, after delay: Duration) -> Behaviour {
      .logsErrors(count, per: .seconds(60), after: delay)
    }
  }

  public var service: ServiceName
  /// nil: in every environment.
  public var environment: EnvironmentName?
  public var versions: Versions
  public var behaviour: Behaviour

  public init(
    _ service: ServiceName,
    in environment: EnvironmentName? = nil,
    versions: Versions = .new,
    _ behaviour: Behaviour
  ) {
    (self.service, self.environment, self.versions) = (service, environment, versions)
    self.behaviour = behaviour
  }
}

/// What the person who reviews a pull request does; times count from its opening.
public enum Review: Hashable, Sendable {
  /// Merges, unless a commit status is red; then once it no longer is. `method` nil: the configured one.
  case merges(after: Duration, method: MergeMethod? = nil)
  case closes(after: Duration)
  /// Commits another version of a service to the branch, and merges a second later.
  case editsAndMerges(after: Duration, ServiceName, Version, method: MergeMethod? = nil)
  case neverComes
}

/// How one call goes wrong.
public enum CallFault: Hashable, Sendable {
  /// The call has no effect and throws.
  case fails(WorldError.Reason)
  /// The call has its effect, and then throws that it timed out.
  case answerLost
  /// The call hangs for so long, has no effect, and throws that it timed out.
  case hangs(for: Duration)
  /// The call has its effect, and answers so much later.
  case late(by: Duration)
  /// A read answers as things stood so long ago.
  case stale(by: Duration)
  /// The process of the run is gone: none of its calls has an effect any more.
  case processDies(Moment)
  /// Somebody interrupts the run (Ctrl-C, SIGTERM): its task is cancelled, and it has two seconds to stop by itself.
  case interrupted(Interruption)

  public enum Moment: String, Hashable, Sendable {
    /// The call has no effect.
    case before
    /// The call has its effect, and nobody hears the answer.
    case after
  }

  public enum Interruption: String, Hashable, Sendable {
    /// The call has no effect.
    case before
    /// The call has its effect, and nobody hears the answer.
    case after
    /// The answer was heard, and nothing follows from it any more.
    case answered
  }

  /// Whether no process of the run is at work after it.
  public var endsProcess: Bool {
    switch self {
    case .processDies, .interrupted: true
    case .fails, .answerLost, .hangs, .late, .stale: false
    }
  }
}

/// Something outside that may be away by itself.
public enum OutsideServer: Hashable, Sendable, CaseIterable {
  /// The repository's: Argo CD does not hear of new commits either.
  case git
  /// The forge's API; whoever reviews has it in a browser.
  case forge
  /// The API servers of all clusters: their controllers and Argo CD do nothing either, and pods go on.
  case cluster
  /// The controller of Argo CD: it takes down what is asked of it, and does nothing.
  case delivery
}

/// A kind of call to the world, by the protocol it belongs to.
public enum Touch: String, Hashable, Sendable, CaseIterable {
  case repositoryHead = "repository head"
  case repositoryDeclared = "repository declared"
  case repositoryPlan = "repository plan"
  case repositoryPlanReturn = "repository plan return"
  case repositoryPlanRevert = "repository plan revert"
  case repositoryPlanTags = "repository plan tags"
  case repositoryPreview = "repository preview"
  case repositoryContains = "repository contains"
  case repositoryHistory = "repository history"
  case repositoryTip = "repository tip"
  case repositoryLockHolder = "repository lock holder"
  case repositoryCommit = "repository commit"
  case repositoryPropose = "repository propose"
  case repositoryDeleteBranch = "repository delete branch"
  case repositoryTakeLock = "repository take lock"
  case repositoryRenewLock = "repository renew lock"
  case repositoryReleaseLock = "repository release lock"
  case repositoryFreeze = "repository freeze"
  case repositorySetFreeze = "repository set freeze"
  case forgePullRequest = "forge pull request"
  case forgePullRequestOfBranch = "forge pull request of branch"
  case forgeMergeReadiness = "forge merge readiness"
  case forgeSourceChanges = "forge source changes"
  case forgePullRequests = "forge pull requests"
  case forgeOpen = "forge open"
  case forgeClose = "forge close"
  case forgeMerge = "forge merge"
  case forgeLeaveQueue = "forge leave queue"
  case forgeSetStatus = "forge set status"
  case clusterIdentify = "cluster identify"
  /// The beginning of a watch.
  case clusterObserve = "cluster observe"
  case clusterSnapshot = "cluster snapshot"
  case clusterLogs = "cluster logs"
  case clusterExamine = "cluster examine"
  case deliveryRefresh = "delivery refresh"
  case deliveryTerminate = "delivery terminate"
  case deliveryRestart = "delivery restart"
  case deliverySync = "delivery sync"
  case deliverySuspend = "delivery suspend"
  case deliveryRestore = "delivery restore"
  case deliveryUndo = "delivery undo"
  case probesProbe = "probes probe"
  case metricsRead = "metrics read"
  case metricsAlerts = "metrics alerts"
  case announce
  /// A program that the runbook names.
  case programRun = "program run"
  /// A question to the person at the terminal.
  case personAsk = "person ask"

  /// The tool that a live world would use, for errors.
  public var tool: String {
    switch self {
    case .repositoryHead, .repositoryDeclared, .repositoryPlan, .repositoryPlanReturn, .repositoryPlanTags,
      .repositoryPlanRevert, .repositoryPreview, .repositoryContains, .repositoryHistory, .repositoryTip,
      .repositoryLockHolder, .repositoryCommit, .repositoryPropose, .repositoryDeleteBranch, .repositoryTakeLock,
      .repositoryRenewLock,
      .repositoryReleaseLock, .repositoryFreeze, .repositorySetFreeze:
      "git"
    case .forgePullRequest, .forgePullRequestOfBranch, .forgeMergeReadiness, .forgeSourceChanges, .forgePullRequests,
      .forgeOpen,
      .forgeClose,
      .forgeMerge, .forgeLeaveQueue, .forgeSetStatus:
      "gh"
    case .clusterIdentify, .clusterObserve, .clusterSnapshot, .clusterLogs, .clusterExamine,
      .deliveryRefresh, .deliveryTerminate, .deliveryRestart, .deliverySync, .deliverySuspend, .deliveryRestore,
      .deliveryUndo:
      "kubectl"
    case .probesProbe, .metricsRead, .metricsAlerts, .announce: "curl"
    case .programRun: "run"
    case .personAsk: "the terminal"
    }
  }

  /// Whether the call needs the network.
  var isRemote: Bool { self != .programRun && self != .personAsk }

  /// Whose answer it needs; nil for what is asked here, or of somebody else.
  var server: OutsideServer? {
    switch tool {
    case "git": .git
    case "gh": .forge
    case "kubectl": .cluster
    default: nil
    }
  }

  /// How long the call takes before it has its effect, in milliseconds.
  var latency: ClosedRange<UInt64> {
    switch self {
    case .repositoryPlan, .repositoryPlanReturn, .repositoryPlanRevert, .repositoryPlanTags, .repositoryPreview: 2...10
    case .repositoryDeclared, .repositoryContains, .repositoryHistory: 5...40
    case .repositoryHead, .repositoryTip, .repositoryLockHolder, .repositoryFreeze: 80...300
    case .repositoryCommit, .repositoryPropose, .repositoryDeleteBranch, .repositoryTakeLock, .repositoryRenewLock,
      .repositoryReleaseLock, .repositorySetFreeze:
      200...900
    case .forgePullRequest, .forgePullRequestOfBranch, .forgeMergeReadiness, .forgeSourceChanges, .forgePullRequests:
      100...400
    case .forgeOpen, .forgeClose, .forgeMerge, .forgeLeaveQueue, .forgeSetStatus: 300...1200
    case .clusterIdentify, .clusterObserve, .clusterSnapshot, .clusterLogs, .deliveryRefresh, .deliveryTerminate,
      .deliveryRestart, .deliverySync, .deliverySuspend, .deliveryRestore, .deliveryUndo:
      2...20
    case .clusterExamine: 10...60
    case .probesProbe, .metricsRead, .metricsAlerts: 20...150
    case .announce: 100...600
    // As long as its stand-in says.
    case .programRun, .personAsk: 0...0
    }
  }

  /// Whether the call pushes to the repository.
  var isPush: Bool {
    self == .repositoryCommit || self == .repositoryPropose
  }

  /// Whether the call changes something outside.
  public var isWrite: Bool {
    switch self {
    case .repositoryCommit, .repositoryPropose, .repositoryDeleteBranch, .repositoryTakeLock, .repositoryRenewLock,
      .repositoryReleaseLock, .forgeOpen, .forgeClose, .forgeMerge, .forgeLeaveQueue, .forgeSetStatus, .deliveryRefresh,
      .deliveryTerminate, .deliveryRestart, .deliverySync, .deliverySuspend, .deliveryRestore, .deliveryUndo,
      .announce, .repositorySetFreeze, .programRun:
      true
    case .repositoryHead, .repositoryDeclared, .repositoryPlan, .repositoryPlanReturn, .repositoryPlanRevert,
      .repositoryPlanTags,
      .repositoryPreview, .repositoryContains, .repositoryHistory, .repositoryTip, .repositoryLockHolder,
      .forgePullRequest, .forgePullRequestOfBranch, .forgeMergeReadiness, .forgeSourceChanges, .forgePullRequests,
      .clusterIdentify,
      .clusterObserve, .clusterSnapshot,
      .clusterLogs, .clusterExamine, .probesProbe, .metricsRead, .metricsAlerts, .repositoryFreeze, .personAsk:
      false
    }
  }
}
