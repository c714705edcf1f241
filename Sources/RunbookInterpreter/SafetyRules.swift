import PromotionModel

/// The ten rules of the language that outrank every other line. All hold, in every run.
///
/// Tests of this package can run without one of them, to see that its absence is noticed: a check that finds nothing when
/// there is nothing to find proves little. No command, option or configuration leads here.
package enum SafetyRule: Int, CaseIterable, Sendable {
  /// 1: a run takes back only what it finds as it left it.
  case undoOnlyYourOwn = 1
  /// 2: *arrived* is judged by value, source and digest.
  case arrivedIsProven
  /// 3: the way back is known and told before anything is promoted.
  case wayBackFirst
  /// 4: a run that changed production ends well only after something looked.
  case noGoodEndingInIgnorance
  /// 5: what could not be told is neither yes nor no.
  case couldNotTellIsNotNo
  /// 6: an environment is a cluster and a destination, not the name of a context.
  case rightPlace
  /// 7: a rollback takes locks over.
  case rescueIsNeverLockedOut
  /// 8: only time in which somebody looked is evidence.
  case seenTimeOnly
  /// 9: seals expire.
  case sealsExpire
  /// 10: what was done is stored before anything follows from it.
  case truthOutlivesTheProcess

  /// The rule that does not hold in the present task.
  @TaskLocal package static var disabled: SafetyRule?

  var holds: Bool { Self.disabled != self }
}

extension StepContext {
  /// Looks whether an environment is the place that is meant (rule 6). A server that is away for a moment is asked again: what
  /// is to be watched must not go unwatched for it.
  /// - Throws: ``WorldError`` with the reason `wrongPlace` when it is not.
  func identify(_ environment: EnvironmentName) async throws {
    do {
      _ = try await insist { try await reading.cluster.identify(environment) }
    } catch let error as WorldError where error.reason == .wrongPlace && !SafetyRule.rightPlace.holds {
      emit(.warning("\(error)"), environment: environment)
    }
  }
}
