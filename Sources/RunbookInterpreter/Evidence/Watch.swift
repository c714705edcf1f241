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

  /// Hands each event to `body` until it returns true.
  /// - Returns: false when the deadline came first.
  func run(_ body: (Event) async throws -> Bool) async throws -> Bool {
    let (events, continuation) = AsyncStream.makeStream(of: Event?.self)
    let clock = step.clock
    let observations = step.reading.cluster.observe(environment)
    let sources = Task {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await observation in observations {
            switch observation {
            case .seen(let snapshot): continuation.yield(.seen(snapshot))
            case .lost(let error): continuation.yield(.lost(error))
            }
          }
        }
        if let every {
          group.addTask {
            while (try? await clock.sleep(for: every)) != nil { continuation.yield(.round) }
          }
        }
        if let deadline {
          group.addTask {
            guard (try? await clock.sleep(until: deadline)) != nil else { return }
            continuation.yield(nil)
          }
        }
        await group.waitForAll()
      }
      continuation.finish()
    }
    defer { sources.cancel() }
    return try await withTaskCancellationHandler {
      for await event in events {
        try Task.checkCancellation()
        guard let event else { return false }
        if try await body(event) { return true }
      }
      try Task.checkCancellation()
      throw WorldError(tool: "the watch of \(environment)", reason: .unreachable, message: "it ended by itself")
    } onCancel: {
      sources.cancel()
      continuation.finish()
    }
  }
}
