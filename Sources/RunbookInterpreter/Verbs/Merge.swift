import PromotionModel
import RunLog
import RunbookCheck

/// `merge [within D]`: merges the pull request of a promotion once it is approved and green, at exactly the head that was
/// planned. Merged by somebody else meanwhile is success; what its branch then holds is judged as after `wait merge`.
///
/// Where the base branch has a merge queue, it is given a place in it, and is waited for. The place is given up when this ends
/// otherwise: it would be merged when nobody watches.
struct Merge {
  /// Stored before this run gives the pull request a place in the queue.
  private static let queueKey = "merge-queue"
  private static let queued = MergeReadiness.Obstacle.queued.message

  let within: Duration?
  let step: StepContext

  /// How long a forge that does not answer is asked to take it out of the queue.
  private static let patience = Duration.seconds(180)

  /// How often running the forge may refuse what it showed to be ready.
  private static let mostRefusals = 3

  func run() async throws -> String {
    let waiting = try MergeGate.waiting(step)
    guard !waiting.isEmpty else { return try MergeGate.nothingWaits(step) }
    guard let settings = step.fleet.pullRequest else { throw Halt(.refused, "no forge is configured") }
    let deadline = step.begun + (within ?? step.fleet.policy.deadlines.merge)
    var messages: [String] = []
    for promotion in waiting { messages.append(try await merge(promotion, settings, until: deadline)) }
    return messages.joined(separator: "; ")
  }

  private func merge(_ promotion: Promotion, _ settings: PullRequestSettings, until deadline: Timestamp) async throws
    -> String
  {
    // Somebody else's place in the queue is theirs.
    var isOurs = try step.stored(Self.queueKey, as: Int.self) == promotion.pullRequest?.number
    do {
      return try await mergeOrWait(promotion, settings, until: deadline, isQueuedByUs: &isOurs)
    } catch let halt as Halt where isOurs {
      return try await leaveQueue(promotion, halt)
    }
  }

  /// - Returns: what is said where the queue merged it in that moment.
  private func leaveQueue(_ promotion: Promotion, _ cause: Halt) async throws -> String {
    guard let number = promotion.pullRequest?.number, let writing = step.writing.forge else { throw cause }
    var halt = cause
    do {
      let pull = try await step.insist(for: Self.patience) { try await writing.leaveQueue(number) }
      step.emit(.pullRequestChanged(pull), environment: promotion.changes.environment)
      if pull.state == .merged {
        var gate = MergeGate(step: step, promotion: promotion)
        if let merged = try await gate.look(pull) { return merged }
      }
      if pull.state == .open, !pull.isQueued { halt.message += "; it is no longer in the merge queue" }
    } catch let error as WorldError {
      halt.message += "; it may still be merged by the merge queue, which it could not be taken out of: \(error)"
    }
    throw halt
  }

  /// - Parameter isQueuedByUs: set before this run gives it a place in the queue.
  private func mergeOrWait(
    _ promotion: Promotion,
    _ settings: PullRequestSettings,
    until deadline: Timestamp,
    isQueuedByUs: inout Bool
  ) async throws -> String {
    guard let reading = step.reading.forge, let writing = step.writing.forge else {
      throw Halt(.refused, "no forge is configured")
    }
    guard let number = promotion.pullRequest?.number, let head = promotion.plannedHead else {
      throw Halt(.undetermined, "the pull request is not known")
    }
    var order = MergeOrder(
      number: number,
      head: head,
      method: settings.mergeMethod,
      environment: promotion.changes.environment,
      plan: promotion.changes.plan
    )
    var gate = MergeGate(step: step, promotion: promotion)
    var progress = ProgressReport(step: step, environment: order.environment)
    var (refusals, shown) = (0, "")
    // Seen in the queue, and how often it was not merged there.
    var (isQueued, timesPutOut) = (false, 0)
    while true {
      var missing = "the forge does not answer"
      do {
        let readiness = try await reading.mergeReadiness(of: number)
        progress.regained()
        if let merged = try await gate.look(readiness.pull) { return merged }
        let needs = try ApprovalNeeds(promotion, step.fleet).missing(readiness)
        missing = needs.joined(separator: "; ")
        if needs.isEmpty {
          try await requireAllowed(promotion)
          order.isThroughQueue = readiness.needsQueue
          if isQueued { timesPutOut += 1 }
          guard timesPutOut < Self.mostRefusals else {
            throw Halt(.refused, "#\(number) was not merged: the merge queue has put it out \(timesPutOut) times")
          }
          if order.isThroughQueue, !isQueuedByUs {
            try step.note(Self.queueKey, number)
            isQueuedByUs = true
          }
          var after: PullRequest?
          do {
            after = try await writing.merge(order)
          } catch let error as WorldError where error.reason == .refused && refusals + 1 < Self.mostRefusals {
            refusals += 1
            missing = "\(error)"
          } catch let error as WorldError where error.reason == .refused || error.reason == .unauthorized {
            throw Halt(.refused, "#\(number) was not merged: \(error)")
          }
          if let after {
            try keep(after, promotion)
            if let merged = try await gate.look(after) { return merged }
            isQueued = after.isQueued
            missing = isQueued ? Self.queued : "the forge took the merge, and does not show it yet"
          }
        } else {
          refusals = 0
          isQueued = isQueued || readiness.pull.isQueued
          try await passQuietly(settings.pollInterval, before: deadline)
        }
        if missing != shown { step.emit(.progress("#\(number): \(missing)"), environment: order.environment) }
        shown = missing
      } catch let error as WorldError where error.isTransient {
        progress.lost(error)
      }
      guard step.clock.now() < deadline else {
        let url = promotion.pullRequest?.url ?? ""
        throw Halt(.timedOut, "#\(number) was not merged in time (\(missing)), and stays open: \(url)")
      }
      try await step.clock.sleep(until: min(step.clock.now() + settings.pollInterval, deadline))
    }
  }

  /// What was merged is known before anything else is asked: whatever fails then, it is no refusal that changed nothing (rule 4).
  private func keep(_ pull: PullRequest, _ promotion: Promotion) throws {
    guard pull.state == .merged else { return }
    var promotion = promotion
    promotion.pullRequest = pull
    try step.store(promotion)
    step.memory.markChanged(
      promotion.services,
      in: promotion.changes.environment,
      isProtected: promotion.isProtected
    )
  }

  /// As long as nothing happens, each further look would see the same.
  private func passQuietly(_ interval: Duration, before deadline: Timestamp) async throws {
    let passed = step.reading.foresight?.pass(
      .mergeReadiness,
      every: interval,
      after: step.clock.now(),
      limit: .max,
      before: deadline
    )
    if let passed, passed.rounds > 0 { try await step.clock.sleep(until: passed.last) }
  }

  /// A merge is a promotion's moment of effect: what holds for promoting holds again, however long people have thought.
  private func requireAllowed(_ promotion: Promotion) async throws {
    let environment = promotion.changes.environment
    try await step.identify(environment)
    try await step.requireThawed(environment)
    try step.requireWindowsStillOpen(environment)
    try requireFreshSeals(promotion)
    let holder = try await step.reading.repository.lockHolder(of: environment)
    if let holder, holder.run != step.run, holder.expires > step.clock.now() {
      throw Halt(.refused, LockKeeper.message(holder, samePlan: false))
    }
    guard holder?.run != step.run else { return }
    var hasWaited = false
    _ = try await LockKeeper(setup: step.setup, memory: step.memory).take(
      environment,
      plan: promotion.changes.plan,
      reason: promotion.reason ?? Subjects.promotion(promotion.changes, step.fleet),
      takingOver: false,
      step: step,
      waiting: { hasWaited = true }
    )
    guard hasWaited else { return }
    try await step.requireThawed(environment)
    try requireFreshSeals(promotion)
  }

  /// Rule 9. What was promoted without validation was never sealed.
  private func requireFreshSeals(_ promotion: Promotion) throws {
    guard SafetyRule.sealsExpire.holds, let source = promotion.source(step.fleet) else { return }
    let seals = step.memory.current.seals[source] ?? [:]
    let lifetime = step.fleet.policy.sealLifetime
    let old = promotion.services.filter { name in
      guard promotion.digests[name] != nil, let seal = seals[name] else { return false }
      return step.clock.now() - seal.time > lifetime
    }
    guard !old.isEmpty else { return }
    let names = old.map(\.text).joined(separator: ", ")
    throw Halt(.refused, "\(names): validated in \(source) more than \(lifetime.runbookText) ago: promote again")
  }
}
