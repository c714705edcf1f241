public import PromotionModel

/// What a simulated world knows of its own future.
public struct SimulatedForesight: Foresight {
  let simulation: Simulation

  public func quietUntil() -> Timestamp {
    let next = simulation.next
    return simulation.look { outside in
      outside.changesAtCalls(besides: []) ? outside.now : next ?? .distantFuture
    }
  }

  public func pass(
    _ routine: Routine,
    every: Duration,
    after last: Timestamp,
    limit: Int,
    before deadline: Timestamp
  ) -> PassedRounds {
    guard limit > 0, every > .zero, !simulation.isProcessGone else {
      return PassedRounds(rounds: 0, last: last, ended: last)
    }
    let next = min(simulation.next ?? .distantFuture, simulation.time.now + Self.longest)
    return simulation.update { outside in
      outside.pass(routine, every: every, after: last, limit: limit, before: deadline, quietUntil: next)
    }
  }

  /// The most that is passed over in one go.
  private static let longest = Duration.seconds(86_400)
}

extension Outside {
  /// Longer than any call takes.
  private static let callMargin = Duration.seconds(2)

  /// Whether something is to begin outside with a call that is still to come, other than these: when that will be cannot
  /// be told. A call that is to go wrong itself is another matter: until it is made, nothing is different.
  func changesAtCalls(besides routine: [Touch]) -> Bool {
    !faults.areOver
      && faults.planned.contains { fault in
        guard case .before(let touch, let occurrence) = fault.start else { return false }
        return occurrence > calls[touch] && !routine.contains(touch)
      }
  }

  /// Whether the process is to end at a call that is still to come, other than these: a round after that is never made.
  func diesAtCalls(besides routine: [Touch]) -> Bool {
    !faults.areOver
      && faults.planned.contains { fault in
        guard case .call(let touch, let occurrence, let call) = fault.effect, call.endsProcess else { return false }
        return occurrence > calls[touch] && !routine.contains(touch)
      }
  }

  /// The calls that a fault speaks of.
  private func awaited(_ index: Int) -> [(Touch, Int)] {
    var found: [(Touch, Int)] = []
    let fault = faults.planned[index]
    if case .before(let touch, let occurrence) = fault.start { found.append((touch, occurrence)) }
    if case .call(let touch, let occurrence, _) = fault.effect { found.append((touch, occurrence)) }
    return found
  }

  mutating func pass(
    _ routine: Routine,
    every: Duration,
    after last: Timestamp,
    limit: Int,
    before deadline: Timestamp,
    quietUntil next: Timestamp
  ) -> PassedRounds {
    var passed = PassedRounds(rounds: 0, last: last, ended: last)
    let touches = routine.touches
    if let environment = routine.environment, changesUnseen(environment) { return passed }
    guard !isNetworkLost, faults.serversReturn.isEmpty, !changesAtCalls(besides: touches),
      !diesAtCalls(besides: touches)
    else { return passed }
    var limit = limit
    for index in faults.planned.indices {
      for (touch, occurrence) in awaited(index) where touches.contains(touch) {
        let made = calls[touch]
        if occurrence > made { limit = min(limit, occurrence - made - 1) }
      }
    }
    while passed.rounds < limit {
      let coming = passed.last + every
      guard coming < deadline, coming + Self.callMargin < next else { break }
      let first = trace.count
      for touch in touches {
        let (occurrence, latency) = begin(touch)
        trace.append(TraceEntry(time: coming + latency, what: .call(touch, occurrence)))
      }
      if touches.count > 1 { trace[first...].sort { $0.time < $1.time } }
      passed.ended = trace.count > first ? trace[trace.count - 1].time : coming
      switch routine {
      case .lookAround: passed.last = coming
      case .pullRequest, .mergeReadiness: passed.last = passed.ended
      }
      passed.rounds += 1
    }
    return passed
  }

  /// Whether what health endpoints and logs of an environment say changes with time alone.
  private func changesUnseen(_ environment: EnvironmentName) -> Bool {
    faults.active.contains { effect, _ in
      guard case .image(let fault) = effect, fault.environment == nil || fault.environment == environment else {
        return false
      }
      switch fault.behaviour {
      case .health, .logsErrors, .metric, .alert: return true
      case .crashes, .cannotBePulled, .neverReady, .anotherDigest: return false
      }
    }
  }
}

extension Routine {
  /// The calls of a round.
  var touches: [Touch] {
    switch self {
    case .lookAround(_, let probes, let logs, let metrics, let alerts):
      (probes ? [.probesProbe] : []) + (logs ? [.clusterLogs] : []) + (metrics ? [.metricsRead] : [])
        + (alerts ? [.metricsAlerts] : [])
    case .pullRequest: [.forgePullRequest]
    case .mergeReadiness: [.forgeMergeReadiness]
    }
  }

  /// What is looked around in.
  var environment: EnvironmentName? {
    switch self {
    case .lookAround(let environment, _, _, _, _): environment
    case .pullRequest, .mergeReadiness: nil
    }
  }
}
