import FoundationEssentials
import PromotionModel
import Rehearsal
import RunbookCheck
import RunbookDiagnostics

extension TestedRunbook {
  /// The texts of the runbook and of what it imports, by their names as they are shown.
  var texts: [String: SourceText] {
    let folder = source.name.lastIndex(of: "/").map { String(source.name[...$0]) } ?? ""
    let imports = runbook.imports.map { (Coverage.folded(folder + $0), SourceText(name: folder + $0, text: $1)) }
    return Dictionary(imports + [(Coverage.folded(source.name), source)]) { _, last in last }
  }
}

extension Input {
  /// A file's scenarios and what they test; nil where it has none and nothing is wrong with it.
  ///
  /// - Throws: ``EarlyExit`` where it is wrong; its findings were shown.
  func tested(_ source: SourceText, _ fleet: Fleet) throws -> TestedRunbook? {
    let (runbook, beside, findings) = examine(source, fleet)
    guard let runbook else {
      show(findings)
      let lines = findings.filter(\.isError).map { finding in
        let line = finding.source.line(at: finding.diagnostic.subject.start)
        return "\(finding.source.name):\(line): \(finding.diagnostic.summary) [\(finding.diagnostic.code)]"
      }
      throw EarlyExit(status: ExitStatus.runbookWrong, message: lines.joined(separator: "\n"))
    }
    if let beside {
      show(findings)
      return beside
    }
    guard !runbook.scenarios.isEmpty else { return nil }
    show(findings)
    guard !runbook.isEmpty else {
      throw fail(
        ExitStatus.runbookWrong,
        "\(visible(source.name)) has procedures only: there is nothing that its scenarios could run"
      )
    }
    return TestedRunbook(runbook: runbook, source: source)
  }
}

extension CheckedRunbook {
  /// Whether there is nothing to run.
  var isEmpty: Bool { body.statements.isEmpty && body.onFailure == nil && body.finally == nil }
}

/// What `slipway test` says as JSON, an object a line.
enum ScenarioJSON {
  private struct Outcome: Encodable {
    var event = "scenario"
    var file: String
    var line: Int
    var title: String
    var passed: Bool
    var elapsedSeconds: Double
    var unmet: [Unmet]
  }

  private struct Unmet: Encodable {
    var line: Int
    var expectation: String
    var found: String
  }

  private struct Broken: Encodable {
    var event = "broken"
    var file: String
    var message: String
    var exit: Int32
  }

  private struct Covered: Encodable {
    var event = "coverage"
    var file: String
    var percent: Int
    var failurePercent: Int
    var minimum: Int?
    var enough: Bool?
    var statements: [Statement]
  }

  private struct Statement: Encodable {
    var line: Int
    var text: String
    var answersFailure: Bool
    var scenarios: Int
  }

  private struct Summary: Encodable {
    var event = "tested"
    var scenarios: Int
    var failed: Int
    var broken: Int
    var exit: Int32
  }

  static func line(_ outcome: ScenarioOutcome, in file: String) throws -> String {
    try text(
      Outcome(
        file: file,
        line: outcome.line,
        title: outcome.title,
        passed: outcome.unmet.isEmpty,
        elapsedSeconds: Double(outcome.elapsed.wholeNanoseconds / 1_000_000) / 1000,
        unmet: outcome.unmet.map { Unmet(line: $0.line, expectation: $0.expectation, found: $0.found) }
      )
    )
  }

  static func broken(_ file: String, _ message: String, _ exit: Int32) throws -> String {
    try text(Broken(file: file, message: message, exit: exit))
  }

  static func coverage(_ coverage: Coverage, of file: String, minimum: Int?) throws -> String {
    try text(
      Covered(
        file: file,
        percent: coverage.percent,
        failurePercent: coverage.failurePercent,
        minimum: minimum,
        enough: minimum.map { min(coverage.percent, coverage.failurePercent) >= $0 },
        statements: coverage.statements.map {
          Statement(line: $0.line, text: $0.text, answersFailure: $0.isInFailureBranch, scenarios: $0.scenarios)
        }
      )
    )
  }

  static func summary(scenarios: Int, failed: Int, broken: Int, exit: Int32) throws -> String {
    try text(Summary(scenarios: scenarios, failed: failed, broken: broken, exit: exit))
  }

  private static func text(_ line: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
  }
}
