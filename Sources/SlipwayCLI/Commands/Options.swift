import ArgumentParser
import LiveWorld

/// Options that every subcommand takes.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "One JSON object a line on standard output.")
  var json = false

  @Flag(inversion: .prefixedNo, help: "Colour, whatever NO_COLOR and the terminal say.")
  var color: Bool?

  func screen(_ host: Host) -> Screen { Screen(host: host, color: color) }
}

struct ConfigurationOptions: ParsableArguments {
  @Option(name: .long, help: "The configuration; by default $SLIPWAY_CONFIG, or slipway.yaml here or above.")
  var config: String?
}

struct RunbookOptions: ParsableArguments {
  @Argument(help: "A runbook, or - for standard input.")
  var file: String?

  @Option(name: .customShort("c"), help: "Run this line instead of a file.")
  var line: String?
}

/// Runs a subcommand's body and turns what it throws into an exit status with one line on standard error.
func exiting(_ screen: Screen, _ body: () async throws -> Int32) async throws {
  let status: Int32
  do {
    status = try await body()
  } catch let early as EarlyExit {
    status = early.status
  } catch {
    screen.say("slipway: \(error)")
    status = 1
  }
  throw ExitCode(status)
}
