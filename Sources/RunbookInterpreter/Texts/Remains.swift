import PromotionModel

/// What a run leaves behind when it ends early, and the line that takes it back: for somebody who is tired.
struct Remains {
  let promotions: [Promotion]

  private var live: [Promotion] { promotions.filter { !$0.isTakenBack } }

  /// After `stop` and an interruption.
  var whenStopped: String {
    live.isEmpty ? "Nothing was changed" : live.map(sentence).joined(separator: "; ") + "; nothing is undone"
  }

  /// After everything that did not end well; nil when there is nothing to say.
  var afterFailure: String? {
    guard !live.isEmpty else {
      return promotions.contains { $0.commit != nil } ? "What was promoted was taken back" : nil
    }
    let lines = live.map { promotion in
      let services = promotion.services.filter { !promotion.takenBack.contains($0) }.map(\.text)
      return "rollback \(promotion.changes.environment) \(services.joined(separator: ", "))"
    }
    return live.map(sentence).joined(separator: "; ") + "; to take it back: " + lines.joined(separator: "; ")
  }

  private func sentence(_ promotion: Promotion) -> String {
    if promotion.commit == nil {
      if let pull = promotion.pullRequest { return "\(pull.url) stays open" }
      return "whether \(promotion.changes.plan.joined(separator: ", ")) reached the server is not known"
    }
    let plan = promotion.changes.services.filter { !promotion.takenBack.contains($0.service) }
    return ChangeSet(environment: promotion.changes.environment, base: promotion.changes.base, services: plan).plan
      .joined(separator: ", ") + " stays"
  }
}
