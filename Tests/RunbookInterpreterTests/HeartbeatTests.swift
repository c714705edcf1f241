import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Lines that say that a run is alive, by the world's clock.
@Suite struct HeartbeatTests {
  private func beats(_ told: Told) -> [(time: Timestamp, message: String)] {
    told.events.compactMap { event in
      guard case .progress(let message) = event.body, message.hasPrefix("still at") else { return nil }
      return (event.time, message)
    }
  }

  @Test func longWaitSaysThatItIsAliveAsOftenAsAsked() throws {
    let text = "wait 1h"
    let told = try Future(text).stage().run(text, heartbeat: .seconds(600))
    #expect(told.ending == .ok, "\(told.story)")
    let beats = beats(told)
    // Ten, twenty, … fifty minutes; after an hour the wait is over.
    #expect(beats.prefix(5).map(\.message) == (1...5).map { "still at `wait 1h`, for \($0 * 10)m" })
    #expect((5...6).contains(beats.count))
    #expect(told.elapsed >= .seconds(3600) && told.elapsed < .seconds(3660))
  }

  @Test func noSilenceIsLongerThanTheInterval() throws {
    let stage = try Future(release).with(.reviewer(.neverComes)).stage()
    let told = try stage.run(release, heartbeat: .seconds(120))
    for (earlier, later) in zip(told.events, told.events.dropFirst()) {
      #expect(later.time - earlier.time <= .seconds(121), "\(earlier.name) to \(later.name)")
    }
    #expect(!beats(told).isEmpty)
  }

  @Test func whatSpeaksByItselfNeedsNone() throws {
    let told = try Future(quickRelease).stage().run(quickRelease, heartbeat: .seconds(3600))
    #expect(beats(told).isEmpty)
  }

  @Test func withoutOneARunIsAsItWas() throws {
    let told = try Future(quickRelease).run()
    #expect(beats(told).isEmpty)
    let beating = try Future(quickRelease).stage().run(quickRelease, heartbeat: .seconds(3600))
    #expect(beating.events == told.events)
  }

  @Test func interruptedRunEndsAtOnceAllTheSame() throws {
    let text = "wait 1h"
    let told = try Future(text).stage().run(text, dying: .interrupted(after: .seconds(90)), heartbeat: .seconds(60))
    #expect(told.ending == .interrupted)
    #expect(told.elapsed < .seconds(100))
    #expect(beats(told).count == 1)
  }
}
