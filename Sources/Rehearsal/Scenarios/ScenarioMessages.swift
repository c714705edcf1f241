import PromotionModel

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
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let all = suites.flatMap(\.outcomes)
    lines.append("<testsuites tests=\"\(all.count)\" failures=\"\(all.count { !$0.unmet.isEmpty })\">")
    for suite in suites {
      let failures = suite.outcomes.count { !$0.unmet.isEmpty }
      lines.append(
        "  <testsuite name=\"\(escaped(suite.name))\" tests=\"\(suite.outcomes.count)\" failures=\"\(failures)\">"
      )
      for outcome in suite.outcomes {
        let place = "classname=\"\(escaped(suite.name))\" file=\"\(escaped(suite.name))\" line=\"\(outcome.line)\""
        let head = "    <testcase name=\"\(escaped(outcome.title))\" \(place)"
        guard let first = outcome.unmet.first else {
          lines.append(head + "/>")
          continue
        }
        lines.append(head + ">")
        lines.append("      <failure message=\"\(escaped("\(first.expectation): \(first.found)"))\">")
        lines.append(escaped(ScenarioMessages.failure(outcome, in: suite.name)) + "</failure>")
        lines.append("    </testcase>")
      }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  /// XML 1.0 has no place for most control characters, escaped or not.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      case _: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
