import ArgumentParser
import LiveWorld
import PromotionModel
import RunLog
import RunbookDiagnostics

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Goes on with a run that was interrupted, died, timed out or could not tell.",
    discussion: """
      Finished steps are not done again; the runbook and the configuration are those the run began with. Exit status: \
      as `slipway run`; 64 when there is no such run, or nothing to go on with.
      """
  )

  @Argument(help: ArgumentHelp("The run, as `slipway runs` names it.", valueName: "run"))
  var name: String

  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Answer every `confirm` with yes; the run log says so.")
  var yes = false

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    // An earlier process of the run may have changed something.
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      let session = Session(host: host, screen: screen, asJSON: output.json, saysYes: yes)
      let journal = try session.journal()
      guard let id = RunID(name), let record = try journal.run(id) else {
        throw input.fail(
          ExitStatus.usage,
          "there is no run `\(visible(String(name.prefix(60))))` in the journal; `slipway runs` lists them"
        )
      }
      if let ending = record.ending, !Self.isResumable(ending) {
        throw input.fail(ExitStatus.usage, "run \(id) ended \(ending.rawValue): there is nothing to go on with")
      }
      let fleet = try input.fleet(
        SourceText(name: "the configuration of \(id)", text: record.configuration),
        isStored: true
      )
      let checked = try input.checked(
        SourceText(name: record.source, text: record.text),
        fleet,
        imports: .stored(record.imports)
      )
      let values = try input.inputs(record.inputs.map { "\($0.key)=\($0.value)" }.sorted(), for: checked).values
      return try await session.run(record, checked, inputs: values, journal: journal, isResumed: true)
    }
  }

  private static func isResumable(_ ending: Ending) -> Bool {
    switch ending {
    case .interrupted, .undetermined, .timedOut, .suspended: true
    case .ok, .refused, .failed: false
    }
  }
}
