public import PromotionModel

/// What must hold in every future, whatever goes wrong.
public enum Invariant: String, Hashable, Sendable, CaseIterable {
  /// *ok* only if production is as planned, healthy, in git and in the cluster.
  case okIsTrue = "ok is true"
  /// *refused* only if production is untouched.
  case refusedIsUntouched = "refused is untouched"
  /// *taken back* only if production is as before, in git, Argo CD and cluster.
  case takenBackIsBack = "taken back is back"
  /// *failed* leaves every service whole: as promoted and healthy, or as before.
  case failedIsWhole = "failed leaves production whole"
  /// No pull request and no lock is left by a run that says it is over.
  case nothingIsLeft = "nothing is left behind"
  /// What others changed is not undone (rule 1 of the language).
  case othersAreKept = "the work of others is kept"
  /// What others changed ends no run well (rule 1).
  case supersededIsSaid = "superseded is said"
  /// The way back is told before the first change (rule 3).
  case wayBackIsFirst = "the way back comes first"
  /// A handler takes back only on a definite failure (rule 5).
  case proofBeforeReturn = "taken back on proof alone"
  /// Nothing is done in a place that is not the one meant (rule 6).
  case rightPlace = "the right place"
  /// Evidence is time in which somebody looked (rule 8).
  case evidenceIsSeen = "evidence was seen"
  /// What was validated long ago is not promoted (rule 9).
  case sealsAreFresh = "seals are fresh"
  /// No effect is made twice (rule 10).
  case onceOnly = "once only"
  /// A run that is interrupted does nothing more, and says what it leaves.
  case interruptedIsTrue = "interrupted is true"
  /// What somebody has frozen is not promoted to.
  case freezeIsKept = "a freeze is kept"
  /// What the run changed stands in the record of releases, where one is kept, and once.
  case recordedOnce = "recorded once"
  /// What is announced as complete is as planned and healthy then (rule 4, in what people are told).
  case completeIsTrue = "complete is true"
  /// Every run ends.
  case comesToAnEnd = "it comes to an end"

  /// What the reader of a runbook can do about it.
  var advice: String {
    switch self {
    case .failedIsWhole: "answer the failure: `on failure { rollback promoted }`"
    case .okIsTrue: "end with `monitor`, so that nothing ends well unseen"
    case .nothingIsLeft: "take back what is left open: `on failure { rollback promoted }`"
    case .supersededIsSaid: "watch long enough to see who else changes it: `monitor`"
    case .proofBeforeReturn: "leave out `even if undetermined`"
    case .refusedIsUntouched, .takenBackIsBack, .othersAreKept, .wayBackIsFirst, .rightPlace, .evidenceIsSeen,
      .sealsAreFresh, .onceOnly, .interruptedIsTrue, .freezeIsKept, .recordedOnce, .completeIsTrue, .comesToAnEnd:
      "this is slipway's own to keep: please report it with this story"
    }
  }
}

/// An invariant that a future breaks.
public struct Harm: Hashable, Sendable {
  public var invariant: Invariant
  /// What is not as it must be, in one sentence.
  public var message: String
  public var environment: EnvironmentName?
  public var services: [ServiceName]

  /// With what must hold instead.
  var words: String { "\(message) (\(invariant.rawValue))" }
}
