/// Looking at pull requests. Every call throws ``WorldError`` when it could not tell.
public protocol ForgeReading: Sendable {
  func pullRequest(_ number: Int) async throws -> PullRequest
  /// The newest pull request from `branch`, whatever its state; nil when there is none.
  func pullRequest(fromBranch branch: String) async throws -> PullRequest?

  /// The pull request, and what stands between it and its base.
  func mergeReadiness(of number: Int) async throws -> MergeReadiness

  /// The commits of a source repository (`owner/name`) between two tags.
  func sourceChanges(in repository: String, from: String, to: String) async throws -> SourceChanges

  /// The open pull requests into the configured branch that carry one of `labels` or whose branch begins with one of
  /// `prefixes`, newest first.
  func openPullRequests(labels: [String], branchPrefixes prefixes: [String]) async throws -> [PullRequest]
}

/// Changing pull requests. Each call is idempotent; after an error the state was read again before it is thrown, so an
/// effect whose answer was lost counts as done.
public protocol ForgeWriting: Sendable {
  /// Opens a pull request with its labels, or adopts the open one from the same branch.
  func open(_ draft: PullRequestDraft) async throws -> PullRequest
  /// Leaves the merge queue, disables auto-merge, and closes it with a comment. Already closed is success.
  /// - Returns: the pull request as it is then: a merge may have come first.
  func close(_ number: Int, comment: String) async throws -> PullRequest
  /// Merges it, or gives it a place in the merge queue, if its head is the one that is meant. Already merged, or queued, is
  /// success.
  /// - Returns: the pull request as it is then: its state and its head decide, not that the call returned.
  func merge(_ order: MergeOrder) async throws -> PullRequest
  /// Takes it out of the merge queue. Not in it is success.
  /// - Returns: the pull request as it is then: a merge may have come first.
  func leaveQueue(_ number: Int) async throws -> PullRequest
  func setStatus(_ status: CommitStatus, on commit: CommitID) async throws
}
