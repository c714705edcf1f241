import PromotionModel
import RunLog

/// The changes of an environment together with the beat of the probes, as one sequence of events with an end.
struct Watch: Sendable {
  enum Event: Sendable {
    case seen(EnvironmentSnapshot)
    case lost(WorldError)
    /// It is time for a round of probes.
    case round
  }

  let step: StepContext
  let environment: EnvironmentName
  /// The time between two rounds; nil for none.
  let every: Duration?
  /// When to give up; nil when the consumer decides by itself, at its rounds.
  let deadline: Timestamp?

  /// Hands each event to `body` until it returns true. Everything is a child task, so that a simulated clock sees it.
  /// - Returns: false when the deadline came first.
  func run(_ body: (Event) async throws -> Bool) async throws -> Bool {
    let (events, continuation) = AsyncStream.makeStream(of: Event?.self)
    let clock = step.clock
    let observations = step.reading.cluster.observe(environment)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await observation in observations {
          switch observation {
          case .seen(let snapshot): continuation.yield(.seen(snapshot))
          case .lost(let error): continuation.yield(.lost(error))
          }
        }
        continuation.finish()
      }
      if let every {
        group.addTask {
          while true {
            try await clock.sleep(for: every)
            continuation.yield(.round)
          }
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
        if try await body(event) { return true }
      }
      try Task.checkCancellation()
      throw WorldError(tool: "the watch of \(environment)", reason: .unreachable, message: "it ended by itself")
    }
  }
}
