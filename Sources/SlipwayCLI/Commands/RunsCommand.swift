import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import RunLog
import RunbookDiagnostics

struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs of this user on this machine, newest first.",
    discussion: """
      The journal is $XDG_STATE_HOME/slipway/journal.sqlite, by default in ~/.local/state. A run without an ending is \
      still running, or its process died.
      """
  )

  @Option(name: .long, help: ArgumentHelp("How many runs at most.", valueName: "number"))
  var limit = 20

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit takes a number from 1") }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let journal = try Session(host: host, screen: screen, asJSON: output.json).journal()
      let runs = try journal.runs(limit: limit)
      if runs.isEmpty, !output.json { screen.say("no runs yet") }
      for record in runs { Screen.write(output.json ? try Self.json(record) : Self.line(record), to: 1) }
      return ExitStatus.ok
    }
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
