import PromotionModel

extension StepContext {
  /// Ends what is not done within its deadline, whatever hangs.
  func limited(to limit: Duration, _ body: @escaping @Sendable () async throws -> String) async throws -> String {
    try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await clock.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let message = first else {
        throw Halt(.timedOut, "`\(place.verb)` was not done within \(limit.runbookText)")
      }
      return message
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
