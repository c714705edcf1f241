import PromotionModel
import RunLog
import RunbookCheck

/// A run is given up by a person (`slipway abort`): what is left of it is not begun, its handlers run, and what it left
/// open is closed.
public struct Abortion: Hashable, Sendable {
  /// Who gives it up.
  public var by: String
  public var reason: String

  public init(by: String, reason: String) { (self.by, self.reason) = (by, reason) }

  var text: String { "aborted by \(by): \(Subjects.line(reason))" }
}

extension Interpreter {
  /// The ending of a statement that is not done any more. A person's word is definite, so it is *failed* and not
  /// *undetermined*: a `rollback` that answers it acts (rule 5). It is stored, so that an abort that is cut off itself is
  /// gone on with by `resume` or another `abort`.
  func aborted(
    _ abortion: Abortion,
    _ statement: CheckedStatement,
    _ place: RunEvent.Step,
    _ earlier: StepRecord?
  ) -> Outcome {
    if Task.isCancelled { return interrupted(place, nil) }
    // Like a refusal it is not tried again by a `retry`.
    let outcome = failed(Halt(.failed, abortion.text), statement, [], isRefusal: true)
    emit(.stepStarted(statement: statement.text), at: place)
    do {
      let begun = earlier?.begun ?? setup.world.reading.clock.now()
      try setup.journal.intend(
        StepRecord(run: setup.run, step: place.path, verb: place.verb, statement: statement.text, begun: begun)
      )
      return try settle(outcome, statement, place)
    } catch {
      emit(.warning("\(error)"), at: place)
      return outcome
    }
  }

  /// Closes the pull requests that no handler has closed, and deletes their branches. One that was merged in that very
  /// moment stands, and is said with the line that takes it back.
  func closeWhatIsOpen(_ worst: Halt) async -> Halt {
    guard let abortion = setup.abortion else { return worst }
    let now = setup.world.reading.clock.now()
    let step = StepContext(
      setup: setup,
      memory: memory,
      place: RunEvent.Step(path: StepPath(), verb: "abort", line: 0),
      statement: "",
      begun: now,
      wasCutOff: false,
      stored: [:],
      scope: Scope()
    )
    // It came to its end, whatever the statements had come to before: there is nothing to go on with.
    let isSaid = worst.message.contains(abortion.text)
    var worst = Halt(max(worst.ending, .failed), isSaid ? worst.message : "\(abortion.text); \(worst.message)")
    for promotion in memory.current.promotions where promotion.isOpen {
      do {
        let patience = step.fleet.policy.deadlines.rollback
        let number = try await Withdrawal(step: step, patience: patience).close(promotion, because: abortion.text)
        if let number { emit(.progress("#\(number) closed")) }
      } catch {
        if Task.isCancelled { return Halt(.interrupted, "interrupted while closing what was open") }
        // Not *failed*: it can be given up once more.
        worst = Halt(
          .undetermined,
          "\(worst.message); \(promotion.branch ?? "a branch") could not be withdrawn: \(error)"
        )
      }
    }
    for proposed in memory.current.proposedReturns.values.sorted(by: { $0.branch < $1.branch }) {
      do {
        let withdrawal = Withdrawal(step: step, patience: step.fleet.policy.deadlines.rollback)
        let closed = try await withdrawal.close(proposed, because: abortion.text)
        memory.update { state in
          state.proposedReturns = state.proposedReturns.filter { $0.value.branch != proposed.branch }
        }
        guard let said = closed else { continue }
        worst = Halt(max(worst.ending, .failed), "\(worst.message); \(said)")
      } catch {
        if Task.isCancelled { return Halt(.interrupted, "interrupted while closing what was open") }
        worst = Halt(.undetermined, "\(worst.message); \(proposed.branch) could not be withdrawn: \(error)")
      }
    }
    return await restoreAutoSync(worst, step)
  }

  /// What a rollback of the run suspended and did not come to restore: done where git says what runs, else said.
  private func restoreAutoSync(_ worst: Halt, _ step: StepContext) async -> Halt {
    var worst = worst
    for undoing in memory.current.undoing.values.sorted(by: { $0.environment < $1.environment }) {
      guard let environment = step.fleet.environment(undoing.environment) else { continue }
      let names = undoing.services.map(\.text).joined(separator: ", ")
      do {
        let left = try await AutoSync(step: step, environment: environment).settle(undoing.services)
        if left.isEmpty {
          emit(.progress("the auto-sync of \(names) in \(environment.name) is as it was"))
        } else {
          worst = Halt(
            max(worst.ending, .failed),
            "\(worst.message); Argo CD's auto-sync stays suspended: \(left.joined(separator: "; ")); "
              + "`reconcile \(environment.name) \(names)` writes git to match and restores it"
          )
        }
      } catch {
        if Task.isCancelled { return Halt(.interrupted, "interrupted while restoring auto-sync") }
        // Not *failed*: it can be given up once more.
        worst = Halt(
          .undetermined,
          "\(worst.message); whether the auto-sync of \(names) is suspended is not known: \(error)"
        )
      }
    }
    return worst
  }
}

extension Action {
  /// Whether it has a block of its own, whose handlers answer what happens in it.
  var hasBlock: Bool {
    switch self {
    case .branch, .loop, .retry, .within, .call: true
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
      .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .stop,
      .fail:
      false
    }
  }
}
