/// A pull request as the forge shows it. All texts are sanitised for a terminal.
public struct PullRequest: Hashable, Sendable, Codable {
  public enum State: String, Hashable, Sendable, Codable { case open, merged, closed }

  public var number: Int
  public var url: String
  public var title: String
  public var state: State
  public var branch: String
  public var head: CommitID
  public var base: String
  /// Where the base branch stands now; nil where the forge did not say.
  public var baseHead: CommitID?
  /// The commit that brought it into the base branch, once merged.
  public var mergeCommit: CommitID?
  public var mergedBy: String?
  public var labels: [String]
  public var hasAutoMerge: Bool
  public var isQueued: Bool
  /// The plan that its text names; nil where it names none, or the forge did not say.
  public var plan: PlanDigest?

  public init(
    number: Int,
    url: String,
    title: String,
    state: State,
    branch: String,
    head: CommitID,
    base: String,
    baseHead: CommitID? = nil,
    mergeCommit: CommitID? = nil,
    mergedBy: String? = nil,
    labels: [String] = [],
    hasAutoMerge: Bool = false,
    isQueued: Bool = false,
    plan: PlanDigest? = nil
  ) {
    (self.number, self.url, self.title, self.state) = (number, url, title, state)
    (self.branch, self.head, self.base) = (branch, head, base)
    (self.baseHead, self.mergeCommit) = (baseHead, mergeCommit)
    (self.mergedBy, self.labels, self.hasAutoMerge, self.isQueued) = (mergedBy, labels, hasAutoMerge, isQueued)
    self.plan = plan
  }
}

/// A pull request to be opened.
public struct PullRequestDraft: Hashable, Sendable, Codable {
  public var branch: String
  public var base: String
  public var title: String
  /// Markdown.
  public var body: String
  public var labels: [String]

  public init(branch: String, base: String, title: String, body: String, labels: [String]) {
    (self.branch, self.base, self.title, self.body, self.labels) = (branch, base, title, body, labels)
  }
}

/// The mark that a run keeps on the head commit of its pull request.
public struct CommitStatus: Hashable, Sendable, Codable {
  public enum State: String, Hashable, Sendable, Codable { case success, failure, pending }

  public var state: State
  /// At most 140 characters, GitHub's limit.
  public var description: String
  /// What the status is called: `slipway/plan`.
  public var context: String

  public init(state: State, description: String, context: String = "slipway/plan") {
    (self.state, self.description, self.context) = (state, description, context)
  }
}
