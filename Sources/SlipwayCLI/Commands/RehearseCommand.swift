import ArgumentParser
import LiveWorld
import PromotionModel
import Rehearsal
import RunbookDiagnostics

struct RehearseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse",
    abstract: "Runs a runbook in a simulated world, with nothing at stake.",
    discussion: """
      The interpreter and the verbs are the real ones; the repository, Argo CD, the cluster, GitHub and the time are \
      simulated. Without a slipway.yaml a fleet of three services stands in.
      """
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: "The seed of the simulated world: the same seed gives the same run.")
  var seed: UInt64 = 1

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let configuration =
        try input.configuration(configurationOptions.config)
        ?? SourceText(name: "the embedded fleet", text: Rehearsal.standardConfiguration)
      let fleet = try input.fleet(configuration)
      let source = try input.runbook(file: runbook.file, line: runbook.line)
      let checked = try input.checked(source, fleet)
      let rehearsal = Rehearsal(
        runbook: checked,
        source: source,
        configuration: configuration,
        seed: seed,
        log: Session.sink(screen, asJSON: output.json)
      )
      let outcome = try rehearsal.run()
      if !output.json { screen.say(outcome.summary) }
      return outcome.result.exit
    }
  }
}
