import PromotionModel
import RunbookDiagnostics

/// All wording of the checker, and the codes of its findings (`SW3xxx`).
enum CheckMessages {
  static func unknownService(_ name: String, nearest: String?, known: [String], at span: SourceSpan) -> Diagnostic {
    unknown("service", code: "SW3001", name, nearest: nearest, known: known, at: span)
  }

  static func unknownEnvironment(_ name: String, nearest: String?, known: [String], at span: SourceSpan) -> Diagnostic {
    unknown("environment", code: "SW3002", name, nearest: nearest, known: known, at: span)
  }

  private static func unknown(
    _ what: String,
    code: String,
    _ name: String,
    nearest: String?,
    known: [String],
    at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      code: code,
      summary: "unknown \(what) `\(name)`" + (nearest.map { "; did you mean `\($0)`?" } ?? ""),
      detail: "The configuration names these: \(known.joined(separator: ", ")).",
      subject: span,
      fixes: nearest.map { [.init("write `\($0)`", [.init(span, with: $0)])] } ?? []
    )
  }

  static func environmentWhereServiceIsDue(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3003",
      summary: "`\(name)` is an environment, and a service, `all` or `promoted` is due here",
      subject: span
    )
  }

  static func noTargets(after environment: String, verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3004",
      summary: "`\(verb) \(environment)` does not say which services",
      detail: "Nothing was promoted before it, so there is no last promotion to take them from.",
      subject: span,
      fixes: [.init("write `\(environment) all`", [.init(span, with: "\(environment) all")])]
    )
  }

  static func noEnvironment(verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3005",
      summary: "`\(verb)` does not say in which environment",
      detail: "Nothing was promoted before it, and the configuration has not just one protected environment.",
      subject: span
    )
  }

  static func nothingPromoted(verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3006",
      summary: "nothing is promoted before this `\(verb)`",
      detail: "Name the services, or put a `promote` in front of it.",
      subject: span
    )
  }

  static func duplicateService(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3007",
      summary: "`\(name)` is named twice",
      subject: span,
      notes: [.init("here first", at: first)]
    )
  }

  static func exceptWithoutAll(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3008",
      summary: "`except` takes services away from `all`, and here the services are listed",
      subject: span
    )
  }

  static func promotedWherePromoting(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3009",
      summary: "`promote promoted` would promote again what was promoted",
      detail: nil,
      subject: span
    )
  }

  static func noPromotesFrom(_ environment: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3010",
      summary: "nothing is promoted to `\(environment)`",
      detail: "The configuration gives it no `promotes-from`.",
      subject: span
    )
  }

  static func notPromotedFrom(_ source: String, to target: String, configured: String, at span: SourceSpan)
    -> Diagnostic
  {
    Diagnostic(
      code: "SW3011",
      summary: "`\(target)` is promoted from `\(configured)`, not from `\(source)`",
      subject: span,
      fixes: [.init("write `from \(configured)`", [.init(span, with: configured)])]
    )
  }

  static func unclearTarget(_ candidates: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3012",
      summary: "`promote` does not say to which environment",
      detail: "It could be \(candidates.joined(separator: " or ")): write `to \(candidates.first ?? "production")`.",
      subject: span
    )
  }

  static func noForge(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3013",
      summary: "`by pr` needs a forge, and the configuration has no `pull-request`",
      detail: "Add `pull-request: { repository: owner/name }`, or write `by commit`.",
      subject: span
    )
  }

  static func waitMergeWithoutPullRequest(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3014",
      summary: "there is no pull request to wait for",
      detail: "No `promote … by pr` stands before this `wait merge`.",
      subject: span
    )
  }

  static func unreachable(after verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(code: "SW3015", summary: "never reached: `\(verb)` ends the run before it", subject: span)
  }

  static func secondHandler(first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3016",
      summary: "a block has one `on failure`",
      subject: span,
      notes: [.init("the first", at: first)]
    )
  }

  static func handlerInHandler(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3017",
      summary: "an `on failure` answers for its block, and stands here inside of another one",
      subject: span
    )
  }

  static func notAVersion(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(code: "SW3018", summary: "`\(text)` is no semantic version", subject: span)
  }

  static func versionOfSeveral(verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3019",
      summary: "one version for several services",
      detail: "Services have versions of their own: write one `\(verb)` for each.",
      subject: span
    )
  }

  static func tooShort(_ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(code: "SW3020", summary: "\(what) must be longer than nothing", subject: span)
  }

  static func evenOutsideHandler(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3021",
      severity: .warning,
      summary: "`even if undetermined` says nothing outside of `on failure`",
      detail: "Only there a `rollback` holds when it could not be told what happened.",
      subject: span
    )
  }

  static func nothingToRun(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3022",
      summary: "the runbook has no statement",
      detail: "An empty file is more likely a mistake than a release.",
      subject: span
    )
  }

  static func notValidated(at span: SourceSpan, source: String) -> Diagnostic {
    Diagnostic(
      code: "SW3101",
      severity: .warning,
      summary: "not everything that is promoted here is validated before",
      detail:
        "A promotion of what was not validated in this run is refused. Put `validate \(source) …` in front of it, "
        + "or write `without validation because \"…\"`.",
      subject: span
    )
  }

  static func noRollback(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3102",
      severity: .warning,
      summary: "no `on failure` takes this promotion back",
      detail: "Add `on failure { rollback promoted }` to the block.",
      subject: span
    )
  }

  static func noMonitor(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3103",
      severity: .warning,
      summary: "nothing monitors this promotion",
      detail: "A run that changed production and did not look afterwards ends *undetermined*. Add `monitor 30m`.",
      subject: span
    )
  }

  static func monitorTooShort(_ minimum: Duration, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW3104",
      severity: .warning,
      summary: "shorter than the configured minimum of \(minimum.runbookText)",
      subject: span
    )
  }
}
