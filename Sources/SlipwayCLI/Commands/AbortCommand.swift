import ArgumentParser
import LiveWorld
import PromotionModel
import RunReport
import RunbookInterpreter

struct AbortCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abort",
    abstract: "Gives a run up: its failure handlers run, its pull request is closed, its lock is freed.",
    usage: "slipway abort (<run> | --pull-request <number>) [--because <reason>] [<options>]",
    discussion: """
      What is not begun yet, and what was cut off, is not done any more. `on failure` answers that as a failure, so that \
      `rollback promoted` takes back what reached production; then a pull request that is still open is closed with a \
      comment, its branch is deleted, and the lock is freed. Exit status: as `slipway run`: 3 when what was promoted was \
      taken back and seen to be so, 1 when nothing was to be taken back or something stays, which is said; 64 when there \
      is no such run, or it came to its end.
      """
  )

  @OptionGroup var choice: RunChoice
  @OptionGroup var storage: StoreOptions
  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(
    name: .long,
    help: ArgumentHelp("Why; it stands in the run log and on the pull request.", valueName: "reason")
  )
  var because = "no reason was given"

  @OptionGroup var paper: ReportOptions
  @OptionGroup var signs: HeartbeatOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Answer every `confirm` of a handler with yes; the run log says so.")
  var yes = false

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      var session = Session(host: host, screen: screen, asJSON: output.json, saysYes: yes)
      session.heartbeat = try signs.interval(input)
      session.abortion = Abortion(by: host.identity, reason: because)
      let (status, run) = try await session.goOn(choice, storage.store, configurationOptions, input)
      try paper.write(run, try session.journal(), input)
      return status
    }
  }
}
