import PromotionModel
import RunLog
import RunbookCheck

/// `wait merge`: the manual gate of the guide. Whether it was merged is decided by what the branch holds, whatever the
/// way of merging; closed unmerged is *refused*, and so is an approval that is no longer one of the plan; merged with other
/// content is *failed*. Where the run suspends, it looks once.
struct WaitMerge {
  let within: Duration?
  let step: StepContext

  func run() async throws -> String {
    let waiting = try MergeGate.waiting(step)
    guard !waiting.isEmpty else { return try MergeGate.nothingWaits(step) }
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
        try step.suspend(
          "#\(number) is to be merged; then go on with: slipway resume --pull-request \(number)\(step.setup.resumeOptions)"
        )
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
