import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookDiagnostics
import RunbookInterpreter

struct UnlockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock",
    abstract: "Takes the lock of an environment from the run that holds it, and says whose it was.",
    usage: "slipway unlock <environment> --because <reason> [<options>]",
    discussion: """
      For a run that is dead and whose lock has not expired yet. One that is alive learns by whom and why with its next \
      push, which fails: nothing more of it is written. The reason stands in the repository until the next run takes the \
      lock. Exit status: 0, also when nothing was locked; 64 for an environment that is not in the configuration; 4 when \
      it could not be told.
      """
  )

  @Argument(help: "The environment.")
  var environment: String

  @Option(name: .long, help: ArgumentHelp("Why; the run that loses the lock is told.", valueName: "reason"))
  var because: String

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard because.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--because takes a reason") }
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      let fleet = try input.fleetRequired(configurationOptions.config).fleet
      guard let environment = fleet.environment(EnvironmentName(environment)) else {
        let known = fleet.environments.map(\.name.text)
        let near = nearest(environment, among: known).map { "; did you mean `\($0)`?" } ?? ""
        throw input.fail(ExitStatus.usage, "unknown environment `\(visible(environment))`\(near)")
      }
      let live = LiveWorld(fleet: fleet, host: host)
      do {
        let said = try await unlock(environment.name, live.world, host)
        await live.close()
        screen.say(said)
      } catch {
        await live.close()
        throw error
      }
      return ExitStatus.ok
    }
  }

  /// Puts a lock in its place that has expired: so whoever held it cannot write and cannot take it again, and everybody
  /// else can.
  private func unlock(_ environment: EnvironmentName, _ world: World, _ host: Host) async throws -> String {
    let now = SystemClock().now()
    guard let former = try await world.reading.repository.lockHolder(of: environment), former.expires > now else {
      return "\(environment) is not locked"
    }
    let claim = LockHolder(
      environment: environment,
      run: host.newRunID(at: now),
      holder: host.identity,
      reason: "unlocked: \(because)",
      plan: [],
      expires: now
    )
    switch try await world.writing.repository.takeLock(claim, takingOver: true) {
    case .held(_, let from):
      guard let from else { return "\(environment) is not locked" }
      return "unlocked; it was \(LocksCommand.text(from, now))"
    case .lost: return "\(environment) is not locked"
    case .heldBy(let other):
      throw WorldError(
        tool: "git",
        reason: .refused,
        message: "the lock could not be taken from run \(other.run) of \(other.holder)"
      )
    }
  }
}
