import PromotionModel
import RunLog
import RunbookCheck

/// What a `rollback` may take back: which services are its own, and whether it may act at all.
struct RollbackScope {
  let action: RollbackTerms
  let step: StepContext

  /// Whether there can be anything to take back: what this run promotes is stored before it touches the world.
  var mayHavePromoted: Bool {
    switch action.targets {
    case .promoted:
      step.memory.current.promotions.contains { $0.changes.environment == action.environment && !$0.isTakenBack }
    case .services(let services): services.contains(where: isOurs)
    case .all: step.fleet.services.map(\.name).contains(where: isOurs)
    }
  }

  /// Whether the service is this statement's to take back. A handler of a runbook that promotes answers that promotion: where
  /// it never came to it, what stands there is the last good release of somebody (rule 1). A handler of one that only
  /// watches, and a person at a prompt, mean what was recorded last.
  func isOurs(_ name: ServiceName) -> Bool {
    guard SafetyRule.undoOnlyYourOwn.holds, step.answering != nil, action.revertOf == nil, isInPromotingRunbook else {
      return true
    }
    return step.memory.promotion(of: name, in: action.environment) != nil
  }

  private var isInPromotingRunbook: Bool {
    step.setup.runbook.body.everyStatement.contains { statement in
      if case .promote(let promotion) = statement.action { promotion.target == action.environment } else { false }
    }
  }

  /// The services that the statement names and this run never promoted are told, and left alone.
  func tellOfOthers(_ services: [ServiceName]) {
    for name in services where !isOurs(name) {
      step.emit(
        .warning(
          "this run promoted nothing of it, so there is nothing to take back; to take an earlier promotion back: "
            + "rollback \(action.environment) \(name)"
        ),
        environment: action.environment,
        service: name
      )
    }
  }

  /// Rule 5: what could not be told is no reason to act; the command is printed instead.
  func hold() throws {
    guard SafetyRule.couldNotTellIsNotNo.holds else { return }
    guard let answering = step.answering, !action.evenIfUndetermined else { return }
    switch answering {
    case .failed, .refused, .ok: return
    case .undetermined, .timedOut, .suspended, .interrupted:
      let names: String
      switch action.targets {
      case .promoted: names = step.memory.promoted(to: action.environment).map(\.text).joined(separator: ", ")
      case .services(let services): names = services.filter(isOurs).map(\.text).joined(separator: ", ")
      case .all: names = mayHavePromoted ? "all" : ""
      }
      guard !names.isEmpty else { return }
      let command = "rollback \(action.environment) \(names)" + (action.version.map { " to v\($0)" } ?? "")
      step.emit(.wayBack(statement: command), environment: action.environment)
      throw Halt(
        .undetermined,
        "holding: the run ended *\(answering.rawValue)*, which is no proof against \(names); to take it back: \(command)"
      )
    }
  }
}
