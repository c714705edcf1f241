import PromotionModel

/// The terminal of a session, or what stands in for one. Used by one thread, but for ``announce(_:)``, ``wake()`` and the
/// two ways to write.
protocol Console: Sendable {
  /// Whether a person is there who can be asked.
  var isTerminal: Bool { get }
  var hasColor: Bool { get }
  /// Of the terminal; nil where it is not known.
  var columns: Int? { get }

  /// A line, with its prompt.
  func line(_ prompt: Prompt) -> Typed
  /// The answer to a question: typed now, whole, never pasted and never from before the question was shown.
  func answer(_ prompt: Prompt) -> Typed
  /// One key, pressed now.
  func key() -> Typed
  /// What can be called back with the arrow keys.
  func remember(_ line: String)

  /// What was asked for.
  func show(_ text: String)
  /// What is told about it.
  func say(_ text: String)
  /// Whole lines that nobody asked for: above the line that is being typed.
  func announce(_ lines: String)

  /// Waits while a statement runs.
  func wait(_ limit: Duration?) -> Wake
  /// Ends a ``wait(_:)``.
  func wake()
  /// Whether keys that are pressed are shown.
  func echo(_ isOn: Bool)
  /// The terminal is given back.
  func close()
}

/// What a person typed.
enum Typed: Equatable {
  case text(String)
  /// Ctrl-D, or the end of the input.
  case end
  /// Ctrl-C.
  case interrupted
  /// The process is to end.
  case terminated
}

extension Typed {
  /// Whether it is this word, and nothing else.
  func isText(_ word: String) -> Bool {
    guard case .text(let text) = self else { return false }
    return text.trimmed == word
  }
}

/// Why a wait is over.
enum Wake: Equatable {
  case woken, interrupted, terminated, timeIsUp
}

/// What stands in front of what is typed.
struct Prompt: Equatable {
  enum Tone { case plain, quiet, caution, danger }

  var text: String
  var tone: Tone

  /// - Parameter marker: what encloses parts that take no columns.
  func drawn(hasColor: Bool, marker: String) -> String {
    guard hasColor, let code = Self.code(tone) else { return text }
    return "\(marker)\u{1B}[\(code)m\(marker)\(text)\(marker)\u{1B}[0m\(marker)"
  }

  private static func code(_ tone: Tone) -> String? {
    switch tone {
    case .plain: nil
    case .quiet: "2"
    case .caution: "33"
    case .danger: "1;31"
    }
  }
}
