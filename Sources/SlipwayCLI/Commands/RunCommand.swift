import ArgumentParser
import LiveWorld
import PromotionModel
import Rehearsal
import RunLog
import RunbookDiagnostics
import RunbookInterpreter
import SimulatedWorld

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a runbook against the real GitOps repository, cluster and GitHub.",
    usage: "slipway run [<file> | -c <statements>] [<options>]",
    discussion: """
      Exit status: 0 ok or suspended, 1 failed, 2 refused (nothing was changed), 3 failed and taken back, 4 undetermined or timed \
      out, 64 usage, 65 the runbook is wrong, 66 the configuration is wrong, 130 and 143 interrupted and resumable.
      """
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var inputOptions: InputOptions
  @OptionGroup var locks: LockOptions
  @OptionGroup var paper: ReportOptions
  @OptionGroup var signs: HeartbeatOptions
  @OptionGroup var suspension: SuspendOptions
  @OptionGroup var storage: StoreOptions
  @OptionGroup var output: OutputOptions

  @Flag(
    name: .long,
    help: "Look at the real world, then show what the runbook would do there; nothing outside is changed."
  )
  var dryRun = false

  @Flag(name: .long, help: "Answer every `confirm` with yes; the run log says so.")
  var yes = false

  /// A submitted run is known by the name of its Job.
  @Option(name: .long, help: .private)
  var runID: String?

  func validate() throws {
    guard !dryRun || !suspension.suspend else {
      throw ValidationError("--dry-run runs to its end, people included: give it without --suspend")
    }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    // What fails before the first statement changed nothing.
    try await exiting(screen, unforeseen: ExitStatus.refused) {
      let input = Input(host: host, screen: screen)
      let source = try input.runbook(file: runbook.file, line: runbook.line)
      let (fleet, configuration) = try input.fleetRequired(configurationOptions.config)
      let checked = try input.checked(source, fleet)
      let (values, texts) = try input.inputs(inputOptions.set, for: checked)
      var session = Session(host: host, screen: screen, asJSON: output.json, saysYes: yes)
      session.lockPatience = try locks.patience(input)
      session.heartbeat = try signs.interval(input)
      session.suspends = suspension.suspend
      let journal = try session.journal()
      let now = SystemClock().now()
      if dryRun {
        let live = LiveFleet(host: host, screen: screen, fleet: fleet)
        let start = Rehearsal.Start(try await live.read(), dryRun: host.newRunID(at: now), journal: journal)
        let rehearsal = Rehearsal(
          runbook: checked,
          source: source,
          configuration: configuration,
          seed: 1,
          inputs: values,
          standIns: StandIns(variables: host.allVariables, zones: SystemTimeZones()),
          log: Session.sink(screen, asJSON: output.json),
          start: start,
          keepsLog: paper.isWanted(host)
        )
        let outcome = try GitHubJob.quietly(host) { try rehearsal.run() }
        try paper.write(outcome.run, outcome.journal, input)
        if !output.json { screen.say(outcome.summary) }
        return outcome.result.exit
      }
      guard let id = runID.map({ RunID($0) }) ?? host.newRunID(at: now), try journal.run(id) == nil else {
        throw input.fail(ExitStatus.usage, "`\(visible(runID ?? ""))` is not the name of a new run")
      }
      let record = RunRecord(
        id: id,
        started: now,
        world: RunRecord.live,
        source: source.name,
        text: source.text(source.span),
        configuration: configuration.text(configuration.span),
        inputs: texts,
        imports: checked.imports,
        place: input.place(of: configuration, fleet)
      )
      let keeping = storage.store == .git ? try RunKeeping(begun: record, fleet, input) : nil
      try journal.begin(record)
      let guardian = try RunGuard(run: record.id, folder: host.stateDirectory)
      defer { guardian.release() }
      let status = try await session.run(record, checked, inputs: values, journal: journal, keeping: keeping)
      try paper.write(record.id, journal, input)
      return status
    }
  }
}
