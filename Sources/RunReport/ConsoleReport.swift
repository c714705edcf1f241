internal import PromotionModel
public import RunLog
internal import Synchronization

/// The run log for people: a line a step and finding, and a last line whose first word says how it is.
///
/// On a terminal what is waited for is one line that is redrawn in place; elsewhere every event is a line.
public final class ConsoleReport: RunLogSink {
  /// How the log is shown.
  public struct Style: Sendable {
    /// Colours the word that says how it is; the word is there without colour too.
    public var color: Bool
    public var isTerminal: Bool
    /// The terminal's width in columns, asked at every line that is redrawn; nil where it is not known.
    public var width: @Sendable () -> Int?

    public init(color: Bool = false, isTerminal: Bool = false, width: @escaping @Sendable () -> Int? = { nil }) {
      (self.color, self.isTerminal, self.width) = (color, isTerminal, width)
    }
  }

  private struct State {
    var start: Timestamp?
    /// Columns grow with what was shown, so that a log stays aligned from then on.
    var verbWidth = 8
    var subjectWidth = 10
    var hasPassingLine = false
    var outcome = ConsoleOutcome()
  }

  private let style: Style
  private let write: @Sendable (String) -> Void
  private let writeData: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - write: takes whole lines with their newlines, or a part of a line on a terminal; called from any task, one call
  ///     at a time.
  ///   - data: takes the lines that the runbook asked to be shown, which are the run's output; nil: `write`.
  public init(
    style: Style = Style(),
    data: (@Sendable (String) -> Void)? = nil,
    write: @escaping @Sendable (String) -> Void
  ) {
    (self.style, self.write, self.writeData) = (style, write, data ?? write)
  }

  public func emit(_ event: RunEvent) {
    state.withLock { state in
      let start = state.start ?? event.time
      state.start = start
      state.outcome.learn(event)
      let elapsed = Self.elapsed(event.time - start)
      var text = state.hasPassingLine ? "\r\u{1B}[K" : ""
      state.hasPassingLine = false
      if let data = ConsoleData(event).text {
        if !text.isEmpty { write(text) }
        writeData(data)
        return
      } else if case .runEnded(let ending, let exit, let message) = event.body {
        text += lastLine(state.outcome, ending, exit, message, elapsed: elapsed)
      } else {
        let line = ConsoleLine(event)
        state.verbWidth = max(state.verbWidth, TerminalText.columns(line.verb))
        state.subjectWidth = max(state.subjectWidth, min(40, TerminalText.columns(TerminalText.escaped(line.subject))))
        if line.isPassing, style.isTerminal {
          text += passing(line, elapsed)
          state.hasPassingLine = true
        } else {
          text += layout(line, elapsed, state) { paint($0, line.tone) } + "\n"
          for entry in line.block { text += "    \(paint(TerminalText.escaped(entry), Self.tone(ofDiff: entry)))\n" }
        }
      }
      write(text)
    }
  }

  /// `+02:31  good          validate  staging/api  pods: 2 of 2 ready`.
  private func layout(_ line: ConsoleLine, _ elapsed: String, _ state: borrowing State, word: (String) -> String)
    -> String
  {
    let space = String(repeating: " ", count: max(0, 12 - TerminalText.columns(line.word)))
    let verb = TerminalText.padded(TerminalText.escaped(line.verb), to: state.verbWidth)
    let subject = TerminalText.padded(TerminalText.escaped(line.subject), to: state.subjectWidth)
    return "\(elapsed)  \(word(line.word))\(space)  \(verb)  \(subject)  \(TerminalText.escaped(line.message))"
  }

  /// Without columns, so that the message has room, and a column less than the terminal has: a full line would wrap, and
  /// could no longer be redrawn.
  private func passing(_ line: ConsoleLine, _ elapsed: String) -> String {
    let parts = [elapsed, line.word, line.verb, line.subject, line.message].filter { !$0.isEmpty }
    let text = parts.map(TerminalText.escaped).joined(separator: "  ")
    return paint(TerminalText.truncated(text, to: max(0, (style.width() ?? 80) - 1)), line.tone)
  }

  private func lastLine(
    _ outcome: ConsoleOutcome,
    _ ending: Ending,
    _ exit: Int32,
    _ message: String,
    elapsed: String
  ) -> String {
    var parts = ["exit \(exit) after \(elapsed.dropFirst())"]
    if !message.isEmpty { parts.append(TerminalText.escaped(message)) }
    if let next = outcome.advice(ending, exit, message: message) { parts.append(TerminalText.escaped(next)) }
    return "\(paint(ending.rawValue, ConsoleLine.tone(of: ending))): \(parts.joined(separator: "; "))\n"
  }

  private func paint(_ text: String, _ tone: ConsoleLine.Tone) -> String {
    guard style.color, let escape = tone.escape, !text.isEmpty else { return text }
    return "\(escape)\(text)\u{1B}[0m"
  }

  private static func tone(ofDiff line: String) -> ConsoleLine.Tone {
    if line.hasPrefix("+++") || line.hasPrefix("---") { return .plain }
    return line.hasPrefix("+") ? .good : line.hasPrefix("-") ? .bad : .quiet
  }

  /// `+02:31`, and from an hour on `+1:02:31`.
  static func elapsed(_ duration: Duration) -> String {
    let seconds = max(0, duration.wholeNanoseconds / 1_000_000_000)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let clock = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    return seconds >= 3600 ? "+\(seconds / 3600):\(clock)" : "+\(clock)"
  }
}
