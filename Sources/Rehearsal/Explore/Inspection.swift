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
    for environment in account.environments {
      if !isOnlyRead(environment) { harms += ending(result.exit, in: environment) }
      harms += others(in: environment, result)
      harms += returnsOnProof(in: environment)
      harms += effects(in: environment) + records(in: environment) + announcements(in: environment)
      harms += freezes(of: environment)
    }
    harms += leftovers(result.exit) + interruptions()
    return harms + wayBack() + places(result.exit) + evidence() + seals()
  }

  /// What statements of a kind told. Looked through in place: an event is large to copy, and most are of others.
  func events(of verb: String) -> some Sequence<RunEvent> {
    account.events.indices.lazy.filter { account.events[$0].step?.verb == verb }.map { account.events[$0] }
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
  func planned(in environment: EnvironmentName, verb: String? = nil) -> [ServiceName: String] {
    var found: [ServiceName: String] = [:]
    var opened: [Int: [ServiceName]] = [:]
    var last: [ServiceName] = []
    for event in account.events {
      switch event.body {
      case .planned(let changes, _):
        guard changes.environment == environment, verb == nil || event.step?.verb == verb else { continue }
        last = changes.services.map(\.service)
        for change in changes.services { found[change.service] = change.toTag }
      case .pullRequestOpened(let pull): opened[pull.number] = last
      // What the run itself withdraws before it is merged is planned no longer.
      case .pullRequestChanged(let pull) where pull.state == .closed && event.step?.verb == "rollback":
        for service in opened[pull.number] ?? [] { found[service] = nil }
      default: continue
      }
    }
    return found
  }

  /// Every tag that the run planned for each service, at some time.
  func everPlanned(in environment: EnvironmentName) -> [ServiceName: Set<String>] {
    var found: [ServiceName: Set<String>] = [:]
    for event in account.events {
      guard case .planned(let changes, _) = event.body, changes.environment == environment else { continue }
      for change in changes.services { found[change.service, default: []].insert(change.toTag) }
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

  /// When a look at an environment ended well last; nil: none did.
  private func lastLook(at environment: EnvironmentName) -> Timestamp? {
    let looking: Set<String> = ["monitor", "verify", "wait rollout"]
    var paths: Set<StepPath> = []
    var last: Timestamp?
    for event in account.events {
      guard let step = event.step, looking.contains(step.verb) else { continue }
      if event.environment == environment { paths.insert(step.path) }
      if case .stepEnded(.ok, _) = event.body, paths.contains(step.path) { last = event.time }
    }
    return last
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

  // MARK: Rules

  /// Rule 1: nobody's change is undone, and none is overlooked.
  private func others(in environment: EnvironmentName, _ result: RunResult) -> [Harm] {
    var harms: [Harm] = []
    let end = account.events.last { if case .stepEnded = $0.body { true } else { false } }?.time ?? account.start
    let services = Set(foreignChanges(in: environment).map(\.service)).sorted()
    guard !services.isEmpty else { return [] }
    let planned = planned(in: environment)
    for service in services {
      let changes = account.changes.filter { $0.environment == environment && $0.service == service }
      var theirs: TagChange?
      for change in changes {
        guard isOwn(change) else {
          theirs = change
          continue
        }
        guard let overwritten = theirs, overwritten.to != change.to, !knew(of: overwritten, before: change) else {
          continue
        }
        let message =
          "\(overwritten.commit.author) made \(service) in \(environment) \(overwritten.to ?? "absent"), "
          + "and the run made it \(change.to ?? "absent")"
        harms.append(harm(.othersAreKept, message, environment, [service]))
      }
      let isOurs = changes.contains(where: isOwn)
      if result.exit == ExitStatus.ok, isOurs, let last = changes.last, !isOwn(last), last.to != planned[service],
        last.commit.time < (lastLook(at: environment) ?? end) - .seconds(60)
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
    for event in events(of: "promote") {
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
    var unvalidated: Set<StepPath> = []
    for event in account.events {
      switch event.body {
      case .sealed(let seal): newest[seal.service] = max(newest[seal.service] ?? seal.time, seal.time)
      // Whoever says why has no seal to grow old.
      case .stepStarted(let statement) where statement.contains("without validation"):
        if let path = event.step?.path { unvalidated.insert(path) }
      default: continue
      }
    }
    let lifetime = fleet.policy.sealLifetime
    for commit in account.world.repository.commits(since: account.start)
    where commit.trailer(Trailer.run) == run.text
      && !unvalidated.contains(where: { $0.description == commit.trailer(Trailer.step) })
    {
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
    let pulls = account.world.forge.pullRequests.filter(isOwn)
    guard pulls.count > 1 else { return [] }
    let steps = Set(account.events.filter { opening.contains($0.step?.verb ?? "") }.compactMap { $0.step?.path })
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
