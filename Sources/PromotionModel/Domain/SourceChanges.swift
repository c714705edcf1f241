/// What changed in the source of a service between two of its tags. All texts are sanitised for a terminal.
public struct SourceChanges: Hashable, Sendable {
  public struct Change: Hashable, Sendable {
    /// The first digits of the commit's id.
    public var commit: String
    /// The first line of its message.
    public var subject: String
    public var author: String

    public init(commit: String, subject: String, author: String) {
      (self.commit, self.subject, self.author) = (commit, subject, author)
    }
  }

  /// Oldest first; where there are very many, not all.
  public var commits: [Change]
  public var total: Int
  /// Where all of it can be looked at.
  public var url: String

  public init(commits: [Change], total: Int, url: String) {
    (self.commits, self.total, self.url) = (commits, total, url)
  }
}
