import PromotionModel
public import RunbookDiagnostics

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

  /// File by file, and what no scenario came by.
  public static func coverage(_ coverage: Coverage) -> String {
    coverage.files.flatMap { file -> [String] in
      let part = coverage.of(file)
      let head =
        "\(file): scenarios came by \(part.percent) % of the statements, "
        + "\(part.failurePercent) % of those that answer failures"
      return [head] + part.missed.map { "  \(file):\($0.line): never reached\(answering($0, in: part)): `\($0.text)`" }
    }.joined(separator: "\n")
  }

  /// Said only of a statement that stands in a procedure which is called elsewhere, too.
  private static func answering(_ statement: Coverage.Statement, in part: Coverage) -> String {
    let places = part.statements.filter { $0.line == statement.line && $0.text == statement.text }
    guard Set(places.map(\.isInFailureBranch)).count > 1 else { return "" }
    return statement.isInFailureBranch ? " in answer to a failure" : " but in answer to a failure"
  }

  /// A file line by line: how many scenarios came by each statement, the number of the line, the text. A line with several
  /// statements has a number for each.
  public static func listing(_ file: String, _ source: SourceText, _ coverage: Coverage) -> String {
    let counts = Dictionary(grouping: coverage.of(file).statements, by: \.line)
      .mapValues { $0.map { "\($0.scenarios)" }.joined(separator: "/") }
    let lines = source.text(source.span).split(separator: "\n", omittingEmptySubsequences: false)
    let width = counts.values.map(\.count).max() ?? 1
    let digits = "\(lines.count)".count
    func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: width - text.count) + text }
    return
      (["\(file): how many scenarios came by each statement"]
      + lines.enumerated().dropLast(lines.last?.isEmpty == true ? 1 : 0).map { index, line in
        let count = counts[index + 1] ?? ""
        let isMissed = count.split(separator: "/").contains("0")
        return "\(isMissed ? "!" : " ") \(padded(count, width))  \(padded("\(index + 1)", digits)) | \(line)"
      }).joined(separator: "\n")
  }

  public static func summary(passed: Int, failed: Int, broken: Int) -> String {
    let all = passed + failed
    var parts: [String] = []
    if all > 0 {
      parts.append(
        failed == 0
          ? "\(all) \(all == 1 ? "scenario" : "scenarios"), all passed." : "\(failed) of \(all) scenarios failed."
      )
    } else if broken == 0 {
      parts.append("There is no scenario to run.")
    }
    if broken > 0 { parts.append("\(broken) \(broken == 1 ? "file" : "files") could not be tested.") }
    return parts.joined(separator: " ")
  }

  private static func short(_ duration: Duration) -> String {
    Duration.seconds(duration.components.seconds).runbookText
  }
}
