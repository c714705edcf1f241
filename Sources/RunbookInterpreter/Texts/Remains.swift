import PromotionModel

/// What a run leaves behind when it ends early, and the line that takes it back: for somebody who is tired.
struct Remains {
  let promotions: [Promotion]
  /// What was pushed to take something back and was not seen to arrive.
  let returning: [ChangeSet]

  init(_ state: RunMemory.State) {
    promotions = state.promotions
    returning = state.returning.sorted { "\($0.key)" < "\($1.key)" }.map(\.value)
  }

  /// Those that nothing was pushed against.
  private var live: [Promotion] {
    promotions.filter { promotion in
      !promotion.isTakenBack
        && promotion.services.contains { !promotion.takenBack.contains($0) && !isReturning($0, promotion) }
    }
  }

  private func isReturning(_ service: ServiceName, _ promotion: Promotion) -> Bool {
    returning.contains { changes in
      changes.environment == promotion.changes.environment && changes.services.contains { $0.service == service }
    }
  }

  private var pushed: [String] {
    returning.map { "\($0.plan.joined(separator: ", ")) was pushed, and was not seen to arrive" }
  }

  /// After `stop` and an interruption.
  var whenStopped: String {
    guard !live.isEmpty else { return pushed.isEmpty ? "Nothing was changed" : pushed.joined(separator: "; ") }
    return (pushed + live.map(sentence)).joined(separator: "; ") + "; nothing is undone"
  }

  /// After everything that did not end well; nil when there is nothing to say.
  var afterFailure: String? {
    guard !live.isEmpty else {
      if !pushed.isEmpty { return pushed.joined(separator: "; ") }
      return promotions.contains { $0.commit != nil } ? "What was promoted was taken back" : nil
    }
    let lines = live.map { promotion in
      let services = promotion.services.filter { !promotion.takenBack.contains($0) }.map(\.text)
      return "rollback \(promotion.changes.environment) \(services.joined(separator: ", "))"
    }
    return (pushed + live.map(sentence)).joined(separator: "; ") + "; to take it back: " + lines.joined(separator: "; ")
  }

  private func sentence(_ promotion: Promotion) -> String {
    if promotion.commit == nil {
      if let pull = promotion.pullRequest {
        return pull.state == .merged ? "\(pull.url) was merged, and nothing has looked at it" : "\(pull.url) stays open"
      }
      return "whether \(promotion.changes.plan.joined(separator: ", ")) reached the server is not known"
    }
    let plan = promotion.changes.services.filter { !promotion.takenBack.contains($0.service) }
    return ChangeSet(environment: promotion.changes.environment, base: promotion.changes.base, services: plan).plan
      .joined(separator: ", ") + " stays"
  }
}
