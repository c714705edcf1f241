import PromotionModel
import RunLog

/// What becomes of the push of a promotion.
extension Promote {
  func push(_ promotion: inout Promotion, _ message: CommitMessage, _ lease: LockLease) async throws -> Commit {
    let repository = step.writing.repository
    let outcome: PushOutcome
    do {
      outcome = try await step.insist { [promotion] in
        if let branch = promotion.branch {
          return try await repository.propose(promotion.changes, branch: branch, message: message, under: lease)
        }
        return try await repository.commit(promotion.changes, message: message, under: lease)
      }
    } catch let error as WorldError where error.reason == .refused || error.reason == .unauthorized {
      // A definite no: nothing stands on the server, so nothing needs to be taken back.
      try withdraw(promotion, when: error)
      throw Halt(.refused, "\(error)")
    }
    switch outcome {
    case .pushed(let commit): return commit
    case .shared(let commit, let others):
      let whole = promotion
      promotion.changes.services.removeAll { change in others.contains { $0.service == change.service } }
      guard promotion.changes.services.isEmpty else {
        for value in others {
          step.emit(.warning(Self.standsByOthers(value)), environment: action.target, service: value.service)
        }
        return commit
      }
      let words = others.map { "\($0.service): \(Self.standsByOthers($0))" }.joined(separator: "; ")
      let halt = Halt(.refused, "nothing was changed: somebody else has promoted the same meanwhile: \(words)")
      try withdraw(whole, when: halt)
      throw halt
    case .superseded(let superseded):
      for value in superseded { step.emit(.superseded(value), environment: action.target, service: value.service) }
      let halt = Halt(
        .refused,
        "changed by somebody else meanwhile: " + superseded.map(\.message).joined(separator: "; ")
      )
      try withdraw(promotion, when: halt)
      throw halt
    case .lostLock(let holder):
      let halt = Halt(
        .refused,
        "the lock was lost" + (holder.map { " to " + LockKeeper.message($0, samePlan: false) } ?? "")
      )
      try withdraw(promotion, when: halt)
      throw halt
    }
  }

  private static func standsByOthers(_ value: Superseded) -> String {
    let by = value.by.map { ", by \($0.author) in \($0.id.short)" } ?? ""
    return "\(value.found ?? "it") stands already\(by), which is not this run's to take back"
  }
}
