import PromotionModel
import RunbookCheck
import RunbookCompletion
import RunbookDiagnostics
import RunbookSyntax

/// What Tab does at the prompt: the completion of the language, with what the session knows.
final class PromptCompletion {
  private let settings: ReplSettings
  weak var repl: Repl?
  private var versions: VersionCatalogue { repl?.versions ?? VersionCatalogue() }
  /// The lines of a block that are typed already.
  private var before: String { repl?.openBlock ?? "" }

  init(settings: ReplSettings) { self.settings = settings }

  /// - Parameter cursor: in bytes.
  func complete(_ line: String, _ cursor: Int) -> LineCompletion {
    let typed = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
    if typed.hasPrefix(":") { return completeCommand(typed) }
    let variables = repl?.session.interpreter.variables.map { "let \($0.name) = 1\n" }.joined() ?? ""
    let past = variables + before
    let source = SourceText(name: "typed", text: past + line)
    let offset = past.utf8.count + cursor
    let place = CompletionPlace(in: source, at: offset)
    let completer = Completer(
      place: place,
      fleet: settings.fleet,
      procedures: repl?.session.procedures ?? [],
      versions: { [versions] in versions.of($0, in: $1) }
    )
    let start = place.replaced.lowerBound
    let stem = source.text(SourceSpan(start..<max(start, offset)))
    var found = completer.suggestions()
    if place.around.before.isEmpty, before.isEmpty { found += Self.bareCommands }
    return CompletionList(found: found, stem: stem).result(width: repl?.console.columns ?? 80)
  }

  private static let bareCommands = [PromptCommand.status, .watch].map {
    Suggestion($0.rawValue, .keyword, detail: $0.usage, documentation: $0.summary)
  }

  private func completeCommand(_ typed: String) -> LineCompletion {
    let words = typed.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let stem = words.last ?? ""
    var found: [Suggestion] = []
    if words.count == 1 {
      found = PromptCommand.allCases.map { Suggestion(":\($0.rawValue)", .keyword, documentation: $0.summary) }
    } else if words.count == 2 {
      switch words[0] {
      case ":world": found = WorldKind.allCases.map { Suggestion($0.rawValue, .value, documentation: $0.described) }
      case ":help":
        found = StatementHelp.all.map { Suggestion($0.verb, .keyword, documentation: $0.summary) }
      case ":explain": found = Explanation.all.map { Suggestion($0.code, .value, documentation: $0.title) }
      case ":debug": found = ["tokens", "tree", "plan"].map { Suggestion($0, .keyword) }
      case _: break
      }
    }
    return CompletionList(found: found, stem: stem).result(width: repl?.console.columns ?? 80)
  }
}

/// Suggestions that fit what is typed so far.
struct CompletionList {
  private let fitting: [Suggestion]
  private let stem: String

  init(found: [Suggestion], stem: String) {
    self.stem = stem
    fitting = found.filter { $0.text.hasPrefix(stem) && !$0.text.isEmpty }
  }

  private static let mostLines = 30

  /// One is put in, of several what they have in common; when that is nothing more than what stands there, they are listed.
  func result(width: Int) -> LineCompletion {
    guard let first = fitting.first else { return LineCompletion() }
    if fitting.count == 1 {
      // What takes more behind it is not over.
      let isOpen = first.text.last.map { "(\"".contains($0) } ?? false
      return LineCompletion(removed: stem.count, inserted: first.text + (isOpen ? "" : " "))
    }
    let common = fitting.dropFirst().reduce(first.text) { $0.commonPrefix(with: $1.text) }
    if common.count > stem.count { return LineCompletion(removed: stem.count, inserted: common) }
    return LineCompletion(listing: listing(width: width))
  }

  /// A line each, with what it means.
  private func listing(width: Int) -> String {
    let labels = fitting.map { visible($0.label) }
    let column = min(36, labels.map(\.count).max() ?? 0)
    var text = ""
    for (label, suggestion) in zip(labels, fitting).prefix(Self.mostLines) {
      let about = visible(suggestion.documentation ?? suggestion.detail ?? "")
      let line = about.isEmpty ? "  \(label)" : "  \(label.padded(to: column))  \(about)"
      text += String(line.prefix(max(20, width - 1))) + "\n"
    }
    if fitting.count > Self.mostLines { text += "  … and \(fitting.count - Self.mostLines) more\n" }
    return text
  }
}

extension String {
  func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
