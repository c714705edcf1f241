import PromotionModel
public import RunLog
public import RunbookCheck

/// Whether a run can go on with a runbook that was changed since it began: only when what it has begun stands there as it
/// did, at the same places. What comes after may be another.
public enum RunbookChange {
  /// What stands in the way, a line each, for people; empty when nothing does.
  /// - Parameters:
  ///   - steps: what the journal has of the run.
  ///   - runbook: the changed one.
  public static func obstacles(_ steps: [StepRecord], _ runbook: CheckedRunbook) -> [String] {
    steps.compactMap { step in
      guard case .statement? = step.step.components.last else { return nil }
      let was = "`\(step.statement)` (step \(step.step))"
      guard let statement = runbook.statement(at: step.step) else { return "\(was) is no longer there" }
      if statement.text == step.statement { return nil }
      // A look or a wait that was not at its end may be given other terms.
      let isOpen = step.outcome.map { !Interpreter.isFinal($0.ending) } ?? true
      if isOpen, statement.action.verb == step.verb, isHarmless(statement.action) { return nil }
      return "\(was) has \(isOpen ? "begun" : "been done"), and is now `\(statement.text)`"
    }
  }

  private static func isHarmless(_ action: Action) -> Bool {
    switch action {
    case .validate, .waitMerge, .waitArrival, .waitTime, .waitUntil, .monitor, .verify, .diagnose, .confirm, .require,
      .show, .within:
      true
    case .promote, .merge, .rollback, .reconcile, .sync, .restart, .announce, .freeze, .thaw, .run, .bind, .branch,
      .loop, .retry, .call, .stop, .fail:
      false
    }
  }
}
