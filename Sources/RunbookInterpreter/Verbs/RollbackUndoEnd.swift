import PromotionModel
import RunLog

/// How an undo ends: git says the same, and Argo CD goes on.
extension RollbackUndo {
  private func arrivals(_ undoing: Undoing, _ commit: CommitID?) -> [ArrivalTarget] {
    undoing.targets.compactMap { target in
      step.fleet.service(target.service).map {
        ArrivalTarget(service: $0, tag: target.tag, digest: target.digest, commit: commit)
      }
    }
  }

  /// Restores the auto-sync of each service once Argo CD has compared it with what git says now: from then on it brings nothing
  /// else, and puts right what it alone can.
  func restoreOnceKnown(_ undoing: Undoing, _ commit: CommitID?, _ autoSync: AutoSync) async throws {
    await Delivery(step: step).refresh(undoing.services, in: environment.name)
    var waiting = arrivals(undoing, commit)
    var judge = ArrivalJudge(reading: step.reading, environment: environment, targets: waiting)
    var newest: EnvironmentSnapshot?
    let end = max(deadline, step.clock.now() + .seconds(60))
    let watch = Watch(step: step, changesOf: environment.name, until: end)
    let isDone = try await watch.run { event in
      if case .seen(let snapshot) = event { newest = snapshot }
      guard let newest else { return false }
      for target in waiting {
        let name = target.service.name
        switch try await judge.compared(target, newest.services[name]) {
        case .arrived:
          try await autoSync.restore([name], until: end)
          waiting.removeAll { $0.service.name == name }
        case .superseded(let value): throw step.handsOff([value], in: environment.name)
        case .onTheWay, .wrong, .unknown: continue
        }
      }
      return waiting.isEmpty
    }
    guard !isDone else { return }
    let names = waiting.map(\.service.name.text).joined(separator: ", ")
    throw Halt(.timedOut, "Argo CD has not seen yet what git says of \(names); " + suspended(undoing))
  }

  /// Git, Argo CD and the cluster agree.
  func seeBoth(_ undoing: Undoing, _ commit: CommitID?) async throws {
    let targets = arrivals(undoing, commit)
    try Arrivals(step: step).remember(targets, in: environment.name)
    try await Arrivals(step: step).wait(
      for: targets,
      in: environment,
      until: deadline,
      needsRollout: true,
      ignoringSigns: true
    )
  }
}
