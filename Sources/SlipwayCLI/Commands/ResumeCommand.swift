import ArgumentParser
import LiveWorld
import PromotionModel

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Goes on with a run that was suspended or interrupted, died, timed out or could not tell.",
    usage: "slipway resume (<run> | --pull-request <number>) [<options>]",
    discussion: """
      Finished steps are not done again; the runbook and the configuration are those the run began with. With \
      `--runbook`, another runbook takes over, where what was begun is unchanged in it; else it is refused with a diff. \
      Exit status: as `slipway run`; 65 for a runbook that cannot take over; 64 when there is no such run, or nothing to go on with.
      """
  )

  @OptionGroup var choice: RunChoice
  @Option(
    name: .long,
    help: ArgumentHelp("Go on with this runbook; what the run has begun must be unchanged.", valueName: "file")
  )
  var runbook: String?

  @OptionGroup var storage: StoreOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var locks: LockOptions
  @OptionGroup var paper: ReportOptions
  @OptionGroup var signs: HeartbeatOptions
  @OptionGroup var suspension: SuspendOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Answer every `confirm` with yes; the run log says so.")
  var yes = false

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    // An earlier process of the run may have changed something.
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      var session = Session(host: host, screen: screen, asJSON: output.json, saysYes: yes)
      session.lockPatience = try locks.patience(input)
      session.heartbeat = try signs.interval(input)
      session.suspends = suspension.suspend
      session.changedRunbook = runbook
      let (status, run) = try await session.goOn(choice, storage.store, configurationOptions, input)
      try paper.write(run, try session.journal(), input)
      return status
    }
  }
}
