import Dispatch
import PromotionModel
import Synchronization

/// Standard input that is no terminal: lines are read, and nobody can be asked.
final class StreamConsole: Console {
  private let read: @Sendable () -> String?
  private let write: @Sendable (String) -> Void
  private let writeWords: @Sendable (String) -> Void
  private let woken = DispatchSemaphore(value: 0)
  private let interrupted = Mutex(false)

  let hasColor = false
  var isTerminal: Bool { false }
  var columns: Int? { nil }

  /// - Parameters:
  ///   - read: the next line, without its end; nil behind the last.
  ///   - write: takes what was asked for, on standard output.
  ///   - words: takes what is told about it, on standard error.
  init(
    read: @escaping @Sendable () -> String?,
    write: @escaping @Sendable (String) -> Void,
    words: @escaping @Sendable (String) -> Void
  ) {
    (self.read, self.write, writeWords) = (read, write, words)
  }

  func line(_ prompt: Prompt) -> Typed {
    if interrupted.withLock({ $0 }) { return .terminated }
    return read().map { .text($0) } ?? .end
  }

  func answer(_ prompt: Prompt) -> Typed { .end }
  func key() -> Typed { .end }
  func remember(_ line: String) {}
  func show(_ text: String) { write(text) }
  func say(_ text: String) { writeWords(text) }
  func announce(_ lines: String) { writeWords(lines) }

  func wait(_ limit: Duration?) -> Wake {
    woken.wait()
    return interrupted.withLock { $0 } ? .terminated : .woken
  }

  func wake() { woken.signal() }
  /// A signal has come: what runs is stopped, and the session ends.
  func interrupt() {
    interrupted.withLock { $0 = true }
    woken.signal()
  }

  func echo(_ isOn: Bool) {}
  func close() {}
}
