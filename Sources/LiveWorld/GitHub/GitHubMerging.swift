public import PromotionModel

extension GitHubForgeWriter {
  /// GitHub compares the head itself, so what is merged is what is meant or nothing. Whatever the answer, the state is read
  /// again: an effect can land and its answer be lost, and somebody may have been faster.
  public func merge(_ order: MergeOrder) async throws -> PullRequest {
    do {
      try await api.change(
        "PUT",
        "pulls/\(order.number)/merge",
        ["sha": .string(order.head.text), "merge_method": .string(order.method.rawValue)]
      )
    } catch let error as WorldError where error.reason != .missing {
      let after: PullRequest
      do {
        after = try await reading.pullRequest(order.number)
      } catch let second as WorldError {
        // A refusal that could not be checked proves nothing: it may be of a second request.
        guard second.isTransient, !error.isTransient else { throw error }
        var untold = second
        untold.message += " (after: \(error.message))"
        throw untold
      }
      guard after.state == .merged else { throw error }
      return after
    }
    return try await reading.pullRequest(order.number)
  }
}
