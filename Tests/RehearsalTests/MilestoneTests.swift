import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import Rehearsal

/// Futures that go on from a milestone of the undisturbed run go as if each had come there by itself.
@Suite struct MilestoneTests {
  /// The run takes the lock, renews it while it waits, and binds a variable on its way.
  private static let longRelease = """
    validate staging api, web
    let before = version of api in production
    promote api, web
    wait merge within 4h
    wait 40m
    monitor 2m
    on failure { rollback promoted }
    """

  @Test(arguments: [release, quickRelease, longRelease]) func aFutureGoesOnAsIfItHadBegunByItself(text: String) throws {
    let exploration = try exploration(text)
    let milestones = try exploration.milestones()
    var futures = try exploration.singles()
    let pairs = zip(futures, futures.reversed()).map { $0.with($1) }
    // Each kind of call and of trouble, at many places, and two of them at once.
    futures = stride(from: 0, to: futures.count, by: 101).flatMap { [futures[$0], pairs[$0]] }
    var shared = 0
    for future in futures where milestones.contains(where: { $0.precedes(future) }) {
      let (alone, along) = (
        try exploration.account(of: future), try exploration.account(of: future, from: milestones)
      )
      // In which order calls were taken down that were passed over is no part of what happened.
      #expect(along.world.trace.sorted() == alone.world.trace.sorted(), "\(future.name)")
      #expect(along.events == alone.events, "\(future.name)")
      #expect(along.result == alone.result && along.failure == alone.failure, "\(future.name)")
      #expect(along.before == alone.before && along.after == alone.after, "\(future.name)")
      #expect(along.changes == alone.changes && along.writes == alone.writes, "\(future.name)")
      #expect(along.absences.map(\.from) == alone.absences.map(\.from), "\(future.name)")
      #expect(along.absences.map(\.to) == alone.absences.map(\.to), "\(future.name)")
      #expect(along.world.happenings.map(\.words) == alone.world.happenings.map(\.words), "\(future.name)")
      shared += 1
    }
    #expect(shared > futures.count / 4)
  }

  @Test func aMilestoneIsNotSharedBySomethingThatHappenedBefore() throws {
    let milestones = try exploration(quickRelease).milestones()
    let last = try #require(milestones.last { $0.run.routine == nil })
    func call(_ touch: Touch, _ occurrence: Int, _ fault: CallFault = .fails(.unreachable)) -> ExploredFuture {
      ExploredFuture(.call(touch, occurrence: occurrence, fault))
    }
    #expect(last.precedes(call(.probesProbe, 100)))
    #expect(last.precedes(call(.clusterLogs, 100, .stale(by: .seconds(60)))))
    // Nobody remembers how it was so long ago.
    #expect(!last.precedes(call(.clusterLogs, 100, .stale(by: .seconds(61)))))
    // The change is out by then.
    #expect(!last.precedes(call(.repositoryCommit, 1)))
    #expect(!last.precedes(call(.probesProbe, 100).with(call(.repositoryCommit, 1))))
    #expect(!last.precedes(ExploredFuture(.pushesRejected(1), .afterPromotion(.seconds(3)))))
    #expect(!last.precedes(ExploredFuture(.image(ImageFault(api, in: production, .neverReady)))))
    #expect(!last.precedes(ExploredFuture(.networkLost(for: .seconds(30)), .after(.seconds(3)))))
    #expect(!last.precedes(ExploredFuture(dyingWrite: last.writes)))
    #expect(last.precedes(ExploredFuture(dyingWrite: last.writes + 1)))
    let first = try #require(milestones.first)
    #expect(first.precedes(call(.repositoryCommit, 1)))
    #expect(first.precedes(ExploredFuture(.pushesRejected(1), .before(.repositoryCommit, occurrence: 1))))
  }

  @Test func aMonitorHasMilestonesBetweenItsRounds() throws {
    let milestones = try exploration(quickRelease).milestones()
    let rounds = milestones.filter { $0.run.routine != nil }
    // Evidence is shown twenty times, and a round is made for each.
    #expect(rounds.count >= 15, "\(milestones.map(\.world.time))")
    let late = try #require(rounds.last)
    #expect(late.precedes(ExploredFuture(.call(.probesProbe, occurrence: 180, .processDies(.after)))))
    #expect(late.precedes(ExploredFuture(.call(.repositoryReleaseLock, occurrence: 1, .fails(.timedOut)))))
    #expect(!late.precedes(ExploredFuture(.call(.probesProbe, occurrence: 20, .fails(.unreachable)))))
    // No round is passed over where a process is to die at another call, or something is to happen at one.
    let death = ExploredFuture(.call(.repositoryReleaseLock, occurrence: 1, .processDies(.before)))
    let outage = ExploredFuture(.networkLost(for: .seconds(30)), .before(.repositoryReleaseLock, occurrence: 1))
    for future in [death, outage] {
      #expect(!late.precedes(future))
      #expect(milestones.contains { $0.run.routine == nil && $0.precedes(future) })
    }
  }

  @Test func aMeasurementThatComesLaterIsAskedForFromTheFirst() throws {
    let first = try #require(try exploration(quickRelease).milestones().first)
    // A world in which something is measured is another one before it is.
    let start = Fault.Start.before(.repositoryCommit, occurrence: 1)
    #expect(!first.precedes(ExploredFuture(.metric("latency", api, production, 1), start)))
  }
}
