import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookDiagnostics

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Finds every mistake of a runbook, touching nothing.",
    usage: "slipway check [<file> | -c <statements>] [<options>]",
    discussion: "Exit status: 0 when it can run, 64 usage, 65 the runbook is wrong, 66 the configuration is wrong."
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen, showsFindingsAsJSON: output.json)
      let source = try input.runbook(file: runbook.file, line: runbook.line)
      let fleet = try input.configuration(configurationOptions.config).map(input.fleet)
      if fleet == nil {
        screen.say("no slipway.yaml here or above: names of services and environments were not checked")
      }
      let findings = input.examine(source, fleet).findings
      input.show(findings, of: source)
      if !output.json { screen.say("\(visible(source.name)): \(Self.count(findings))") }
      return findings.contains { $0.severity == .error } ? ExitStatus.runbookWrong : ExitStatus.ok
    }
  }

  /// "nothing wrong found", or "2 errors, 1 warning".
  private static func count(_ findings: [Diagnostic]) -> String {
    let counts = Severity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return counts.isEmpty ? "nothing wrong found" : counts.joined(separator: ", ")
  }
}
