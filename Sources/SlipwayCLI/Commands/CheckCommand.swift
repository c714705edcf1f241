import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookCheck
import RunbookDiagnostics

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Finds every mistake of a runbook, touching nothing.",
    usage: "slipway check [<file> | -c <statements>] [--fix] [<options>]",
    discussion: """
      `slipway explain CODE` says what a finding means. A warning is silenced by a comment on its line, or in front of it: \
      `# allow SW3104: hotfix, watched by hand`.

      Exit status: 0 when it can run, 64 usage, 65 the runbook is wrong, 66 the configuration is wrong.
      """
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Write every correction that is certain into the file, then check what is left.")
  var fix = false

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen, showsFindingsAsJSON: output.json)
      if fix, runbook.line != nil || runbook.file == "-" {
        throw input.fail(ExitStatus.usage, "--fix needs a file that it can write: standard input and -c have none")
      }
      var source = try input.runbook(file: runbook.file, line: runbook.line)
      let fleet = try input.configuration(configurationOptions.config).map({ try input.fleet($0) })
      if fleet == nil {
        screen.say("no slipway.yaml here or above: names of services and environments were not checked")
      }
      if fix { source = try fixed(source, fleet, input, screen) }
      let findings = input.examine(source, fleet).findings
      input.show(findings)
      if !output.json { screen.say("\(visible(source.name)): \(Self.count(findings))") }
      return findings.contains(where: \.isError) ? ExitStatus.runbookWrong : ExitStatus.ok
    }
  }

  /// Corrects the file of a runbook, and says what was done; a file with nothing to correct is not touched.
  private func fixed(_ source: SourceText, _ fleet: Fleet?, _ input: Input, _ screen: Screen) throws -> SourceText {
    let outcome = Fixing.all(source) { source in
      input.examine(source, fleet).findings.filter { $0.source.name == source.name }.map(\.diagnostic)
    }
    guard let outcome else { return source }
    do {
      try FileReplacement(path: source.name).write(outcome.bytes)
    } catch let error as FileReplacementError {
      throw input.fail(ExitStatus.failed, visible(error.description))
    }
    // What was corrected are words for people; as data, the findings that are left say enough.
    for change in outcome.applied {
      screen.say("\(visible(source.name)):\(change.line): fixed: \(visible(change.message)) [\(change.code)]")
    }
    return SourceText(name: source.name, bytes: outcome.bytes)
  }

  /// "nothing wrong found", or "2 errors, 1 warning".
  private static func count(_ findings: [LocatedDiagnostic]) -> String {
    let counts = Severity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.diagnostic.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return counts.isEmpty ? "nothing wrong found" : counts.joined(separator: ", ")
  }
}
