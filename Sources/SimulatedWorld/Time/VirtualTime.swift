public import PromotionModel
import Synchronization

/// A serial task executor on a clock of its own: work runs on the thread that called ``run(_:)``, one job after the
/// other in the order in which they became ready, and when nothing is left to run, the clock jumps to the earliest
/// sleeper. So half an hour passes in a moment, and the same program gives the same order in every process.
///
/// Child tasks, task groups, default actors and async streams follow the executor of the task that they belong to.
/// An unstructured `Task { }` does not: what runs on virtual time uses structured concurrency alone.
public final class VirtualTime: TaskExecutor {
  /// Where a run is given up, so that nothing can hang.
  public struct Limits: Hashable, Sendable {
    /// The longest virtual time that one ``VirtualTime/run(_:)`` may take.
    public var elapsed: Duration
    /// The most jobs that one ``VirtualTime/run(_:)`` may run.
    public var hops: Int

    public init(elapsed: Duration = .seconds(30 * 86_400), hops: Int = 50_000_000) {
      (self.elapsed, self.hops) = (elapsed, hops)
    }
  }

  private let state: Mutex<State>
  private let limits: Limits

  /// - Parameter start: what the clock shows at first.
  public init(start: Timestamp = VirtualTime.usualStart, limits: Limits = Limits()) {
    state = Mutex(State(now: start))
    self.limits = limits
  }

  /// A clock that goes on where another one stood, with a body of its own to drive.
  init(_ stand: Stand, limits: Limits) {
    var state = State(now: stand.now)
    state.rest = stand.drive
    self.state = Mutex(state)
    self.limits = limits
  }

  /// 2026-01-05T18:00:00Z, a Monday evening.
  public static let usualStart = Timestamp(secondsSinceEpoch: 1_767_636_000)

  public var now: Timestamp { state.withLock { $0.now } }

  // MARK: Running

  /// Drives `body` to its end on the calling thread.
  /// - Parameter pace: asked on that thread before the clock moves on by so much, for somebody who looks on: it may take as
  ///   long as it likes. Once it says no, `body` is cancelled, and it is not asked again. nil: no time is taken.
  /// - Throws: what `body` throws; ``VirtualTimeError`` when it can never end or passes a limit. Then `body` was cancelled,
  ///   and may not have come to its end.
  public func run<T: Sendable>(
    pace: ((Duration) -> Bool)? = nil,
    _ body: @escaping @Sendable () async throws -> T
  ) throws -> T {
    var pace = pace
    try state.withLock { state throws(VirtualTimeError) in
      guard !state.isRunning else { throw .alreadyRunning }
      state.isRunning = true
      state.drive = state.rest.take() ?? Drive(until: state.now + limits.elapsed)
    }
    defer { state.withLock { $0.isRunning = false } }
    let outcome = Outcome<T>()
    let end = End()
    let task = Task(executorPreference: self) {
      do {
        let value = try await body()
        outcome.set(.success(value))
      } catch {
        outcome.set(.failure(error))
      }
      end.hasCome.store(true, ordering: .releasing)
    }
    while true {
      if end.hasCome.load(ordering: .acquiring), let result = outcome.get() { return try result.get() }
      if let ask = pace, let delay = state.withLock({ $0.nextDelay() }), delay > .zero, !ask(delay) {
        task.cancel()
        pace = nil
        continue
      }
      do throws(VirtualTimeError) {
        try step()
      } catch {
        task.cancel()
        settle()
        throw error
      }
    }
  }

  /// Runs one job, or else what is due next.
  private func step() throws(VirtualTimeError) {
    if let (job, hops) = state.withLock({ $0.nextHop() }) {
      guard hops <= limits.hops else { throw .tooManyHops(limits.hops) }
      job.runSynchronously(on: asUnownedTaskExecutor())
      return
    }
    switch try state.withLock({ state throws(VirtualTimeError) in try state.nextWake(limit: limits.elapsed) }) {
    case .sleeper(let continuation): continuation.resume()
    case .action(let action): action()
    }
  }

  /// Lets tasks that were cancelled come to their ends, as far as they do without waiting.
  private func settle() {
    for _ in 0..<100_000 {
      guard let job = state.withLock({ $0.nextJob() }) else { return }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
  }

  public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

  // MARK: Going on elsewhere

  /// Where a clock stands: what another one needs to go on from there.
  struct Stand: Sendable {
    var now: Timestamp
    fileprivate var drive: Drive
    /// When each of those that wait is woken.
    var wakes: [Timestamp]
  }

  /// Where the clock stands now, asked from within a job; nil while other jobs are ready.
  var stand: Stand? {
    state.withLock { state in
      guard state.isRunning, state.isIdle else { return nil }
      return Stand(now: state.now, drive: state.drive, wakes: state.wakes)
    }
  }

  // MARK: Waiting

  /// Returns when the clock shows `deadline`, or after everything that is ready now when that has passed.
  /// - Throws: `CancellationError` when the task is cancelled.
  public func sleep(until deadline: Timestamp) async throws {
    guard deadline > now else { return try await letOthersGoFirst() }
    let id = state.withLock { $0.newTimer() }
    defer { state.withLock { $0.forget(id) } }
    try await withTaskCancellationHandler {
      // Every sleeper is woken once, by whoever takes it out of those that wait: a check of that would cost more than all else
      // here, hundreds of times in each future of an exploration.
      try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
        let isCancelled = state.withLock { state in
          if state.cancelled.contains(id) { return true }
          state.add(id, at: deadline, .sleeper(continuation))
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let wake = state.withLock { $0.cancel(id) }
      if case .sleeper(let continuation) = wake { continuation.resume(throwing: CancellationError()) }
    }
  }

  /// Returns after everything that is ready now. It cannot be long until then, so nobody who cancels it needs to wake it.
  private func letOthersGoFirst() async throws {
    try Task.checkCancellation()
    try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
      state.withLock { state in
        let id = state.newTimer()
        state.add(id, at: state.now, .sleeper(continuation))
      }
    }
    try Task.checkCancellation()
  }

  /// Has `action` run at `deadline`, while somebody drives the clock.
  func schedule(at deadline: Timestamp, _ action: @escaping @Sendable () -> Void) {
    state.withLock { state in
      let id = state.newTimer()
      state.add(id, at: deadline, .action(action))
    }
  }
}

/// Why virtual time was given up.
public enum VirtualTimeError: Error, Hashable, Sendable {
  /// Nothing is ready, nothing sleeps, and the body is not at its end: it waits for what can never come, or for a task
  /// that runs elsewhere.
  case deadlock(at: Timestamp)
  case tooLong(Duration)
  case tooManyHops(Int)
  /// ``VirtualTime/run(_:)`` was called from within itself.
  case alreadyRunning
}

extension VirtualTimeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .deadlock(let time): "at \(time) nothing is left to wait for, and the run has not ended"
    case .tooLong(let limit): "the run has not ended after \(limit.runbookText) of virtual time"
    case .tooManyHops(let limit): "the run has not ended after \(limit) steps"
    case .alreadyRunning: "virtual time is already being driven"
    }
  }
}

/// The time of a simulated world.
public struct SimulatedClock: WorldClock {
  let time: VirtualTime

  public func now() -> Timestamp { time.now }
  public func sleep(until deadline: Timestamp) async throws { try await time.sleep(until: deadline) }
}

/// Whether the driven task has ended: looked at before each job, so it costs next to nothing.
private final class End: Sendable {
  let hasCome = Atomic(false)
}

/// Where the driven task leaves how it ended.
private final class Outcome<T: Sendable>: Sendable {
  private let result = Mutex<Result<T, any Error>?>(nil)

  func set(_ value: Result<T, any Error>) { result.withLock { $0 = value } }
  func get() -> Result<T, any Error>? { result.withLock { $0 } }
}

/// How far one ``VirtualTime/run(_:)`` has come towards its limits.
private struct Drive: Sendable {
  /// When it takes too long.
  var until: Timestamp
  var hops = 0
}

private enum Wake: Sendable {
  case sleeper(UnsafeContinuation<Void, any Error>)
  case action(@Sendable () -> Void)
}

private struct State {
  var now: Timestamp
  var jobs: [UnownedJob] = []
  var isRunning = false
  var drive: Drive
  /// What is left of the drive that the clock goes on with, until it does.
  var rest: Drive?
  /// Sleeps that were cancelled before they began to wait.
  var cancelled: Set<UInt64> = []
  private var firstJob = 0
  private var lastTimer: UInt64 = 0
  /// A binary heap, the earliest first, and among equals the one that began to wait first.
  private var timers: [Timer] = []

  private struct Timer {
    var deadline: Timestamp
    var id: UInt64
    /// nil once it was cancelled.
    var wake: Wake?
  }

  init(now: Timestamp) { (self.now, drive) = (now, Drive(until: now)) }

  var isIdle: Bool { firstJob >= jobs.count }
  var wakes: [Timestamp] { timers.compactMap { $0.wake == nil ? nil : $0.deadline } }

  /// The next job, and how many there were with it.
  mutating func nextHop() -> (UnownedJob, Int)? {
    guard let job = nextJob() else { return nil }
    drive.hops += 1
    return (job, drive.hops)
  }

  mutating func nextJob() -> UnownedJob? {
    guard firstJob < jobs.count else {
      if firstJob > 0 {
        jobs.removeAll(keepingCapacity: true)
        firstJob = 0
      }
      return nil
    }
    defer { firstJob += 1 }
    return jobs[firstJob]
  }

  /// A sleep is over.
  mutating func forget(_ id: UInt64) { if !cancelled.isEmpty { cancelled.remove(id) } }

  mutating func newTimer() -> UInt64 {
    lastTimer += 1
    return lastTimer
  }

  mutating func add(_ id: UInt64, at deadline: Timestamp, _ wake: Wake) {
    timers.append(Timer(deadline: deadline, id: id, wake: wake))
    var child = timers.count - 1
    while child > 0, isEarlier(child, (child - 1) / 2) {
      timers.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// A sleeper is to wait no longer; nil when it does not wait yet. There are never many that wait.
  mutating func cancel(_ id: UInt64) -> Wake? {
    guard let index = timers.firstIndex(where: { $0.id == id }) else {
      cancelled.insert(id)
      return nil
    }
    return timers[index].wake.take()
  }

  /// How long nothing will happen; nil while a job is ready, and when nothing waits.
  mutating func nextDelay() -> Duration? {
    guard isIdle else { return nil }
    while let timer = timers.first, timer.wake == nil { removeFirst() }
    return timers.first.map { max(.zero, $0.deadline - now) }
  }

  /// Moves the clock to the earliest timer that still waits.
  mutating func nextWake(limit: Duration) throws(VirtualTimeError) -> Wake {
    while let timer = timers.first {
      guard let wake = timer.wake else {
        removeFirst()
        continue
      }
      guard timer.deadline <= drive.until else { throw .tooLong(limit) }
      removeFirst()
      now = max(now, timer.deadline)
      return wake
    }
    throw .deadlock(at: now)
  }

  private func isEarlier(_ a: Int, _ b: Int) -> Bool {
    (timers[a].deadline, timers[a].id) < (timers[b].deadline, timers[b].id)
  }

  private mutating func removeFirst() {
    timers.swapAt(0, timers.count - 1)
    timers.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < timers.count && isEarlier(child, least) {
        least = child
      }
      guard least != parent else { return }
      timers.swapAt(parent, least)
      parent = least
    }
  }
}
