import PromotionModel
import RunStore
import RunbookInterpreter
import SimulatedWorld
import Synchronization

/// How everything stands between two statements of the undisturbed run: the run, its world, its journal, and what was said.
/// A future in which nothing went wrong up to there is the same up to there, and goes on from it.
///
/// It is large, never changes, and is looked at for every future: so it is shared, not copied.
final class Milestone: Sendable {
  let run: RunMilestone
  let world: SimulatedWorld.Waypoint
  let witnessed: Witness.Witnessed
  /// Is not written to any more.
  let journal: MemoryJournal
  /// The writes to it so far.
  let writes: Int
  let start: Timestamp
  /// How the protected environments stood at first.
  let before: Account.Truth

  init(
    run: RunMilestone,
    world: SimulatedWorld.Waypoint,
    witnessed: Witness.Witnessed,
    journal: MemoryJournal,
    writes: Int,
    start: Timestamp,
    before: Account.Truth
  ) {
    (self.run, self.world, self.witnessed, self.journal) = (run, world, witnessed, journal)
    (self.writes, self.start, self.before) = (writes, start, before)
  }

  /// Whether nothing has gone wrong in a future when it comes here.
  func precedes(_ future: ExploredFuture) -> Bool {
    future.dyingWrite.map { $0 > writes } ?? true && world.precedes(future.faults)
  }
}

/// Keeps the milestones of a run, in their order.
final class MilestoneKeeper: Sendable {
  private let milestones = Mutex<[Milestone]>([])

  var all: [Milestone] { milestones.withLock { $0 } }

  func add(_ milestone: Milestone) { milestones.withLock { $0.append(milestone) } }
}
