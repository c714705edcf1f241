import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunbookDiagnostics

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The job of GitHub Actions that this process is a step of: notes on lines, the job's summary, and the step's outputs.
struct GitHubJob {
  let host: Host
  /// GitHub shows no summary that is larger than a mebibyte.
  private static let summaryLimit = 1_000_000

  /// nil anywhere else.
  init?(_ host: Host) {
    guard host.variable("GITHUB_ACTIONS") == "true" else { return nil }
    self.host = host
  }

  // MARK: Notes

  func annotations(of source: String) -> RunAnnotations { RunAnnotations(file: path(of: source)) }

  func annotate(_ findings: [LocatedDiagnostic]) {
    let renderer = GitHubDiagnosticRenderer()
    for finding in findings {
      guard let path = path(of: finding.source.name) else { continue }
      let source = SourceText(name: path, bytes: finding.source.bytes)
      Screen.write(renderer.render(finding.diagnostic, in: source), to: 2)
    }
  }

  /// A file's place from the root of the repository, as notes want it; nil for what is no file there.
  private func path(of source: String) -> String? {
    guard source != "-", source != "-c", !source.isEmpty else { return nil }
    let whole = source.hasPrefix("/") ? source : "\(host.workingDirectory)/\(source)"
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    let path = "/" + parts.joined(separator: "/")
    guard let root = host.variable("GITHUB_WORKSPACE"), path.hasPrefix(root + "/") else {
      return source.hasPrefix("/") ? nil : source
    }
    return String(path.dropFirst(root.count + 1))
  }

  /// What a run prints may come from outside, and must give GitHub no commands: from here on it listens to none.
  /// - Returns: what has it listen again.
  func silence() -> Silence {
    let token = "slipway-\(host.newSecret())"
    Screen.write("::stop-commands::\(token)\n", to: 2)
    return Silence(token: token)
  }

  /// Does what prints texts from outside while GitHub, where there is one, listens to no commands.
  static func quietly<T>(_ host: Host, _ body: () throws -> T) rethrows -> T {
    let silence = GitHubJob(host)?.silence()
    defer { silence?.end() }
    return try body()
  }

  struct Silence {
    fileprivate let token: String

    func end() { Screen.write("::\(token)::\n", to: 2) }
  }

  // MARK: Summary and outputs

  /// Adds the run to the job's summary, and says what the step put out. That they cannot be written is said, and changes
  /// nothing about how the run ended.
  func finish(_ paper: RunPaper, _ screen: Screen) {
    var summary = MarkdownReport(paper).text
    if summary.utf8.count > Self.summaryLimit {
      summary = String(decoding: summary.utf8.prefix(Self.summaryLimit), as: UTF8.self)
      summary += "\n\n(cut off: `slipway report` has all of it)\n"
    }
    append(summary + "\n", to: "GITHUB_STEP_SUMMARY", screen)
    append(paper.outputs.map { "\($0.name)=\($0.value)\n" }.joined(), to: "GITHUB_OUTPUT", screen)
  }

  private func append(_ text: String, to variable: String, _ screen: Screen) {
    guard let path = host.variable(variable) else { return }
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    let isWhole = descriptor >= 0 && Screen.write(Array(text.utf8), to: descriptor)
    if descriptor >= 0 { close(descriptor) }
    if !isWhole { screen.say("slipway: \(visible(path)) (\(variable)) cannot be written") }
  }
}
