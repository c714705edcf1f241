internal import PromotionModel
internal import RunLog

/// What every journal says of a call that does not fit what it holds.
extension JournalError {
  static func alreadyBegun(_ run: RunID) -> JournalError { JournalError("the run \(run) has been begun already") }
  static func unknown(_ run: RunID) -> JournalError { JournalError("there is no run \(run)") }
  static func notIntended(_ run: RunID, _ step: StepPath) -> JournalError {
    JournalError("the run \(run) has no step \(step) that could be settled")
  }
  static func notUnderstood(_ what: String) -> JournalError {
    JournalError("\(what) in it is not understood: it is damaged, or a newer slipway wrote it")
  }
}
