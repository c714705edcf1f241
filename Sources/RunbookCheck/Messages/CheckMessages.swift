import PromotionModel
import RunbookDiagnostics

/// All wording of the checker: here what is said of names, promotions and flow, beside it the rest.
enum CheckMessages {
  static func make(
    code: CheckCode,
    severity: Severity = .error,
    summary: String,
    detail: String? = nil,
    subject: SourceSpan,
    notes: [Diagnostic.Note] = [],
    fixes: [Diagnostic.Fix] = []
  ) -> Diagnostic {
    Diagnostic(
      code: code.rawValue,
      severity: severity,
      summary: summary,
      detail: detail,
      subject: subject,
      notes: notes,
      fixes: fixes
    )
  }

  static func unknownService(_ name: String, nearest: String?, known: [String], at span: SourceSpan) -> Diagnostic {
    unknown("service", code: .unknownService, name, nearest: nearest, known: known, at: span)
  }

  static func unknownEnvironment(_ name: String, nearest: String?, known: [String], at span: SourceSpan) -> Diagnostic {
    unknown("environment", code: .unknownEnvironment, name, nearest: nearest, known: known, at: span)
  }

  private static func unknown(
    _ what: String,
    code: CheckCode,
    _ name: String,
    nearest: String?,
    known: [String],
    at span: SourceSpan
  ) -> Diagnostic {
    make(
      code: code,
      summary: "unknown \(what) `\(name)`" + (nearest.map { "; did you mean `\($0)`?" } ?? ""),
      detail: "The configuration names these: \(known.joined(separator: ", ")).",
      subject: span,
      fixes: nearest.map { [.init("write `\($0)`", [.init(span, with: $0)])] } ?? []
    )
  }

  static func environmentWhereServiceIsDue(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .environmentWhereServiceIsDue,
      summary: "`\(name)` is an environment, and a service, `all` or `promoted` is due here",
      subject: span
    )
  }

  static func serviceWhereEnvironmentIsDue(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    make(
      code: .unknownEnvironment,
      summary: "`\(name)` is a service, and an environment is due here",
      detail: "The configuration names these: \(known.joined(separator: ", ")).",
      subject: span
    )
  }

  /// `validate api staging`
  static func environmentBehind(_ service: String, _ environment: String, _ first: SourceSpan, _ second: SourceSpan)
    -> Diagnostic
  {
    make(
      code: .environmentWhereServiceIsDue,
      summary: "the environment stands in front of the services: `\(environment) \(service)`",
      subject: second,
      fixes: [
        .init("write `\(environment) \(service)`", [.init(first, with: environment), .init(second, with: service)])
      ]
    )
  }

  static func noTargets(after environment: String, verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .noTargets,
      summary: "`\(verb) \(environment)` does not say which services",
      detail: "Nothing was promoted before it, so there is no last promotion to take them from.",
      subject: span,
      fixes: [.init("write `\(environment) all`", [.init(span, with: "\(environment) all")])]
    )
  }

  static func noEnvironment(verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .noEnvironment,
      summary: "`\(verb)` does not say in which environment",
      detail: "Nothing was promoted before it, and the configuration has not just one protected environment.",
      subject: span
    )
  }

  static func nothingPromoted(verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .nothingPromoted,
      summary: "nothing is promoted before this `\(verb)`",
      detail: "Name the services, or put a `promote` in front of it.",
      subject: span
    )
  }

  static func duplicateService(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .duplicateService,
      summary: "`\(name)` is named twice",
      subject: span,
      notes: [.init("here first", at: first)]
    )
  }

  static func exceptWithoutAll(at span: SourceSpan) -> Diagnostic {
    make(
      code: .exceptWithoutAll,
      summary: "`except` takes services away from `all`, and here the services are listed",
      subject: span
    )
  }

  static func promotedWherePromoting(at span: SourceSpan) -> Diagnostic {
    make(
      code: .promotedWherePromoting,
      summary: "`promote promoted` would promote again what was promoted",
      detail: nil,
      subject: span
    )
  }

  static func noPromotesFrom(_ environment: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .noPromotesFrom,
      summary: "nothing is promoted to `\(environment)`",
      detail: "The configuration gives it no `promotes-from`.",
      subject: span
    )
  }

  static func notPromotedFrom(_ source: String, to target: String, configured: String, at span: SourceSpan)
    -> Diagnostic
  {
    make(
      code: .notPromotedFrom,
      summary: "`\(target)` is promoted from `\(configured)`, not from `\(source)`",
      subject: span,
      fixes: [.init("write `from \(configured)`", [.init(span, with: configured)])]
    )
  }

  static func unclearTarget(_ candidates: [String], at span: SourceSpan) -> Diagnostic {
    make(
      code: .unclearTarget,
      summary: "`promote` does not say to which environment",
      detail: "It could be \(candidates.joined(separator: " or ")): write `to \(candidates.first ?? "production")`.",
      subject: span
    )
  }

  static func noForge(at span: SourceSpan) -> Diagnostic {
    make(
      code: .noForge,
      summary: "`by pr` needs a forge, and the configuration has no `pull-request`",
      detail: "Add `pull-request: { repository: owner/name }`, or write `by commit`.",
      subject: span
    )
  }

  static func noPullRequest(_ verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .noPullRequest,
      summary: verb == "merge" ? "there is no pull request to merge" : "there is no pull request to wait for",
      detail: "No `promote … by pr` stands before this `\(verb)`.",
      subject: span
    )
  }

  static func notMerged(_ verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .notMerged,
      severity: .warning,
      summary: "nothing has waited for the merge before this `\(verb)`",
      detail:
        "The promotion opens a pull request, and reaches the environment when it is merged. Put `wait merge` in front.",
      subject: span
    )
  }

  /// - Parameter rollback: where it stands in the same file; nil: elsewhere.
  static func gateBeforeRollback(_ verb: String, at span: SourceSpan, rollback: SourceSpan?) -> Diagnostic {
    let detail =
      switch verb {
      case "confirm": "A no, or nobody who answers, ends the handler. Take back first, and ask then."
      case "require": "Where it does not hold the handler ends. Say with `if` what the rollback depends on."
      default: "A program that fails ends the handler. Put it behind the `rollback`."
      }
    return make(
      code: .gateBeforeRollback,
      severity: .warning,
      summary: "this `\(verb)` can keep the rollback behind it from happening",
      detail: detail,
      subject: span,
      notes: rollback.map { [.init("the rollback", at: $0)] } ?? []
    )
  }

  static func completeInFailure(at span: SourceSpan) -> Diagnostic {
    make(
      code: .completeInFailure,
      severity: .warning,
      summary: "`announce complete` stands in the answer to a failure",
      detail: "`announce rolled-back` says what was taken back; a text of your own says everything else.",
      subject: span
    )
  }

  static func unreachable(after verb: String, at span: SourceSpan) -> Diagnostic {
    make(code: .unreachable, summary: "never reached: `\(verb)` ends the run before it", subject: span)
  }

  static func secondHandler(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .secondHandler,
      summary: "a block has one `\(name)`",
      subject: span,
      notes: [.init("the first", at: first)]
    )
  }

  static func handlerInHandler(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .handlerInHandler,
      summary: "`\(name)` answers for its block, and stands here inside of a handler",
      subject: span
    )
  }

  static func notAVersion(_ text: String, at span: SourceSpan) -> Diagnostic {
    make(code: .notAVersion, summary: "`\(text)` is no semantic version", subject: span)
  }

  static func versionOfSeveral(verb: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .versionOfSeveral,
      summary: "one version for several services",
      detail: "Services have versions of their own: write one `\(verb)` for each.",
      subject: span
    )
  }

  static func emptyReason(at span: SourceSpan) -> Diagnostic {
    make(
      code: .emptyReason,
      summary: "this reason says nothing",
      detail: "It is kept with the run, and is what the team reads.",
      subject: span
    )
  }

  static func tooShort(_ what: String, at span: SourceSpan) -> Diagnostic {
    make(code: .tooShort, summary: "\(what) must be longer than nothing", subject: span)
  }

  static func evenOutsideHandler(at span: SourceSpan) -> Diagnostic {
    make(
      code: .evenOutsideHandler,
      severity: .warning,
      summary: "`even if undetermined` says nothing outside of `on failure`",
      detail: "Only there a `rollback` holds when it could not be told what happened.",
      subject: span
    )
  }

  static func nothingToRun(at span: SourceSpan) -> Diagnostic {
    make(
      code: .nothingToRun,
      summary: "the runbook has no statement",
      detail: "An empty file is more likely a mistake than a release.",
      subject: span
    )
  }

  static func notValidated(at span: SourceSpan, source: String) -> Diagnostic {
    make(
      code: .notValidated,
      severity: .warning,
      summary: "not everything that is promoted here is validated before",
      detail:
        "A promotion of what was not validated in this run is refused. Put `validate \(source) …` in front of it, "
        + "or write `without validation because \"…\"`.",
      subject: span
    )
  }

  static func noRollback(at span: SourceSpan) -> Diagnostic {
    make(
      code: .noRollback,
      severity: .warning,
      summary: "no `on failure` takes this promotion back",
      detail: "Add `on failure { rollback promoted }` to the block.",
      subject: span
    )
  }

  static func noMonitor(at span: SourceSpan) -> Diagnostic {
    make(
      code: .noMonitor,
      severity: .warning,
      summary: "nothing monitors this promotion",
      detail: "A run that changed production and did not look afterwards ends *undetermined*. Add `monitor 30m`.",
      subject: span
    )
  }

  static func monitorTooShort(_ minimum: Duration, at span: SourceSpan) -> Diagnostic {
    make(
      code: .monitorTooShort,
      severity: .warning,
      summary: "shorter than the configured minimum of \(minimum.runbookText)",
      subject: span
    )
  }

  static func monitorUnderMetric(_ metric: String, of service: ServiceName, _ window: Duration, at span: SourceSpan)
    -> Diagnostic
  {
    make(
      code: .monitorUnderMetric,
      severity: .warning,
      summary: "shorter than the \(window.runbookText) that the metric `\(metric)` of \(service) is measured over",
      detail: "Until so much time has passed, its values are made of the time before the promotion too.",
      subject: span
    )
  }
}
