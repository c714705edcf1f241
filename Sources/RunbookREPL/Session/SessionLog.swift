import PromotionModel
import RunLog
import RunbookInterpreter
import Synchronization

/// The log of a session: each statement is told in its own way, and some listen to all of them.
final class SessionLog: RunLogSink {
  private struct State {
    var current: (any RunLogSink)?
    var listeners: [any RunLogSink] = []
  }

  private let state = Mutex(State())

  var current: (any RunLogSink)? {
    get { state.withLock { $0.current } }
    set { state.withLock { $0.current = newValue } }
  }

  func add(_ listener: any RunLogSink) { state.withLock { $0.listeners.append(listener) } }

  func emit(_ event: RunEvent) {
    let sinks = state.withLock { $0.listeners + [$0.current].compactMap(\.self) }
    for sink in sinks { sink.emit(event) }
  }
}

/// What happened in a session, for its papers: the runbook and the timeline that are made of it.
final class SessionMemoir: RunLogSink {
  /// A statement that was performed.
  struct Chapter: Equatable, Sendable {
    var ordinal: Int
    /// As it was typed.
    var text: String
    var verb: String
    var ending: Ending
    var message: String
  }

  private struct State {
    var events: [RunEvent] = []
    var chapters: [Chapter] = []
  }

  private let state = Mutex(State())
  /// So many events are kept: a session may be open for days.
  private static let limit = 20_000

  var events: [RunEvent] { state.withLock { $0.events } }
  var chapters: [Chapter] { state.withLock { $0.chapters } }

  /// The changes of a statement that reached the server.
  func pushed(by ordinal: Int) -> [(changes: ChangeSet, commit: CommitID)] {
    var planned: ChangeSet?
    var pushed: [(changes: ChangeSet, commit: CommitID)] = []
    for event in events where event.step?.path.components.first == .statement(ordinal) {
      if case .planned(let changes, _) = event.body { planned = changes }
      if case .committed(let commit) = event.body, let planned { pushed.append((planned, commit.id)) }
    }
    return pushed
  }

  /// A change that reached the server, or waits in a pull request.
  private struct Change {
    var changes: ChangeSet
    /// nil: it was pushed.
    var pull: PullRequest?
  }

  /// What sets back what was done last: the statements of the newest change that reached the server, or that is proposed there;
  /// and the pull request that they close.
  func wayBack(_ fleet: Fleet) -> (statements: [String], closing: PullRequest?) {
    var planned: ChangeSet?
    var done: [Change] = []
    for event in events {
      switch event.body {
      case .planned(let changes, _): planned = changes
      case .committed: if let planned { done.append(Change(changes: planned)) }
      case .pullRequestOpened(let pull), .pullRequestChanged(let pull):
        let known = done.firstIndex { $0.pull?.number == pull.number }.map { done.remove(at: $0).changes }
        if pull.state != .closed, let changes = known ?? planned { done.append(Change(changes: changes, pull: pull)) }
      case .runStarted, .stepStarted, .stepSkipped, .finding, .sealed, .wayBack, .lockTaken, .progress, .evidence,
        .badSign,
        .superseded, .sight, .warning, .previewed, .wouldWrite, .value, .confirmed, .programOutput, .shown, .logLine,
        .announced, .stepEnded, .runEnded:
        break
      }
    }
    guard let last = done.last else { return ([], nil) }
    return (WayBack.statements(for: last.changes, fleet), last.pull?.state == .open ? last.pull : nil)
  }

  /// Whether the log has told how a statement ended.
  func hasEnd(of ordinal: Int) -> Bool {
    let path = StepPath([.statement(ordinal)])
    return events.contains { event in
      guard event.step?.path == path, case .stepEnded = event.body else { return false }
      return true
    }
  }

  func emit(_ event: RunEvent) {
    guard Self.isWorthKeeping(event.body) else { return }
    state.withLock { state in
      if state.events.count < Self.limit { state.events.append(event) }
    }
  }

  func take(_ performed: [SessionInterpreter.Performed], entries: [(ordinal: Int, text: String)]) {
    let chapters = performed.map { performed in
      Chapter(
        ordinal: performed.ordinal,
        text: entries.first { $0.ordinal == performed.ordinal }?.text ?? performed.statement,
        verb: performed.verb,
        ending: performed.ending,
        message: performed.message
      )
    }
    state.withLock { $0.chapters += chapters }
  }

  /// What is soon out of date is not what happened.
  private static func isWorthKeeping(_ body: RunEvent.Body) -> Bool {
    switch body {
    case .progress, .evidence, .shown, .logLine, .programOutput, .previewed, .wouldWrite: false
    case .runStarted, .stepStarted, .stepSkipped, .finding, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .badSign, .superseded, .sight, .warning, .value, .confirmed, .announced,
      .stepEnded, .runEnded:
      true
    }
  }
}
