/// Looking at the GitOps repository. Every call throws ``WorldError`` when it could not tell.
public protocol RepositoryReading: Sendable {
  /// The newest commit of the configured branch, asked of the server now.
  func head() async throws -> Commit

  /// What the files of `environment` say at a commit, for every service of the fleet, in one read. A service without a
  /// file or with an unreadable one is in the result and says so.
  func declared(_ environment: EnvironmentName, at commit: CommitID) async throws -> DeclaredEnvironment

  /// The fleet's files at a commit, as they are: path in the repository → bytes. A file that is not there is left out.
  func files(at commit: CommitID) async throws -> [String: [UInt8]]

  /// What would bring `services` from one environment's files to the next's at `commit`, by the configuration's copy
  /// rule; services that need no change are left out.
  func plan(_ request: PromotionRequest, at commit: CommitID) async throws -> ChangeSet

  /// What would take back `changes` for `services` at `commit`, per scalar. Values that are no longer as `changes` left
  /// them are not in the change set but among the superseded (rule 1), with who changed them.
  func planReturn(of changes: ChangeSet, services: [ServiceName], at commit: CommitID) async throws -> ReturnPlan

  /// What `git revert` of a commit would change at `commit`, in the files of `environment`; of a merge, against its first
  /// parent.
  /// - Parameter name: the id of a commit of the branch, or its first seven digits or more.
  /// - Throws: ``WorldError`` with *not found* when there is no such commit on the branch as it stands at `commit`.
  func planRevert(of name: String, in environment: EnvironmentName, at commit: CommitID) async throws -> RevertPlan

  /// What would set the tags of services in an environment at `commit`; services that have theirs are left out.
  func planTags(_ tags: [ServiceName: String], in environment: EnvironmentName, at commit: CommitID) async throws
    -> ChangeSet

  /// The change as unified diffs, exactly as a push would make it on its base.
  func preview(_ changes: ChangeSet) async throws -> [FileDiff]

  /// Whether `ancestor` is `descendant` or one of its ancestors. Fetches what is not known yet.
  func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool

  /// The newest `limit` commits of the branch that changed the tag of each service, newest first.
  /// The branch is taken as it was last seen; who needs what came since calls ``head()`` first.
  func history(of services: [ServiceName], in environment: EnvironmentName, limit: Int) async throws
    -> [ServiceName: [DeclaredChange]]

  /// The commit on the server's `branch`; nil when there is no such branch.
  func tip(ofBranch branch: String) async throws -> CommitID?

  /// Who holds the lock of an environment now; nil when it is free. An expired lock is returned: look at ``LockHolder/expires``.
  func lockHolder(of environment: EnvironmentName) async throws -> LockHolder?

  /// The freeze of an environment, asked of the server now; nil when there is none. One that is over is returned: look
  /// at ``Freeze/holds(at:)``.
  func freeze(of environment: EnvironmentName) async throws -> Freeze?
}

/// Changing the GitOps repository. Every push is atomic with the lock it is made under: whoever lost the lock cannot
/// write. Each call is idempotent for a resumed run: what the same run and step (``Trailer/run``, ``Trailer/step``)
/// already pushed is found and returned as ``PushOutcome/pushed(_:)``.
public protocol RepositoryWriting: Sendable {
  /// Commits the changes to the configured branch. A lost race is retried on the new head, unless the same values
  /// changed there: then nothing is pushed.
  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome

  /// Commits the changes on a branch of their own that starts at their base, for a pull request.
  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome

  /// Deletes a branch of ours, if it still stands at `tip`; nothing to delete is success.
  func deleteBranch(_ branch: String, at tip: CommitID) async throws

  /// Takes a free or expired lock, or one that this run holds already, by compare-and-swap.
  /// - Parameter takingOver: take it from a live holder too (rule 7: `rollback` does).
  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome

  /// Writes a new expiry, or a pull request that is known now, into a lock that is held. A lock that no longer is what this
  /// process wrote is ``LockOutcome/lost``, also when it is free by now: what was planned under it was not alone.
  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome

  /// Frees a lock, if it is still ours.
  func releaseLock(_ lease: LockLease) async throws

  /// Writes, replaces or (nil) takes away the freeze of an environment, by compare-and-swap.
  /// - Parameter seen: the freeze that stands there as far as the caller knows.
  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
}

/// What a promotion is to bring.
public struct PromotionRequest: Hashable, Sendable, Codable {
  public var source: EnvironmentName
  public var target: EnvironmentName
  /// The tag each service is to have.
  public var tags: [ServiceName: String]

  public init(source: EnvironmentName, target: EnvironmentName, tags: [ServiceName: String]) {
    (self.source, self.target, self.tags) = (source, target, tags)
  }
}

public struct ReturnPlan: Hashable, Sendable, Codable {
  public var changes: ChangeSet
  public var superseded: [Superseded]

  public init(changes: ChangeSet, superseded: [Superseded]) { (self.changes, self.superseded) = (changes, superseded) }
}

/// A commit taken back as a whole, line by line.
public struct RevertPlan: Hashable, Sendable {
  public var commit: Commit
  public var changes: ChangeSet
  /// The services whose files the commit changed, also where nothing is left to be taken back.
  public var services: [ServiceName] = []
  /// Files in which the same lines were changed since.
  public var conflicts: [String] = []
  /// Files that it changed and that are none of the environment's services.
  public var others: [String] = []

  public init(commit: Commit, changes: ChangeSet) { (self.commit, self.changes) = (commit, changes) }
}

public enum PushOutcome: Hashable, Sendable {
  /// It stands on the server, by this push or by an earlier one of the same step.
  case pushed(Commit)
  /// It stands on the server as the newest commit, and these services stood there as wanted already, by somebody else. Where that
  /// is so of all of them nothing was pushed, and the commit is the one that was found.
  case shared(Commit, with: [Superseded])
  /// Somebody changed the same values first; nothing was pushed.
  case superseded([Superseded])
  /// The lock is no longer ours; nothing was pushed.
  case lostLock(LockHolder?)
}

public enum LockOutcome: Hashable, Sendable {
  /// Held; `from`: whose live lock was taken over.
  case held(LockLease, from: LockHolder?)
  case heldBy(LockHolder)
  /// Of a renewal: it is free now, or another process of the same run has it.
  case lost
}
