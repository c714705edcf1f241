import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// What looks into the language itself; for those who work on it, so no help page lists it.
struct DebugCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "debug",
    abstract: "Looks into the language itself.",
    shouldDisplay: false,
    subcommands: [DebugSyntaxCommand.self, DebugTokensCommand.self, DebugTreeCommand.self]
  )
}

struct DebugSyntaxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "syntax",
    abstract: "Answers for many texts whether each is a runbook.",
    discussion: """
      Reads texts with a NUL byte between two of them from standard input and writes a line for each: `accepted`, or the \
      first finding's code, place and summary. `grammar/equivalence` asks it.
      """
  )

  func run() async throws {
    let host = Host()
    let screen = Screen(host: host, color: nil)
    try await exiting(screen) {
      let source = try Input(host: host, screen: screen).runbook(file: "-", line: nil)
      var answers = ""
      for bytes in source.bytes.split(separator: 0, omittingEmptySubsequences: false) {
        let text = SourceText(name: "-", bytes: Array(bytes))
        answers += answer(text) + "\n"
      }
      Screen.write(answers, to: 1)
      return ExitStatus.ok
    }
  }

  private func answer(_ text: SourceText) -> String {
    let findings = RunbookSyntax.parse(text).diagnostics
    guard let finding = findings.first(where: { $0.severity == .error }) else { return "accepted" }
    let place = text.position(at: finding.subject.start)
    return "\(finding.code) \(place.line):\(place.column) \(visible(finding.summary))"
  }
}

struct DebugTokensCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens",
    abstract: "Shows the tokens of a runbook, a line each."
  )

  @OptionGroup var runbook: RunbookOptions

  func run() async throws {
    let host = Host()
    let screen = Screen(host: host, color: nil)
    try await exiting(screen) {
      let source = try Input(host: host, screen: screen).runbook(file: runbook.file, line: runbook.line)
      var lines = ""
      for token in tokens(of: source) {
        let place = source.position(at: token.span.start)
        lines += "\(place.line):\(place.column) \(token.kind) \(visible(source.text(token.span)))\n"
      }
      Screen.write(lines, to: 1)
      return ExitStatus.ok
    }
  }
}

struct DebugTreeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "Shows the tree of a runbook, whatever is wrong with it."
  )

  @OptionGroup var runbook: RunbookOptions

  func run() async throws {
    let host = Host()
    let screen = Screen(host: host, color: nil)
    try await exiting(screen) {
      let source = try Input(host: host, screen: screen).runbook(file: runbook.file, line: runbook.line)
      let (file, findings) = RunbookSyntax.parse(source)
      Screen.write("\(TreeDump(file, in: source))\n", to: 1)
      screen.show(findings.map { LocatedDiagnostic($0, in: source) })
      return findings.contains { $0.severity == .error } ? ExitStatus.runbookWrong : ExitStatus.ok
    }
  }
}
