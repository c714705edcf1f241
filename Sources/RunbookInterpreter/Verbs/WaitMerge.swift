import PromotionModel
import RunLog
import RunbookCheck

/// `wait merge`: the manual gate of the guide. Whether it was merged is decided by what the branch holds, whatever the
/// way of merging; closed unmerged is *refused*, merged with other content *failed*.
struct WaitMerge {
  let within: Duration?
  let step: StepContext

  func run() async throws -> String {
    let waiting = step.memory.current.promotions.filter { $0.isByPullRequest && $0.commit == nil && !$0.isWithdrawn }
    guard !waiting.isEmpty else {
      return step.memory.current.promotions.isEmpty
        ? "nothing was promoted, so there is nothing to merge" : "already merged"
    }
    guard let forge = step.reading.forge, let settings = step.fleet.pullRequest else {
      throw Halt(.refused, "no forge is configured")
    }
    let deadline = step.begun + (within ?? step.fleet.policy.deadlines.merge)
    var messages: [String] = []
    for promotion in waiting {
      messages.append(try await wait(promotion, forge, settings, until: deadline))
    }
    return messages.joined(separator: "; ")
  }

  private func wait(
    _ promotion: Promotion,
    _ forge: any ForgeReading,
    _ settings: PullRequestSettings,
    until deadline: Timestamp
  ) async throws -> String {
    guard let number = promotion.pullRequest?.number else { throw Halt(.undetermined, "the pull request is not known") }
    var gate = MergeGate(step: step, promotion: promotion)
    var progress = ProgressReport(step: step, environment: promotion.changes.environment)
    while true {
      do {
        let pull = try await forge.pullRequest(number)
        progress.regained()
        if let merged = try await gate.look(pull) { return merged }
        // As long as nothing happens, each further look would see the same.
        let now = step.clock.now()
        let passed = step.reading.foresight?.pass(
          .pullRequest,
          every: settings.pollInterval,
          after: now,
          limit: .max,
          before: deadline
        )
        if let passed, passed.rounds > 0 { try await step.clock.sleep(until: passed.last) }
      } catch let error as WorldError where error.isTransient {
        progress.lost(error)
      }
      guard step.clock.now() < deadline else {
        throw Halt(
          .timedOut,
          "pull request #\(number) was not merged in time and stays open: \(promotion.pullRequest?.url ?? "")"
        )
      }
      try await step.clock.sleep(until: min(step.clock.now() + settings.pollInterval, deadline))
    }
  }
}

/// Looks at one pull request again and again, and decides by the branch.
private struct MergeGate {
  let step: StepContext
  var promotion: Promotion
  private var shown: String?
  private var checkedBase: CommitID?
  private var checkedHead: CommitID?
  private var status: CommitStatus.State = .success

  init(step: StepContext, promotion: Promotion) { (self.step, self.promotion) = (step, promotion) }

  /// nil while the gate is closed; a message once it is open.
  mutating func look(_ pull: PullRequest) async throws -> String? {
    switch pull.state {
    case .open:
      try await checkPlan(pull)
      return nil
    case .merged: return try await merged(pull)
    case .closed:
      // Somebody may have brought the same content another way.
      let head = try await step.reading.repository.head()
      if try await standsAsPlanned(at: head.id).isEmpty { return try await merged(pull, as: head.id) }
      promotion.isWithdrawn = true
      try step.store(promotion)
      // It could be reopened and merged when no run watches any more. A branch that others added to is theirs.
      if let own = promotion.pullRequest?.head {
        await step.remove(pull.branch, at: own, of: promotion.changes.environment)
      }
      throw Halt(.refused, "pull request #\(pull.number) was closed without being merged")
    }
  }

  /// Values that are not as planned at a commit; empty when everything stands as planned.
  private func standsAsPlanned(at commit: CommitID) async throws -> [String] {
    let environment = promotion.changes.environment
    let back = try await step.reading.repository.planReturn(
      of: promotion.changes,
      services: promotion.services,
      at: commit
    )
    let returning = Set(back.changes.services.map(\.service))
    return promotion.services.filter { !returning.contains($0) }.map { service in
      back.superseded.first { $0.service == service }?.message ?? "\(service) in \(environment) is as it was before"
    }
  }

  private mutating func merged(_ pull: PullRequest, as commit: CommitID? = nil) async throws -> String {
    let head = try await step.reading.repository.head()
    let merge = commit ?? pull.mergeCommit ?? head.id
    let differences = try await standsAsPlanned(at: merge)
    promotion.commit = merge
    promotion.pullRequest = pull
    try step.store(promotion)
    step.memory.markChanged(
      promotion.services,
      in: promotion.changes.environment,
      isProtected: promotion.isProtected
    )
    step.emit(.pullRequestChanged(pull), environment: promotion.changes.environment)
    await Delivery(step: step).refresh(promotion.services, in: promotion.changes.environment)
    guard differences.isEmpty else { throw try await mergedOtherwise(differences, at: merge) }
    return "#\(pull.number) merged" + (pull.mergedBy.map { " by \($0)" } ?? "") + " as \(merge.short)"
  }

  /// Something else than was planned is on its way to production: watch where it goes, then fail.
  private func mergedOtherwise(_ differences: [String], at merge: CommitID) async throws -> Halt {
    let what = "merged with other content than planned: " + differences.joined(separator: "; ")
    step.emit(.warning(what), environment: promotion.changes.environment)
    let environment = try step.environment(promotion.changes.environment)
    let declared = try await step.reading.repository.declared(environment.name, at: merge)
    let targets = promotion.services.compactMap { name -> ArrivalTarget? in
      guard let service = step.fleet.service(name), let tag = declared.services[name]?.tag else { return nil }
      return ArrivalTarget(service: service, tag: tag, digest: nil, commit: merge)
    }
    do {
      try await Arrivals(step: step).wait(
        for: targets,
        in: environment,
        until: step.clock.now() + step.fleet.policy.deadlines.rollout,
        needsRollout: true
      )
      return Halt(.failed, what + "; it has arrived")
    } catch let halt as Halt {
      return Halt(.failed, what + "; then: " + halt.message)
    }
  }

  /// Keeps the status on the pull request true: red while the branch, the base or the source do not match the plan.
  private mutating func checkPlan(_ pull: PullRequest) async throws {
    let base: CommitID
    if let known = pull.baseHead { base = known } else { base = try await step.reading.repository.head().id }
    guard base != checkedBase || pull.head != checkedHead else { return }
    let problem = try await mismatch(pull, base)
    if let problem, problem != shown {
      step.emit(.warning("#\(pull.number): \(problem)"), environment: promotion.changes.environment)
    }
    shown = problem
    try await mark(problem == nil ? .success : .failure, problem ?? "as planned", on: pull.head)
    (checkedBase, checkedHead) = (base, pull.head)
  }

  /// In what the pull request no longer is what was planned.
  private func mismatch(_ pull: PullRequest, _ base: CommitID) async throws -> String? {
    if let own = promotion.pullRequest?.head, pull.head != own {
      return "the branch has commits that are not of this run, up to \(pull.head.short)"
    }
    guard base != promotion.changes.base else { return nil }
    let head = try await step.reading.repository.head()
    let declared = try await step.reading.repository.declared(promotion.changes.environment, at: head.id)
    for change in promotion.changes.services {
      let tag = declared.services[change.service]?.tag
      guard tag != change.fromTag, tag != change.toTag else { continue }
      return "\(change.service) was changed on the base to \(tag ?? "nothing") since it was planned"
    }
    guard let source = promotion.source(step.fleet) else { return nil }
    let now = try await step.reading.repository.declared(source, at: head.id)
    let stale = promotion.changes.services.filter { now.services[$0.service]?.tag != $0.toTag }
    guard !stale.isEmpty else { return nil }
    // A version that was named was perhaps never the source's own.
    let then = try await step.reading.repository.declared(source, at: promotion.changes.base)
    for change in stale where then.services[change.service]?.tag == change.toTag {
      return "\(change.service) in \(source) is no longer \(change.toTag)"
    }
    return nil
  }

  private mutating func mark(_ state: CommitStatus.State, _ description: String, on head: CommitID) async throws {
    guard status != state, let forge = step.writing.forge else { return }
    try await forge.setStatus(CommitStatus(state: state, description: Subjects.line(description)), on: head)
    status = state
  }
}

extension Promotion {
  /// The environment that it brings from.
  func source(_ fleet: Fleet) -> EnvironmentName? { fleet.environment(changes.environment)?.promotesFrom }
}
