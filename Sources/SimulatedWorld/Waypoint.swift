public import PromotionModel

extension SimulatedWorld {
  /// A world without faults in the middle of a run, as a value. Futures in which nothing has gone wrong up to there go on from
  /// it, instead of coming there each by itself.
  public struct Waypoint: Sendable {
    let simulation: Simulation.Stand
    let clock: VirtualTime.Stand
    let standIns: StandIns
    let programs: SimulatedCommands.Former
    /// What is done again and again at this time, while rounds of it are passed over.
    let routine: Routine?

    public var time: Timestamp { clock.now }

    /// Whether a world with these faults comes to the same point: none of them has done anything by then.
    ///
    /// A call that is to go wrong changes nothing before it is made. Neither does what is to begin with a call, or some time
    /// after the promotion.
    public func precedes(_ faults: [Fault]) -> Bool {
      let known = simulation.outside
      guard faults.allSatisfy({ isAhead($0) }) else { return false }
      let outside = outside(with: faults)
      return outside.hasMetrics == known.hasMetrics && outside.staleReads.allSatisfy { $0 <= simulation.memory }
        && (routine.map { wasPassedOver($0, outside) } ?? true)
    }

    /// Whether rounds are passed over as much with the faults as without them. Where each was made, other tasks wait.
    private func wasPassedOver(_ routine: Routine, _ outside: Outside) -> Bool {
      !outside.changesAtCalls(besides: []) && !outside.diesAtCalls(besides: routine.touches)
    }

    private func isAhead(_ fault: Fault) -> Bool {
      let outside = simulation.outside
      switch fault.start {
      case .before(let touch, let occurrence): return occurrence > outside.calls[touch]
      case .afterPromotion: return !outside.faults.hasPromoted
      case .after(let delay):
        guard delay <= .zero, case .call(let touch, let occurrence, _) = fault.effect else { return false }
        return occurrence > outside.calls[touch]
      }
    }

    func outside(with faults: [Fault]) -> Outside {
      var outside = simulation.outside
      outside.faults = outside.faults.with(faults, since: outside.start)
      return outside
    }
  }

  /// Where the world stands now, asked from within a task that it drives.
  /// - Parameters:
  ///   - wakes: when those tasks of the run are to go on that wait for a time. Whoever goes on from the waypoint has to let
  ///     them wait for just that.
  ///   - routine: what is done again and again at this time, in an environment that is watched for it.
  /// - Returns: nil when a world that goes on from here might not do the same: other tasks are at work, wait, or watch a
  ///   cluster, two things are due at one time so that their order would count, or there are faults.
  public func waypoint(before wakes: [Timestamp], during routine: Routine? = nil) -> Waypoint? {
    guard let clock = time.stand, let stand = simulation.stand, stand.outside.faults.planned.isEmpty else { return nil }
    guard stand.watch?.environment == routine?.environment else { return nil }
    let events = stand.coming.map(\.at)
    // Between two rounds, who makes them is about to go on at this very moment.
    let expected = events + wakes + (routine == nil ? [] : [clock.now])
    guard clock.wakes.sorted() == expected.sorted(), (events + wakes).allSatisfy({ $0 > clock.now }),
      Set(wakes).count == wakes.count, Set(wakes).isDisjoint(with: events)
    else { return nil }
    return Waypoint(
      simulation: stand,
      clock: clock,
      standIns: standIns,
      programs: (commands.lines, commands.endedLines),
      routine: routine
    )
  }
}
