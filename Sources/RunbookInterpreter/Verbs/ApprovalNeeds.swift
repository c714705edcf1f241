import PromotionModel

/// What must have been said about a pull request before it is merged.
struct ApprovalNeeds {
  private let promotion: Promotion

  init(_ promotion: Promotion, _ fleet: Fleet) throws { self.promotion = promotion }

  /// What is missing yet, each in a sentence; empty when it can be merged.
  /// - Throws: ``Halt`` with *refused* for what this head will never have.
  func missing(_ readiness: MergeReadiness) throws -> [String] {
    let final = readiness.obstacles.filter(\.isFinal)
    if !final.isEmpty {
      let what = final.map(\.message).joined(separator: "; ")
      throw Halt(.refused, "#\(readiness.pull.number) cannot be merged as planned: \(what)")
    }
    // An approval of another head is none of this plan.
    let approvals = readiness.approvals.filter { $0.commit == promotion.plannedHead }
    return readiness.obstacles.map(\.message) + (approvals.isEmpty ? ["nobody has approved it yet"] : [])
  }
}
