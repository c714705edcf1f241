import ArgumentParser
import LiveWorld
import PromotionModel
import Rehearsal
import RunbookCheck
import RunbookDiagnostics
import SimulatedWorld

struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the scenarios of runbooks in the simulated world.",
    discussion: """
      Every `scenario` of the files, and of the .runbook files in the folders, is run with what it supposes; then its \
      expectations are looked at. Exit status: 0 when all are met, 1 when one is not or the coverage is under the minimum, \
      65 when a runbook is wrong; the others are run nevertheless.
      """
  )

  @Argument(help: "Runbooks, or folders of them.")
  var paths: [String] = []

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var inputOptions: InputOptions
  @OptionGroup var beginning: FleetOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("The seed of the simulated world.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(name: .long, help: ArgumentHelp("Also write the results as JUnit XML.", valueName: "file"))
  var junit: String?

  @Option(name: .long, help: ArgumentHelp("Also write the coverage line by line, as lcov does.", valueName: "file"))
  var lcov: String?

  @Flag(name: .long, help: "Show the runbooks line by line with how many scenarios came by each statement.")
  var lines = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The least percentage of statements, and of those that answer failures, that scenarios must come by.",
      valueName: "percent"
    )
  )
  var minCoverage: Int?

  func validate() throws {
    if let minCoverage, !(0...100).contains(minCoverage) {
      throw ValidationError("--min-coverage takes a number from 0 to 100")
    }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let files = try input.runbooks(in: paths)
      let configuration =
        try input.configuration(configurationOptions.config)
        ?? SourceText(name: "the embedded fleet", text: Rehearsal.standardConfiguration)
      let fleet = try input.fleet(configuration)
      let description = try await beginning.description(fleet, input, screen)
      var (suites, coverage, texts) = ([ScenarioSuite](), Coverage(), [String: SourceText]())
      var status = ExitStatus.ok
      // What has no scenario of its own may have some in a file beside it.
      var untested: [Coverage] = []
      for file in files {
        do {
          let source = try input.runbook(file: file, line: nil)
          guard let tested = try input.tested(source, fleet) else {
            if minCoverage != nil, let runbook = input.examine(source, fleet).runbook, !runbook.isEmpty {
              untested.append(Coverage(of: runbook, named: file))
            }
            continue
          }
          let suite = try run(tested, in: file, input, configuration, description, &coverage)
          suites.append(suite)
          texts.merge(tested.texts) { known, _ in known }
        } catch let exit as EarlyExit {
          // What is wrong with one file says nothing of the others.
          status = status == ExitStatus.ok ? exit.status : status
          let message = visible(exit.message)
          suites.append(ScenarioSuite(name: file, runbook: file, mistake: message))
          try show(ScenarioJSON.broken(file, message, exit.status), "BROKEN  \(file)")
        }
      }
      untested.removeAll { coverage.files.contains($0.files[0]) }
      for missing in untested { coverage.add(missing) }
      let isCovered = try show(coverage, texts, screen, untested: untested.map { $0.files[0] })
      if let junit { try input.writeReport(JUnitReport.text(suites, coverage), to: junit) }
      if let lcov { try input.writeReport(LCOVReport.text(coverage), to: lcov) }
      let all = suites.reduce(0) { $0 + $1.outcomes.count }
      let failed = all - suites.reduce(0) { $0 + $1.passed }
      // A mistyped folder must not look like tests that pass.
      if status == ExitStatus.ok, all == 0 || failed > 0 || !isCovered { status = ExitStatus.failed }
      let broken = suites.count { $0.mistake != nil }
      try show(
        ScenarioJSON.summary(scenarios: all, failed: failed, broken: broken, exit: status),
        ScenarioMessages.summary(passed: all - failed, failed: failed, broken: broken)
      )
      return status
    }
  }

  /// Runs the scenarios of a file, and adds what they came by.
  private func run(
    _ tested: TestedRunbook,
    in file: String,
    _ input: Input,
    _ configuration: SourceText,
    _ description: FleetDescription?,
    _ coverage: inout Coverage
  ) throws -> ScenarioSuite {
    let runner = try ScenarioRun(
      runbook: tested.runbook,
      source: tested.source,
      configuration: configuration,
      seed: seed,
      inputs: try input.inputs(inputOptions.set, for: tested.runbook).values,
      standIns: StandIns(zones: SystemTimeZones()),
      description: description
    )
    var suite = ScenarioSuite(name: file, runbook: tested.source.name)
    var covered = Coverage(of: tested.runbook, named: tested.source.name)
    for scenario in tested.runbook.scenarios {
      let outcome = try runner.run(scenario)
      covered.add(outcome)
      suite.outcomes.append(outcome)
      let unmet = outcome.unmet.isEmpty ? "" : "\n" + ScenarioMessages.failure(outcome, in: file)
      try show(ScenarioJSON.line(outcome, in: file), ScenarioMessages.line(outcome, in: file) + unmet)
    }
    coverage.add(covered)
    return suite
  }

  /// - Parameter untested: the files of which no scenario ran.
  /// - Returns: whether every file is covered as much as it is to be.
  private func show(
    _ coverage: Coverage,
    _ texts: [String: SourceText],
    _ screen: Screen,
    untested: [String]
  ) throws -> Bool {
    var isCovered = true
    for file in coverage.files {
      let part = coverage.of(file)
      let isEnough = min(part.percent, part.failurePercent) >= minCoverage ?? 0
      try show(ScenarioJSON.coverage(part, of: file, minimum: minCoverage), ScenarioMessages.coverage(part))
      if lines, !output.json, let text = texts[file] { Self.write(ScenarioMessages.listing(file, text, part)) }
      if !isEnough {
        let why = untested.contains(file) ? ": it has no scenario" : ""
        screen.say("slipway: \(visible(file)) is covered by less than \(minCoverage ?? 0) %\(why)")
      }
      isCovered = isCovered && isEnough
    }
    return isCovered
  }

  private func show(_ json: @autoclosure () throws -> String, _ text: @autoclosure () -> String) throws {
    if output.json { Screen.write(try json(), to: 1) } else { Self.write(text()) }
  }

  private static func write(_ text: String) {
    for line in text.split(separator: "\n") { Screen.write(visible(String(line)) + "\n", to: 1) }
  }
}
