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
      guard let place = place(of: step.step) else { return nil }
      let was = "`\(step.statement)` (step \(step.step))"
      guard let statement = statement(at: place, in: runbook.body) else { return "\(was) is no longer there" }
      if statement.text == step.statement { return nil }
      // A look or a wait that was not at its end may be given other terms.
      let isOpen = step.outcome.map { !Interpreter.isFinal($0.ending) } ?? true
      if isOpen, statement.action.verb == step.verb, isHarmless(statement.action) { return nil }
      return "\(was) has \(isOpen ? "begun" : "been done"), and is now `\(statement.text)`"
    }
  }

  /// nil for what is no statement.
  private static func place(of path: StepPath) -> ArraySlice<StepPath.Component>? {
    guard case .statement? = path.components.last else { return nil }
    return path.components[...]
  }

  private static func statement(at path: ArraySlice<StepPath.Component>, in block: CheckedBlock) -> CheckedStatement? {
    guard case .statement(let ordinal)? = path.first else { return nil }
    let rest = path.dropFirst()
    guard let statement = block.statements.first(where: { $0.ordinal == ordinal }) else {
      for (handler, part) in [(block.onFailure, StepPath.Component.onFailure), (block.finally, .finally)] {
        if let handler, handler.ordinal == ordinal, rest.first == part {
          return self.statement(at: rest.dropFirst(), in: handler.block)
        }
      }
      return nil
    }
    return rest.isEmpty ? statement : inner(rest, of: statement.action)
  }

  private static func inner(_ path: ArraySlice<StepPath.Component>, of action: Action) -> CheckedStatement? {
    let rest = path.dropFirst()
    switch (action, path.first) {
    case (.branch(let action), .branch(let index)?):
      let block = index < action.branches.count ? action.branches[index].block : action.otherwise
      return block.flatMap { statement(at: rest, in: $0) }
    case (.loop(let action), .iteration?): return statement(at: rest, in: action.block)
    case (.retry(let action), .attempt?): return statement(at: rest, in: action.block)
    case (.call(let action), .call?): return statement(at: rest, in: action.block)
    case (.within(_, let block), .statement?): return statement(at: path, in: block)
    case (_, _): return nil
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
