import PromotionModel
import RunLog

extension Promotion {
  /// Proposed, and not in the environment's branch as far as the run knows.
  var isOpen: Bool { isByPullRequest && commit == nil && !isWithdrawn }
}

/// Takes back a promotion that waits in a pull request: closes it, and deletes its branch.
struct Withdrawal {
  let step: StepContext
  /// How long a server that does not answer is asked again.
  let patience: Duration

  /// - Returns: the pull request that was closed; nil when there was none, and when the merge came first: then the
  ///   promotion is known as one that was merged.
  func close(_ promotion: Promotion, because reason: String) async throws -> Int? {
    var promotion = promotion
    guard let forge = step.writing.forge else { return nil }
    let environment = promotion.changes.environment
    var found = promotion.pullRequest
    if found == nil, let branch = promotion.branch, let forge = step.reading.forge {
      found = try await step.insist(for: patience) { try await forge.pullRequest(fromBranch: branch) }
    }
    if let pull = found {
      let after = try await step.insist(for: patience) {
        try await forge.close(pull.number, comment: "Withdrawn by run \(step.run): \(reason).")
      }
      step.emit(.pullRequestChanged(after), environment: environment)
      if after.state == .merged {
        // The merge came first: it is taken back like any other.
        if let merge = after.mergeCommit {
          promotion.commit = merge
        } else {
          promotion.commit = try await step.insist(for: patience) { try await step.reading.repository.head().id }
        }
        promotion.pullRequest = after
        try step.store(promotion)
        step.memory.markChanged(promotion.services, in: environment, isProtected: promotion.isProtected)
        return nil
      }
    }
    if let branch = promotion.branch,
      let tip = try await step.insist(for: patience, { try await step.reading.repository.tip(ofBranch: branch) })
    {
      await step.remove(branch, at: tip, of: environment)
    }
    promotion.isWithdrawn = true
    try step.store(promotion)
    return found?.number
  }

  /// Closes the pull request of a return that nobody waits for any more, and deletes its branch.
  /// - Returns: what became of it, in words; nil where there is nothing of it any more.
  func close(_ proposed: RollbackByPullRequest.Proposed, because reason: String) async throws -> String? {
    guard let writing = step.writing.forge, let reading = step.reading.forge else { return nil }
    let environment = proposed.environment
    var said: String?
    let found = try await step.insist(for: patience) { try await reading.pullRequest(fromBranch: proposed.branch) }
    if let found, found.state == .open {
      let after = try await step.insist(for: patience) {
        try await writing.close(found.number, comment: "Withdrawn by run \(step.run): \(reason).")
      }
      step.emit(.pullRequestChanged(after), environment: environment)
      // Merged in that very moment, it takes back what it says, and nobody has seen it arrive.
      if after.state == .merged {
        return "#\(after.number) was merged first: `wait rollout \(environment)` sees it arrive"
      }
      said = "#\(after.number) closed, so nothing of it was taken back"
    }
    // A branch that others added to is theirs.
    let tip = try await step.insist(for: patience) {
      try await step.reading.repository.tip(ofBranch: proposed.branch)
    }
    if tip == proposed.head { await step.remove(proposed.branch, at: proposed.head, of: environment) }
    return said
  }
}
