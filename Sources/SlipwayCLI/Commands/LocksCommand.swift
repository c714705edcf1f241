import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import RunbookDiagnostics

struct LocksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "locks",
    abstract: "Lists the locks of the environments, as they stand in the GitOps repository now.",
    discussion: """
      Looks and changes nothing. A lock that has expired is nobody's: the next run takes it. Exit status: 0, also where \
      nothing is locked; 4 when the repository could not be asked.
      """
  )

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let fleet = try Input(host: host, screen: screen).fleetRequired(configurationOptions.config).fleet
      let live = LiveReading(fleet: fleet, host: host)
      var found: [LockHolder] = []
      do {
        for environment in fleet.environments {
          if let holder = try await live.reading.repository.lockHolder(of: environment.name) { found.append(holder) }
        }
        await live.close()
      } catch {
        await live.close()
        throw error
      }
      let now = SystemClock().now()
      if found.isEmpty, !output.json { screen.say("nothing is locked") }
      for holder in found {
        Screen.write(output.json ? try Self.json(holder, now) : Self.text(holder, now) + "\n", to: 1)
      }
      return ExitStatus.ok
    }
  }

  static func text(_ lock: LockHolder, _ now: Timestamp) -> String {
    let until = lock.expires > now ? "until \(lock.expires)" : "expired at \(lock.expires), free to be taken"
    let pull = lock.pullRequest.map { ": \($0)" } ?? ""
    return visible("\(lock.environment)  run \(lock.run) of \(lock.holder) (\(lock.reason)), \(until)\(pull)")
  }

  private static func json(_ lock: LockHolder, _ now: Timestamp) throws -> String {
    let line = Line(
      environment: lock.environment.text,
      run: lock.run,
      holder: lock.holder,
      reason: lock.reason,
      plan: lock.plan,
      pullRequest: lock.pullRequest,
      expires: lock.expires,
      expired: lock.expires <= now
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
  }

  private struct Line: Encodable {
    var environment: String
    var run: RunID
    var holder: String
    var reason: String
    var plan: [String]
    var pullRequest: String?
    var expires: Timestamp
    var expired: Bool
  }
}
