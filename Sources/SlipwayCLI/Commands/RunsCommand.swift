import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import RunLog

struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs of this journal, newest first."
  )

  @Option(name: .long, help: "How many.")
  var limit = 20

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let journal = try Session(host: host, screen: screen, asJSON: output.json).journal()
      let runs = try journal.runs(limit: max(0, limit))
      if runs.isEmpty, !output.json { screen.say("no runs yet") }
      for record in runs { Screen.write(output.json ? try Self.json(record) : Self.line(record), to: 1) }
      return ExitStatus.ok
    }
  }

  private static func line(_ record: RunRecord) -> String {
    let ending = record.ending?.rawValue ?? "open (running, or its process died: slipway resume \(record.id))"
    return "\(record.id)  \(record.started)  \(ending)  \(LocalPrograms.sanitize(line: record.source))\n"
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
