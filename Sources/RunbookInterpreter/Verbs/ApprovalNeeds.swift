import PromotionModel

/// What must have been said about a pull request before it is merged: by the configuration (`policy.approvals`), one approval
/// where it says nothing.
struct ApprovalNeeds {
  private let promotion: Promotion
  private let step: VersionStep
  private let rule: Policy.ApprovalRule
  private let policy: Policy

  init(_ promotion: Promotion, _ fleet: Fleet) {
    (self.promotion, policy) = (promotion, fleet.policy)
    step = VersionStep(promotion.changes, fleet)
    rule = (promotion.isProtected ? policy.approvals[step] : nil) ?? .anyone(1)
  }

  /// Whether the configuration asks for more than the forge would.
  static func areConfigured(_ changes: ChangeSet, _ fleet: Fleet) -> Bool {
    switch fleet.policy.approvals[VersionStep(changes, fleet)] {
    case nil: false
    case .anyone(let count): count > 0
    case .these(let people): !people.isEmpty
    }
  }

  /// What is missing yet, each in a sentence; empty when it can be merged.
  /// - Throws: ``Halt`` with *refused* for what this head will never have.
  func missing(_ readiness: MergeReadiness) throws -> [String] {
    let final = readiness.obstacles.filter(\.isFinal)
    if !final.isEmpty {
      let what = final.map(\.message).joined(separator: "; ")
      throw Halt(.refused, "#\(readiness.pull.number) cannot be merged as planned: \(what)")
    }
    return readiness.obstacles.map(\.message) + missingApprovals(readiness)
  }

  /// The approvals that are missing; one of another head is none of this plan.
  func missingApprovals(_ readiness: MergeReadiness) -> [String] {
    let people = Set(readiness.approvals.filter { $0.commit == promotion.plannedHead }.map(\.by))
    switch rule {
    case .anyone(let count):
      if people.count >= count { return [] }
      if people.isEmpty, count == 1 { return ["nobody has approved it yet"] }
      return ["a \(step.rawValue) change needs \(count) approvals, and has \(people.count)"]
    case .these(let wanted):
      let missing = wanted.filter { name in !people.contains { isMember($0, of: name) } }
      if missing.isEmpty { return [] }
      return ["a \(step.rawValue) change needs the approval of \(missing.joined(separator: ", "))"]
    }
  }

  /// Logins are the same whatever their case.
  private func isMember(_ person: String, of name: String) -> Bool {
    if let team = policy.teams[name] { return team.contains { $0.lowercased() == person.lowercased() } }
    return name.lowercased() == person.lowercased()
  }

  /// For the pull request's text; nil where the configuration says nothing.
  static func text(_ changes: ChangeSet, _ fleet: Fleet) -> String? {
    let step = VersionStep(changes, fleet)
    switch fleet.policy.approvals[step] {
    case nil, .anyone(0): return nil
    case .anyone(let count): return "A \(step.rawValue) change: \(count) \(count == 1 ? "approval" : "approvals")"
    case .these(let people):
      return people.isEmpty ? nil : "A \(step.rawValue) change: the approval of \(people.joined(separator: ", "))"
    }
  }
}
