import PromotionModel
import Synchronization

/// The outside behind a lock, its events on virtual time, and those who watch it.
final class Simulation: Sendable {
  let time: VirtualTime
  private let outside: Mutex<Outside>
  private let observers = Mutex(Observers())

  init(_ outside: Outside, time: VirtualTime) {
    self.time = time
    self.outside = Mutex(outside)
    update { _ in }
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
    let watched = observers.withLock { $0.environments }
    defer {
      for (deadline, event) in agenda {
        time.schedule(at: deadline) { [weak self] in self?.update { outside in outside.handle(event) } }
      }
      if !seen.isEmpty { tell(seen) }
    }
    return try outside.withLock { outside in
      outside.now = now
      defer {
        swap(&agenda, &outside.agenda)
        for environment in outside.changed where watched.contains(environment) {
          seen[environment] = outside.observation(of: environment)
        }
        outside.changed.removeAll(keepingCapacity: true)
      }
      return try body(&outside)
    }
  }

  /// A call of a run: it takes its time, meets its faults, and has its effect at one moment.
  func call<T: Sendable>(_ touch: Touch, _ effect: (inout Outside) throws -> T) async throws -> T {
    try Task.checkCancellation()
    let (occurrence, latency) = update { $0.begin(touch) }
    try await time.sleep(until: time.now + latency)
    return try update { outside in
      let isAnswerLost = try outside.admit(touch, occurrence: occurrence)
      let answer = try effect(&outside)
      if isAnswerLost {
        throw WorldError(tool: touch.tool, reason: .timedOut, message: "no answer to \(touch.rawValue)")
      }
      return answer
    }
  }

  // MARK: Observers

  func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> {
    let first = update { $0.observation(of: environment) }
    let (stream, continuation) = AsyncStream.makeStream(of: ClusterObservation.self)
    let id = observers.withLock { $0.add(environment, continuation, first) }
    continuation.onTermination = { [weak self] _ in self?.observers.withLock { $0.remove(id) } }
    continuation.yield(first)
    return stream
  }

  private func tell(_ seen: [EnvironmentName: ClusterObservation]) {
    let news = observers.withLock { $0.news(seen) }
    for (continuation, observation) in news { continuation.yield(observation) }
  }
}

private struct Observers {
  private var all: [(id: Int, environment: EnvironmentName, out: AsyncStream<ClusterObservation>.Continuation)] = []
  private var last: [Int: ClusterObservation] = [:]
  private var lastID = 0

  var environments: Set<EnvironmentName> { Set(all.map(\.environment)) }

  mutating func add(
    _ environment: EnvironmentName,
    _ out: AsyncStream<ClusterObservation>.Continuation,
    _ first: ClusterObservation
  ) -> Int {
    lastID += 1
    all.append((lastID, environment, out))
    last[lastID] = first
    return lastID
  }

  mutating func remove(_ id: Int) {
    all.removeAll { $0.id == id }
    last[id] = nil
  }

  /// To whom something is new, in the order in which they began to watch; the time alone is no news.
  mutating func news(
    _ seen: [EnvironmentName: ClusterObservation]
  ) -> [(AsyncStream<ClusterObservation>.Continuation, ClusterObservation)] {
    all.compactMap { id, environment, out in
      guard let observation = seen[environment] else { return nil }
      if let known = last[id], Self.areEqualButForTime(known, observation) { return nil }
      last[id] = observation
      return (out, observation)
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
