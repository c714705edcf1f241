import LiveWorld
import PromotionModel
import RunbookCheck
import RunbookDiagnostics

/// The files of a run that is given to a cluster, laid out as they lie here: paths in them lead to the same texts.
struct Submission {
  let runbook: CheckedRunbook
  let source: SourceText
  let configuration: SourceText

  private static let configurationPath = "fleet/slipway.yaml"

  /// As many folders deep as an import goes up from the runbook.
  private var folder: [String] {
    let ups = runbook.imports.keys.map { $0.split(separator: "/").prefix { $0 == ".." }.count }.max() ?? 0
    return ["runbooks"] + Array(repeating: "in", count: ups)
  }

  private var runbookPath: String {
    let name = source.name.split(separator: "/").last.map(String.init) ?? "runbook"
    return (folder + [name.hasSuffix(".runbook") ? name : "typed.runbook"]).joined(separator: "/")
  }

  /// Of `slipway run` in the container.
  func arguments(run: RunID, options: [String]) -> [String] {
    func path(_ below: String) -> String { "\(RunnerJob.filesFolder)/\(below)" }
    return ["run", path(runbookPath), "--config", path(Self.configurationPath), "--run-id", run.text] + options
  }

  /// By path below ``RunnerJob/filesFolder``.
  /// - Parameter isAlone: the run reaches no cluster but its own, and needs a kubeconfig that says so.
  /// - Throws: ``EarlyExit`` for a calendar that cannot be read or lies outside of the configuration's folder.
  func files(_ input: Input, isAlone: Bool) throws -> [String: String] {
    var files = [
      runbookPath: source.text(source.span), Self.configurationPath: configuration.text(configuration.span),
    ]
    for (path, text) in runbook.imports {
      var parts = folder
      for part in path.split(separator: "/") {
        if part == ".." { parts.removeLast() } else { parts.append(String(part)) }
      }
      files[parts.joined(separator: "/")] = text
    }
    let base = configuration.name.lastIndex(of: "/").map { configuration.name[...$0] } ?? ""
    for calendar in runbook.fleet.policy.calendars {
      guard !calendar.hasPrefix("/"), !calendar.split(separator: "/").contains("..") else {
        throw input.fail(
          ExitStatus.configurationWrong,
          "the calendar \(visible(calendar)) lies outside of the folder of slipway.yaml, and cannot go with the run"
        )
      }
      guard let bytes = input.read(path: base + calendar) else {
        throw input.fail(ExitStatus.configurationWrong, "\(visible(base + calendar)) cannot be read")
      }
      files["fleet/\(calendar)"] = String(decoding: bytes, as: UTF8.self)
    }
    if isAlone { files[InClusterKubeconfig.path] = try InClusterKubeconfig.text(for: runbook.fleet) }
    return files
  }
}
