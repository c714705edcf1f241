import ArgumentParser
import FoundationEssentials
import GitOpsLayout
import LiveWorld
import PromotionModel
import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax

struct FormatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Lays runbooks out in the one way, changing no meaning.",
    usage: "slipway fmt [--check] <file>... | -",
    discussion: """
      Files are changed in place, and only where their layout is another; of a folder, every .runbook file below it. \
      A runbook with syntax errors is left as it is.
      Exit status: 0 done, 1 with --check when a layout is another, 64 usage, 65 a runbook has errors or cannot be read.
      """
  )

  @Argument(help: "Runbooks, folders of runbooks, or - from standard input to standard output.")
  var files: [String] = []

  @Flag(name: .long, help: "Change nothing; print what would change as a diff, and exit with 1.")
  var check = false

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen, showsFindingsAsJSON: output.json)
      guard !files.isEmpty else {
        throw input.fail(ExitStatus.usage, "give runbooks or folders of them, or - for standard input")
      }
      guard files == ["-"] || !files.contains("-") else {
        throw input.fail(ExitStatus.usage, "- stands for standard input, and stands alone")
      }
      let statuses = try runbooks(input).map { status(of: $0, input) }
      // What could not be read weighs more than what would change.
      return statuses.max() ?? ExitStatus.ok
    }
  }

  /// The files that are meant, each once.
  private func runbooks(_ input: Input) throws -> [String] {
    var found: [String] = []
    for file in files {
      var isFolder = false
      guard file != "-", FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder else {
        found.append(file)
        continue
      }
      let below = try FileManager.default.subpathsOfDirectory(atPath: file)
      let runbooks = below.filter {
        $0.hasSuffix(".runbook") && !$0.split(separator: "/").contains { $0.hasPrefix(".") }
      }
      guard !runbooks.isEmpty else {
        throw input.fail(ExitStatus.usage, "\(visible(file)) has no .runbook file")
      }
      found += runbooks.sorted().map { file.hasSuffix("/") ? file + $0 : "\(file)/\($0)" }
    }
    var seen: Set<String> = []
    return found.filter { seen.insert($0).inserted }
  }

  /// Lays one runbook out and gives the exit status that it alone would have.
  private func status(of file: String, _ input: Input) -> Int32 {
    do {
      let source = try input.runbook(file: file, line: nil)
      let (tree, findings) = RunbookSyntax.parse(source)
      if findings.contains(where: { $0.severity == .error }) {
        input.show(findings.map { LocatedDiagnostic($0, in: source) })
        input.screen.say("\(visible(file)): left as it is, since it could not be read whole")
        return ExitStatus.runbookWrong
      }
      let text = Array(format(tree, source: source).utf8)
      let changes = text != source.bytes
      if output.json, file != "-" { try report(file, changes) }
      if check {
        if !output.json { Screen.write(UnifiedDiff.text(path: file, from: source.bytes, to: text), to: 1) }
        return changes ? ExitStatus.failed : ExitStatus.ok
      }
      if file == "-" {
        Screen.write(String(decoding: text, as: UTF8.self), to: 1)
      } else if changes {
        try FileReplacement(path: file).write(text)
        if !output.json { input.screen.say("\(visible(file)): laid out") }
      }
      return ExitStatus.ok
    } catch let early as EarlyExit {
      return early.status
    } catch {
      input.screen.say("slipway: \(visible("\(error)"))")
      return ExitStatus.failed
    }
  }

  private struct Outcome: Encodable {
    let file: String
    let changes: Bool
  }

  private func report(_ file: String, _ changes: Bool) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let line = try encoder.encode(Outcome(file: file, changes: changes))
    Screen.write(String(decoding: line, as: UTF8.self) + "\n", to: 1)
  }
}
