/// What a forge says about merging a pull request now. All texts are sanitised for a terminal.
public struct MergeReadiness: Hashable, Sendable {
  /// A person with write access has approved.
  public struct Approval: Hashable, Sendable {
    public var by: String
    /// The head of the branch that was looked at.
    public var commit: CommitID

    public init(by: String, commit: CommitID) { (self.by, self.commit) = (by, commit) }
  }

  /// Something that the forge has against a merge.
  public enum Obstacle: Hashable, Sendable {
    case conflicts
    case draft
    /// The base moved on, and its rules ask for a branch that has all of it.
    case behind
    case changesRequested(by: [String])
    /// The rules of the base branch ask for more reviews.
    case reviewRequired
    case checksFailed([String])
    case checksRunning([String])
    /// It waits in the merge queue.
    case queued
    /// A rule of the base branch that the forge does not name.
    case blocked
    /// The forge has not worked out yet whether it can be merged.
    case unknown

    /// Whether it goes only with another head, which would be another plan.
    public var isFinal: Bool {
      switch self {
      case .conflicts, .behind: true
      case .draft, .changesRequested, .reviewRequired, .checksFailed, .checksRunning, .queued, .blocked, .unknown: false
      }
    }

    /// For people.
    public var message: String {
      switch self {
      case .conflicts: "it conflicts with its base"
      case .draft: "it is a draft"
      case .behind: "its base moved on, and the rules of the base ask for a branch that has all of it"
      case .changesRequested(let people): "changes are requested by \(people.joined(separator: ", "))"
      case .reviewRequired: "the rules of the base ask for an approving review"
      case .checksFailed(let names): "checks failed" + Self.listed(names)
      case .checksRunning(let names): "checks are not done" + Self.listed(names)
      case .queued: "it waits in the merge queue"
      case .blocked: "a rule of the base branch is not met"
      case .unknown: "the forge has not worked out yet whether it can be merged"
      }
    }

    private static func listed(_ names: [String]) -> String {
      names.isEmpty ? "" : ": " + names.joined(separator: ", ")
    }
  }

  public var pull: PullRequest
  /// The latest word of each reviewer, where it is an approval.
  public var approvals: [Approval]
  public var obstacles: [Obstacle]
  /// The base takes what comes through its merge queue alone.
  public var needsQueue: Bool

  public init(pull: PullRequest, approvals: [Approval], obstacles: [Obstacle], needsQueue: Bool = false) {
    (self.pull, self.approvals, self.obstacles) = (pull, approvals, obstacles)
    self.needsQueue = needsQueue
  }
}

/// A merge that a run asks for.
public struct MergeOrder: Hashable, Sendable {
  public var number: Int
  /// What is merged: with another head nothing is.
  public var head: CommitID
  public var method: MergeMethod
  /// It is given a place in the merge queue, which merges it later, by the queue's own method.
  public var isThroughQueue: Bool
  /// Where it takes effect.
  public var environment: EnvironmentName
  /// ``ChangeSet/plan`` of what it brings there.
  public var plan: [String]

  public init(
    number: Int,
    head: CommitID,
    method: MergeMethod,
    isThroughQueue: Bool = false,
    environment: EnvironmentName,
    plan: [String]
  ) {
    (self.number, self.head, self.method, self.isThroughQueue) = (number, head, method, isThroughQueue)
    (self.environment, self.plan) = (environment, plan)
  }
}
