import PromotionModel
import Synchronization

/// How the outside was in the last while, so that a read can answer what was true before.
final class Past: Sendable {
  typealias Kept = (at: Timestamp, outside: Outside)

  private struct State {
    var states: [Kept] = []
    /// How many reads will still want to know.
    var awaited: Int
  }

  let length: Duration
  private let state: Mutex<State>

  /// - Parameters:
  ///   - reads: how many reads look back, at most.
  ///   - states: what was before, where another world goes on.
  init(length: Duration, reads: Int, after states: [Kept] = []) {
    self.length = length
    state = Mutex(State(states: states, awaited: reads))
  }

  /// What a world that goes on from here must remember.
  var kept: [Kept] { state.withLock { $0.states } }

  func keep(_ outside: Outside) {
    state.withLock { state in
      guard state.awaited > 0 else { return }
      if let last = state.states.last, last.at == outside.now { state.states.removeLast() }
      var kept = outside
      // Nothing that is read answers from what was told. Kept, each state would have its own copy of that, ever longer.
      kept.trace = []
      state.states.append((outside.now, kept))
      // One that is older than the window stays: it is what stood when the window began.
      let first = state.states.lastIndex { $0.at <= outside.now - length } ?? 0
      if first > 0 { state.states.removeFirst(first) }
    }
  }

  /// The outside as it stood at a time; nil when nothing was kept.
  func state(at time: Timestamp) -> Outside? {
    state.withLock { state in
      let found = (state.states.last { $0.at <= time } ?? state.states.first)?.outside
      state.awaited -= 1
      // Each fault is met once.
      if state.awaited <= 0 { state.states = [] }
      return found
    }
  }
}
