/// The kinds of findings of the checker. A code once given keeps its meaning; each has a page (`slipway explain`).
public enum CheckCode: String, CaseIterable, Sendable {
  // Names and targets.
  case unknownService = "SW3001"
  case unknownEnvironment = "SW3002"
  case environmentWhereServiceIsDue = "SW3003"
  case noTargets = "SW3004"
  case noEnvironment = "SW3005"
  case nothingPromoted = "SW3006"
  case duplicateService = "SW3007"
  case exceptWithoutAll = "SW3008"
  case promotedWherePromoting = "SW3009"
  case noPromotesFrom = "SW3010"
  case notPromotedFrom = "SW3011"
  case unclearTarget = "SW3012"
  case noForge = "SW3013"
  case noPullRequest = "SW3014"
  case unreachable = "SW3015"
  case secondHandler = "SW3016"
  case handlerInHandler = "SW3017"
  case notAVersion = "SW3018"
  case versionOfSeveral = "SW3019"
  case tooShort = "SW3020"
  case evenOutsideHandler = "SW3021"
  case nothingToRun = "SW3022"
  case unknownName = "SW3023"
  case wrongType = "SW3024"
  case cannotCompare = "SW3025"
  case cannotAdd = "SW3026"
  case noCondition = "SW3027"
  case usedBeforeLet = "SW3028"
  case mayHaveNoValue = "SW3029"
  case failureOutsideHandler = "SW3030"
  case nameTaken = "SW3031"
  case withinTooShort = "SW3032"
  case declarationInBlock = "SW3033"
  case outsideScenario = "SW3034"
  case notInScenario = "SW3035"
  case declaredTwice = "SW3036"
  case unknownProcedure = "SW3037"
  case badArguments = "SW3038"
  case recursion = "SW3039"
  case expansionTooLarge = "SW3040"
  case unreadableImport = "SW3041"
  case badImportPath = "SW3042"
  case importCycle = "SW3043"
  case notInImport = "SW3044"
  case inputNotLiteral = "SW3045"
  case environmentNotKnown = "SW3046"
  case outOfRange = "SW3047"
  case noSuchTime = "SW3048"
  case badCommand = "SW3049"
  case emptyCommand = "SW3050"
  case unknownWord = "SW3051"
  case contradiction = "SW3052"
  case badCommit = "SW3053"
  case mustBeWritten = "SW3054"
  case emptyWindow = "SW3055"
  case unclearEnvironment = "SW3056"
  case badVariableName = "SW3057"
  case mixedList = "SW3058"
  case unknownMetric = "SW3059"
  case emptyReason = "SW3060"
  // Policy and flow: what lets the runbook run, but should be looked at.
  case notValidated = "SW3101"
  case noRollback = "SW3102"
  case noMonitor = "SW3103"
  case monitorTooShort = "SW3104"
  case maybeNoPullRequest = "SW3105"
  case unusedInput = "SW3106"
  case unusedVariable = "SW3107"
  case alwaysTheSame = "SW3108"
  case shellSign = "SW3109"
  case noWindow = "SW3110"
  case monitorUnderMetric = "SW3111"
  case notMerged = "SW3112"
  case timeOfDayInUTC = "SW3113"
  case gateBeforeRollback = "SW3114"
  case completeInFailure = "SW3115"
  // Comments that silence warnings.
  case silencedWithoutReason = "SW3201"
  case silencedUnknownCode = "SW3202"
  case silencedError = "SW3203"
  case silencedNothing = "SW3204"
}

extension CheckCode {
  /// Whether a finding in a procedure can be right for one call and wrong for another.
  var dependsOnCall: Bool {
    switch self {
    case .wrongType, .cannotCompare, .cannotAdd, .noCondition, .mixedList, .environmentNotKnown, .usedBeforeLet,
      .mayHaveNoValue, .tooShort, .outOfRange, .notValidated, .noPullRequest, .maybeNoPullRequest, .nothingPromoted,
      .noTargets, .noEnvironment, .unclearEnvironment, .failureOutsideHandler, .evenOutsideHandler, .withinTooShort,
      .versionOfSeveral, .monitorTooShort, .monitorUnderMetric, .notMerged, .mustBeWritten:
      true
    case .unknownService, .unknownEnvironment, .environmentWhereServiceIsDue, .duplicateService, .exceptWithoutAll,
      .promotedWherePromoting, .noPromotesFrom, .notPromotedFrom, .unclearTarget, .noForge, .unreachable,
      .secondHandler,
      .handlerInHandler, .notAVersion, .nothingToRun, .unknownName, .nameTaken, .declarationInBlock, .outsideScenario,
      .notInScenario, .declaredTwice, .unknownProcedure, .badArguments, .recursion, .expansionTooLarge,
      .unreadableImport, .badImportPath, .importCycle, .notInImport, .inputNotLiteral, .noSuchTime, .badCommand,
      .emptyCommand, .unknownWord, .contradiction, .badCommit, .emptyWindow, .noWindow, .badVariableName, .noRollback,
      .noMonitor, .unknownMetric, .emptyReason, .timeOfDayInUTC, .gateBeforeRollback, .completeInFailure,
      .unusedInput, .unusedVariable, .alwaysTheSame, .shellSign, .silencedWithoutReason, .silencedUnknownCode,
      .silencedError, .silencedNothing:
      false
    }
  }
}
