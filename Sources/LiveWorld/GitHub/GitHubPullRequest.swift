import PromotionModel

/// A pull request as GitHub's GraphQL API gives it.
struct GitHubPullRequest: Decodable {
  struct Object: Decodable { var oid: String }
  struct Branch: Decodable { var target: Object? }
  struct Labels: Decodable { var nodes: [GitHubLabel] }
  struct AutoMerge: Decodable { var enabledAt: String? }
  struct QueueEntry: Decodable { var id: String }

  var id: String
  var number: Int
  var url: String
  var title: String
  var body: String?
  var state: String
  /// Whether it comes from a fork.
  var isCrossRepository: Bool
  var headRefName: String
  var headRefOid: String
  var baseRefName: String
  var baseRef: Branch?
  var mergeCommit: Object?
  var mergedBy: GitHubActor?
  var labels: Labels?
  var autoMergeRequest: AutoMerge?
  var mergeQueueEntry: QueueEntry?

  /// - Throws: ``WorldError`` with *nonsense* for an unknown state or an id that is none: neither is guessed at.
  func pullRequest() throws -> PullRequest {
    let states: [String: PullRequest.State] = ["OPEN": .open, "CLOSED": .closed, "MERGED": .merged]
    guard let known = states[state] else {
      throw WorldError(
        tool: "gh",
        reason: .nonsense,
        message: "pull request #\(number) is in state \(GitHubText.clean(state))"
      )
    }
    return PullRequest(
      number: number,
      url: GitHubText.clean(url),
      title: GitHubText.clean(title),
      state: known,
      branch: GitHubText.clean(headRefName),
      head: try GitHubText.commit(headRefOid, of: number),
      base: GitHubText.clean(baseRefName),
      baseHead: try baseRef?.target.map { try GitHubText.commit($0.oid, of: number) },
      mergeCommit: try mergeCommit.map { try GitHubText.commit($0.oid, of: number) },
      mergedBy: mergedBy.map { GitHubText.clean($0.login) },
      labels: (labels?.nodes ?? []).map { GitHubText.clean($0.name) },
      hasAutoMerge: autoMergeRequest != nil,
      isQueued: mergeQueueEntry != nil,
      plan: body.flatMap(PlanDigest.named)
    )
  }
}

/// A pull request as GitHub's REST API gives it after a change: all but where the base branch stands, and whether it
/// is queued, which it cannot be when it was just opened or closed.
struct GitHubChangedPullRequest: Decodable {
  struct End: Decodable {
    var ref: String
    var sha: String
  }
  struct AutoMerge: Decodable {}

  var number: Int
  var url: String
  var title: String
  var body: String?
  var state: String
  var merged: Bool?
  var mergeCommit: String?
  var mergedBy: GitHubActor?
  var head: End
  var base: End
  var labels: [GitHubLabel]?
  var autoMerge: AutoMerge?

  private enum CodingKeys: String, CodingKey {
    case number, title, body, state, merged, head, base, labels
    case url = "html_url"
    case mergeCommit = "merge_commit_sha"
    case mergedBy = "merged_by"
    case autoMerge = "auto_merge"
  }

  /// - Throws: ``WorldError`` with *nonsense*, as ``GitHubPullRequest/pullRequest()``.
  func pullRequest() throws -> PullRequest {
    let isMerged = merged ?? false
    guard ["open", "closed"].contains(state), !(isMerged && state == "open") else {
      throw WorldError(
        tool: "gh",
        reason: .nonsense,
        message: "pull request #\(number) is in state \(GitHubText.clean(state))"
      )
    }
    // While it is open, `merge_commit_sha` is a trial merge that is in no branch.
    let merge = isMerged ? mergeCommit : nil
    return PullRequest(
      number: number,
      url: GitHubText.clean(url),
      title: GitHubText.clean(title),
      state: isMerged ? .merged : state == "open" ? .open : .closed,
      branch: GitHubText.clean(head.ref),
      head: try GitHubText.commit(head.sha, of: number),
      base: GitHubText.clean(base.ref),
      mergeCommit: try merge.map { try GitHubText.commit($0, of: number) },
      mergedBy: isMerged ? mergedBy.map { GitHubText.clean($0.login) } : nil,
      labels: (labels ?? []).map { GitHubText.clean($0.name) },
      hasAutoMerge: autoMerge != nil,
      plan: body.flatMap(PlanDigest.named)
    )
  }
}

struct GitHubActor: Decodable { var login: String }
struct GitHubLabel: Decodable { var name: String }

/// What GitHub says is written by anybody.
enum GitHubText {
  static func clean(_ text: String) -> String { LocalPrograms.sanitize(line: text, limit: 300) }

  static func commit(_ text: String, of number: Int) throws -> CommitID {
    guard let commit = CommitID(text) else {
      throw WorldError(
        tool: "gh",
        reason: .nonsense,
        message: "pull request #\(number) names the commit \(clean(text)), which is none"
      )
    }
    return commit
  }
}
