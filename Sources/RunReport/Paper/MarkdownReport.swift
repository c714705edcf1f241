internal import PromotionModel

/// A run in GitHub's Markdown: for a job's summary, a ticket, a post-mortem.
public struct MarkdownReport: Sendable {
  private let paper: RunPaper

  public init(_ paper: RunPaper) { self.paper = paper }

  public var text: String {
    var text = "## \(Self.sign(paper.word)) \(paper.word): \(harmless(paper.record.source))\n\n"
    if let words = paper.lastWords { text += "\(harmless(words))\n\n" }
    text += facts
    text += list("What is left to people", paper.leftToPeople.map(sentence))
    text += changes
    text += list("Pull requests", paper.pullRequests.map(pullRequest))
    text += statements
    for part in paper.parts { text += details(part) }
    text += messages
    return text
  }

  private var facts: String {
    let record = paper.record
    var text = "Run `\(record.id)`, \(harmless(record.world)), started \(RunPaper.whole(record.started))"
    if let ended = record.ended { text += ", took \(RunPaper.span(ended - record.started))" }
    if let exit = record.exit { text += ", exit \(exit)" }
    if !paper.people.isEmpty { text += ", by \(harmless(paper.people.joined(separator: ", ")))" }
    return text + ".\n"
  }

  private func list(_ title: String, _ lines: [String]) -> String {
    lines.isEmpty ? "" : "\n### \(title)\n\n" + lines.map { "- \($0)\n" }.joined()
  }

  private var changes: String {
    let changes = paper.changes
    guard !changes.isEmpty else { return "" }
    let rows = changes.map { change in
      "| \(harmless("\(change.environment)/\(change.service)")) | \(code(change.from)) | \(code(change.to)) "
        + "| \(harmless("\(change.by), \(change.road)")) |\n"
    }
    return "\n### What it changed\n\n| service | from | to | how |\n| --- | --- | --- | --- |\n" + rows.joined()
  }

  private func pullRequest(_ pull: LogEntry) -> String {
    "\(harmless("#\(pull.number ?? 0) \(pull.title ?? "")")): \(harmless(pull.state ?? "")), \(harmless(pull.url ?? ""))"
  }

  private var statements: String {
    guard !paper.parts.isEmpty else { return "" }
    let rows = paper.parts.map { part in
      let time = part.record.outcome.map { RunPaper.span($0.time - part.record.begun) } ?? ""
      return
        "| \(Self.sign(part.word)) \(part.word) | \(code(part.record.statement)) | \(paper.offset(part.record.begun)) "
        + "| \(time) | \(harmless(part.record.outcome?.message ?? "")) |\n"
    }
    return "\n### Statements\n\n| ending | statement | begun | took | |\n| --- | --- | --- | --- | --- |\n"
      + rows.joined()
  }

  /// Diffs, and findings that are not good.
  private func details(_ part: RunPaper.Part) -> String {
    let findings = part.entries("finding", "bad-sign").filter { $0.result != "good" }.map { entry in
      let place = [entry.environment, entry.service].compactMap(\.self).joined(separator: "/")
      return
        "- \(entry.result ?? "bad sign"): \(harmless("\(place) \(entry.check ?? "")")): \(harmless(entry.message ?? ""))\n"
    }
    let diffs = part.entries("planned").last?.diffs ?? []
    guard !findings.isEmpty || !diffs.isEmpty else { return "" }
    return "\n#### \(code(part.record.statement))\n\n" + findings.joined()
      + diffs.map { "\n" + fenced(clean($0.unified), language: "diff") }.joined()
  }

  private var messages: String {
    let told = paper.messages
    guard !told.isEmpty else { return "" }
    return "\n### Messages sent\n\n"
      + told.map { "To \(harmless($0.place ?? "")):\n\n" + fenced(clean($0.text ?? ""), language: "text") }.joined(
        separator: "\n"
      )
  }

  // MARK: Texts

  private func clean(_ text: String) -> String { paper.redactor.clean(text) }

  private func sentence(_ remark: RunPaper.Remark) -> String {
    remark.pieces.map { piece in
      switch piece {
      case .words(let words): harmless(words)
      case .command(let command): code(command)
      }
    }.joined()
  }

  private func harmless(_ text: String) -> String { Self.harmless(clean(text)) }

  /// Text that can neither format, link, mention, nor leave its line or cell.
  static func harmless(_ text: String) -> String {
    var result = ""
    for scalar in TerminalText.escaped(text).unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "@": result += "@\u{200B}"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "!", "~", "$": result += "\\" + String(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private func code(_ text: String) -> String { Self.code(clean(text)) }

  /// A code span on one line whose fence no text can close; `|` would end a table's cell even there.
  static func code(_ text: String) -> String {
    let line = TerminalText.escaped(text).replacing("|", with: "\\|")
    let fence = String(repeating: "`", count: longestFence(line) + 1)
    let pad = line.hasPrefix("`") || line.hasSuffix("`") ? " " : ""
    return line.isEmpty ? "" : fence + pad + line + pad + fence
  }

  private func fenced(_ text: String, language: String) -> String {
    let body = TerminalText.lines(text).map(TerminalText.escaped).joined(separator: "\n")
    let fence = String(repeating: "`", count: max(3, Self.longestFence(body) + 1))
    return "\(fence)\(language)\n\(body)\n\(fence)\n"
  }

  private static func longestFence(_ text: String) -> Int {
    var (longest, current) = (0, 0)
    for byte in text.utf8 {
      current = byte == UInt8(ascii: "`") ? current + 1 : 0
      longest = max(longest, current)
    }
    return longest
  }

  private static func sign(_ word: String) -> String {
    switch PageWords.kind(of: word) {
    case "good": "✅"
    case "bad": "❌"
    case "caution": "⚠️"
    default: "▫️"
    }
  }
}
