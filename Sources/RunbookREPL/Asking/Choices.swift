import PromotionModel
import RunbookDiagnostics
import RunbookInterpreter

extension Repl {
  /// A `rollback` that knows no way back lists what the environment ran: one key picks.
  func offerVersions(_ performed: SessionInterpreter.Performed) {
    guard console.isTerminal, performed.verb == "rollback" else { return }
    let choices = Self.statements(in: performed.message)
    guard !choices.isEmpty else { return }
    say("What it ran before, newest first:")
    for (index, choice) in choices.enumerated() {
      say("  \(index + 1)  \(visible(choice.statement))   \(visible(choice.note))")
    }
    say("1 to \(choices.count) runs that line, any other key none.")
    guard case .text(let key) = console.key(), let number = Int(key), choices.indices.contains(number - 1) else {
      return say("Not run.")
    }
    let statement = choices[number - 1].statement
    say(visible(statement))
    if history.add(statement) { console.remember(statement) }
    evaluate(statement)
  }

  /// The lines to run that a refusal names: `rollback production api to v1.2.1 (since …, ada)`.
  static func statements(in message: String) -> [(statement: String, note: String)] {
    guard let start = message.range(of: "newest first: ") else { return [] }
    return message[start.upperBound...].split(separator: ";").prefix(9).compactMap { part in
      let line = String(part).trimmed
      guard line.hasPrefix("rollback "), let open = line.range(of: " (") else { return nil }
      return (String(line[..<open.lowerBound]), String(line[open.upperBound...].prefix { $0 != ")" }))
    }
  }
}

extension String {
  /// The first place of a text in this one.
  func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
