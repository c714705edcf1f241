import PromotionModel
import RunLog
import Synchronization

/// Says that a run is alive when nothing else was told of it for a while, so that whoever watches for silence (a CI service, a
/// person) does not end it. Goes by the world's clock.
final class Heartbeat: RunLogSink {
  private struct State {
    var last: Timestamp?
    /// The statements that are at work, with when they began; the innermost last.
    var open: [(step: RunEvent.Step, statement: String, begun: Timestamp)] = []
  }

  private let inner: any RunLogSink
  private let interval: Duration
  private let run: RunID
  private let clock: any WorldClock
  private let state = Mutex(State())

  init(inner: any RunLogSink, every interval: Duration, run: RunID, clock: any WorldClock) {
    (self.inner, self.interval, self.run, self.clock) = (inner, interval, run, clock)
  }

  func emit(_ event: RunEvent) {
    state.withLock { state in
      state.last = event.time
      guard let step = event.step else { return }
      switch event.body {
      case .stepStarted(let statement): state.open.append((step, statement, event.time))
      case .stepEnded: state.open.removeAll { $0.step.path == step.path }
      case .runStarted, .stepSkipped, .finding, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened,
        .pullRequestChanged, .committed, .progress, .evidence, .badSign, .superseded, .sight, .warning, .previewed,
        .wouldWrite, .value, .confirmed, .programOutput, .shown, .logLine, .announced, .runEnded:
        break
      }
    }
    inner.emit(event)
  }

  func beatUntilCancelled() async {
    while !Task.isCancelled {
      let last = state.withLock { $0.last } ?? clock.now()
      let due = last + interval
      if clock.now() >= due {
        beat()
      } else {
        do { try await clock.sleep(until: due) } catch { return }
      }
    }
  }

  private func beat() {
    let now = clock.now()
    let current = state.withLock { state in
      state.last = now
      return state.open.last
    }
    guard let current else { return }
    let spent = Duration.seconds((now - current.begun).components.seconds).runbookText
    inner.emit(
      RunEvent(
        run: run,
        time: now,
        step: current.step,
        body: .progress("still at `\(current.statement)`, for \(spent)")
      )
    )
  }
}
