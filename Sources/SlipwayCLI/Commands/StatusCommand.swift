import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunStore
import RunbookDiagnostics
import RunbookInterpreter
import RunbookREPL

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows services by environments on one screen: versions, pods, errors, health, sync, drift; or a run.",
    usage: "slipway status [<scope> ...] [<options>]",
    discussion: """
      Looks at the real world and changes nothing. With the name of a run: what the journal knows of it, step by step, \
      and how it goes on. Exit status: 0, also where something needs a look; 4 when it could not \
      be seen, 64 for a name that is not in the configuration.
      """
  )

  @Argument(help: "An environment, services, or an environment and services; or a run.")
  var scope: [String] = []

  @OptionGroup var storage: StoreOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      if scope.count == 1, Self.isRun(scope[0]) { return try await show(run: scope[0], host, screen, input) }
      let fleet = try input.fleetRequired(configurationOptions.config).fleet
      let text = scope.joined(separator: " ")
      guard let scope = LookScope(text, fleet: fleet) else {
        throw input.fail(ExitStatus.usage, visible(LookScope.unknown(text, fleet)))
      }
      let live = LiveReading(fleet: fleet, host: host)
      let entries: [FleetLook.Entry]
      do {
        entries = try await scope.look(FleetLook(reading: live.reading, fleet: fleet))
        await live.close()
      } catch {
        await live.close()
        throw error
      }
      if output.json {
        for entry in entries { Screen.write(try Self.json(entry), to: 1) }
      } else {
        var board = StatusBoard(hasColor: screen.hasColor, fleet: fleet)
        Screen.write(board.text(entries) + board.verdict, to: 1)
      }
      return ExitStatus.ok
    }
  }

  /// As ``Host/newRunID(at:)`` names runs: no service is called so.
  private static func isRun(_ word: String) -> Bool {
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.count) == [8, 6, 4] && parts[0].allSatisfy(\.isNumber) && parts[1].allSatisfy(\.isNumber)
  }

  private func show(run name: String, _ host: Host, _ screen: Screen, _ input: Input) async throws -> Int32 {
    if storage.store == .git {
      let fleet = try input.fleetRequired(configurationOptions.config).fleet
      let kept = try await RunKeeping.looking(fleet, host) {
        reader -> (copy: RunCopy, heading: RunHeading, revision: CommitID)? in
        guard let id = RunID(name) else { return nil }
        return try await reader.run(id)
      }
      guard let kept else { throw RunFinder.unknown(name, input) }
      let summary = RunSummary(kept.copy.record, steps: kept.copy.steps, life: .notHere, options: RunKeeping.options)
      let stored = "stored by \(visible(kept.heading.holder)) at \(kept.heading.written)\n"
      Screen.write(output.json ? summary.json : summary.text + stored, to: 1)
      return ExitStatus.ok
    }
    let journal = try Session(host: host, screen: screen, asJSON: output.json).journal()
    let record = try journal.record(name, input)
    let isHeld = RunGuard.isHeld(record.id, folder: host.stateDirectory)
    let summary = RunSummary(record, steps: try journal.steps(of: record.id), life: isHeld ? .running : .notHere)
    Screen.write(output.json ? summary.json : summary.text, to: 1)
    return ExitStatus.ok
  }

  private static func json(_ entry: FleetLook.Entry) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Line(entry)), as: UTF8.self) + "\n"
  }

  private struct Line: Encodable {
    var environment: String
    var service: String
    var declared: String?
    var running: [String]
    var ready: Int
    var desired: Int
    var restarts: Int
    var errors: Int?
    var health: String?
    var sync: String?
    var state: String?
    var autoSyncSuspendedBy: String?
    var disabled: Bool
    var drift: Bool
    var trouble: String?
    var well: Bool

    init(_ entry: FleetLook.Entry) {
      (environment, service) = (entry.environment.text, entry.service.text)
      (declared, running, ready, desired) = (entry.declared, entry.running, entry.ready, entry.desired)
      (restarts, errors, health) = (entry.restarts, entry.errors, entry.health)
      (sync, state) = (entry.sync?.rawValue, entry.state?.rawValue)
      autoSyncSuspendedBy = entry.suspendedBy
      (disabled, drift, trouble, well) = (entry.isDisabled, entry.drifts, entry.trouble, entry.isWell)
    }
  }
}
