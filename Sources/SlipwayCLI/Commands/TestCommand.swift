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
      expectations are looked at. Exit status: 0 when all are met, 1 when one is not or the coverage is under the minimum.
      """
  )

  @Argument(help: "Runbooks, or folders of them.")
  var paths: [String] = []

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var inputOptions: InputOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("The seed of the simulated world.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(name: .long, help: ArgumentHelp("Also write the results as JUnit XML.", valueName: "file"))
  var junit: String?

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
      var suites: [(name: String, outcomes: [ScenarioOutcome])] = []
      var isCovered = true
      for file in files {
        let source = try input.runbook(file: file, line: nil)
        let checked = try input.checked(source, fleet)
        guard !checked.scenarios.isEmpty else { continue }
        let runner = try ScenarioRun(
          runbook: checked,
          source: source,
          configuration: configuration,
          seed: seed,
          inputs: try input.inputs(inputOptions.set, for: checked).values,
          standIns: StandIns(zones: SystemTimeZones())
        )
        var coverage = Coverage(of: checked)
        var outcomes: [ScenarioOutcome] = []
        for scenario in checked.scenarios {
          let outcome = try runner.run(scenario)
          coverage.add(outcome)
          outcomes.append(outcome)
          try show(outcome, in: source.name)
        }
        suites.append((source.name, outcomes))
        if !output.json { Self.write(ScenarioMessages.coverage(coverage, in: source.name)) }
        if let minCoverage, min(coverage.percent, coverage.failurePercent) < minCoverage {
          isCovered = false
          screen.say("slipway: \(visible(source.name)) is covered by less than \(minCoverage) %")
        }
      }
      if let junit { try input.writeReport(JUnitReport.text(suites), to: junit) }
      let all = suites.flatMap(\.outcomes)
      let failed = all.count { !$0.unmet.isEmpty }
      if !output.json { Self.write(ScenarioMessages.summary(passed: all.count - failed, failed: failed)) }
      // A mistyped folder must not look like tests that pass.
      return !all.isEmpty && failed == 0 && isCovered ? ExitStatus.ok : ExitStatus.failed
    }
  }

  private func show(_ outcome: ScenarioOutcome, in file: String) throws {
    if output.json {
      Screen.write(try ScenarioJSON.line(outcome, in: file), to: 1)
      return
    }
    Self.write(ScenarioMessages.line(outcome, in: file))
    if !outcome.unmet.isEmpty { Self.write(ScenarioMessages.failure(outcome, in: file)) }
  }

  private static func write(_ text: String) {
    for line in text.split(separator: "\n") { Screen.write(visible(String(line)) + "\n", to: 1) }
  }
}
