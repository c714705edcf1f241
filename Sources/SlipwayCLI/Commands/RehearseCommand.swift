import ArgumentParser
import LiveWorld
import PromotionModel
import Rehearsal
import RunbookDiagnostics
import SimulatedWorld

struct RehearseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse",
    abstract: "Runs a runbook in a simulated world, with nothing at stake.",
    usage: "slipway rehearse [<file> | -c <statements>] [<options>]",
    discussion: """
      The interpreter and the verbs are the real ones; the repository, Argo CD, the cluster, GitHub and the time are \
      simulated, so that half an hour passes in a moment. Without a slipway.yaml a small fleet stands in. Programs \
      of the runbook are not run and end with status 0, and questions are answered with yes. Exit status: as \
      `slipway run`.
      """
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var inputOptions: InputOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The seed of the simulated world: the same seed gives the same run, to the byte.",
      valueName: "number"
    )
  )
  var seed: UInt64 = 1

  @Option(
    name: .long,
    parsing: .singleValue,
    help: ArgumentHelp(
      "What goes wrong, as a scenario's `given` says it: 'production api crashes after 3m'. May be given again.",
      valueName: "event"
    )
  )
  var fail: [String] = []

  @OptionGroup var beginning: FleetOptions
  @OptionGroup var paper: ReportOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let written = try input.runbook(file: runbook.file, line: runbook.line)
      let configuration =
        try input.configuration(configurationOptions.config)
        ?? SourceText(name: "the embedded fleet", text: Rehearsal.standardConfiguration)
      let known = try input.fleet(configuration)
      var checked = try input.checked(written, known)
      if !fail.isEmpty { checked = try input.checked(written, known, given: fail) }
      let source = Rehearsal.source(written, given: fail)
      let description = try await beginning.description(known, input, screen)
      let values = try input.inputs(inputOptions.set, for: checked).values
      let rehearsal = Rehearsal(
        runbook: checked,
        source: source,
        configuration: configuration,
        seed: seed,
        inputs: values,
        standIns: StandIns(variables: host.allVariables, zones: SystemTimeZones()),
        events: Rehearsal.events(of: checked),
        log: Session.sink(screen, asJSON: output.json),
        start: description.map { Rehearsal.Start($0) },
        keepsLog: paper.isWanted(host)
      )
      let outcome = try GitHubJob.quietly(host) { try rehearsal.run() }
      try paper.write(outcome.run, outcome.journal, input)
      if !output.json { screen.say(outcome.summary) }
      return outcome.result.exit
    }
  }
}
