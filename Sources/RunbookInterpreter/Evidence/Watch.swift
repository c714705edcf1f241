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

  /// Hands each event to `body` until it returns true. Everything is a child task, so that a simulated clock sees it.
  /// - Returns: false when the deadline came first.
  func run(_ body: (Event) async throws -> Bool) async throws -> Bool {
    let (events, continuation) = AsyncStream.makeStream(of: Event?.self)
    let clock = step.clock
    let latest = Latest()
    let observations = step.reading.cluster.observe(environment)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await observation in observations {
          switch observation {
          case .seen(let snapshot):
            latest.snapshot.withLock { $0 = snapshot }
            continuation.yield(.seen(snapshot))
          case .lost(let error):
            latest.snapshot.withLock { $0 = nil }
            continuation.yield(.lost(error))
          }
        }
        continuation.finish()
      }
      if let rounds {
        group.addTask { try await look(rounds.every, rounds.reader, latest) { continuation.yield($0) } }
      }
      let (pace, foresight) = (pace, step.reading.foresight)
      group.addTask {
        while true {
          try await clock.sleep(until: pace.nextTick(after: clock.now(), every: tick, foresight))
          continuation.yield(.tick)
        }
      }
      if let deadline {
        group.addTask {
          try await clock.sleep(until: deadline)
          continuation.yield(nil)
        }
      }
      for await event in events {
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
    tell: @Sendable (Event) -> Void
  ) async throws {
    var reader = first
    var began = step.clock.now()
    while true {
      // From beginning to beginning: a round that takes long delays the next one by no more than itself.
      try await step.clock.sleep(until: began + every)
      began = step.clock.now()
      guard let snapshot = latest.snapshot.withLock({ $0 }) else {
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
      if silent > 0 {
        last = last + every * silent
        try await step.clock.sleep(until: last)
        tell(.passed(rounds: silent, last: last))
      }
      guard passed.rounds > spare else { return last }
      last = passed.last
      try await step.clock.sleep(until: passed.ended)
      tell(.round(.success(reading), at: last))
    }
  }

  /// The newest snapshot; nil while nothing can be seen.
  private final class Latest: Sendable {
    let snapshot = Mutex<EnvironmentSnapshot?>(nil)
  }
}
