import RunbookDiagnostics
import RunbookSyntax

/// What was typed in a session, as the one runbook that it is: what the checker knows of earlier statements when it looks
/// at the next, and what the journal keeps.
///
/// Statements keep their places for as long as the session lasts, since the journal knows them by these. One that came to
/// nothing leaves a statement behind that does nothing, with a comment that says what it was.
struct SessionText {
  struct Entry: Equatable {
    var text: String
    /// The variable that it declares.
    var variable: String?
    /// It did what it says, so that others may rely on it.
    var counts = true

    init(text: String, variable: String? = nil, counts: Bool = true) {
      (self.text, self.variable, self.counts) = (text, variable, counts)
    }

    fileprivate var line: String {
      if counts { return text }
      let words = text.split(whereSeparator: { $0.isWhitespace }).joined(separator: " ")
      return "require true  # \(words)"
    }
  }

  /// It begins with a statement that does nothing: a runbook with declarations alone has nothing to run.
  private(set) var entries = [Entry(text: "typed at the prompt", counts: false)]

  /// The place of the next statement.
  var count: Int { entries.count }

  /// Ends in a line end.
  var text: String { entries.map { $0.line + "\n" }.joined() }

  mutating func append(_ statements: [Entry]) { entries += statements }

  /// A statement came to nothing, or is replaced by another.
  mutating func discard(_ place: Int) {
    if entries.indices.contains(place) { entries[place].counts = false }
  }

  /// A statement can no longer stand as it was typed, since what it speaks of has another meaning now. A variable keeps its
  /// value.
  mutating func retire(_ place: Int, _ literals: [String: String]) {
    guard entries.indices.contains(place) else { return }
    if let name = entries[place].variable, let literal = literals[name],
      entries[place].text != "let \(name) = \(literal)"
    {
      entries[place].text = "let \(name) = \(literal)"
    } else {
      discard(place)
    }
  }

  /// A variable is given another value: its old declaration goes.
  mutating func discardVariable(_ name: String) {
    for place in entries.indices where entries[place].variable == name { discard(place) }
  }

  /// The place of the statement in which a byte of ``text`` stands.
  func place(at offset: Int) -> Int? {
    var end = 0
    for (place, entry) in entries.enumerated() {
      end += entry.line.utf8.count + 1
      if offset < end { return place }
    }
    return nil
  }

  /// The statements of a text, each as an entry.
  static func entries(of file: RunbookFile, in source: SourceText) -> [Entry] {
    file.statements.map { statement in
      var variable: String?
      if case .binding(let node) = statement.kind { variable = node.name.text(in: source) }
      return Entry(text: source.text(statement.span), variable: variable)
    }
  }

  /// Whether a text goes on in the next line: something in it is open, or it ends where more must follow.
  static func isOpen(_ text: String) -> Bool {
    let source = SourceText(name: "", text: text)
    var depth = 0
    var last: Token?
    for token in tokens(of: source) {
      switch token.kind {
      case .leftBrace, .leftParenthesis, .leftBracket: depth += 1
      case .rightBrace, .rightParenthesis, .rightBracket: depth -= 1
      case .newline, .comment, .endOfFile: continue
      case .unterminatedString where source.text(token.span).hasPrefix("\"\"\""): return true
      case _: break
      }
      last = token
    }
    if depth > 0 { return true }
    return last?.kind == .comma
  }
}
