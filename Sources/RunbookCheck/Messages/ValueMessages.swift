import PromotionModel
import RunbookDiagnostics

/// What is said of values, their types, and what goes on along the paths of a runbook.
extension CheckMessages {
  static func wrongType(_ due: ValueType, found: ValueType, what: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .wrongType,
      summary: "\(what) must be \(due.phrase), such as `\(due.example)`, and this is \(found.phrase)",
      subject: span
    )
  }

  static func notUnderstood(at span: SourceSpan) -> Diagnostic {
    make(
      code: .wrongType,
      summary: "this statement cannot be made sense of",
      detail: "Nothing runs because of it. This is a mistake of slipway: please report it with the runbook.",
      subject: span
    )
  }

  static func unknownMetric(_ name: String, among known: [String], at span: SourceSpan) -> Diagnostic {
    let best = nearest(name, among: known)
    return make(
      code: .unknownMetric,
      summary: "unknown metric \"\(name)\"" + (best.map { "; did you mean \"\($0)\"?" } ?? ""),
      detail: known.isEmpty
        ? "slipway.yaml has none for this service."
        : "slipway.yaml has these: \(known.map { "\"\($0)\"" }.joined(separator: ", ")).",
      subject: span,
      fixes: best.map { [.init("write \"\($0)\"", [.init(span, with: "\"\($0)\"")])] } ?? []
    )
  }

  static func noAlerts(in environment: EnvironmentName, at span: SourceSpan) -> Diagnostic {
    make(
      code: .unknownMetric,
      summary: "no run looks at alerts in \(environment): slipway.yaml has no `metrics.alerts` for it",
      subject: span
    )
  }

  static func mixedList(_ first: ValueType, _ other: ValueType, at span: SourceSpan) -> Diagnostic {
    make(
      code: .mixedList,
      summary: "this is \(other.phrase), in a list that begins with \(first.phrase)",
      subject: span
    )
  }

  static func cannotCompare(_ a: ValueType, _ b: ValueType, at span: SourceSpan) -> Diagnostic {
    let isQuotedVersion = [a, b].contains(.version) && [a, b].contains(.string)
    return make(
      code: .cannotCompare,
      summary: "\(a.phrase) and \(b.phrase) cannot be compared",
      detail: isQuotedVersion ? "A version is written without quotes." : nil,
      subject: span
    )
  }

  static func noOrder(_ type: ValueType, _ sign: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .cannotCompare,
      summary: "`\(sign)` says nothing about \(type.phrase)",
      detail: "Numbers, percentages, durations, versions and times have an order; others are compared with `is`.",
      subject: span
    )
  }

  static func inWithoutList(_ type: ValueType, at span: SourceSpan) -> Diagnostic {
    make(
      code: .cannotCompare,
      summary: "behind `in` a list is due, and this is \(type.phrase)",
      detail: "A list is written `[api, web]`; what this run promoted is `promoted`.",
      subject: span
    )
  }

  static func cannotAdd(_ a: ValueType, _ b: ValueType, isPlus: Bool, at span: SourceSpan) -> Diagnostic {
    make(
      code: .cannotAdd,
      summary: isPlus
        ? "\(a.phrase) and \(b.phrase) cannot be added" : "\(b.phrase) cannot be taken from \(a.phrase)",
      detail: a == .string || b == .string ? "A text with a value in it is written `\"soaks for {soak}\"`." : nil,
      subject: span
    )
  }

  static func lessThanNothing(at span: SourceSpan) -> Diagnostic {
    make(code: .tooShort, summary: "this is less than nothing, or longer than any run", subject: span)
  }

  static func noCondition(_ type: ValueType, _ text: String, at span: SourceSpan) -> Diagnostic {
    let isShort = text.count <= 40 && !text.contains("\n")
    let example = type == .boolean ? "true" : type.example
    return make(
      code: .noCondition,
      summary: "a condition is due, and this is \(type.phrase)",
      detail: isShort ? "Write what it must be, such as `\(text) is \(example)`." : nil,
      subject: span
    )
  }

  static func alwaysTheSame(_ truth: Bool, at span: SourceSpan) -> Diagnostic {
    make(
      code: .alwaysTheSame,
      severity: .warning,
      summary: "this is always \(truth)",
      detail: "Both sides are written out, so nothing is decided here.",
      subject: span
    )
  }

  static func noSuchTime(_ text: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .noSuchTime,
      summary: "there is no time `\(text)`",
      detail: "A time of day goes from `00:00` to `23:59`, and a date must stand in the calendar.",
      subject: span
    )
  }

  static func outOfRange(_ what: String, _ range: ClosedRange<Int>, at span: SourceSpan) -> Diagnostic {
    make(
      code: .outOfRange,
      summary: "\(what) must be between \(range.lowerBound) and \(range.upperBound)",
      subject: span
    )
  }

  static func mustBeWritten(_ what: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .mustBeWritten,
      summary: "\(what) must be known before the run, so nothing can be filled in",
      subject: span
    )
  }

  static func badEnvironmentVariable(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .badVariableName,
      summary: name.isEmpty ? "`env` needs the name of a variable" : "`\(name)` is no name of an environment variable",
      subject: span
    )
  }

  static func factTakesNoWindow(_ fact: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .contradiction,
      summary: "`\(fact)` is as it is now; only `errors` and `metric` look back",
      subject: span
    )
  }

  // MARK: Clauses

  static func exceptsEverything(at span: SourceSpan) -> Diagnostic {
    make(code: .contradiction, summary: "`except` leaves nothing of `all`", subject: span)
  }

  static func wayOfRollbacks(at span: SourceSpan) -> Diagnostic {
    make(
      code: .contradiction,
      summary: "only a rollback goes this way",
      detail: "Write `by pr` or `by commit`.",
      subject: span
    )
  }

  static func undoTwice(at span: SourceSpan) -> Diagnostic {
    make(
      code: .contradiction,
      summary: "`otherwise undo` says nothing more behind `by undo`",
      subject: span
    )
  }

  static func revertToVersion(at span: SourceSpan) -> Diagnostic {
    make(
      code: .contradiction,
      summary: "`by revert` goes back to what stood before a commit, and `to` to a version of your choice",
      detail: "Leave out one of them.",
      subject: span
    )
  }

  static func followsNothing(_ subject: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .contradiction,
      summary: "`show \(subject)` cannot be followed; `logs` and `pods` can",
      subject: span
    )
  }

  static func badCommit(_ text: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .badCommit,
      summary: "`\(text)` is no id of a commit",
      detail: "It has 7 to 64 of the digits 0 to 9 and a to f.",
      subject: span
    )
  }

  static func emptyWindow(at span: SourceSpan) -> Diagnostic {
    make(
      code: .emptyWindow,
      summary: "this window ends when it begins",
      detail: "One that ends on the next day is written with the earlier time last: `22:00 to 02:00`.",
      subject: span
    )
  }

  static func noWindow(at span: SourceSpan) -> Diagnostic {
    make(
      code: .noWindow,
      severity: .warning,
      summary: "the configuration has no window, so this refuses every run",
      detail: "Add `policy.window`, or write it here: `require window weekdays 18:00 to 22:00 \"Europe/London\"`.",
      subject: span
    )
  }

  static func timeOfDayInUTC(at span: SourceSpan) -> Diagnostic {
    make(
      code: .timeOfDayInUTC,
      severity: .warning,
      summary: "this time of the day is in UTC",
      detail:
        "The zone is that of `policy.window`, and none is configured. A date with its distance from UTC says it all: "
        + "`wait until 2026-12-24T18:00+01:00`.",
      subject: span
    )
  }

  static func badZone(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .unknownWord,
      summary: "`\(name)` is no time zone",
      detail: "Zones have names such as `Europe/London` or `UTC`.",
      subject: span
    )
  }

  // MARK: Programs

  static func badCommand(_ problem: CommandWords.Problem, at span: SourceSpan) -> Diagnostic {
    switch problem {
    case .unclosed(let quote):
      make(
        code: .badCommand,
        summary: "a \(quote == "'" ? "single" : "double") quote is not closed in this command",
        detail: "A quote that means itself has a `\\\\` in front of it.",
        subject: span
      )
    case .trailingBackslash:
      make(
        code: .badCommand,
        summary: "a `\\` stands in front of nothing in this command",
        detail: "A backslash that means itself is written `\\\\\\\\`.",
        subject: span
      )
    }
  }

  static func emptyCommand(at span: SourceSpan) -> Diagnostic {
    make(code: .emptyCommand, summary: "`run` names no program", subject: span)
  }

  static func shellSign(_ sign: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .shellSign,
      severity: .warning,
      summary: "the program gets `\(sign)` as a word: no shell reads this command",
      detail: "Write `run shell \"…\"` for a shell, or put the sign in quotes where the program wants it.",
      subject: span
    )
  }

  // MARK: Flow

  static func unclearEnvironment(verb: String, _ candidates: [String], at span: SourceSpan) -> Diagnostic {
    make(
      code: .unclearEnvironment,
      summary: "`\(verb)` does not say in which environment, and that depends on the path that led here",
      detail: "It could be \(candidates.joined(separator: " or ")): write which.",
      subject: span
    )
  }

  static func nothingPromotedFrom(_ environment: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .unclearTarget,
      summary: "nothing is promoted from `\(environment)`",
      detail: "No environment of the configuration has it as its `promotes-from`.",
      subject: span
    )
  }

  static func maybeNoPullRequest(_ verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .maybeNoPullRequest,
      severity: .warning,
      summary: "on some path there is no pull request for this `\(verb)`",
      detail: "Put it beside the `promote … by pr` that it belongs to.",
      subject: span
    )
  }

  static func withinTooShort(_ least: Duration, at span: SourceSpan) -> Diagnostic {
    make(
      code: .withinTooShort,
      summary: "what is in this block takes \(least.runbookText) at least",
      detail: "It would be cut off every time.",
      subject: span
    )
  }

  // MARK: Silencing

  static func silencedWithoutReason(_ code: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .silencedWithoutReason,
      severity: .warning,
      summary: "`\(code)` is not silenced without a reason",
      detail: "Write why: `# allow \(code): hotfix, watched by hand`.",
      subject: span
    )
  }

  static func silencedUnknownCode(_ code: String, nearest: String?, at span: SourceSpan) -> Diagnostic {
    make(
      code: .silencedUnknownCode,
      severity: .warning,
      summary: "there is no finding with the code `\(code)`" + (nearest.map { "; did you mean `\($0)`?" } ?? ""),
      subject: span,
      fixes: nearest.map { [.init("write `\($0)`", [.init(span, with: $0)])] } ?? []
    )
  }

  static func silencedError(_ code: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .silencedError,
      severity: .warning,
      summary: "`\(code)` is an error, and only warnings can be silenced",
      subject: span
    )
  }

  static func silencedNothing(_ code: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .silencedNothing,
      severity: .warning,
      summary: "there is no `\(code)` here to be silenced",
      detail: "The comment stands on the line of the warning, or on the line in front of it.",
      subject: span
    )
  }
}
