import PromotionModel

/// All that `slipway explore` says for people.
public enum ExploreMessages {
  /// A future that breaks an invariant, as a story.
  /// - Parameters:
  ///   - like: how many more futures break the same thing in the same place.
  ///   - command: what shows this exploration again, for a shell; `--only` goes behind it.
  public static func story(_ future: UnsafeFuture, in file: String, like: Int, command: String) -> String {
    var lines = ["UNSAFE: \(future.name)"]
    for harm in future.harms { lines.append("  \(harm.words)") }
    let width = future.story.map { time($0.time).count }.max() ?? 0
    for moment in future.story {
      let clock = time(moment.time)
      lines.append("  " + String(repeating: " ", count: width - clock.count) + clock + "  " + moment.words)
    }
    lines.append("  \(file):\(future.line): `\(future.statement)`: \(future.advice)")
    if let scenario = future.scenario {
      lines.append("  To keep it as a test, paste:")
      lines += scenario.split(separator: "\n").map { "    \($0)" }
    } else {
      lines.append("  No `given` can say this. To see it again: \(command) --only \(shellWord(future.name))")
    }
    if like > 0 { lines.append("  \(like) more \(like == 1 ? "future breaks" : "futures break") the same there.") }
    return lines.joined(separator: "\n")
  }

  /// A word as a shell takes it for one.
  public static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"),
        UInt8(ascii: "-"), UInt8(ascii: "="):
        true
      default: false
      }
    }
    return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  /// `1h02m03s`, to the second.
  static func time(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "+\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  /// - Parameter isWhole: whether every future was tried, and not those of some names alone.
  public static func summary(_ summary: Exploration.Summary, isWhole: Bool = true) -> String {
    let calls = summary.touches.reduce(0) { $0 + $1.count }
    let kinds = summary.touches.map { "\($0.touch.rawValue) \($0.count)" }.joined(separator: ", ")
    let exits = summary.exits.sorted { $0.key < $1.key }.map { "\($0.value) ended with \(words($0.key))" }
    let more = summary.missingPairs > 0 ? " (there are no more)" : ""
    let none = isWhole ? " (every call, every kind of fault that it can have, none left out)" : ""
    let well =
      summary.undisturbed.exit == ExitStatus.ok
      ? "" : "\nWhat it does not come to was not explored: let it end well first."
    return """
      When nothing goes wrong the run \(summary.undisturbed.words).\(well)
      It makes \(calls) calls (\(kinds)) and writes \(summary.writes) times to its journal.
      \(summary.callFutures) futures of single calls\(none), \(summary.secondDeaths) of a second death,
      \(summary.domainFutures) of troubles outside, \(summary.answerFutures) in which what answers them goes wrong, \(summary.pairs) of two things\(more);
      in \(summary.resumed) a run that could not tell is resumed: \(summary.total) futures in all.
      \(isWhole ? unreached(summary) : "")\(exits.joined(separator: ", ")).
      \(summary.unsafe == 0 ? "None is unsafe." : "\(summary.unsafe) are unsafe.")
      """
  }

  /// What nothing is known of; a line each.
  private static func unreached(_ summary: Exploration.Summary) -> String {
    guard !summary.unreached.isEmpty else { return "" }
    let count = summary.unreached.count
    let lines = summary.unreached.map { "  \($0.file):\($0.line): `\($0.text)`\n" }
    return
      "No future came to \(count == 1 ? "this statement, which is" : "these \(count) statements, which are") untested:\n"
      + lines.joined()
  }

  private static func words(_ exit: Int32) -> String {
    switch exit {
    case ExitStatus.ok: "0 (ok)"
    case ExitStatus.failed: "1 (failed)"
    case ExitStatus.refused: "2 (refused)"
    case ExitStatus.takenBack: "3 (taken back)"
    case ExitStatus.undetermined: "4 (undetermined or timed out)"
    case ExitStatus.interrupted: "130 (interrupted)"
    case -1: "nothing (never)"
    default: "\(exit)"
    }
  }
}
