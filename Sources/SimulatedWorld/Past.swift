import PromotionModel
import Synchronization

/// How the outside was in the last while, so that a read can answer what was true before.
final class Past: Sendable {
  private let length: Duration
  private let states = Mutex<[(at: Timestamp, outside: Outside)]>([])

  init(length: Duration) { self.length = length }

  func keep(_ outside: Outside) {
    states.withLock { states in
      if let last = states.last, last.at == outside.now { states.removeLast() }
      states.append((outside.now, outside))
      // One that is older than the window stays: it is what stood when the window began.
      while states.count > 1, states[1].at <= outside.now - length { states.removeFirst() }
    }
  }

  /// The outside as it stood at a time; nil when nothing was kept yet.
  func state(at time: Timestamp) -> Outside? {
    states.withLock { states in (states.last { $0.at <= time } ?? states.first)?.outside }
  }
}
