import PromotionModel
import RunLog
import RunbookInterpreter
import SimulatedWorld

/// Whether the ending that a run told is the one that it came to, and what it left behind.
extension Inspection {
  func ending(_ exit: Int32, in environment: EnvironmentName) -> [Harm] {
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
      // A pull request that is left open on purpose has changed nothing, and what others do meanwhile is not the run's.
      if leavesOpen, !account.changes.contains(where: { $0.environment == environment && isOwn($0) }) { return [] }
      let wrong = broken { isAsPlanned($0) || (isBack($0) && (planned[$0] == nil || leavesOpen)) }
      return wrong.isEmpty ? [] : [told(.okIsTrue, "it ended *ok*", wrong, after, environment)]
    case ExitStatus.refused:
      let wrong = broken(isBack)
      return wrong.isEmpty ? [] : [told(.refusedIsUntouched, "it ended *refused*", wrong, after, environment)]
    case ExitStatus.takenBack:
      let wrong = broken(isBack)
      return wrong.isEmpty ? [] : [told(.takenBackIsBack, "it ended as taken back", wrong, after, environment)]
    case ExitStatus.failed:
      // A rollback that was planned and refused leaves what stood before it.
      let tags = everPlanned(in: environment)
      func isWhole(_ service: ServiceName) -> Bool {
        guard let truth = after[service], truth.isHealthy else { return false }
        return tags[service]?.contains { truth.standsWhole(at: $0) } ?? false
      }
      let wrong = broken { isBack($0) || isWhole($0) || isBroughtBack($0, in: environment, after[$0]) }
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
  var leavesOpen: Bool {
    !account.events.contains { $0.step?.verb == "wait merge" || $0.step?.verb == "merge" }
      && account.world.forge.pullRequests.contains { $0.state == .open && isOwn($0) }
  }

  func isOwn(_ pull: PullRequest) -> Bool { pull.branch.contains(run.text) }

  func leftovers(_ exit: Int32) -> [Harm] {
    guard [ExitStatus.ok, ExitStatus.failed, ExitStatus.refused, ExitStatus.takenBack].contains(exit) else { return [] }
    var harms: [Harm] = []
    let open = account.world.forge.pullRequests.filter { $0.state == .open && isOwn($0) }
    if !open.isEmpty, !(exit == ExitStatus.ok && leavesOpen) {
      let numbers = open.map { "#\($0.number)" }.joined(separator: ", ")
      harms.append(harm(.nothingIsLeft, "the run is over, and its pull request \(numbers) stays open"))
    }
    let end = account.events.last?.time ?? account.start
    for (environment, holder) in account.world.repository.locks.sorted(by: { $0.key < $1.key })
    where holder.run == run && holder.expires > end && !saysThatLockStays(environment) {
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
}
