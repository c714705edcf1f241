import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

extension Repl {
  /// `:help [VERB]`
  func help(_ verb: String) {
    guard !verb.isEmpty else { return overview() }
    let name = verb.hasPrefix(":") ? String(verb.dropFirst()) : verb
    if let command = PromptCommand(rawValue: name) { return show("\(command.usage)\n  \(command.summary)\n") }
    guard let help = StatementHelp.of(name) else {
      let near = nearest(name, among: StatementHelp.all.map(\.verb)).map { "; did you mean `\($0)`?" } ?? "."
      return complain("There is no statement `\(visible(name))`\(near)")
    }
    let columns = min(100, console.columns ?? 100)
    var text = help.usage.map { $0.wrapped(to: columns, indent: 4) + "\n" }.joined()
    for paragraph in [help.summary] + help.detail { text += "\n\(paragraph.wrapped(to: columns))\n" }
    let clauses = help.forms.flatMap(\.clauses)
    var shown: Set<String> = []
    let width = clauses.map(\.usage.count).max() ?? 0
    if !clauses.isEmpty { text += "\n" }
    for clause in clauses where shown.insert(clause.usage).inserted {
      let line = "  \(clause.usage.padded(to: width))  \(clause.summary)"
      text += line.wrapped(to: columns, indent: width + 4) + "\n"
    }
    text += "\n" + help.example.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
    show(text)
  }

  private func overview() {
    let verbs = StatementHelp.all.filter { !["scenario", "given", "expect"].contains($0.verb) }
    let width = max(verbs.map(\.verb.count).max() ?? 0, PromptCommand.allCases.map(\.usage.count).max() ?? 0)
    var text = "Statements (:help VERB says more):\n"
    for help in verbs { text += "  \(help.verb.padded(to: width))  \(help.summary)\n" }
    text += "\nThe prompt:\n"
    for command in PromptCommand.allCases { text += "  \(command.usage.padded(to: width))  \(command.summary)\n" }
    text += "\nTab completes, Ctrl-R searches what was typed, Ctrl-C stops a statement, Ctrl-D leaves.\n"
    show(text)
  }

  /// `:explain CODE`
  func explain(_ code: String) {
    guard let page = Explanation.of(code.uppercased()) else {
      let near = Explanation.nearestCode(to: code.uppercased()).map { "; did you mean \($0)?" } ?? "."
      return complain("There is no code `\(visible(code))`\(near)")
    }
    show(page.page)
  }

  func show(_ text: String) { console.show(text) }
}

extension String {
  /// On lines of whole words, of so many characters at most; those behind the first are indented.
  func wrapped(to width: Int, indent: Int = 0) -> String {
    var lines: [String] = []
    var line = String(prefix { $0 == " " })
    var isEmpty = true
    for word in split(separator: " ", omittingEmptySubsequences: false).drop(while: \.isEmpty) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        (line, isEmpty) = (String(repeating: " ", count: indent), true)
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// With blanks behind, so that it takes so many characters.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
