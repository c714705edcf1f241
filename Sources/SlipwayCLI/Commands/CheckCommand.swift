import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Finds every mistake of a runbook, touching nothing.",
    discussion: "Exit status 0 when it can run, 65 when the runbook is wrong, 66 when the configuration is."
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let source = try input.runbook(file: runbook.file, line: runbook.line)
      let (file, syntax) = RunbookSyntax.parse(source)
      var findings = syntax
      if let configuration = try input.configuration(configurationOptions.config) {
        findings += RunbookCheck.check(file, source: source, fleet: try input.fleet(configuration)).1
      } else {
        screen.say("no slipway.yaml here or above: names of services and environments were not checked")
      }
      findings.sort { $0.subject.start < $1.subject.start }
      if output.json {
        let renderer = JSONDiagnosticRenderer()
        for finding in findings { Screen.write(renderer.render(finding, in: source), to: 1) }
      } else {
        screen.show(findings, of: source)
      }
      return findings.contains { $0.severity == .error } ? ExitStatus.runbookWrong : ExitStatus.ok
    }
  }
}
