import PromotionModel
import RunLog
import RunbookCheck

/// One attempt of a `retry`, as it is stored when it begins and when it has ended.
struct Attempt: Hashable, Sendable, Codable {
  static let noteKey = "attempt"

  var begun: Timestamp
  /// nil while it goes on.
  var end: BlockEnd?
}

extension Interpreter {
  /// `retry N times every D { }`: until the block ends well, at most so often; the last ending counts. What is *refused*
  /// would be refused again, and is not repeated; nor is anything after a `stop`, or once the `within` around it is over.
  ///
  /// `every` is from beginning to beginning: an attempt that took longer is followed at once.
  func retry(_ action: RetryAction, _ step: StepContext) async throws -> Outcome {
    let (count, every) = try await step.limited(by: step.scope.cutoff) {
      (try await step.resolve(action.count), try await step.resolve(action.every) ?? .zero)
    }
    guard count >= 1 else { throw EvaluationMessages.notAtLeast("how often a `retry` is tried", 1, .integer(count)) }
    let clock = setup.world.reading.clock
    var (number, outcome) = (0, Outcome.ok())
    while true {
      let path = step.place.path.appending(.attempt(number))
      let earlier: Attempt? = storedNote(Attempt.noteKey, at: path)
      let begun = earlier?.begun ?? clock.now()
      if let end = earlier?.end, stands(end, at: path, isLast: number + 1 == count) {
        outcome = end.outcome
      } else {
        if number > 0 { step.emit(.progress("attempt \(number + 1) of \(count)")) }
        if earlier == nil { try setup.note(Attempt.noteKey, Attempt(begun: begun), under: path) }
        outcome = await block(action.block, at: path, step.scope)
        if outcome.ending.isPause { return outcome }
        try setup.note(Attempt.noteKey, Attempt(begun: begun, end: BlockEnd(outcome)), under: path)
      }
      number += 1
      guard let failure = outcome.failure, !failure.isRefusal, !outcome.isStopped, number < count else {
        return outcome
      }
      if let cutoff = step.scope.cutoff, max(begun + every, clock.now()) >= cutoff.deadline { return outcome }
      step.emit(.progress("attempt \(number) of \(count) ended \(failure.ending.rawValue): \(failure.message)"))
      try await clock.sleep(until: begun + every)
    }
  }

  /// Whether the stored end of an attempt counts. Where the run had come to its end and is resumed on request, the last
  /// attempt is entered again if it could not tell.
  private func stands(_ end: BlockEnd, at path: StepPath, isLast: Bool) -> Bool {
    guard isSecondGo, let failure = end.failure, !Self.isFinal(failure.ending) else { return true }
    guard !isLast, let number = next(after: path) else { return false }
    return (storedNote(Attempt.noteKey, at: number) as Attempt?) != nil
  }

  private func next(after path: StepPath) -> StepPath? {
    guard case .attempt(let number)? = path.components.last else { return nil }
    return StepPath(path.components.dropLast() + [.attempt(number + 1)])
  }
}
