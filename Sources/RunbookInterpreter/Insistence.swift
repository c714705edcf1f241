import PromotionModel

extension StepContext {
  /// Ends what is not done within its deadline, whatever hangs.
  func limited<T: Sendable>(to limit: Duration, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
    let late = Halt(.timedOut, "`\(place.verb)` was not done within \(limit.runbookText)")
    return try await limited(until: clock.now() + limit, late, body)
  }

  /// Ends what is not done when the `within` around it is over. What was begun comes to a clean end first: an effect on
  /// the world is made or is not, and the journal knows.
  func limited<T: Sendable>(by cutoff: Cutoff?, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
    guard let cutoff else { return try await body() }
    return try await limited(until: cutoff.deadline, Halt(.timedOut, "cut off: \(cutoff.text)"), body)
  }

  private func limited<T: Sendable>(
    until deadline: Timestamp,
    _ late: Halt,
    _ body: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await clock.sleep(until: deadline)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let result = first else { throw late }
      return result
    }
  }

  /// What is to be written, worked out from files. What cannot be edited will not be the next time either: that is a refusal, with
  /// nothing changed, and no matter of what could not be told.
  func planned<T: Sendable>(_ plan: () async throws -> T) async throws -> T {
    do {
      return try await plan()
    } catch let error as WorldError where error.isOfFiles {
      throw Halt(.refused, "nothing was changed: \(error)")
    }
  }

  /// Asks again for what got no answer, until `patience` is over. Every effect on the world is idempotent: one that was
  /// made, and whose answer alone was lost, is found and adopted, never made twice.
  func insist<T: Sendable>(
    for patience: Duration = .seconds(60),
    on isWorthAsking: (WorldError) -> Bool = \.isTransient,
    _ effect: () async throws -> T
  ) async throws -> T {
    let end = clock.now() + patience
    var pause = Duration.seconds(1)
    var shown: WorldError?
    while true {
      do {
        return try await effect()
      } catch let error as WorldError where isWorthAsking(error) && clock.now() + pause < end {
        if error != shown { emit(.warning("\(error); asking again until \(end)")) }
        shown = error
      }
      try await clock.sleep(for: pause)
      pause = min(pause * 2, .seconds(20))
    }
  }
}
