import PromotionModel
import RunLog
import RunbookInterpreter
import SimulatedWorld

/// What the run must have seen for itself: that the place is the one meant, and its evidence.
extension Inspection {
  /// Rule 6.
  func places(_ exit: Int32) -> [Harm] {
    let untroubled = account.world.untroubled ?? .distantFuture
    for (index, fault) in account.future.faults.enumerated() {
      // A network that was lost may have kept the answer from the run.
      if case .call(.clusterIdentify, _, .fails(.wrongPlace)) = fault.effect,
        let time = account.world.time(ofFault: index), let step = step(at: time),
        ending(of: step, from: time) == .ok
      {
        return [harm(.rightPlace, "`\(step.verb)` went on after it was told that this is not the place that is meant")]
      }
      if case .anotherCluster(let environment) = fault.effect, fault.start == .after(.zero),
        let change = account.changes.first(where: {
          $0.environment == environment && isOwn($0) && $0.commit.time < untroubled
        })
      {
        let message = "\(change.service) was changed although the context of \(environment) leads to another cluster"
        return [harm(.rightPlace, message, environment, [change.service])]
      }
    }
    return []
  }

  private func step(at time: Timestamp) -> RunEvent.Step? {
    var started: RunEvent.Step?
    for event in account.events {
      if case .stepStarted = event.body { started = event.step }
      // The one that was at work then: a statement that follows at the same moment had no part in it.
      if case .stepEnded = event.body, event.time >= time { return started }
    }
    return nil
  }

  /// How a step ended next.
  private func ending(of step: RunEvent.Step, from time: Timestamp) -> Ending? {
    account.events.lazy.compactMap { event -> Ending? in
      guard event.step?.path == step.path, event.time >= time, case .stepEnded(let ending, _) = event.body else {
        return nil
      }
      return ending
    }.first
  }

  /// Rule 8: a monitor cannot have gathered more than the time in which somebody was there and could see.
  func evidence() -> [Harm] {
    var started: [StepPath: Timestamp] = [:]
    var needed: [StepPath: Duration] = [:]
    for event in events(of: "monitor") {
      guard let path = event.step?.path else { continue }
      if case .stepStarted = event.body, started[path] == nil { started[path] = event.time }
      if case .evidence(_, let whole) = event.body { needed[path] = whole }
      if case .stepEnded(.ok, _) = event.body {
        guard let from = started[path], let whole = needed[path] else { continue }
        let seen = event.time - from - unseen(from: from, to: event.time)
        guard seen < whole else { continue }
        let message =
          "`monitor` ended *ok* with \(whole.runbookText) of evidence, and could see for "
          + "\(seen.runbookText) at most"
        return [harm(.evidenceIsSeen, message)]
      }
    }
    return []
  }

  /// How much of a time nobody was there, or the network was lost.
  private func unseen(from: Timestamp, to: Timestamp) -> Duration {
    var gaps = account.absences.map { ($0.from, $0.to) }
    for (began, duration) in account.world.outages { gaps.append((began, began + duration)) }
    var total = Duration.zero
    var covered = from
    for gap in gaps.sorted(by: { $0.0 < $1.0 }) {
      let (start, end) = (max(gap.0, covered), min(gap.1, to))
      if start < end {
        total += end - start
        covered = end
      }
    }
    return total
  }
}
