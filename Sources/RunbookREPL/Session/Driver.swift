import PromotionModel
import Synchronization

/// Has work done on other threads, while the thread of the terminal looks after the terminal: Ctrl-C stops the work, and
/// questions of the work are asked.
struct Driver {
  let console: any Console
  /// The real one.
  let clock: any WorldClock
  let desk: QuestionDesk

  /// How work came to its end.
  struct Ended<T: Sendable> {
    var value: T
    /// Ctrl-C was pressed.
    var wasInterrupted = false
    /// Ctrl-C was pressed twice within a second: whoever does that may want to leave.
    var wantsToLeave = false
    /// The process is to end.
    var isTerminated = false
  }

  /// - Parameters:
  ///   - start: has a body done in a world's time; calls the second when it is done.
  ///   - interrupted: told once, when the work is asked to stop.
  func run<T: Sendable>(
    start: (@escaping @Sendable () async -> Void, @escaping @Sendable () -> Void) -> any Stopping,
    interrupted: () -> Void = {},
    _ body: @escaping @Sendable () async -> T
  ) -> Ended<T>? {
    let box = Kept<T>()
    let console = console
    console.echo(false)
    defer { console.echo(true) }
    let work = start(
      { box.set(await body()) },
      {
        box.finish(); console.wake()
      }
    )
    desk.open { console.wake() }
    defer { desk.close() }
    var ended = (interrupted: false, leaves: false, terminated: false)
    var last: Timestamp?
    while !box.isFinished {
      switch console.wait(nil) {
      case .woken:
        if let question = desk.next() {
          console.echo(true)
          question.answer(ask(question))
          console.echo(false)
        }
      case .interrupted:
        let now = clock.now()
        if let last, now - last < .seconds(1) { ended.leaves = true }
        last = now
        if !ended.interrupted {
          ended.interrupted = true
          interrupted()
        }
        work.stop()
      case .terminated:
        ended.terminated = true
        work.stop()
      case .timeIsUp: break
      }
    }
    return box.get().map {
      Ended(
        value: $0,
        wasInterrupted: ended.interrupted,
        wantsToLeave: ended.leaves,
        isTerminated: ended.terminated
      )
    }
  }

  /// Work that no world's time concerns.
  func run<T: Sendable>(_ body: @escaping @Sendable () async -> T) -> Ended<T>? {
    run(
      start: { body, done in
        let task = Task.detached {
          await body()
          done()
        }
        return Cancelling(task: task)
      },
      body
    )
  }

  private func ask(_ question: QuestionDesk.Question) -> Bool {
    console.say("\(question.text)\n")
    if let word = question.word {
      return console.answer(Prompt(text: "Type \(word) to do it: ", tone: .danger)).isText(word)
    }
    while true {
      switch console.answer(Prompt(text: "yes or no? ", tone: .caution)) {
      case .text(let answer):
        switch answer.lowercased().filter({ $0 != " " }) {
        case "y", "yes": return true
        case "n", "no": return false
        case _: continue
        }
      case .end, .interrupted, .terminated: return false
      }
    }
  }
}

/// A task of its own, which stops by being cancelled.
struct Cancelling: Stopping {
  let task: Task<Void, Never>
  func stop() { task.cancel() }
}

/// What work came to, and whether it is over.
private final class Kept<T: Sendable>: Sendable {
  private let state = Mutex<(value: T?, isFinished: Bool)>((nil, false))

  func set(_ value: T) { state.withLock { $0.value = value } }
  func finish() { state.withLock { $0.isFinished = true } }
  func get() -> T? { state.withLock { $0.value } }
  var isFinished: Bool { state.withLock { $0.isFinished } }
}

/// Where a statement that runs leaves its questions for the person at the prompt.
final class QuestionDesk: PersonAsking {
  struct Question: Sendable {
    let id: Int
    let text: String
    /// What must be typed for a yes; nil: yes or no.
    let word: String?
    let answer: @Sendable (Bool) -> Void
  }

  private struct State {
    var waiting: [Question] = []
    var asked: [Int: CheckedContinuation<Bool, any Error>] = [:]
    var cancelled: Set<Int> = []
    var next = 0
    var wake: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())
  /// Who answers: `ada@laptop`.
  let name: String

  init(name: String) { self.name = name }

  var absence: String? { nil }

  func ask(_ question: String) async throws -> PersonAnswer {
    try await decide(question) ? .yes(by: name) : .no(by: name)
  }

  /// - Parameter word: what must be typed for a yes; nil: yes or no.
  /// - Throws: `CancellationError` when the task is cancelled while the person thinks.
  func decide(_ question: String, typing word: String? = nil) async throws -> Bool {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Bool, any Error>) in
        let (isCancelled, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
          if state.cancelled.remove(id) != nil { return (true, nil) }
          state.asked[id] = continuation
          state.waiting.append(Question(id: id, text: question, word: word) { [weak self] in self?.settle(id, $0) })
          return (false, state.wake)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        wake?()
      }
    } onCancel: {
      let continuation = state.withLock { state in
        state.waiting.removeAll { $0.id == id }
        let continuation = state.asked.removeValue(forKey: id)
        if continuation == nil { state.cancelled.insert(id) }
        return continuation
      }
      continuation?.resume(throwing: CancellationError())
    }
  }

  private func settle(_ id: Int, _ answer: Bool) {
    state.withLock { $0.asked.removeValue(forKey: id) }?.resume(returning: answer)
  }

  /// The oldest question that was not asked yet.
  func next() -> Question? { state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() } }

  /// From here on somebody looks after the desk.
  func open(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }
  func close() { state.withLock { $0.wake = nil } }
}
