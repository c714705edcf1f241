import PromotionModel
import RunbookCheck

/// What the language has and this version cannot do yet: the one place that lists it. A runbook that contains any of it is
/// refused before it changes anything; taking an entry away here is all that is needed once the verb is there.
enum MissingVerb {
  /// What is missing, and what can be done instead; nil for what can be done.
  static func missing(_ action: Action) -> String? {
    switch action {
    case .rollback(let rollback): missing(rollback)
    case .validate, .promote, .waitMerge, .merge, .waitArrival, .waitTime, .waitUntil, .monitor, .verify, .diagnose,
      .reconcile, .sync, .restart,
      .confirm, .require, .announce, .freeze, .thaw, .run, .show, .bind, .branch, .loop, .retry, .within, .call, .stop,
      .fail:
      nil
    }
  }

  private static func missing(_ rollback: RollbackAction) -> String? {
    switch rollback.way {
    case .commit, .pullRequest, .revert, .undo: return nil
    }
  }

  /// - Throws: ``Halt`` with *refused* for what cannot be done.
  static func refuse(_ action: Action) throws {
    if let missing = missing(action) { throw Halt(.refused, missing) }
  }
}
