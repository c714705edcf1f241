/// A text for `sh` in which each value is a parameter, and one word wherever it stands: outside of quotes and in either kind.
struct ShellText {
  private enum Quote { case none, single, double, comment }

  private(set) var script = ""
  private(set) var values: [String] = []
  /// The quotes that are open; those of a `$(…)` begin anew.
  private var quotes: [Quote] = [.none]
  private var isEscaped = false
  private var last: Character = "\n"

  private var quote: Quote { quotes[quotes.count - 1] }

  mutating func add(_ text: String) {
    for character in text { read(character) }
    script += text
  }

  /// - Throws: ``Halt`` with *refused* where a backslash would take the value's own quotes away.
  mutating func add(value: String) throws {
    guard !isEscaped else { throw RunProgramMessages.escapedValue }
    values.append(value)
    let parameter = "${\(values.count)}"
    switch quote {
    case .none, .comment: script += "\"\(parameter)\""
    case .double: script += parameter
    case .single: script += "'\"\(parameter)\"'"
    }
    last = "x"
  }

  private mutating func read(_ character: Character) {
    defer { last = character }
    if isEscaped {
      isEscaped = false
      return
    }
    let top = quotes.count - 1
    switch (quote, character) {
    case (.none, "\\"), (.double, "\\"): isEscaped = true
    case (.none, "'"): quotes[top] = .single
    case (.single, "'"), (.double, "\""), (.comment, "\n"): quotes[top] = .none
    case (.none, "\""): quotes[top] = .double
    case (.none, "#") where last.isWhitespace || last == ";" || last == "(": quotes[top] = .comment
    case (.none, "("),
      (.double, "(") where quote == .none || last == "$":
      quotes.append(.none)
    case (.none, ")") where top > 0: quotes.removeLast()
    default: break
    }
  }
}
