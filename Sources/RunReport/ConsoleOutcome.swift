internal import PromotionModel
internal import RunLog

/// What a run has done so far, as far as its last line must say what to do next.
struct ConsoleOutcome {
  private var run: RunID?
  /// The ways back that the newest statement to print some has printed, one a service, and whether something was changed after
  /// them.
  private var waysBack: [String] = []
  private var teller: StepPath?
  private var hasChanged = false
  /// Somebody else changed a value since: then no way back is advised that would take theirs (rule 1).
  private var isSuperseded = false
  /// Nothing of it is real: there is nothing to go on with, and nothing to take back.
  private var isSimulated = false
  /// An environment may have been frozen or thawed.
  private var hasFrozen = false

  mutating func learn(_ event: RunEvent) {
    run = event.run
    switch event.body {
    case .wayBack(let statement):
      if event.step?.path != teller { waysBack = [] }
      teller = event.step?.path
      if !waysBack.contains(statement) { waysBack.append(statement) }
    case .committed:
      hasChanged = true
      // What stood before is what a rollback wrote: there is nothing to take back but that.
      if event.step?.verb == "rollback" { waysBack = [] }
    case .superseded: isSuperseded = true
    case .pullRequestChanged(let request): if request.state == .merged { hasChanged = true }
    case .runStarted(_, let world, _): isSimulated = world != RunRecord.live
    case .stepEnded:
      if let verb = event.step?.verb, verb == "freeze" || verb == "thaw" { hasFrozen = true }
    case .stepStarted, .stepSkipped, .finding, .sealed, .planned, .lockTaken, .pullRequestOpened,
      .progress, .evidence, .badSign, .sight, .warning, .previewed, .wouldWrite, .value, .confirmed, .programOutput,
      .shown, .logLine, .announced, .runEnded:
      break
    }
  }

  /// What the reader can do next; nil when nothing is left to do, or `message` says it.
  func advice(_ ending: Ending, _ exit: Int32, message: String) -> String? {
    // One way back is enough for somebody who is tired: that of the run's own last words knows what is left to take back.
    let isSaid = message.contains("to take it back: ")
    let back = isSaid ? nil : back
    switch ending {
    case .ok: return nil
    case .refused: return back ?? (hasFrozen ? nil : "nothing was changed")
    case .suspended, .interrupted: return resume(message)
    case .undetermined, .timedOut:
      let advice = [resume(message), back].compactMap(\.self)
      return advice.isEmpty ? nil : advice.joined(separator: "; ")
    case .failed:
      if exit == ExitStatus.takenBack { return "what was done was taken back, and seen to be so" }
      return isSaid ? nil : back ?? "the lines marked bad or failed say why"
    }
  }

  private func resume(_ message: String) -> String? {
    guard let run, !isSimulated, !message.contains("slipway resume") else { return nil }
    return "go on with: slipway resume \(run)"
  }

  /// The way back as a command to be pasted, where a shell would take it as it stands.
  private var back: String? {
    guard hasChanged, !isSuperseded, !isSimulated, !waysBack.isEmpty else { return nil }
    let wayBack = waysBack.joined(separator: "; ")
    return wayBack.contains("'") ? "take it back with: \(wayBack)" : "take it back with: slipway run -c '\(wayBack)'"
  }
}
