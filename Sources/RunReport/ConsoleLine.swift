internal import PromotionModel
internal import RunLog

/// One line of the readable log before it is laid out.
struct ConsoleLine {
  /// How it is, in colour where there is colour. The word says the same without.
  enum Tone {
    case plain, quiet, good, caution, bad

    var escape: String? {
      switch self {
      case .plain: nil
      case .quiet: "\u{1B}[2m"
      case .good: "\u{1B}[32m"
      case .caution: "\u{1B}[33m"
      case .bad: "\u{1B}[1;31m"
      }
    }
  }

  var word: String
  var tone: Tone
  var verb: String
  /// `production/api`.
  var subject: String
  var message: String
  /// Lines shown below, indented: diffs.
  var block: [String] = []
  /// Soon out of date: on a terminal the next line takes its place.
  var isPassing = false

  init(_ event: RunEvent) {
    (word, tone) = Self.word(of: event.body)
    verb = event.step?.verb ?? ""
    subject = [event.subjectEnvironment?.text, event.subjectService?.text].compactMap(\.self).joined(separator: "/")
    message = event.message
    switch event.body {
    case .runStarted(let source, let world, _): message = "\(event.run): \(source) \(RunEvent.place(world))"
    case .finding(let finding): message = "\(finding.check): \(event.message)"
    case .wayBack(let statement): message = statement
    case .planned(_, let diffs): block = diffs.flatMap { TerminalText.lines($0.unified) }
    case .wouldWrite(let write): block = write.text.map(TerminalText.lines) ?? []
    case .announced(_, let text): block = TerminalText.lines(text)
    case .progress, .evidence: isPassing = true
    case .programOutput(let output): message = output.text
    case .stepStarted, .stepSkipped, .sealed, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .badSign, .superseded, .sight, .warning, .previewed, .value, .confirmed, .shown,
      .logLine,
      .stepEnded, .runEnded:
      break
    }
  }

  private static func word(of body: RunEvent.Body) -> (String, Tone) {
    switch body {
    case .runStarted(_, _, let isResumed): (isResumed ? "resume" : "run", .plain)
    case .stepStarted: ("start", .plain)
    case .stepSkipped: ("skip", .quiet)
    case .finding(let finding): (finding.result.rawValue, tone(of: finding.result))
    case .sealed: ("sealed", .good)
    case .planned: ("plan", .plain)
    case .wayBack: ("way back", .plain)
    case .lockTaken(_, let former): ("lock", former == nil ? .quiet : .caution)
    case .pullRequestOpened: ("opened", .plain)
    case .pullRequestChanged(let request): (request.state.rawValue, .plain)
    case .committed: ("pushed", .plain)
    case .progress: ("…", .quiet)
    case .evidence: ("watching", .quiet)
    case .badSign: ("bad sign", .bad)
    case .superseded: ("superseded", .caution)
    case .sight(let isLost, _): isLost ? ("blind", .caution) : ("sees again", .good)
    case .warning: ("warning", .caution)
    case .previewed(let preview): (preview.rawValue, preview == .cannotBePreviewed ? .caution : .quiet)
    case .wouldWrite: ("would write", .plain)
    case .value: ("value", .quiet)
    case .confirmed(_, let answer, _): (answer ? "yes" : "no", answer ? .good : .caution)
    case .programOutput(let output): (output.stream == .output ? "output" : "errors", .quiet)
    case .shown, .logLine: ("shown", .plain)
    case .announced: ("told", .plain)
    case .stepEnded(let ending, _), .runEnded(let ending, _, _): (ending.rawValue, tone(of: ending))
    }
  }

  private static func tone(of result: Finding.Result) -> Tone {
    switch result {
    case .good: .good
    case .warning, .unknown: .caution
    case .bad: .bad
    case .notChecked: .quiet
    }
  }

  static func tone(of ending: Ending) -> Tone {
    switch ending {
    case .ok: .good
    case .suspended: .plain
    case .undetermined, .timedOut, .refused, .interrupted: .caution
    case .failed: .bad
    }
  }
}
