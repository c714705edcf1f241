public import PromotionModel

extension GitHubForgeWriter {
  /// GitHub compares the head itself, so what is merged is what is meant or nothing. Whatever the answer, the state is read
  /// again: an effect can land and its answer be lost, and somebody may have been faster.
  public func merge(_ order: MergeOrder) async throws -> PullRequest {
    if order.isThroughQueue { return try await enqueue(order) }
    return try await change(order.number, until: { $0.state == .merged }) {
      try await api.change(
        "PUT",
        "pulls/\(order.number)/merge",
        ["sha": .string(order.head.text), "merge_method": .string(order.method.rawValue)]
      )
    }
  }

  private func enqueue(_ order: MergeOrder) async throws -> PullRequest {
    let node = try await reading.node(order.number)
    let before = try node.pullRequest()
    guard before.state == .open, !before.isQueued else { return before }
    return try await change(order.number, until: { $0.state == .merged || $0.isQueued }) {
      try await api.mutate(
        """
        mutation($id: ID!, $head: GitObjectID!) {
          enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) { clientMutationId }
        }
        """,
        ["id": .string(node.id), "head": .string(order.head.text)]
      )
    }
  }

  public func leaveQueue(_ number: Int) async throws -> PullRequest {
    let node = try await reading.node(number)
    let before = try node.pullRequest()
    guard before.state == .open, before.isQueued else { return before }
    return try await change(number, until: { $0.state != .open || !$0.isQueued }) {
      if let failure = try await failureOfMutation("dequeuePullRequest(input: { id: $id })", node.id) { throw failure }
    }
  }

  /// Changes a pull request, and reads how it stands then.
  /// - Throws: the error of the change where it is not as wanted; a transient one when that could not be told.
  private func change(
    _ number: Int,
    until isAsWanted: (PullRequest) -> Bool,
    _ effect: () async throws -> Void
  ) async throws -> PullRequest {
    do {
      try await effect()
    } catch let error as WorldError where error.reason != .missing {
      let after: PullRequest
      do {
        after = try await reading.pullRequest(number)
      } catch let second as WorldError {
        // A refusal that could not be checked proves nothing: it may be of a second request.
        guard second.isTransient, !error.isTransient else { throw error }
        var untold = second
        untold.message += " (after: \(error.message))"
        throw untold
      }
      guard isAsWanted(after) else { throw error }
      return after
    }
    return try await reading.pullRequest(number)
  }
}
