import Dispatch
import PromotionModel
import Synchronization

@testable import RunbookREPL

/// A terminal at which a script types.
final class ScriptedConsole: Console {
  struct State {
    var lines: [Typed]
    /// Answers to questions, and keys, in the order in which they are asked for.
    var answers: [Typed]
    var text = ""
    var prompts: [String] = []
    var questions: [String] = []
    var remembered: [String] = []
    var announced = ""
  }

  private let state: Mutex<State>
  private let woken = DispatchSemaphore(value: 0)
  let isTerminal: Bool
  let hasColor = false
  var columns: Int? { 100 }

  init(_ lines: [String], answers: [String] = [], isTerminal: Bool = true) {
    state = Mutex(State(lines: lines.map { .text($0) }, answers: answers.map { .text($0) }))
    self.isTerminal = isTerminal
  }

  init(typed: [Typed], answers: [Typed] = []) {
    state = Mutex(State(lines: typed, answers: answers))
    isTerminal = true
  }

  var current: State { state.withLock { $0 } }
  /// Everything that was shown.
  var text: String { current.text }

  func line(_ prompt: Prompt) -> Typed {
    state.withLock { state in
      state.prompts.append(prompt.text)
      return state.lines.isEmpty ? .end : state.lines.removeFirst()
    }
  }

  func answer(_ prompt: Prompt) -> Typed {
    state.withLock { state in
      state.questions.append(prompt.text)
      return state.answers.isEmpty ? .end : state.answers.removeFirst()
    }
  }

  func key() -> Typed { state.withLock { $0.answers.isEmpty ? .end : $0.answers.removeFirst() } }
  func remember(_ line: String) { state.withLock { $0.remembered.append(line) } }
  func show(_ text: String) { state.withLock { $0.text += text } }
  func say(_ text: String) { state.withLock { $0.text += text } }
  func announce(_ lines: String) { state.withLock { $0.announced += lines } }

  func wait(_ limit: Duration?) -> Wake {
    woken.wait()
    return .woken
  }

  func wake() { woken.signal() }
  func echo(_ isOn: Bool) {}
  func close() {}
}

/// Files in memory.
final class MemoryFiles: SessionFiles {
  private let files = Mutex<[String: String]>([:])

  init(_ files: [String: String] = [:]) { self.files.withLock { $0 = files } }

  func text(_ path: String) -> String? { files.withLock { $0[path] } }
  func read(_ path: String) -> [UInt8]? { text(path).map { Array($0.utf8) } }
  func write(_ text: String, to path: String) throws { files.withLock { $0[path] = text } }
  func append(_ line: String, to path: String) { files.withLock { $0[path, default: ""] += line + "\n" } }
}
