/// Where runs are kept outside of the machine that runs them, so that another one can go on with them. Each run has one
/// revision, which is only ever replaced by who knows it: of two processes that go on with the same run, one wins.
///
/// Every call throws ``WorldError`` when it could not tell.
public protocol RunArchiving: Sendable {
  /// The headings of all runs, in no order; those that cannot be read are left out.
  func headings() async throws -> [String]

  /// nil when there is no such run.
  func load(_ run: RunID) async throws -> ArchivedRun?

  /// Puts a new revision in place of `revision`; nil: of none. What this process stored and never heard of counts as known.
  /// - Parameters:
  ///   - heading: one line, which is read without the contents.
  ///   - contents: without secrets.
  func store(_ contents: [UInt8], heading: String, of run: RunID, replacing revision: CommitID?) async throws
    -> ArchiveOutcome
}

/// A run as it was last stored.
public struct ArchivedRun: Hashable, Sendable {
  public var revision: CommitID
  public var heading: String
  public var contents: [UInt8]

  public init(revision: CommitID, heading: String, contents: [UInt8]) {
    (self.revision, self.heading, self.contents) = (revision, heading, contents)
  }
}

public enum ArchiveOutcome: Hashable, Sendable {
  case stored(CommitID)
  /// Another process stored it meanwhile, or somebody took it away: nothing was changed.
  case changed
}
