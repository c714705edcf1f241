import PromotionModel
import RunLog
import Synchronization

/// Marks each statement of a dry run, and tells what would be written, in between the events of the run itself.
///
/// The world is as it was read until something of the run takes effect in it: until then what a statement sees and plans is
/// what a real run would see and plan; from then on it is what the simulation makes of it.
final class PreviewLog: RunLogSink {
  private struct State {
    var step: RunEvent.Step?
    var isChanged = false
    /// What those are that were begun, by their paths.
    var kinds: [StepPath: PreviewKind] = [:]
    var last: RunEvent?
  }

  private let next: any RunLogSink
  /// nil: only what would be written is told.
  private let kinds: [String: PreviewKind]?
  private let state = Mutex(State())

  init(_ next: any RunLogSink, kinds: [String: PreviewKind]?) { (self.next, self.kinds) = (next, kinds) }

  func emit(_ event: RunEvent) {
    next.emit(event)
    let mark = state.withLock { state -> Preview? in
      state.last = event
      switch event.body {
      case .stepStarted(let statement):
        state.step = event.step
        guard let step = event.step, let kind = kinds?[statement] else { return nil }
        state.kinds[step.path] = kind
        return kind.mark(isChanged: state.isChanged)
      case .committed: state.isChanged = true
      case .pullRequestChanged(let pull): state.isChanged = state.isChanged || pull.state == .merged
      case .stepEnded:
        if let step = event.step, state.kinds[step.path] == .change { state.isChanged = true }
      case .runStarted, .stepSkipped, .finding, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened, .progress,
        .evidence, .badSign, .superseded, .sight, .warning, .value, .confirmed, .programOutput, .shown, .logLine,
        .announced,
        .previewed, .wouldWrite, .runEnded:
        break
      }
      return nil
    }
    if let mark { next.emit(RunEvent(run: event.run, time: event.time, step: event.step, body: .previewed(mark))) }
  }

  /// What the world was told to write in this moment.
  func wouldWrite(_ write: PlannedWrite, at time: Timestamp, run: RunID) {
    let step = state.withLock(\.step)
    next.emit(RunEvent(run: run, time: time, step: step, body: .wouldWrite(write)))
  }
}
