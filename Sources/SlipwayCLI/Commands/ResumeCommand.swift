import ArgumentParser
import LiveWorld
import PromotionModel

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Goes on with a run that was interrupted, died, timed out or could not tell.",
    usage: "slipway resume <run> [<options>]",
    discussion: """
      Finished steps are not done again; the runbook and the configuration are those the run began with. Exit status: \
      as `slipway run`; 64 when there is no such run, or nothing to go on with.
      """
  )

  @Argument(help: ArgumentHelp("The run, as `slipway runs` names it.", valueName: "run"))
  var name: String

  @OptionGroup var locks: LockOptions
  @OptionGroup var paper: ReportOptions
  @OptionGroup var signs: HeartbeatOptions
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
      let status = try await session.goOn(name, input)
      if let run = RunID(name) { try paper.write(run, try session.journal(), input) }
      return status
    }
  }
}
