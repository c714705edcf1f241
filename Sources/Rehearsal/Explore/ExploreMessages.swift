import PromotionModel

/// All that `slipway explore` says for people.
public enum ExploreMessages {
  /// A future that breaks an invariant, as a story.
  /// - Parameter like: how many more futures break the same thing in the same place.
  public static func story(_ future: UnsafeFuture, in file: String, like: Int) -> String {
    var lines = ["UNSAFE: \(future.name)"]
    for harm in future.harms { lines.append("  \(harm.message) (\(harm.invariant.rawValue))") }
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
      lines.append("  No `given` can say this. To see it again: slipway explore \(file) --only \"\(future.name)\"")
    }
    if like > 0 { lines.append("  \(like) more \(like == 1 ? "future breaks" : "futures break") the same there.") }
    return lines.joined(separator: "\n")
  }

  /// `1h02m03s`, to the second.
  static func time(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "+\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  public static func summary(_ summary: Exploration.Summary) -> String {
    let calls = summary.touches.reduce(0) { $0 + $1.count }
    let kinds = summary.touches.map { "\($0.touch.rawValue) \($0.count)" }.joined(separator: ", ")
    let exits = summary.exits.sorted { $0.key < $1.key }.map { "\($0.value) ended with \(words($0.key))" }
    let more = summary.missingPairs > 0 ? " (there are no more)" : ""
    return """
      The undisturbed run makes \(calls) calls (\(kinds)) and writes \(summary.writes) times to its journal.
      \(summary.callFutures) futures of single calls (every call, every kind of fault that it can have, none left out),
      \(summary.domainFutures) of single troubles outside, \(summary.pairs) of two at once\(more): \(summary.total) futures in all.
      \(exits.joined(separator: ", ")).
      \(summary.unsafe == 0 ? "None is unsafe." : "\(summary.unsafe) are unsafe.")
      """
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
