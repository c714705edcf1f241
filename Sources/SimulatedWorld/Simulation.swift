import PromotionModel
import Synchronization

/// The outside behind a lock, its events on virtual time, and those who watch it.
final class Simulation: Sendable {
  let time: VirtualTime
  private let outside: Mutex<Outside>
  private let observers = Mutex(Observers())
  private let process = Mutex(Process())
  /// How the outside was, for reads that answer late news.
  private let past: Past?
  /// What is going to happen outside by itself.
  private let coming = Mutex(Coming())

  /// The process of the run.
  private struct Process {
    var number = 1
    var isGone = false
    var whenGone: (@Sendable () -> Void)?
    var interrupted: Timestamp?
    var whenInterrupted: (@Sendable () -> Void)?
  }

  private struct Coming {
    /// In the order in which it was decided. What is no event of the outside is nil: it concerns those who watch it.
    var all: [(number: Int, at: Timestamp, event: Event?)] = []
    private var last = 0

    mutating func add(_ event: Event?, at deadline: Timestamp) -> Int {
      last += 1
      all.append((last, deadline, event))
      return last
    }

    mutating func remove(_ number: Int) { all.removeAll { $0.number == number } }
  }

  /// - Parameter memory: how far back those look that go on from here (``stand``); nil: nobody does.
  init(_ outside: Outside, time: VirtualTime, memory: Duration? = nil) {
    self.time = time
    let reads = outside.staleReads
    past = (reads.max() ?? memory).map { Past(length: $0, reads: max(1, reads.count)) }
    self.outside = Mutex(outside)
    update { _ in }
  }

  /// A simulation that goes on where another one stood.
  init(_ stand: Stand, _ outside: Outside, time: VirtualTime) {
    self.time = time
    let reads = outside.staleReads
    past = reads.max().map { Past(length: $0, reads: reads.count, after: stand.past) }
    self.outside = Mutex(outside)
    for (deadline, event) in stand.coming { schedule(event, at: deadline) }
    observers.withLock { $0.awaited = stand.watch }
  }

  /// Where a simulation stands.
  struct Stand: Sendable {
    var outside: Outside
    var coming: [(at: Timestamp, event: Event)]
    var watch: Watch?
    var past: [Past.Kept]
    /// How far back ``past`` goes.
    var memory: Duration
  }

  /// Somebody who watches an environment, and what they saw last.
  struct Watch: Sendable {
    var environment: EnvironmentName
    var last: ClusterObservation
  }

  /// Where it stands now; nil when the run's process is gone, and while there are watches that cannot be taken up again.
  var stand: Stand? {
    guard !isProcessGone, let watches = observers.withLock(\.watches), watches.count <= 1 else { return nil }
    let all = coming.withLock(\.all)
    let events = all.compactMap { coming in coming.event.map { (coming.at, $0) } }
    guard events.count == all.count else { return nil }
    return Stand(
      outside: look { $0 },
      coming: events,
      watch: watches.first,
      past: past?.kept ?? [],
      memory: past?.length ?? .zero
    )
  }

  func look<T: Sendable>(_ body: (Outside) throws -> T) rethrows -> T {
    try outside.withLock { outside in try body(outside) }
  }

  /// Changes the outside at the present time. What it put on the agenda is scheduled and the observers are told after
  /// the lock is free again.
  @discardableResult
  func update<T: Sendable>(_ body: (inout Outside) throws -> T) rethrows -> T {
    let now = time.now
    var agenda: [(at: Timestamp, event: Event)] = []
    var seen: [EnvironmentName: ClusterObservation] = [:]
    defer {
      for (deadline, event) in agenda { schedule(event, at: deadline) }
      if !seen.isEmpty { tell(seen) }
    }
    return try outside.withLock { outside in
      outside.now = now
      defer {
        swap(&agenda, &outside.agenda)
        if !outside.changed.isEmpty {
          let watched = observers.withLock { $0.isEmpty ? [] : $0.environments }
          for environment in outside.changed where watched.contains(environment) {
            seen[environment] = outside.observation(of: environment)
          }
          outside.changed.removeAll(keepingCapacity: true)
        }
        past?.keep(outside)
      }
      return try body(&outside)
    }
  }

  private func schedule(_ event: Event, at deadline: Timestamp) {
    schedule(event, at: deadline) { $0.update { outside in outside.handle(event) } }
  }

  private func schedule(
    _ event: Event? = nil,
    at deadline: Timestamp,
    _ act: @escaping @Sendable (Simulation) -> Void
  ) {
    let number = coming.withLock { $0.add(event, at: deadline) }
    time.schedule(at: deadline) { [weak self] in
      guard let self else { return }
      coming.withLock { $0.remove(number) }
      act(self)
    }
  }

  /// When the next thing is going to happen outside by itself; nil when nothing is.
  var next: Timestamp? { coming.withLock { $0.all.lazy.map(\.at).min() } }

  /// A call of a run: it takes its time, meets its faults, and has its effect at one moment.
  /// - Parameter duration: how long it takes, where chance does not say it.
  func call<T: Sendable>(
    _ touch: Touch,
    taking duration: Duration? = nil,
    _ effect: (inout Outside) throws -> T
  ) async throws -> T {
    try Task.checkCancellation()
    guard !isProcessGone else { throw CancellationError() }
    let (occurrence, latency) = update { $0.begin(touch) }
    try await time.sleep(until: time.now + (duration ?? latency))
    guard !isProcessGone else { throw CancellationError() }
    let (admission, answer) = try update { outside -> (Outside.Admission, T?) in
      let admission = try outside.admit(touch, occurrence: occurrence)
      switch admission {
      case .normal, .answerLost, .late, .dies(.after), .interrupted(.after), .interrupted(.answered):
        return (admission, try effect(&outside))
      case .hangs, .dies(.before), .interrupted(.before): return (admission, nil)
      case .stale(let age):
        var former = past?.state(at: outside.now - age) ?? outside
        return (admission, try effect(&former))
      }
    }
    switch admission {
    case .normal, .stale: break
    case .answerLost: throw Self.noAnswer(touch)
    case .hangs(let duration):
      try await time.sleep(until: time.now + duration)
      throw Self.noAnswer(touch)
    case .late(let duration): try await time.sleep(until: time.now + duration)
    case .dies: endProcess()
    case .interrupted(let moment):
      interrupt()
      guard moment == .answered else { throw CancellationError() }
    }
    guard !isProcessGone, let answer else { throw CancellationError() }
    return answer
  }

  private static func noAnswer(_ touch: Touch) -> WorldError {
    WorldError(tool: touch.tool, reason: .timedOut, message: "no answer to \(touch.rawValue)")
  }

  // MARK: The run's process

  var isProcessGone: Bool { process.withLock(\.isGone) }

  func whenProcessIsGone(_ act: (@Sendable () -> Void)?) { process.withLock { $0.whenGone = act } }

  func endProcess() {
    let act = process.withLock { process in
      process.isGone = true
      return process.whenGone
    }
    act?()
  }

  func startProcess() { process.withLock { $0 = Process(number: $0.number + 1) } }

  /// How long a run that was interrupted has to stop by itself, as the command gives it.
  private static let grace = Duration.seconds(2)

  var interrupted: Timestamp? { process.withLock(\.interrupted) }

  func whenInterrupted(_ act: (@Sendable () -> Void)?) { process.withLock { $0.whenInterrupted = act } }

  private func interrupt() {
    let (number, act) = process.withLock { process in
      process.interrupted = process.interrupted ?? time.now
      return (process.number, process.whenInterrupted)
    }
    act?()
    schedule(at: time.now + Self.grace) { simulation in
      if simulation.process.withLock({ $0.number == number }) { simulation.endProcess() }
    }
  }

  // MARK: Observers

  /// How long a watch that could not begin stays without sight.
  private static let blindness = Duration.seconds(30)

  func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> {
    let (stream, continuation) = AsyncStream.makeStream(of: ClusterObservation.self)
    guard !isProcessGone else {
      continuation.finish()
      return stream
    }
    if let id = observers.withLock({ $0.takeUp(environment, continuation) }) {
      continuation.onTermination = { [weak self] _ in self?.observers.withLock { $0.remove(id) } }
      return stream
    }
    var (delay, isInterrupted) = (Duration.zero, false)
    let (first, isGone) = update { outside -> (ClusterObservation, Bool) in
      let (occurrence, _) = outside.begin(.clusterObserve)
      do throws(WorldError) {
        switch try outside.admit(.clusterObserve, occurrence: occurrence) {
        case .normal: return (outside.observation(of: environment), false)
        case .late(let duration), .stale(let duration):
          delay = duration
          var former = past?.state(at: outside.now - duration) ?? outside
          return (former.observation(of: environment), false)
        case .answerLost, .hangs: return (.lost(Self.noAnswer(.clusterObserve)), false)
        case .dies: return (outside.observation(of: environment), true)
        case .interrupted:
          isInterrupted = true
          return (outside.observation(of: environment), false)
        }
      } catch {
        return (.lost(error), false)
      }
    }
    if isGone {
      endProcess()
      continuation.finish()
      return stream
    }
    if isInterrupted { interrupt() }
    let watch = delay
    let id = observers.withLock { $0.add(environment, continuation, first, delay: watch) }
    continuation.onTermination = { [weak self] _ in self?.observers.withLock { $0.remove(id) } }
    continuation.yield(first)
    if case .lost = first {
      schedule(at: time.now + Self.blindness) { simulation in
        simulation.update { _ = $0.changed.insert(environment) }
      }
    }
    return stream
  }

  private func tell(_ seen: [EnvironmentName: ClusterObservation]) {
    let news = observers.withLock { $0.news(seen) }
    for (continuation, observation, delay) in news {
      if delay > .zero {
        schedule(at: time.now + delay) { _ in continuation.yield(observation) }
      } else {
        continuation.yield(observation)
      }
    }
  }
}

private struct Observers {
  private struct Observer {
    var id: Int
    var environment: EnvironmentName
    var out: AsyncStream<ClusterObservation>.Continuation
    /// How much later than it happens it sees everything.
    var delay: Duration
    var last: ClusterObservation
  }

  private var all: [Observer] = []
  private var lastID = 0
  /// A watch that began in another world, where this one goes on: it is taken up, and nothing is said anew.
  var awaited: Simulation.Watch?

  /// nil where somebody sees things late.
  var watches: [Simulation.Watch]? {
    guard all.allSatisfy({ $0.delay == .zero }) else { return nil }
    return all.map { Simulation.Watch(environment: $0.environment, last: $0.last) }
  }

  var isEmpty: Bool { all.isEmpty }
  var environments: Set<EnvironmentName> { Set(all.map(\.environment)) }

  mutating func add(
    _ environment: EnvironmentName,
    _ out: AsyncStream<ClusterObservation>.Continuation,
    _ first: ClusterObservation,
    delay: Duration
  ) -> Int {
    lastID += 1
    all.append(Observer(id: lastID, environment: environment, out: out, delay: delay, last: first))
    return lastID
  }

  /// - Returns: nil where no such watch is awaited.
  mutating func takeUp(
    _ environment: EnvironmentName,
    _ out: AsyncStream<ClusterObservation>.Continuation
  ) -> Int? {
    guard let watch = awaited, watch.environment == environment else { return nil }
    awaited = nil
    return add(environment, out, watch.last, delay: .zero)
  }

  mutating func remove(_ id: Int) { all.removeAll { $0.id == id } }

  /// To whom something is new, in the order in which they began to watch; the time alone is no news.
  mutating func news(
    _ seen: [EnvironmentName: ClusterObservation]
  ) -> [(AsyncStream<ClusterObservation>.Continuation, ClusterObservation, Duration)] {
    all.indices.compactMap { index in
      guard let observation = seen[all[index].environment],
        !Self.areEqualButForTime(all[index].last, observation)
      else { return nil }
      all[index].last = observation
      return (all[index].out, observation, all[index].delay)
    }
  }

  private static func areEqualButForTime(_ a: ClusterObservation, _ b: ClusterObservation) -> Bool {
    switch (a, b) {
    case (.seen(let a), .seen(let b)): a.environment == b.environment && a.services == b.services
    case (.lost(let a), .lost(let b)): a == b
    case (.seen, .lost), (.lost, .seen): false
    }
  }
}
