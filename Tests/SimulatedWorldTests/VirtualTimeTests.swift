import PromotionModel
import Synchronization
import Testing

@testable import SimulatedWorld

@Suite struct VirtualTimeTests {
  private actor Notes {
    var lines: [String] = []
    func add(_ line: String) { lines.append(line) }
  }

  @Test func theClockStartsAtAFixedTimeAndMovesBySleepingAlone() throws {
    let time = VirtualTime()
    #expect(time.now.description == "2026-01-05T18:00:00Z")
    let clock = SimulatedClock(time: time)
    try time.run {
      try await clock.sleep(for: .seconds(90))
      try await clock.sleep(until: clock.now() - .seconds(5))
    }
    #expect(time.now.description == "2026-01-05T18:01:30Z")
  }

  @Test func childTasksActorsAndStreamsFollowInTheSameOrderEveryTime() throws {
    func once() throws -> [String] {
      let time = VirtualTime()
      let clock = SimulatedClock(time: time)
      return try time.run {
        let notes = Notes()
        let (stream, out) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { for await value in stream { await notes.add("\(clock.now()) stream \(value)") } }
          for child in 0..<5 {
            group.addTask {
              for round in 0..<20 {
                try await clock.sleep(for: .seconds(1 + child % 2))
                await notes.add("\(clock.now()) child \(child) round \(round)")
                if child == 0 { out.yield(round) }
              }
              if child == 1 { out.finish() }
            }
          }
          try await group.waitForAll()
        }
        return await notes.lines
      }
    }
    let first = try once()
    #expect(first.count > 100)
    for _ in 0..<20 { #expect(try once() == first) }
  }

  @Test func sleepingHonoursCancellation() throws {
    let time = VirtualTime()
    let clock = SimulatedClock(time: time)
    let cancelled = try time.run {
      await withTaskGroup(of: Bool.self) { group in
        group.addTask {
          do { try await clock.sleep(for: .seconds(3600)) } catch { return error is CancellationError }
          return false
        }
        try? await clock.sleep(for: .seconds(1))
        group.cancelAll()
        // One that is cancelled before it begins to wait.
        group.addTask {
          do { try await clock.sleep(for: .seconds(3600)) } catch { return error is CancellationError }
          return false
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
    }
    #expect(cancelled == 2)
    #expect(time.now == VirtualTime.usualStart + .seconds(1))
  }

  @Test func whatCanNeverEndIsAnErrorAndNoHang() throws {
    let time = VirtualTime()
    #expect(throws: VirtualTimeError.deadlock(at: VirtualTime.usualStart)) {
      try time.run {
        let (stream, out) = AsyncStream.makeStream(of: Int.self)
        for await _ in stream { break }
        out.finish()
      }
    }
    // And the clock can be driven again.
    #expect(try time.run { 1 } == 1)
  }

  @Test func timeAndStepsAreLimited() throws {
    let long = VirtualTime(limits: VirtualTime.Limits(elapsed: .seconds(86_400)))
    #expect(throws: VirtualTimeError.tooLong(.seconds(86_400))) {
      try long.run { while true { try await SimulatedClock(time: long).sleep(for: .seconds(60)) } }
    }
    #expect(long.now <= VirtualTime.usualStart + .seconds(86_400))
    let busy = VirtualTime(limits: VirtualTime.Limits(hops: 1000))
    #expect(throws: VirtualTimeError.tooManyHops(1000)) {
      try busy.run { while !Task.isCancelled { await Task.yield() } }
    }
  }

  @Test func aClockThatGoesOnElsewhereKeepsItsTimeAndItsLimits() throws {
    let limits = VirtualTime.Limits(elapsed: .seconds(100), hops: 1000)
    let first = VirtualTime(limits: limits)
    let stand = try first.run {
      try await first.sleep(until: first.now + .seconds(60))
      return first.stand
    }
    let second = VirtualTime(try #require(stand), limits: limits)
    #expect(second.now == VirtualTime.usualStart + .seconds(60))
    #expect(throws: VirtualTimeError.tooLong(.seconds(100))) {
      try second.run { try await second.sleep(until: second.now + .seconds(41)) }
    }
    // What is driven after that has all of the time again.
    try second.run { try await second.sleep(until: second.now + .seconds(99)) }
    #expect(second.now == VirtualTime.usualStart + .seconds(159))
  }

  @Test func itCannotBeDrivenFromWithinItself() throws {
    let time = VirtualTime()
    #expect(throws: VirtualTimeError.alreadyRunning) { try time.run { try time.run {} } }
  }

  @Test func timersWakeByTimeAndThenByTheirOrder() throws {
    let time = VirtualTime()
    let order = Mutex<[Int]>([])
    for (index, seconds) in [5, 1, 3, 1, 5, 2].enumerated() {
      time.schedule(at: time.now + .seconds(seconds)) { order.withLock { $0.append(index) } }
    }
    try time.run { try await time.sleep(until: time.now + .seconds(10)) }
    #expect(order.withLock { $0 } == [1, 3, 5, 2, 0, 4])
  }
}
