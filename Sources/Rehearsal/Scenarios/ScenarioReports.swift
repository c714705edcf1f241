import RunReport

/// What was tested in one file.
public struct ScenarioSuite: Sendable {
  /// The file that the scenarios stand in, as it is shown.
  public var name: String
  public var outcomes: [ScenarioOutcome]
  /// The runbook that they test: that file, or the one beside it that it names.
  public var runbook: String
  /// Why the scenarios could not be run, for people; nil where they were.
  public var mistake: String?

  public init(name: String, runbook: String, outcomes: [ScenarioOutcome] = [], mistake: String? = nil) {
    (self.name, self.runbook) = (name, Coverage.folded(runbook))
    (self.outcomes, self.mistake) = (outcomes, mistake)
  }

  public var passed: Int { outcomes.count { $0.unmet.isEmpty } }
}

/// The outcomes of scenarios in the XML that build servers read (JUnit): a suite for each file, its coverage as properties.
public enum JUnitReport {
  public static func text(_ suites: [ScenarioSuite], _ coverage: Coverage) -> String {
    JUnitSuite.text(
      suites.map { suite in
        var cases = suite.outcomes.map { outcome in
          guard let first = outcome.unmet.first else {
            return JUnitSuite.Case(name: outcome.title, line: outcome.line, result: .passed)
          }
          let text = ScenarioMessages.failure(outcome, in: suite.name)
          let result = JUnitSuite.Result.failed(message: "\(first.expectation): \(first.found)", text: text)
          return JUnitSuite.Case(name: outcome.title, line: outcome.line, result: result)
        }
        if let mistake = suite.mistake {
          let first = mistake.split(separator: "\n").first.map(String.init) ?? mistake
          cases.append(
            JUnitSuite.Case(name: "the file can be tested", line: nil, result: .error(message: first, text: mistake))
          )
        }
        return JUnitSuite(name: suite.name, cases: cases, properties: properties(coverage.of(suite.runbook)))
      }
    )
  }

  private static func properties(_ coverage: Coverage) -> [JUnitSuite.Property] {
    guard !coverage.statements.isEmpty else { return [] }
    let missed = coverage.missed.map { "\($0.line)" }.joined(separator: " ")
    return [
      JUnitSuite.Property("coverage.statements", "\(coverage.percent)"),
      JUnitSuite.Property("coverage.answers", "\(coverage.failurePercent)"),
      JUnitSuite.Property("coverage.missed-lines", missed),
    ]
  }
}

/// Coverage line by line in the format of lcov, which build servers and editors show. A line counts as often as that of
/// its statements which the fewest scenarios came by.
public enum LCOVReport {
  public static func text(_ coverage: Coverage) -> String {
    coverage.files.map { file in
      let lines = Dictionary(grouping: coverage.of(file).statements, by: \.line)
        .mapValues { $0.map(\.scenarios).min() ?? 0 }.sorted { $0.key < $1.key }
      // A line break in a name would begin another record.
      let name = String(file.unicodeScalars.map { $0.value < 0x20 ? "?" : Character($0) })
      return
        (["TN:", "SF:\(name)"] + lines.map { "DA:\($0.key),\($0.value)" }
        + ["LF:\(lines.count)", "LH:\(lines.count { $0.value > 0 })", "end_of_record"]).joined(separator: "\n") + "\n"
    }.joined()
  }
}
