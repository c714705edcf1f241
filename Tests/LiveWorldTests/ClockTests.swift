import LiveWorld
import PromotionModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct ClockTests {
  let clock = SystemClock()

  @Test func waitingEndsAtTheDeadlineAndNotBefore() async throws {
    let deadline = clock.now() + .milliseconds(50)
    try await clock.sleep(until: deadline)
    #expect(clock.now() >= deadline)
    try await clock.sleep(until: deadline)
    try await clock.sleep(for: .seconds(-5))
  }

  @Test func waitingEndsWhenItIsCancelled() async throws {
    let clock = clock
    let task = Task { try await clock.sleep(for: .seconds(3600)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
