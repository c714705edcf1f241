import Dispatch
public import PromotionModel
import Rehearsal
import RunStore
public import RunLog
public import SimulatedWorld
import Synchronization

/// A session in the simulated world, on virtual time: between two statements no time passes, and what takes half an hour
/// takes none, unless somebody sets a pace to look on.
public final class SimulatedSession: SessionWorld {
  public let kind: WorldKind
  public let run: RunID
  public let world: World
  public let journal: any Journal
  public let identity = "you@rehearsal"

  private let simulated: SimulatedWorld
  private let clock: any WorldClock
  private let queue = DispatchQueue(label: "slipway.rehearsal")
  private let speed = Mutex<Double?>(nil)
  private let listener = Listener()

  /// - Parameters:
  ///   - clock: the real one, for a pace.
  ///   - former: what former runs did; only read.
  public init(
    _ simulated: SimulatedWorld,
    kind: WorldKind,
    run: RunID,
    clock: any WorldClock,
    branch: String,
    former: (any Journal)? = nil
  ) {
    (self.simulated, self.kind, self.run, self.clock) = (simulated, kind, run, clock)
    journal = LayeredJournal(former: former)
    var world = simulated.world
    let listener = listener
    world.writing = ToldWriting(tell: { listener.hear($0) }).writing(world.writing, branch: branch)
    self.world = world
  }

  public func setPace(_ speed: Double?) { self.speed.withLock { $0 = speed } }
  public var hasPace: Bool { speed.withLock { $0 != nil } }

  public func start(_ body: @escaping @Sendable () async -> Void, done: @escaping @Sendable () -> Void) -> any Stopping
  {
    let pause = Pause(clock: clock)
    let (simulated, speed) = (simulated, speed.withLock { $0 })
    queue.async {
      // A world in which nothing can happen any more ends the body, which says what it was at.
      try? simulated.time.run(pace: speed.map { speed in { pause.wait(for: $0 / speed) } }) { await body() }
      done()
    }
    return pause
  }

  public func tellWrites(_ tell: @escaping @Sendable (PlannedWrite) -> Void) {
    if kind == .dryRun { listener.tell.withLock { $0 = tell } }
  }

  public func close() async {}
}

/// Who is told of writes.
private final class Listener: Sendable {
  let tell = Mutex<(@Sendable (PlannedWrite) -> Void)?>(nil)

  func hear(_ write: PlannedWrite) { tell.withLock { $0 }?(write) }
}

/// Waits on a thread, until the time is over or somebody stops it.
private final class Pause: Stopping {
  private struct State {
    var isStopped = false
    var current: Task<Void, Never>?
  }

  private let clock: any WorldClock
  private let state = Mutex(State())

  init(clock: any WorldClock) { self.clock = clock }

  /// - Returns: whether all of the time has passed.
  func wait(for duration: Duration) -> Bool {
    let over = DispatchSemaphore(value: 0)
    let clock = clock
    let isStopped = state.withLock { state in
      guard !state.isStopped else { return true }
      state.current = Task {
        try? await clock.sleep(for: duration)
        over.signal()
      }
      return false
    }
    guard !isStopped else { return false }
    over.wait()
    return state.withLock { state in
      state.current = nil
      return !state.isStopped
    }
  }

  func stop() {
    state.withLock { state in
      state.isStopped = true
      state.current?.cancel()
    }
  }
}
