public import PromotionModel

/// How much of a rehearsed statement is as it would be in a real run.
public enum Preview: String, CaseIterable, Hashable, Sendable, Codable {
  /// What it sees and writes is as a real run would see and write it now.
  case previewed
  /// It happened in the simulated world, by what is known of the real one.
  case simulated
  /// Nobody knows: it was taken to go well.
  case cannotBePreviewed = "cannot be previewed"
}

/// Something that a run writes outside, in a rehearsal: what would be written.
public enum PlannedWrite: Hashable, Sendable {
  /// A commit that is pushed to a branch, with its whole message.
  case commit(branch: String, message: String)
  case pullRequest(PullRequestDraft)
  /// A pull request is closed with a comment.
  case close(number: Int, comment: String)
  case merge(MergeOrder)
  case status(CommitStatus)
  /// Something that is asked of Argo CD or the cluster, in words.
  case cluster(String)
  /// A freeze is written, or (nil) taken away.
  case freeze(EnvironmentName, Freeze?)
  case announcement(place: String, text: String)

  /// The whole text that would be published, where there is more than a line.
  public var text: String? {
    switch self {
    case .commit(_, let message): message
    case .pullRequest(let draft): draft.body
    case .close(_, let comment): comment
    case .status(let status): status.description
    case .merge, .cluster, .freeze: nil
    case .announcement(_, let text): text
    }
  }

  /// What kind of thing it is, in a word or two.
  public var kind: String {
    switch self {
    case .commit: "commit"
    case .pullRequest: "pull request"
    case .close: "comment"
    case .merge: "merge"
    case .status: "status"
    case .cluster: "cluster"
    case .announcement: "announcement"
    case .freeze: "freeze"
    }
  }
}
