import PromotionModel

/// The wait until workloads that were changed past git have their new pods, whatever git says.
struct RolloutWait {
  let step: StepContext
  let environment: Environment

  /// How the workloads of one service stand.
  enum Look: Hashable {
    case done
    case onTheWay(String)
    case bad(String)
  }

  /// - Parameter ignoringSigns: what is seen to go badly is waited for all the same, until the deadline: a rescue of several
  ///   services does not give up all of them for one.
  /// - Throws: ``Halt``: *failed* on a definite bad sign, *timed out* at the deadline.
  func wait(
    for changed: [ServiceName: [ChangedWorkload]],
    until deadline: Timestamp,
    ignoringSigns: Bool = false
  ) async throws {
    var last: [ServiceName: Look] = [:]
    var progress = ProgressReport(step: step, environment: environment.name)
    let end = step.setup.isResumed ? max(deadline, step.clock.now() + .seconds(60)) : deadline
    let watch = Watch(step: step, changesOf: environment.name, until: end)
    watch.pace.rest(until: end)
    let isDone = try await watch.run { event in
      switch event {
      case .round, .passed, .tick: return false
      case .lost(let error):
        progress.lost(error)
        return false
      case .seen(let snapshot):
        progress.regained()
        for (service, workloads) in changed {
          last[service] = Self.look(workloads, snapshot.services[service])
        }
        progress.report(last.compactMapValues(Self.standing))
        for (service, look) in last.sorted(by: { $0.key < $1.key }) {
          guard !ignoringSigns, case .bad(let sign) = look else { continue }
          step.emit(.badSign(sign), environment: environment.name, service: service)
          throw Halt(.failed, "\(service): \(sign)", services: [service])
        }
        return changed.keys.allSatisfy { last[$0] == .done }
      }
    }
    guard !isDone else { return }
    let waiting = changed.keys.sorted().compactMap { service -> String? in
      switch last[service] {
      case .done: nil
      case .onTheWay(let message), .bad(let message): "\(service): \(message)"
      case nil: "\(service): not seen yet"
      }
    }
    throw Halt(.timedOut, "not rolled out in time: " + waiting.joined(separator: "; "))
  }

  private static func standing(_ look: Look) -> Standing? {
    switch look {
    case .done: nil
    case .onTheWay(let message), .bad(let message): .onTheWay(message)
    }
  }

  /// What speaks of an older generation than the change's own, or of another object of that name, proves nothing.
  static func look(_ changed: [ChangedWorkload], _ snapshot: ServiceSnapshot?) -> Look {
    for change in changed {
      guard let workload = snapshot?.workloads.first(where: { $0.kind == change.kind && $0.name == change.name }) else {
        return .onTheWay("\(change.name) is not seen")
      }
      guard workload.uid == change.uid else { return .bad("\(change.name) was deleted and made anew by somebody") }
      guard workload.generation >= change.generation, workload.observedGeneration >= workload.generation else {
        return .onTheWay("\(change.name): the change is not seen yet")
      }
      let current = workload.pods.filter { $0.isCurrent && !$0.isTerminating }
      if let trouble = current.lazy.compactMap(\.trouble).first { return .bad(trouble) }
      if workload.hasExceededProgressDeadline { return .bad("\(change.name) exceeded its progress deadline") }
      guard workload.isRolledOut else {
        return .onTheWay(
          "\(change.name): \(workload.updated) of \(workload.desired) updated, \(workload.available) available"
        )
      }
      if let old = workload.pods.first(where: { !$0.isCurrent || $0.isTerminating }) {
        return .onTheWay("\(old.name) is still there")
      }
      guard current.count >= workload.desired else {
        return .onTheWay("\(change.name): \(current.count) of \(workload.desired) pods are seen")
      }
      if let pod = current.first(where: { !$0.isReady }) { return .onTheWay("\(pod.name) is not ready") }
    }
    return .done
  }
}
