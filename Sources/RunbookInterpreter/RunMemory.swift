import PromotionModel
import RunLog
import Synchronization

/// What a promotion set out to do and how far it came; stored whole under its step whenever it changes.
struct Promotion: Hashable, Sendable, Codable {
  /// The note's key in the journal.
  static let noteKey = "promotion"

  /// The step of the `promote`.
  var step: StepPath
  var changes: ChangeSet
  var isByPullRequest: Bool
  var isProtected: Bool
  /// The digest that each service is to run, as sealed; none for what was promoted without validation.
  var digests: [ServiceName: ImageDigest]
  /// The digest that each service ran before.
  var formerDigests: [ServiceName: ImageDigest]
  /// Error lines a minute before the promotion, by service.
  var baseline: [ServiceName: Double]
  /// Metrics before the promotion, by service and name; nil where none is watched.
  var metricsBefore: [ServiceName: [String: Double]]?
  /// The alerts that fired before the promotion; nil where nobody looked, or could not.
  var alertsBefore: [String]?
  /// Why, as the statement says it.
  var reason: String?
  var branch: String?
  /// What stands in the pull request, and what its approval is of.
  var plan: PlanDigest?
  /// The commit that was pushed to ``branch``.
  var head: CommitID?
  var pullRequest: PullRequest?
  /// The commit on the environment's branch that carries the change: pushed, or merged.
  var commit: CommitID?
  /// When each service's new version was committed to the environment it comes from, where git tells.
  var stagedAt: [ServiceName: Timestamp]?
  /// When it was known that the change stands on the environment's branch.
  var reachedAt: Timestamp?
  /// Services whose change was taken back, and seen to be so.
  var takenBack: Set<ServiceName> = []
  /// The pull request was closed before it was merged: nothing reached the environment.
  var isWithdrawn = false

  /// The branch of a run's pull request, named as the guide names it.
  static func branch(_ run: RunID, to environment: EnvironmentName) -> String { "\(environment)-promotion-\(run)" }

  func change(of service: ServiceName) -> ServiceChange? { changes.services.first { $0.service == service } }
  var services: [ServiceName] { changes.services.map(\.service) }
  var isTakenBack: Bool { isWithdrawn || takenBack.isSuperset(of: services) }
}

/// What the statements of one run tell each other. Rebuilt from the journal when a run is resumed.
final class RunMemory: Sendable {
  struct State: Sendable {
    var seals: [EnvironmentName: [ServiceName: Seal]] = [:]
    var findings: [Finding] = []
    var promotions: [Promotion] = []
    var leases: [EnvironmentName: LockLease] = [:]
    /// Services of protected environments that were changed and not looked at since (rule 4).
    var unseen: [EnvironmentName: Set<ServiceName>] = [:]
    /// Services that somebody else has changed since this run did: what stands is theirs.
    var superseded: [EnvironmentName: Set<ServiceName>] = [:]
    /// Services that were looked at since this run changed them, and were well; of every environment.
    var seen: [EnvironmentName: Set<ServiceName>] = [:]
    /// How the newest look at a service ended that did not end well.
    var troubled: [EnvironmentName: [ServiceName: String]] = [:]
    /// What this run wrote last otherwise than by a promotion, and is to be seen: by environment.
    var written: [EnvironmentName: [ServiceName: Arrivals.Written]] = [:]
    /// Whether a protected environment was changed by this run, ever.
    var hasChangedProtected = false
    /// What this run has frozen and thawed.
    var freezes: [EnvironmentName: FreezeChange] = [:]
    /// The windows that an earlier process of this run asked for, and that were open then.
    var passedWindows: Set<PassedWindow> = []
    /// An `announce planned` of this run reached somebody.
    var isPlannedAnnounced = false
    /// When the locks are renewed next; nil while they are, and before anybody sees to it.
    var renewal: Timestamp?
    /// Steps of earlier processes of this run.
    var earlier: [StepPath: StepRecord] = [:]
    /// Parts of the program that are done afresh, whatever earlier processes stored of them.
    var forgotten: [StepPath] = []
    /// What did not need to be promoted.
    var standing: [StandsAlready] = []
    /// What a statement other than `promote` is about to push, or has pushed without hearing so, by its step.
    var attempted: [StepPath: ChangeSet] = [:]
    /// What a `rollback` has pushed and not seen arrive yet, by its step.
    var returning: [StepPath: ChangeSet] = [:]
    /// What a `rollback … by pr` has proposed and not seen merged yet, by its step.
    var proposedReturns: [StepPath: RollbackByPullRequest.Proposed] = [:]
    /// What a `rollback` has undone in the cluster, or was about to, and git does not say yet; by its step.
    var undoing: [StepPath: Undoing] = [:]
  }

  private let state: Mutex<State>
  /// Knows the values that came from the environment.
  let redactor: Redactor

  init(_ state: State = State(), redactor: Redactor = Redactor()) {
    self.state = Mutex(state)
    self.redactor = redactor
  }

  var current: State { state.withLock { $0 } }

  func update<T: Sendable>(_ change: (inout sending State) -> sending T) -> T { state.withLock(change) }

  /// What an earlier process stored of a step; nil for one that was never begun, or is done afresh.
  func earlier(at path: StepPath) -> StepRecord? { state.withLock { $0.earlier[path] } }

  /// Notes that an earlier process left under a path.
  func storedNotes(at path: StepPath, _ setup: RunSetup) throws -> [String: String] {
    guard setup.isResumed, !current.forgotten.contains(where: path.isInside) else { return [:] }
    return try setup.journal.notes(of: setup.run, step: path)
  }

  /// Has a part of the program done afresh.
  func forget(_ path: StepPath) {
    state.withLock { state in
      state.forgotten.append(path)
      state.earlier = state.earlier.filter { !$0.key.isInside(path) }
    }
  }

  /// A text that is made of a secret is safe without it, and keeps the rest of what it says.
  func keepSecret(_ text: String) {
    if redactor.clean(text) == text { redactor.keep(text) }
  }

  /// The text without secrets, for what is stored or sent. What is told goes through ``RedactedLog`` anyway.
  func withoutSecrets(_ text: String) -> String { redactor.clean(text) }

  /// The newest promotion of this run that changes `service` in `environment` and was not taken back.
  func promotion(of service: ServiceName, in environment: EnvironmentName) -> Promotion? {
    current.promotions.last {
      $0.changes.environment == environment && $0.services.contains(service) && !$0.isWithdrawn
        && !$0.takenBack.contains(service)
    }
  }

  /// Services that this run promoted to `environment`, in the order of the promotions; without those taken back, unless
  /// they are asked for.
  func promoted(to environment: EnvironmentName, orTakenBack: Bool = false) -> [ServiceName] {
    var found: [ServiceName] = []
    for promotion in current.promotions where promotion.changes.environment == environment && !promotion.isWithdrawn {
      found += promotion.services.filter {
        !found.contains($0) && (orTakenBack || !promotion.takenBack.contains($0))
      }
    }
    return found
  }

  func store(_ promotion: Promotion) {
    state.withLock { state in
      if let index = state.promotions.firstIndex(where: { $0.step == promotion.step }) {
        state.promotions[index] = promotion
      } else {
        state.promotions.append(promotion)
      }
    }
  }

  /// The environment now has something of this run in it that nobody has looked at.
  func markChanged(_ services: [ServiceName], in environment: EnvironmentName, isProtected: Bool) {
    state.withLock { state in
      state.superseded[environment]?.subtract(services)
      state.seen[environment]?.subtract(services)
      for service in services { state.troubled[environment]?[service] = nil }
    }
    guard isProtected else { return }
    state.withLock {
      $0.hasChangedProtected = true
      $0.unseen[environment, default: []].formUnion(services)
    }
  }

  /// What stands now is this run's, and no longer what it wrote before.
  func keep(written: [Arrivals.Written]) {
    state.withLock { state in
      for one in written { state.written[one.environment, default: [:]][one.service] = one }
    }
  }

  func markSuperseded(_ services: [ServiceName], in environment: EnvironmentName) {
    state.withLock { $0.superseded[environment, default: []].formUnion(services) }
  }

  func markSeen(_ services: [ServiceName], in environment: EnvironmentName) {
    state.withLock { state in
      state.unseen[environment]?.subtract(services)
      state.seen[environment, default: []].formUnion(services)
      for service in services { state.troubled[environment]?[service] = nil }
    }
  }

  /// A statement that looks at services did not end well: none of them is called well until one does.
  func markTroubled(_ failure: Failure) {
    guard let environment = failure.watched else { return }
    let words = "`\(failure.statement)` ended *\(failure.ending.rawValue)*: \(failure.message)"
    state.withLock { state in
      for service in failure.services { state.troubled[environment, default: [:]][service] = words }
    }
  }
}
