import PromotionModel
import RunLog
import RunbookInterpreter
import SimulatedWorld

/// Compares what a run said with what really is.
struct Inspection {
  let account: Account
  let fleet: Fleet
  let run: RunID

  var harms: [Harm] {
    guard let result = account.result else {
      return [harm(.comesToAnEnd, account.failure ?? "the run was cut off again and again")]
    }
    var harms: [Harm] = []
    for environment in fleet.protectedEnvironments.map(\.name) {
      if !isOnlyRead(environment) { harms += ending(result.exit, in: environment) }
      harms += others(in: environment, result)
      harms += returnsOnProof(in: environment)
      harms += effects(in: environment) + records(in: environment) + announcements(in: environment)
      harms += freezes(of: environment)
    }
    harms += leftovers(result.exit) + interruptions()
    return harms + wayBack() + places(result.exit) + evidence() + seals()
  }

  func harm(
    _ invariant: Invariant,
    _ message: String,
    _ environment: EnvironmentName? = nil,
    _ services: [ServiceName] = []
  ) -> Harm {
    Harm(invariant: invariant, message: message, environment: environment, services: services)
  }

  // MARK: The ending

  private static let readingVerbs: Set<String> = ["validate", "require", "show", "diagnose"]

  /// Whether the run only looked at an environment: what others do to it is not the run's to answer for.
  private func isOnlyRead(_ environment: EnvironmentName) -> Bool {
    !account.changes.contains { $0.environment == environment && isOwn($0) }
      && account.events.allSatisfy {
        $0.environment != environment || Self.readingVerbs.contains($0.step?.verb ?? "")
      }
  }

  /// The tag that the run planned last for each service.
  private func planned(in environment: EnvironmentName, verb: String? = nil) -> [ServiceName: String] {
    var found: [ServiceName: String] = [:]
    for event in account.events {
      guard case .planned(let changes, _) = event.body, changes.environment == environment,
        verb == nil || event.step?.verb == verb
      else { continue }
      for change in changes.services { found[change.service] = change.toTag }
    }
    return found
  }

  /// The services that somebody else has a hand in: theirs is not judged by what this run wanted.
  func foreign(in environment: EnvironmentName, _ exit: Int32) -> Set<ServiceName> {
    var found = Set(foreignChanges(in: environment).map(\.service))
    let seen = lastLook
    for change in account.world.disturbances where change.environment == environment {
      // What was done a while before the last look was there to be seen: nothing ends *ok* over it.
      let isLate = change.began > seen - .seconds(60)
      if isLate || change.isByHand && exit != ExitStatus.ok { found.insert(change.service) }
    }
    return found
  }

  /// When the run last looked whether production is well.
  private var lastLook: Timestamp {
    let looks = account.events.last { event in
      guard case .stepEnded(.ok, _) = event.body, let verb = event.step?.verb else { return false }
      return ["monitor", "verify", "wait rollout", "rollback"].contains(verb)
    }
    return (looks ?? account.events.last)?.time ?? account.start
  }

  /// By the trailers; a forge that squashes may have left them out, and then by what was planned.
  func isOwn(_ change: TagChange) -> Bool {
    if let trailer = change.commit.trailer(Trailer.run) { return trailer == run.text }
    return change.commit.author == Self.squashAuthor
      && planned(in: change.environment, verb: "promote")[change.service] == change.to
  }

  /// Who the run's commits are by, in a simulated world.
  private static let squashAuthor = "Release Manager"

  private func foreignChanges(in environment: EnvironmentName) -> [TagChange] {
    account.changes.filter { $0.environment == environment && !isOwn($0) }
  }

  private func ending(_ exit: Int32, in environment: EnvironmentName) -> [Harm] {
    let others = foreign(in: environment, exit)
    let planned = planned(in: environment)
    let before = account.before[environment] ?? [:]
    let after = account.after[environment] ?? [:]
    let services = Set(before.keys).union(after.keys).subtracting(others).sorted()
    func former(_ service: ServiceName) -> String? { before[service]?.declared }
    func isBack(_ service: ServiceName) -> Bool {
      // What did not stand whole before need not do so afterwards.
      after[service]?.standsWhole(at: former(service)) ?? (former(service) == nil)
        || (after[service] == before[service])
    }
    func isAsPlanned(_ service: ServiceName) -> Bool {
      guard let tag = planned[service], let truth = after[service] else { return false }
      return truth.standsWhole(at: tag) && truth.isHealthy
    }
    func broken(_ isFine: (ServiceName) -> Bool) -> [ServiceName] { services.filter { !isFine($0) } }
    switch exit {
    case ExitStatus.ok:
      // A pull request that is left open on purpose has changed nothing.
      let wrong = broken { isAsPlanned($0) || (isBack($0) && (planned[$0] == nil || leavesOpen)) }
      return wrong.isEmpty ? [] : [told(.okIsTrue, "it ended *ok*", wrong, after, environment)]
    case ExitStatus.refused:
      let wrong = broken(isBack)
      return wrong.isEmpty ? [] : [told(.refusedIsUntouched, "it ended *refused*", wrong, after, environment)]
    case ExitStatus.takenBack:
      let wrong = broken(isBack)
      return wrong.isEmpty ? [] : [told(.takenBackIsBack, "it ended as taken back", wrong, after, environment)]
    case ExitStatus.failed:
      let wrong = broken { isBack($0) || isAsPlanned($0) || isBroughtBack($0, in: environment, after[$0]) }
      guard !wrong.isEmpty, !saysThatReturnIsOpen else { return [] }
      return [told(.failedIsWhole, "it ended *failed*", wrong, after, environment)]
    default: return []
    }
  }

  /// Whether a person had it brought to where it stands, by a `rollback` or a `reconcile` that is no answer to a failure: where
  /// that does not hold either, *failed* is all that a run can say.
  private func isBroughtBack(_ service: ServiceName, in environment: EnvironmentName, _ truth: ServiceTruth?) -> Bool {
    for event in account.events.reversed() {
      guard case .planned(let changes, _) = event.body, changes.environment == environment, let step = event.step,
        let change = changes.services.first(where: { $0.service == service })
      else { continue }
      return ["rollback", "reconcile"].contains(step.verb) && !step.path.description.contains("on-failure")
        && truth?.declared == change.toTag
    }
    return false
  }

  func told(
    _ invariant: Invariant,
    _ ending: String,
    _ services: [ServiceName],
    _ truth: [ServiceName: ServiceTruth],
    _ environment: EnvironmentName
  ) -> Harm {
    let parts = services.map { "\($0) \(truth[$0]?.words ?? "is gone")" }
    return harm(invariant, "\(ending), and in \(environment) " + parts.joined(separator: "; "), environment, services)
  }

  /// A rollback that could not see its end says so, and how to go on: the run is *failed* for what went before.
  private var saysThatReturnIsOpen: Bool {
    said.contains { event in
      guard event.step?.verb == "rollback", case .stepEnded(let ending, _) = event.body else { return false }
      return ending == .undetermined || ending == .timedOut
    }
  }

  /// What the last process of the run said: of what one before it could not tell, this one has the last word.
  private var said: ArraySlice<RunEvent> {
    guard !account.absences.isEmpty else { return account.events[...] }
    let last = account.events.lastIndex { if case .runStarted = $0.body { true } else { false } }
    return account.events[(last ?? 0)...]
  }

  /// Whether the runbook opens pull requests and does not wait for them.
  private var leavesOpen: Bool {
    !account.events.contains { $0.step?.verb == "wait merge" || $0.step?.verb == "merge" }
      && account.world.forge.pullRequests.contains { $0.state == .open && isOwn($0) }
  }

  func isOwn(_ pull: PullRequest) -> Bool { pull.branch.contains(run.text) }

  private func leftovers(_ exit: Int32) -> [Harm] {
    guard [ExitStatus.ok, ExitStatus.failed, ExitStatus.refused, ExitStatus.takenBack].contains(exit) else { return [] }
    var harms: [Harm] = []
    let open = account.world.forge.pullRequests.filter { $0.state == .open && isOwn($0) }
    if !open.isEmpty, !(exit == ExitStatus.ok && leavesOpen) {
      let numbers = open.map { "#\($0.number)" }.joined(separator: ", ")
      harms.append(harm(.nothingIsLeft, "the run is over, and its pull request \(numbers) stays open"))
    }
    for (environment, holder) in account.world.repository.locks.sorted(by: { $0.key < $1.key })
    where holder.run == run && !saysThatLockStays(environment) {
      let message = "the run is over, and its lock on \(environment) stays until \(holder.expires)"
      harms.append(harm(.nothingIsLeft, message, environment))
    }
    return harms
  }

  /// A server that does not let a lock go keeps it until it expires; all that a run can do is to say so.
  private func saysThatLockStays(_ environment: EnvironmentName) -> Bool {
    said.contains { event in
      guard case .warning(let text) = event.body else { return false }
      return text.contains("lock of \(environment) could not be freed")
        || text.contains("still holds the lock of \(environment) could not be told")
    }
  }

  // MARK: Rules

  /// Rule 1: nobody's change is undone, and none is overlooked.
  private func others(in environment: EnvironmentName, _ result: RunResult) -> [Harm] {
    var harms: [Harm] = []
    let end = account.events.last { if case .stepEnded = $0.body { true } else { false } }?.time ?? account.start
    let services = Set(foreignChanges(in: environment).map(\.service)).sorted()
    for service in services {
      let changes = account.changes.filter { $0.environment == environment && $0.service == service }
      var theirs: TagChange?
      for change in changes {
        guard isOwn(change) else {
          theirs = change
          continue
        }
        guard let overwritten = theirs, !knew(of: overwritten, before: change) else { continue }
        let message =
          "\(overwritten.commit.author) made \(service) in \(environment) \(overwritten.to ?? "absent"), "
          + "and the run made it \(change.to ?? "absent")"
        harms.append(harm(.othersAreKept, message, environment, [service]))
      }
      let isOurs = changes.contains(where: isOwn)
      if result.exit == ExitStatus.ok, isOurs, let last = changes.last, !isOwn(last),
        last.commit.time < end - .seconds(60)
      {
        let message =
          "it ended *ok*, and \(service) in \(environment) is \(last.to ?? "absent") by "
          + last.commit.author
        harms.append(harm(.supersededIsSaid, message, environment, [service]))
      }
    }
    return harms
  }

  /// Whether a change of the run was planned when the other one stood already, and is no automatic return.
  private func knew(of other: TagChange, before own: TagChange) -> Bool {
    guard own.commit.trailer(Trailer.promotes) != nil else { return false }
    return account.events.contains { event in
      guard case .planned(let changes, _) = event.body else { return false }
      return event.time > other.commit.time
        && changes.services.contains { $0.service == own.service && $0.fromTag == other.to && $0.toTag == own.to }
    }
  }

  /// Rule 3.
  private func wayBack() -> [Harm] {
    var planned: Set<ServiceName> = []
    var told: Set<ServiceName> = []
    for event in account.events where event.step?.verb == "promote" {
      if case .planned(let changes, _) = event.body {
        planned = Set(changes.services.map(\.service))
        told = []
      }
      if event.name == "way-back" || event.name == "warning", let service = event.service { told.insert(service) }
      let untold = planned.subtracting(told).sorted()
      guard case .lockTaken = event.body, !untold.isEmpty else { continue }
      let names = untold.map(\.text).joined(separator: ", ")
      return [harm(.wayBackIsFirst, "\(names) was promoted before the way back was told", nil, untold)]
    }
    return []
  }

  /// Rule 5.
  private func returnsOnProof(in environment: EnvironmentName) -> [Harm] {
    let returns = account.changes.filter { change in
      change.environment == environment && isOwn(change) && change.commit.trailer(Trailer.rollsBack) != nil
        && change.commit.trailer(Trailer.step)?.contains("on-failure") == true
    }
    guard let first = returns.first else { return [] }
    let step = first.commit.trailer(Trailer.step)
    for event in account.events {
      if case .badSign = event.body { return [] }
      if case .stepEnded(let ending, _) = event.body, ending == .failed || ending == .refused { return [] }
      guard case .stepStarted(let statement) = event.body, event.step?.path.description == step else { continue }
      if statement.contains("even if undetermined") { return [] }
    }
    let services = Array(Set(returns.map(\.service))).sorted()
    return [harm(.proofBeforeReturn, "it was taken back, and nothing had definitely failed", environment, services)]
  }

  /// Rule 9.
  private func seals() -> [Harm] {
    var newest: [ServiceName: Timestamp] = [:]
    for event in account.events {
      guard case .sealed(let seal) = event.body else { continue }
      newest[seal.service] = max(newest[seal.service] ?? seal.time, seal.time)
    }
    let lifetime = fleet.policy.sealLifetime
    for commit in account.world.repository.commits where commit.trailer(Trailer.run) == run.text {
      for trailer in commit.trailers where trailer.key == Trailer.promotes {
        let name = trailer.value.split(separator: " ").first?.split(separator: "/").last.map(String.init) ?? ""
        guard let sealed = newest[ServiceName(name)], commit.time - sealed > lifetime + .seconds(300) else { continue }
        let age = (commit.time - sealed).runbookText
        return [harm(.sealsAreFresh, "\(name) was promoted \(age) after it was validated", nil, [ServiceName(name)])]
      }
    }
    return []
  }

  /// Rule 10.
  private func effects(in environment: EnvironmentName) -> [Harm] {
    var seen: Set<String> = []
    var counted: Set<CommitID> = []
    for change in account.changes where change.environment == environment && isOwn(change) {
      guard counted.insert(change.commit.id).inserted, let step = change.commit.trailer(Trailer.step) else { continue }
      guard seen.insert(step).inserted else {
        return [harm(.onceOnly, "step \(step) was committed twice", environment, [change.service])]
      }
    }
    // A rollback and a reconciliation may open one of their own.
    let opening: Set<String> = ["promote", "rollback", "reconcile"]
    let steps = Set(account.events.filter { opening.contains($0.step?.verb ?? "") }.compactMap { $0.step?.path })
    let pulls = account.world.forge.pullRequests.filter(isOwn)
    guard pulls.count <= max(1, steps.count) else {
      return [harm(.onceOnly, "\(pulls.count) pull requests were opened by \(steps.count) statements", environment)]
    }
    return []
  }
}

extension Inspection {
  /// Each commit of the run has its entry. Entries of another form than ours are not counted.
  private func records(in environment: EnvironmentName) -> [Harm] {
    guard let settings = fleet.repository.records, settings.template == nil else { return [] }
    let commits = Set(account.changes.filter { $0.environment == environment && isOwn($0) }.map(\.commit.id)).count
    let repository = account.world.repository
    let entries = repository.paths.filter(settings.covers).compactMap { repository.file($0) }.map { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      return text.split(separator: "\n").count { line in
        line.hasPrefix("#") && line.hasSuffix(", \(environment)")
      }
    }.reduce(0, +)
    guard entries != commits else { return [] }
    return [harm(.recordedOnce, "\(commits) commits of the run have \(entries) entries in the record", environment)]
  }
}

extension ServiceTruth {
  var words: String {
    let runs = running.isEmpty ? "runs nothing" : "runs \(running.sorted().joined(separator: " and "))"
    var parts = [runs]
    if let declared, running != [declared] { parts.append("git says \(declared)") }
    if !isReady { parts.append("not every pod is ready") }
    if !isSynced { parts.append("Argo CD is not done") }
    switch health {
    case .status(200), nil: break
    case .status(let status): parts.append("health answers \(status)")
    case .unreachable(let why): parts.append("health does not answer: \(why)")
    }
    return parts.joined(separator: ", ")
  }
}
