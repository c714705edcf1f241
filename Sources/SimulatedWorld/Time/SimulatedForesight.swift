public import PromotionModel

/// What a simulated world knows of its own future.
public struct SimulatedForesight: Foresight {
  let simulation: Simulation

  public func quietUntil() -> Timestamp {
    let next = simulation.next
    return simulation.look { outside in
      outside.awaitsCalls(besides: []) ? outside.now : next ?? .distantFuture
    }
  }

  public func pass(
    _ routine: Routine,
    every: Duration,
    after last: Timestamp,
    limit: Int,
    before deadline: Timestamp
  ) -> (rounds: Int, last: Timestamp) {
    guard limit > 0, every > .zero, !simulation.isProcessGone else { return (0, last) }
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

  /// Whether a fault waits for calls that are still to come, other than these: when they will come cannot be told.
  func awaitsCalls(besides routine: [Touch]) -> Bool {
    faults.planned.indices.contains { index in
      for (touch, occurrence) in awaited(index) where !routine.contains(touch) {
        if occurrence > calls[touch] { return true }
      }
      return false
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
  ) -> (rounds: Int, last: Timestamp) {
    let touches: [Touch]
    switch routine {
    case .lookAround(let environment, let probes, let logs, let metrics):
      guard !changesUnseen(environment) else { return (0, last) }
      touches = (probes ? [.probesProbe] : []) + (logs ? [.clusterLogs] : []) + (metrics ? [.metricsRead] : [])
    case .pullRequest: touches = [.forgePullRequest]
    case .mergeReadiness: touches = [.forgeMergeReadiness]
    }
    guard !isNetworkLost, !awaitsCalls(besides: touches) else { return (0, last) }
    var limit = limit
    for index in faults.planned.indices {
      for (touch, occurrence) in awaited(index) where touches.contains(touch) {
        let made = calls[touch]
        if occurrence > made { limit = min(limit, occurrence - made - 1) }
      }
    }
    var (rounds, time) = (0, last)
    while rounds < limit {
      let coming = time + every
      guard coming < deadline, coming + Self.callMargin < next else { break }
      let first = trace.count
      for touch in touches {
        let (occurrence, latency) = begin(touch)
        trace.append(TraceEntry(time: coming + latency, what: .call(touch, occurrence)))
      }
      time = coming
      switch routine {
      case .lookAround: if touches.count > 1 { trace[first...].sort { $0.time < $1.time } }
      case .pullRequest, .mergeReadiness: time = trace.last?.time ?? coming
      }
      rounds += 1
    }
    return (rounds, time)
  }

  /// Whether what health endpoints and logs of an environment say changes with time alone.
  private func changesUnseen(_ environment: EnvironmentName) -> Bool {
    faults.active.contains { effect, _ in
      guard case .image(let fault) = effect, fault.environment == nil || fault.environment == environment else {
        return false
      }
      switch fault.behaviour {
      case .health, .logsErrors, .metric: return true
      case .crashes, .cannotBePulled, .neverReady, .anotherDigest: return false
      }
    }
  }
}
