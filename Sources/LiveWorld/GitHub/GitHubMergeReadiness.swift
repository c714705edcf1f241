public import PromotionModel

extension GitHubForge {
  public func mergeReadiness(of number: Int) async throws -> MergeReadiness {
    struct Answer: Decodable {
      struct Repository: Decodable { var pullRequest: GitHubMergeState? }
      var repository: Repository?
    }
    let query = """
      query($owner: String!, $name: String!, $number: Int!) {
        repository(owner: $owner, name: $name) {
          pullRequest(number: $number) { \(Self.fields) \(GitHubMergeState.fields) }
        }
      }
      """
    let answer = try await api.graphQL(
      query,
      ["owner": .string(api.owner), "name": .string(api.name), "number": .integer(number)],
      as: Answer.self
    )
    guard let found = answer.repository?.pullRequest else {
      throw WorldError(
        tool: "gh",
        reason: .notFound,
        message: "there is no pull request #\(number) in \(api.repository)"
      )
    }
    return try found.readiness()
  }
}

/// What GitHub says about merging a pull request.
struct GitHubMergeState: Decodable {
  /// Reviews and not only the `reviewDecision`: without a rule that asks for reviews GitHub decides nothing, and an approval
  /// of another head is none of this one. The newest of each kind are enough: who reviewed a hundred times since has not
  /// approved.
  static let fields = """
    isDraft mergeable mergeStateStatus reviewDecision isMergeQueueEnabled \
    reviews(last: 100) { nodes { state authorAssociation author { login } commit { oid } } } \
    commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 100) { nodes { __typename \
    ... on CheckRun { name status conclusion } ... on StatusContext { context state } } } } } } }
    """

  struct Nodes<Node: Decodable>: Decodable { var nodes: [Node] }
  struct Object: Decodable { var oid: String }
  struct Review: Decodable {
    var state: String
    var authorAssociation: String
    var author: GitHubActor?
    var commit: Object?
  }
  struct LastCommit: Decodable {
    struct Commit: Decodable { var statusCheckRollup: Rollup? }
    var commit: Commit
  }
  struct Rollup: Decodable {
    var state: String
    var contexts: Nodes<Check>
  }
  /// A check run or a commit status.
  struct Check: Decodable {
    var name: String?
    var status: String?
    var conclusion: String?
    var context: String?
    var state: String?

    var title: String { GitHubText.clean(name ?? context ?? "?") }
    var isRunning: Bool {
      if context != nil { return state == "PENDING" || state == "EXPECTED" }
      return status != "COMPLETED"
    }
    var isGood: Bool {
      if context != nil { return state == "SUCCESS" }
      return ["SUCCESS", "NEUTRAL", "SKIPPED"].contains(conclusion)
    }
  }

  private let pull: GitHubPullRequest
  private let isDraft: Bool
  private let mergeable: String
  private let mergeStateStatus: String
  private let reviewDecision: String?
  /// Of the base branch: what has a queue is merged through it alone.
  private let isMergeQueueEnabled: Bool
  private let reviews: Nodes<Review>?
  private let commits: Nodes<LastCommit>

  private enum CodingKeys: String, CodingKey {
    case isDraft, mergeable, mergeStateStatus, reviewDecision, isMergeQueueEnabled, reviews, commits
  }

  init(from decoder: any Decoder) throws {
    pull = try GitHubPullRequest(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    isDraft = try values.decode(Bool.self, forKey: .isDraft)
    mergeable = try values.decode(String.self, forKey: .mergeable)
    mergeStateStatus = try values.decode(String.self, forKey: .mergeStateStatus)
    reviewDecision = try values.decodeIfPresent(String.self, forKey: .reviewDecision)
    isMergeQueueEnabled = try values.decode(Bool.self, forKey: .isMergeQueueEnabled)
    reviews = try values.decodeIfPresent(Nodes<Review>.self, forKey: .reviews)
    commits = try values.decode(Nodes<LastCommit>.self, forKey: .commits)
  }

  func readiness() throws -> MergeReadiness {
    let pull = try pull.pullRequest()
    let words = lastWords
    let approvals = try words.filter { $0.review.state == "APPROVED" }.compactMap { word in
      try word.review.commit.map {
        MergeReadiness.Approval(by: word.by, commit: try GitHubText.commit($0.oid, of: pull.number))
      }
    }
    return MergeReadiness(
      pull: pull,
      approvals: approvals,
      obstacles: pull.state == .open ? obstacles(pull, words) : [],
      needsQueue: isMergeQueueEnabled
    )
  }

  /// The latest word of each reviewer who may write to the repository. A comment takes nothing back.
  private var lastWords: [(by: String, review: Review)] {
    var words: [(by: String, review: Review)] = []
    for review in reviews?.nodes ?? [] {
      guard let by = review.author.map({ GitHubText.clean($0.login) }),
        ["OWNER", "MEMBER", "COLLABORATOR"].contains(review.authorAssociation),
        ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].contains(review.state)
      else { continue }
      words.removeAll { $0.by == by }
      words.append((by, review))
    }
    return words
  }

  private func obstacles(_ pull: PullRequest, _ words: [(by: String, review: Review)]) -> [MergeReadiness.Obstacle] {
    var found: [MergeReadiness.Obstacle] = []
    if isDraft { found.append(.draft) }
    if mergeable == "CONFLICTING" { found.append(.conflicts) }
    if mergeable == "UNKNOWN" { found.append(.unknown) }
    // A queue merges with what the base has by then.
    if mergeStateStatus == "BEHIND", !isMergeQueueEnabled { found.append(.behind) }
    let against = words.filter { $0.review.state == "CHANGES_REQUESTED" }.map(\.by)
    if !against.isEmpty || reviewDecision == "CHANGES_REQUESTED" {
      found.append(.changesRequested(by: against.isEmpty ? ["a reviewer"] : against))
    }
    if reviewDecision == "REVIEW_REQUIRED" { found.append(.reviewRequired) }
    if let rollup = commits.nodes.last?.commit.statusCheckRollup, rollup.state != "SUCCESS" {
      let checks = rollup.contexts.nodes
      let failed = checks.filter { !$0.isRunning && !$0.isGood }.map(\.title)
      let running = checks.filter(\.isRunning).map(\.title)
      if !failed.isEmpty || ["FAILURE", "ERROR"].contains(rollup.state) { found.append(.checksFailed(failed)) }
      if !running.isEmpty || ["PENDING", "EXPECTED"].contains(rollup.state) { found.append(.checksRunning(running)) }
    }
    if pull.isQueued { found.append(.queued) }
    // What stands already says more.
    if mergeStateStatus == "BLOCKED", found.isEmpty { found.append(.blocked) }
    return found
  }
}
