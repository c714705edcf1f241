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

  @Option(
    name: .long,
    help: ArgumentHelp("Begin with the fleet that a file describes (docs/rehearsal.md).", valueName: "file")
  )
  var fleet: String?

  /// Where a fleet can be read from.
  enum Origin: String, CaseIterable, ExpressibleByArgument { case live }

  @Option(
    name: .long,
    help: ArgumentHelp("Begin with the fleet as it really is now; it is only looked at.", valueName: "live")
  )
  var from: Origin?

  @Option(
    name: .long,
    help: ArgumentHelp("Write the fleet that was read with --from to a file, for --fleet.", valueName: "file")
  )
  var record: String?

  @OptionGroup var paper: ReportOptions

  func validate() throws {
    if fleet != nil, from != nil { throw ValidationError("give --fleet or --from, not both") }
    if record != nil, from == nil { throw ValidationError("--record writes what --from reads: add --from live") }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let source = Rehearsal.source(try input.runbook(file: runbook.file, line: runbook.line), given: fail)
      let configuration =
        try input.configuration(configurationOptions.config)
        ?? SourceText(name: "the embedded fleet", text: Rehearsal.standardConfiguration)
      let known = try input.fleet(configuration)
      let checked = try input.checked(source, known)
      let description = try await description(known, input, screen)
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

  private func description(_ known: Fleet, _ input: Input, _ screen: Screen) async throws -> FleetDescription? {
    if let fleet { return try input.description(fleet) }
    guard from != nil else { return nil }
    let description = try await LiveFleet(host: input.host, screen: screen, fleet: known).read()
    guard let record else { return description }
    let text = try FleetFile.text(
      description,
      keepingLinesWith: known.policy.errorWords,
      or: known.policy.errorPatterns
    )
    try input.write(text, to: record)
    // What was kept is what is rehearsed, so that the file gives the same run.
    return try input.description(record)
  }
}
