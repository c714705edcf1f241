import PromotionModel
import RunLog
import Synchronization

/// The changes of an environment together with rounds of probes, as one sequence of events with an end.
///
/// The rounds run beside the changes: a health endpoint that hangs delays no bad sign of the cluster.
struct Watch: Sendable {
  enum Event: Sendable {
    case seen(EnvironmentSnapshot)
    case lost(WorldError)
    /// A round of probes that began at `at`; nil when there was nothing to look at, because the cluster cannot be seen.
    case round(Result<ProbeReading, WorldError>?, at: Timestamp)
    /// So many rounds like the last one were passed over, because nothing happened (``Foresight``); the last began at `last`.
    case passed(rounds: Int, last: Timestamp)
    /// Time has passed: deadlines are looked at, and what could not be told is asked again, even when nothing happens.
    case tick
  }

  let step: StepContext
  let environment: EnvironmentName
  /// Rounds of probes and the time between two of them; nil for none.
  let rounds: (every: Duration, reader: ProbeReader)?
  /// The time between two ticks.
  let tick: Duration
  /// When to give up; nil when the consumer decides by itself, at its ticks.
  let deadline: Timestamp?
  /// What the consumer can do without.
  var pace = WatchPace()
  private let latest = Latest()

  /// A watch behind one of its rounds, as a value: nothing of it is under way, and nothing waits to be taken.
  struct Stand: Sendable {
    var snapshot: EnvironmentSnapshot
    var round: Round
    /// When the next tick is due.
    var tick: Timestamp
  }

  struct Round: Sendable {
    /// Goes on behind what it has read.
    var reader: ProbeReader
    var reading: ProbeReading
    var began: Timestamp
  }

  /// Where it stands, for a consumer that takes a round; nil where it has none of a ``Stand``.
  var stand: Stand? {
    latest.state.withLock { state in
      guard let snapshot = state.snapshot, let round = state.round, let tick = state.tick else { return nil }
      return Stand(snapshot: snapshot, round: round, tick: tick)
    }
  }

  /// Hands each event to `body` until it returns true. Everything is a child task, so that a simulated clock sees it.
  /// - Parameter stand: of another watch, which this one goes on with in a world that has come as far; nil: it begins.
  /// - Returns: false when the deadline came first.
  func run(from stand: Stand? = nil, _ body: (Event) async throws -> Bool) async throws -> Bool {
    let events = Mailbox<Event?>()
    let clock = step.clock
    let latest = latest
    if let stand { latest.state.withLock { $0.snapshot = stand.snapshot } }
    let observations = step.reading.cluster.observe(environment)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await observation in observations {
          switch observation {
          case .seen(let snapshot):
            latest.state.withLock { $0.snapshot = snapshot }
            events.post(.seen(snapshot))
          case .lost(let error):
            latest.state.withLock { $0.snapshot = nil }
            events.post(.lost(error))
          }
        }
        events.close()
      }
      if let rounds {
        group.addTask {
          try await look(rounds.every, rounds.reader, latest, from: stand?.round) { events.post($0) }
        }
      }
      let (pace, foresight) = (pace, step.reading.foresight)
      group.addTask {
        var next = stand?.tick
        while true {
          let due = next ?? pace.nextTick(after: clock.now(), every: tick, foresight)
          next = nil
          latest.state.withLock { $0.tick = due }
          try await clock.sleep(until: due)
          latest.state.withLock { $0.tick = nil }
          events.post(.tick)
        }
      }
      if let deadline {
        group.addTask {
          try await clock.sleep(until: deadline)
          events.post(nil)
        }
      }
      while let event = await events.take() {
        try Task.checkCancellation()
        guard let event else { return false }
        pace.isTaking(true)
        if try await body(event) { return true }
        pace.isTaking(false)
      }
      try Task.checkCancellation()
      throw WorldError(tool: "the watch of \(environment)", reason: .unreachable, message: "it ended by itself")
    }
  }

  private func look(
    _ every: Duration,
    _ first: ProbeReader,
    _ latest: Latest,
    from stand: Round?,
    tell: @Sendable (Event) -> Void
  ) async throws {
    var reader = first
    var began = step.clock.now()
    if let stand, let foresight = step.reading.foresight {
      reader = stand.reader
      reader.reading = step.reading
      began = try await pass(reader.routine, every, after: stand.began, foresight, stand.reading.repeated, tell: tell)
    }
    while true {
      // From beginning to beginning: a round that takes long delays the next one by no more than itself.
      try await step.clock.sleep(until: began + every)
      began = step.clock.now()
      guard let snapshot = latest.state.withLock({ $0.snapshot }) else {
        tell(.round(nil, at: began))
        continue
      }
      let reading: ProbeReading
      do {
        reading = try await reader.read(snapshot)
      } catch let error as WorldError {
        tell(.round(.failure(error), at: began))
        continue
      }
      latest.state.withLock { [reader, began] in $0.round = Round(reader: reader, reading: reading, began: began) }
      tell(.round(.success(reading), at: began))
      if let foresight = step.reading.foresight {
        began = try await pass(reader.routine, every, after: began, foresight, reading.repeated, tell: tell)
      }
    }
  }

  /// Passes over rounds as long as nothing happens. Those that tell something come when they would have ended.
  /// - Returns: when the last round began.
  private func pass(
    _ routine: Routine,
    _ every: Duration,
    after last: Timestamp,
    _ foresight: any Foresight,
    _ reading: ProbeReading,
    tell: @Sendable (Event) -> Void
  ) async throws -> Timestamp {
    var last = last
    while true {
      // The consumer takes the round first, and says how many like it tell it nothing new.
      try await step.clock.sleep(until: step.clock.now())
      guard let spare = pace.spareRounds else { return last }
      let passed = foresight.pass(routine, every: every, after: last, limit: spare + 1, before: .distantFuture)
      let silent = min(passed.rounds, spare)
      let lastSilent = last + every * silent
      guard passed.rounds > spare else {
        guard silent > 0 else { return last }
        try await step.clock.sleep(until: lastSilent)
        tell(.passed(rounds: silent, last: lastSilent))
        return lastSilent
      }
      last = passed.last
      try await step.clock.sleep(until: passed.ended)
      // Nothing else can have happened since: they are told together, which wakes the consumer once.
      if silent > 0 { tell(.passed(rounds: silent, last: lastSilent)) }
      latest.state.withLock { $0.round?.began = last }
      tell(.round(.success(reading), at: last))
    }
  }

  /// What the tasks of a watch know of each other.
  private final class Latest: Sendable {
    struct State {
      /// nil while nothing can be seen.
      var snapshot: EnvironmentSnapshot?
      /// The last one that could be made.
      var round: Round?
      /// nil while none waits.
      var tick: Timestamp?
    }

    let state = Mutex(State())
  }
}

extension Watch {
  /// Of the changes alone, without rounds of probes.
  init(step: StepContext, changesOf environment: EnvironmentName, until deadline: Timestamp) {
    let tick = step.fleet.policy.probeInterval
    self.init(step: step, environment: environment, rounds: nil, tick: tick, deadline: deadline)
  }
}
