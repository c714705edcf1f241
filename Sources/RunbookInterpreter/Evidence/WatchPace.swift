import PromotionModel
import Synchronization

/// What the consumer of a ``Watch`` can do without while nothing happens. Only a world with ``Foresight`` makes use of it.
final class WatchPace: Sendable {
  private struct State {
    var isTaking = false
    var restsUntil: Timestamp?
    var spareRounds: Int?
  }

  private let state = Mutex(State())

  /// The longest that ticks are left out: a day, so that no sum of times can overflow.
  private static let longestRest = Duration.seconds(86_400)

  /// The consumer begins or ends to take an event.
  func isTaking(_ value: Bool) { state.withLock { $0.isTaking = value } }

  /// - Parameters:
  ///   - until: no tick is needed before that; nil when every tick is.
  ///   - spareRounds: so many rounds like the last one tell nothing new, and then one does; nil: how the next one is cannot be
  ///     told from the last.
  func rest(until: Timestamp?, spareRounds: Int? = nil) {
    state.withLock { ($0.restsUntil, $0.spareRounds) = (until, spareRounds) }
  }

  var spareRounds: Int? { state.withLock { $0.isTaking ? nil : $0.spareRounds } }

  /// The next tick, or the first one by which something may have happened.
  func nextTick(after now: Timestamp, every tick: Duration, _ foresight: (any Foresight)?) -> Timestamp {
    let rest = state.withLock { $0.isTaking ? nil : $0.restsUntil }
    guard let foresight, let rest else { return now + tick }
    let quiet = min(foresight.quietUntil(), rest, now + Self.longestRest)
    let step = max(1, tick.wholeNanoseconds)
    let steps = max(1, ((quiet - now).wholeNanoseconds + step - 1) / step)
    return now + tick * Int(steps)
  }
}
