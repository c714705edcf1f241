import CEditlineShim
import FoundationEssentials
import PromotionModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A real terminal, edited on with libedit.
final class TerminalConsole: Console {
  let hasColor: Bool
  private let write: @Sendable (String) -> Void
  /// Only held: libedit keeps a pointer to it.
  private let completion: CompletionBox

  var isTerminal: Bool { true }
  var columns: Int? {
    let columns = Int(prompt_columns())
    return columns > 0 ? columns : nil
  }

  /// - Parameters:
  ///   - write: takes what is shown, on standard output.
  ///   - complete: what a line and the cursor's place in it, in bytes, may become.
  /// - Returns: nil where no line can be edited.
  init?(
    hasColor: Bool,
    write: @escaping @Sendable (String) -> Void,
    complete: @escaping (String, Int) -> LineCompletion
  ) {
    (self.hasColor, self.write) = (hasColor, write)
    completion = CompletionBox(complete)
    let context = Unmanaged.passUnretained(completion).toOpaque()
    let isOpen = prompt_open(
      "slipway",
      { context, text, cursor in
        guard let context, let text else { return prompt_completion() }
        let box = Unmanaged<CompletionBox>.fromOpaque(context).takeUnretainedValue()
        let found = box.complete(String(cString: text), Int(cursor))
        return prompt_completion(
          removed: found.removed,
          inserted: found.inserted.map { strdup($0) },
          listing: found.listing.map { strdup($0) }
        )
      },
      context
    )
    guard isOpen else { return nil }
  }

  func line(_ prompt: Prompt) -> Typed { read(prompt, isAnswer: false) }
  func answer(_ prompt: Prompt) -> Typed { read(prompt, isAnswer: true) }

  private func read(_ prompt: Prompt, isAnswer: Bool) -> Typed {
    prompt.drawn(hasColor: hasColor, marker: "\u{1}").withCString { prompt in
      var text: UnsafePointer<CChar>?
      switch prompt_line(prompt, isAnswer, &text) {
      case PROMPT_TEXT:
        var line = text.map { String(cString: $0) } ?? ""
        if line.hasSuffix("\n") { line.removeLast() }
        return .text(line)
      case PROMPT_INTERRUPTED: return .interrupted
      case PROMPT_TERMINATED: return .terminated
      case _: return .end
      }
    }
  }

  func key() -> Typed {
    var bytes = [CChar](repeating: 0, count: 17)
    switch prompt_key(&bytes) {
    case PROMPT_TEXT:
      return .text(String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    case PROMPT_INTERRUPTED: return .interrupted
    case PROMPT_TERMINATED: return .terminated
    case _: return .end
    }
  }

  func remember(_ line: String) { prompt_remember(line) }
  // On a terminal there is one stream, so that what is shown and what is told keep their order.
  func show(_ text: String) { write(text) }
  func say(_ text: String) { write(text) }
  func announce(_ lines: String) { prompt_announce(lines) }

  func wait(_ limit: Duration?) -> Wake {
    let milliseconds = limit.map { Int32(clamping: $0.wholeNanoseconds / 1_000_000) } ?? -1
    switch UInt8(truncatingIfNeeded: prompt_wait(milliseconds)) {
    case UInt8(ascii: "d"): return .woken
    case UInt8(ascii: "i"): return .interrupted
    case UInt8(ascii: "t"): return .terminated
    case _: return .timeIsUp
    }
  }

  func wake() { prompt_wake() }
  func echo(_ isOn: Bool) { prompt_echo(isOn) }
  func close() { prompt_close() }
}

/// Completion as C can hold it.
private final class CompletionBox: @unchecked Sendable {
  // Called on the thread that reads lines, and on no other.
  let complete: (String, Int) -> LineCompletion
  init(_ complete: @escaping (String, Int) -> LineCompletion) { self.complete = complete }
}

/// What Tab does to a line.
struct LineCompletion: Equatable {
  /// So many characters in front of the cursor are taken away.
  var removed = 0
  /// What is put there.
  var inserted: String?
  /// What is shown below the line.
  var listing: String?
}
