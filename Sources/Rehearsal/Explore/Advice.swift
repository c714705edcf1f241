import PromotionModel
import RunLog

/// What the reader of a runbook can do about a future that broke an invariant.
struct Advice {
  let text: String

  init(_ account: Account, to harms: [Harm]) {
    guard let invariant = harms.first?.invariant else {
      text = ""
      return
    }
    let answers = Self.answers(account)
    switch invariant {
    case .failedIsWhole, .nothingIsLeft:
      if let last = answers.last, !answers.contains(where: { $0.step.verb == "rollback" }) {
        text =
          "`\(last.step.verb)` stood in the way of what answers the failure: put `rollback promoted` in front of it"
      } else if let rollback = answers.last(where: { $0.step.verb == "rollback" }) {
        text =
          rollback.statement.contains("by revert") && !rollback.statement.contains("otherwise")
          ? "`by revert` needs a commit that can be taken back as a whole: leave it out, or add `otherwise undo`"
          : "`\(rollback.statement)` did not bring all back: the story says why; where it could have, please report it"
      } else {
        text = invariant.advice
      }
    default: text = invariant.advice
    }
  }

  /// The statements of handlers that were begun, in order.
  private static func answers(_ account: Account) -> [(step: RunEvent.Step, statement: String)] {
    account.events.compactMap { event in
      guard case .stepStarted(let statement) = event.body, let step = event.step,
        step.path.description.contains("on-failure")
      else { return nil }
      return (step, statement)
    }
  }
}
