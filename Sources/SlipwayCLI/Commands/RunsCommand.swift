import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunbookDiagnostics
import RunbookInterpreter

struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs of this user on this machine, newest first.",
    usage: "slipway runs [--limit <number>] [--since <time>] [--stats] [<options>]",
    discussion: """
      With `--store git`, those that are kept in the GitOps repository, of whatever machine. \
      The journal is $XDG_STATE_HOME/slipway/journal.sqlite, by default in ~/.local/state. A run without an ending is \
      still running, or its process died.
      """
  )

  @Option(name: .long, help: ArgumentHelp("How many runs at most.", valueName: "number"))
  var limit = 20

  @Flag(
    name: .long,
    help: "Deployment frequency, lead time, change failure rate and time to restore instead (docs/reports.md)."
  )
  var stats = false

  @Option(
    name: .long,
    help: ArgumentHelp("Only what is newer: 90d, 2026-11-01, or a date with a time.", valueName: "time")
  )
  var since: String?

  @OptionGroup var storage: StoreOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  /// How far `--stats` looks back by itself.
  private static let window = Duration.seconds(30 * 86_400)

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit takes a number from 1") }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let now = SystemClock().now()
      let input = Input(host: host, screen: screen)
      let since = try since.map { try beginning($0, now, input) }
      let journal = try Session(host: host, screen: screen, asJSON: output.json).journal()
      if stats {
        try showStatistics(journal, since: since ?? now - Self.window, until: now, screen)
        return ExitStatus.ok
      }
      let found: [RunRecord]
      switch storage.store {
      case .local: found = try journal.runs(limit: limit)
      case .git:
        let fleet = try input.fleetRequired(configurationOptions.config).fleet
        found = try await RunKeeping.looking(fleet, host) { try await $0.headings().prefix(limit).map(\.record) }
      }
      let runs = found.filter { $0.started >= since ?? $0.started }
      if runs.isEmpty, !output.json { screen.say("no runs yet") }
      for record in runs { Screen.write(output.json ? try Self.json(record) : Self.line(record), to: 1) }
      return ExitStatus.ok
    }
  }

  private func showStatistics(_ journal: any Journal, since: Timestamp, until: Timestamp, _ screen: Screen) throws {
    let deployments = try DeploymentHistory.deployments(in: journal, since: since)
    let all = DeliveryStatistics.all(deployments, since: since, until: until)
    if all.isEmpty, !output.json { screen.say("nothing was deployed since \(since.wholeSecond)") }
    for statistics in all { Screen.write(output.json ? statistics.json : statistics.text, to: 1) }
  }

  /// - Throws: ``EarlyExit`` for what is no time.
  private func beginning(_ text: String, _ now: Timestamp, _ input: Input) throws -> Timestamp {
    if case .duration(let duration) = RunInputs.value(of: text, as: .duration) { return now - duration }
    guard let time = Timestamp(text) ?? Timestamp(text + "T00:00:00Z") else {
      throw input.fail(
        ExitStatus.usage,
        "--since takes a duration (90d), a date (2026-11-01) or a date with a time, not `\(visible(text))`"
      )
    }
    return time
  }

  private static let width = Ending.allCases.map(\.rawValue.count).max() ?? 0

  private static func line(_ record: RunRecord) -> String {
    let ending = record.ending?.rawValue ?? "open"
    let space = String(repeating: " ", count: max(0, width - ending.count))
    // Fractions of a second help nobody who looks for a run; `--json` has them.
    let started = Timestamp(secondsSinceEpoch: record.started.nanosecondsSinceEpoch / 1_000_000_000)
    return "\(record.id)  \(started)  \(ending)\(space)  \(visible(record.source))\n"
  }

  private static func json(_ record: RunRecord) throws -> String {
    let summary = Summary(
      run: record.id,
      started: record.started,
      ended: record.ended,
      ending: record.ending,
      exit: record.exit,
      world: record.world,
      source: record.source
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(summary), as: UTF8.self) + "\n"
  }

  private struct Summary: Encodable {
    var run: RunID
    var started: Timestamp
    var ended: Timestamp?
    var ending: Ending?
    var exit: Int32?
    var world: String
    var source: String
  }
}
