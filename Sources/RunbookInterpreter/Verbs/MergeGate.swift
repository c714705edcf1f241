import PromotionModel
import RunLog

/// Looks at one pull request again and again, and decides by the branch.
struct MergeGate {
  /// Stored when a step has seen that its pull request was closed, before it says so.
  private static let closedKey = "closed"

  let step: StepContext
  var promotion: Promotion
  private var checkedBase: CommitID?
  private var checked: PullRequest?

  init(step: StepContext, promotion: Promotion) { (self.step, self.promotion) = (step, promotion) }

  private static func closed(_ numbers: [Int]) -> Halt {
    let list = numbers.map { "#\($0)" }.joined(separator: " and ")
    return Halt(.refused, "pull request \(list) was closed without being merged")
  }

  /// The promotions that wait for a merge.
  /// - Throws: ``Halt`` with *refused* where an earlier process of this step saw a pull request closed and did not live to say
  ///   so.
  static func waiting(_ step: StepContext) throws -> [Promotion] {
    let promotions = step.memory.current.promotions
    if let seen = try step.stored(closedKey, as: Int.self),
      promotions.contains(where: { $0.isWithdrawn && $0.pullRequest?.number == seen })
    {
      throw closed([seen])
    }
    return promotions.filter(\.isOpen)
  }

  /// What there is to say where no pull request waits.
  /// - Throws: ``Halt`` with *refused* where all of them were closed without being merged.
  static func nothingWaits(_ step: StepContext) throws -> String {
    let promotions = step.memory.current.promotions
    guard !promotions.isEmpty else { return "nothing was promoted, so there is nothing to merge" }
    guard promotions.allSatisfy(\.isWithdrawn) else { return "already merged" }
    let numbers = promotions.compactMap { $0.pullRequest?.number }
    throw numbers.isEmpty ? Halt(.refused, "no pull request of the promotion was opened") : closed(numbers)
  }

  private var environment: EnvironmentName { promotion.changes.environment }
  private var plan: PlanCheck { PlanCheck(step: step, promotion: promotion) }

  /// nil while the gate is closed; a message once it is open.
  /// - Throws: ``Halt`` with *refused* when the approval is void or the pull request closed, with *failed* when something
  ///   else was merged.
  mutating func look(_ pull: PullRequest) async throws -> String? {
    switch pull.state {
    case .open:
      try await requirePlanned(pull)
      return nil
    case .merged: return try await merged(pull)
    case .closed:
      // Somebody may have brought the same content another way.
      let head = try await step.reading.repository.head()
      if try await plan.standsAsPlanned(at: head.id).isEmpty { return try await merged(pull, as: head.id) }
      // It could be reopened and merged when no run watches any more. A branch that others added to is theirs.
      if let own = promotion.plannedHead { await step.remove(pull.branch, at: own, of: environment) }
      // A process that ends here looks again when it is resumed, and one that ends further down knows what this one saw.
      try step.note(Self.closedKey, pull.number)
      promotion.isWithdrawn = true
      try step.store(promotion)
      throw Self.closed([pull.number])
    }
  }

  /// - Parameter commit: what brought the content, where the pull request did not.
  private mutating func merged(_ pull: PullRequest, as commit: CommitID? = nil) async throws -> String {
    let head = try await step.reading.repository.head()
    let merge = commit ?? pull.mergeCommit ?? head.id
    var differences = try await plan.standsAsPlanned(at: merge)
    var (voided, unapproved): ([String], [String]) = ([], [])
    if commit == nil {
      differences += plan.branch(pull)
      voided = try await plan.differences(pull, mergedAs: merge)
      unapproved = try await missingApprovals(pull)
    }
    promotion.commit = merge
    promotion.pullRequest = pull
    try step.store(promotion)
    step.memory.markChanged(promotion.services, in: environment, isProtected: promotion.isProtected)
    step.emit(.pullRequestChanged(pull), environment: environment)
    await Delivery(step: step).refresh(promotion.services, in: environment)
    guard differences.isEmpty else { throw try await mergedOtherwise(differences, at: merge) }
    var message = "#\(pull.number) merged" + (pull.mergedBy.map { " by \($0)" } ?? "") + " as \(merge.short)"
    if !voided.isEmpty {
      message += ", in spite of a void approval: " + voided.joined(separator: "; ")
      step.emit(.warning(message), environment: environment)
    }
    if !unapproved.isEmpty {
      message += ", without what it needed: " + unapproved.joined(separator: "; ")
      step.emit(.warning(message), environment: environment)
    }
    return message
  }

  /// What the configuration asks of people, where they merge themselves and no rule of the forge holds them to it.
  private func missingApprovals(_ pull: PullRequest) async throws -> [String] {
    guard promotion.isProtected, ApprovalNeeds.areConfigured(promotion.changes, step.fleet),
      let forge = step.reading.forge
    else { return [] }
    return ApprovalNeeds(promotion, step.fleet).missingApprovals(try await forge.mergeReadiness(of: pull.number))
  }

  /// Something else than was planned is on its way to production: watch where it goes, then fail.
  private func mergedOtherwise(_ differences: [String], at merge: CommitID) async throws -> Halt {
    let what = "merged with other content than planned: " + differences.joined(separator: "; ")
    step.emit(.warning(what), environment: environment)
    let place = try step.environment(environment)
    let declared = try await step.reading.repository.declared(environment, at: merge)
    let targets = promotion.services.compactMap { name -> ArrivalTarget? in
      guard let service = step.fleet.service(name), let tag = declared.services[name]?.tag else { return nil }
      return ArrivalTarget(service: service, tag: tag, digest: nil, commit: merge)
    }
    do {
      try await Arrivals(step: step).wait(
        for: targets,
        in: place,
        until: step.clock.now() + step.fleet.policy.deadlines.rollout,
        needsRollout: true
      )
      return Halt(.failed, what + "; it has arrived")
    } catch let halt as Halt {
      return Halt(.failed, what + "; then: " + halt.message)
    }
  }

  /// The approval is of the plan, or void: then the status on the branch turns red, and nothing is waited for any more.
  private mutating func requirePlanned(_ pull: PullRequest) async throws {
    let base: CommitID
    if let known = pull.baseHead { base = known } else { base = try await step.reading.repository.head().id }
    guard base != checkedBase || pull.head != checked?.head || pull.plan != checked?.plan else { return }
    let differences = try await plan.differences(pull)
    guard differences.isEmpty else {
      let what = differences.joined(separator: "; ")
      await turnRed(pull, what)
      throw Halt(.refused, "the approval of #\(pull.number) is void: \(what). It was not merged: promote again")
    }
    (checkedBase, checked) = (base, pull)
  }

  private func turnRed(_ pull: PullRequest, _ what: String) async {
    guard let forge = step.writing.forge else { return }
    let status = CommitStatus(state: .failure, description: Subjects.line("not as planned: \(what)"))
    do {
      try await step.insist { try await forge.setStatus(status, on: pull.head) }
    } catch {
      step.emit(.warning("the status of #\(pull.number) could not be set: \(error)"), environment: environment)
    }
  }
}
