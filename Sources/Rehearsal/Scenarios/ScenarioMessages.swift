import PromotionModel
import RunReport

/// All that `slipway test` says for people.
public enum ScenarioMessages {
  public static func line(_ outcome: ScenarioOutcome, in file: String) -> String {
    let mark = outcome.unmet.isEmpty ? "passed" : "FAILED"
    return "\(mark)  \(file):\(outcome.line)  \(outcome.title)  (\(short(outcome.elapsed)) simulated)"
  }

  /// Each expectation that was not met, and then the story.
  public static func failure(_ outcome: ScenarioOutcome, in file: String) -> String {
    var lines = outcome.unmet.map { "  \(file):\($0.line): `\($0.expectation)`: \($0.found)" }
    let width = outcome.story.map { ExploreMessages.time($0.time).count }.max() ?? 0
    for moment in outcome.story {
      let clock = ExploreMessages.time(moment.time)
      lines.append("    " + String(repeating: " ", count: width - clock.count) + clock + "  " + moment.words)
    }
    return lines.joined(separator: "\n")
  }

  public static func coverage(_ coverage: Coverage, in file: String) -> String {
    var lines = [
      "\(file): scenarios came by \(coverage.percent) % of the statements, "
        + "\(coverage.failurePercent) % of those that answer failures"
    ]
    lines += coverage.missed.map { "  \(file):\($0.line): never reached: `\($0.text)`" }
    return lines.joined(separator: "\n")
  }

  public static func summary(passed: Int, failed: Int) -> String {
    let all = passed + failed
    guard all > 0 else { return "There is no scenario to run." }
    return failed == 0
      ? "\(all) \(all == 1 ? "scenario" : "scenarios"), all passed." : "\(failed) of \(all) scenarios failed."
  }

  private static func short(_ duration: Duration) -> String {
    Duration.seconds(duration.components.seconds).runbookText
  }
}

/// The outcomes of scenarios in the XML that build servers read (JUnit).
public enum JUnitReport {
  /// - Parameter suites: a runbook's name and its outcomes.
  public static func text(_ suites: [(name: String, outcomes: [ScenarioOutcome])]) -> String {
    JUnitSuite.text(
      suites.map { suite in
        JUnitSuite(
          name: suite.name,
          cases: suite.outcomes.map { outcome in
            guard let first = outcome.unmet.first else {
              return JUnitSuite.Case(name: outcome.title, line: outcome.line, result: .passed)
            }
            let text = ScenarioMessages.failure(outcome, in: suite.name)
            let result = JUnitSuite.Result.failed(message: "\(first.expectation): \(first.found)", text: text)
            return JUnitSuite.Case(name: outcome.title, line: outcome.line, result: result)
          }
        )
      }
    )
  }
}
