import PromotionModel
import RunLog

extension StepContext {
  /// Says who else changed what this run left otherwise (rule 1): it is theirs now, and nothing of it is taken back.
  /// - Parameter isTold: the log has it already.
  func handsOff(_ values: [Superseded], in environment: EnvironmentName, isTold: Bool = false) -> Halt {
    if !isTold {
      for value in values { emit(.superseded(value), environment: environment, service: value.service) }
    }
    memory.markSuperseded(values.map(\.service), in: environment)
    return Halt(.undetermined, "superseded, hands off: " + values.map(\.message).joined(separator: "; "))
  }
}
