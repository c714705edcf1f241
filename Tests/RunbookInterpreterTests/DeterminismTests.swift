import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct DeterminismTests {
  private func future(seed: UInt64) -> Future {
    Future(release, seed: seed).with(.foreignCommits(every: .seconds(97)))
      .with(.networkLost(for: .seconds(120)), .afterPromotion(.seconds(200)))
  }

  @Test(arguments: [1, 42, 4711] as [UInt64])
  func theSameSeedGivesTheSameEventsAndTheSameWorld(seed: UInt64) throws {
    let first = try future(seed: seed).run()
    let second = try future(seed: seed).run()
    #expect(first.events == second.events)
    #expect(first.events.map { "\($0)" } == second.events.map { "\($0)" })
    #expect(first.stage.simulated.trace == second.stage.simulated.trace)
    #expect(first.stage.simulated.repository.commits == second.stage.simulated.repository.commits)
  }

  @Test func anotherSeedGivesAnotherCourseAndTheSameEnd() throws {
    let told = try (1...12).map { try future(seed: UInt64($0)).run() }
    for one in told { #expect(one.ending == .ok, "\(one.story)") }
    #expect(Set(told.map(\.elapsed)).count > 1)
    #expect(Set(told.map(\.stage.whole)).count == 1)
  }

  @Test(arguments: 1...12)
  func failuresEndTheSameWithEverySeed(seed: Int) throws {
    let told = try Future(quickRelease, seed: UInt64(seed)).with(api, .crashes(after: .seconds(200))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func eventsAreInOrderOfTimeAndTheLastIsTheEnd() throws {
    let told = try future(seed: 3).run()
    #expect(zip(told.events, told.events.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(told.names.first == "run.started")
    #expect(told.names.last == "run.ended")
    #expect(told.names.count { $0 == "run.ended" } == 1)
  }
}
