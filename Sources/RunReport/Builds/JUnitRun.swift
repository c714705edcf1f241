internal import PromotionModel

/// A run in the XML that build servers read: a case for each statement that was begun.
public struct JUnitRun: Sendable {
  private let paper: RunPaper

  public init(_ paper: RunPaper) { self.paper = paper }

  public var text: String {
    let cases = paper.parts.map { part in
      JUnitSuite.Case(
        name: clean(part.record.statement),
        line: part.line,
        seconds: part.record.outcome.map { Double(($0.time - part.record.begun).wholeNanoseconds) / 1e9 },
        result: result(part)
      )
    }
    return JUnitSuite.text([JUnitSuite(name: clean(paper.record.source), cases: cases)])
  }

  private func result(_ part: RunPaper.Part) -> JUnitSuite.Result {
    guard let outcome = part.record.outcome else {
      return .error(message: "it has no ending", text: "the process ended in the middle of it")
    }
    let message = clean(outcome.message.isEmpty ? outcome.ending.rawValue : outcome.message)
    switch outcome.ending {
    case .ok: return .passed
    case .suspended: return .skipped(message: message)
    case .failed, .refused: return .failed(message: message, text: text(part, outcome.ending))
    case .undetermined, .timedOut, .interrupted: return .error(message: message, text: text(part, outcome.ending))
    }
  }

  /// What was seen that is not good.
  private func text(_ part: RunPaper.Part, _ ending: Ending) -> String {
    let lines = part.entries("finding", "bad-sign", "superseded", "warning").filter { $0.result != "good" }.map {
      entry in
      let place = [entry.environment, entry.service].compactMap(\.self).joined(separator: "/")
      return clean(
        [place, entry.check ?? entry.event, entry.message ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
      )
    }
    return (["ended \(ending.rawValue)"] + lines).joined(separator: "\n")
  }

  private func clean(_ text: String) -> String { paper.redactor.clean(text) }
}
