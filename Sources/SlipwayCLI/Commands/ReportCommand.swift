import ArgumentParser
import LiveWorld
import PromotionModel
import RunLog
import RunReport

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes all that is known of a run: for the post-mortem, the ticket, and those who were not there.",
    usage: "slipway report <run> [<file>] [--html | --markdown | --json]",
    discussion: """
      Made from the journal alone; looks at no server. `--html` makes one page that needs no network and holds no script; \
      without it the report is GitHub's Markdown; `--json` gives the stored events, one a line. Logins, tokens and the \
      values of variables that the runbook or the configuration names do not stand in it. Exit status: 0; 64 when there is \
      no such run.
      """
  )

  @Argument(help: ArgumentHelp("The run, as `slipway runs` names it.", valueName: "run"))
  var name: String

  @Argument(help: ArgumentHelp("Where it is written; standard output by default.", valueName: "file"))
  var file: String?

  @Flag(name: .long, help: "One self-contained HTML page.")
  var html = false

  @Flag(name: .long, help: "Markdown as GitHub shows it; so it is by default.")
  var markdown = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if [html, markdown, output.json].count(where: { $0 }) > 1 {
      throw ValidationError("give one of --html, --markdown and --json")
    }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let journal = try Session(host: host, screen: screen, asJSON: output.json).journal()
      let paper = try host.paper(of: try journal.record(name, input), journal)
      let text = html ? PageReport(paper).html : output.json ? paper.jsonLines : MarkdownReport(paper).text
      if let file, file != "-" {
        try input.writeReport(text, to: file)
      } else {
        Screen.write(text, to: 1)
      }
      return ExitStatus.ok
    }
  }
}

extension Host {
  /// What a report of a run is made of, without the secrets that this machine knows.
  func paper(of record: RunRecord, _ journal: any Journal) throws -> RunPaper {
    let life: RunSummary.Life = RunGuard.isHeld(record.id, folder: stateDirectory) ? .running : .notHere
    return try RunPaper(record, journal: journal, life: life, redactor: redactor(for: record))
  }

  /// Knows the logins of the tools, and the values of variables that the runbook and its configuration name.
  private func redactor(for record: RunRecord) -> Redactor {
    let redactor = Redactor()
    let tools = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
    for (name, value) in allVariables where tools.contains(name) || record.names(name) { redactor.keep(value) }
    return redactor
  }
}

extension RunRecord {
  /// Whether the runbook, its imports or its configuration holds the word.
  fileprivate func names(_ word: String) -> Bool {
    guard word.count >= 3 else { return false }
    return ([text, configuration] + imports.values).contains { text in
      text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { $0 == word }
    }
  }
}
