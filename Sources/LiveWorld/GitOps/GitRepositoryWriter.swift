import GitOpsLayout
import PromotionModel

/// The GitOps repository, written with the real git: commits made by plumbing in the cache clone and pushed with a lease
/// on every ref, all refs or none.
public actor GitRepositoryWriter: RepositoryWriting {
  let repository: GitRepository
  let store: GitStore
  let builder: GitCommitBuilder
  /// The locks of this process's run as they were last written: every push writes a new object into the ref, which no
  /// ``PushOutcome`` carries back.
  private var held: [EnvironmentName: LockLease] = [:]
  /// Told apart from every other process that writes the same locks for the same run: theirs are never taken for ours.
  private let process = UInt64.random(in: 1 ... .max)
  /// The locks' objects that this process has made. A push whose answer was lost may have brought any of
  /// them; every other object is somebody else's, though it may name the same run.
  private var written: [EnvironmentName: Set<CommitID>] = [:]

  /// How often a push that lost its race is made anew.
  static let attempts = 20

  public init(_ repository: GitRepository) {
    (self.repository, store) = (repository, repository.store)
    builder = GitCommitBuilder(store: store)
  }

  // MARK: - Commits

  public func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome
  {
    try await write(changes, message, onBranch: nil, under: lease)
  }

  public func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?)
    async throws
    -> PushOutcome
  {
    guard GitNames.isBranch(branch), branch != store.branch else {
      throw GitNames.refusal("a branch to propose", branch)
    }
    return try await write(changes, message, onBranch: branch, under: lease)
  }

  /// - Parameter proposal: the branch to start at the changes' base; nil: the configured branch, from its head.
  private func write(
    _ changes: ChangeSet,
    _ message: CommitMessage,
    onBranch proposal: String?,
    under lease: LockLease?
  ) async throws -> PushOutcome {
    try Self.check(changes, lease)
    let writing = Writing(changes: changes, message: message, proposal: proposal, lease: lease)
    // What the server said last serves for a first push; should it no longer hold, or not lead to one, it is asked.
    if let remembered = await store.remembered(), case .push(let draft)? = try? await draft(writing, on: remembered),
      let outcome = try await push(draft, of: writing)
    {
      return outcome
    }
    for attempt in 1...Self.attempts {
      switch try await draft(writing, on: try await store.remote(other: proposal)) {
      case .answer(let outcome): return outcome
      case .push(let draft): if let outcome = try await push(draft, of: writing) { return outcome }
      }
      try await pause(attempt)
    }
    throw Self.outrun(proposal ?? store.branch)
  }

  /// What is to be written.
  private struct Writing {
    var changes: ChangeSet
    var message: CommitMessage
    var proposal: String?
    var lease: LockLease?
  }

  /// What to push, going by what the server said.
  private struct Draft {
    var head: CommitID
    var files: GitCommitBuilder.Files
    var lock: (current: CommitID, holder: LockHolder)?
    /// What stands there as wanted already.
    var shared: [Superseded]
  }

  private static func outcome(_ commit: Commit, sharedWith others: [Superseded]) -> PushOutcome {
    others.isEmpty ? .pushed(commit) : .shared(commit, with: others)
  }

  private enum Decision {
    /// There is nothing to push.
    case answer(PushOutcome)
    case push(Draft)
  }

  private func draft(_ writing: Writing, on remote: GitStore.Remote) async throws -> Decision {
    let (changes, proposal) = (writing.changes, writing.proposal)
    if let standing = try await standing(writing, remote) { return .answer(.pushed(standing)) }
    var lock: (current: CommitID, holder: LockHolder)?
    if let lease = writing.lease {
      let current = try await lockState(of: changes.environment, remote)
      guard let current, isOwn(current.current, lease) else { return .answer(.lostLock(current?.holder)) }
      lock = current
    }
    let parent = proposal == nil ? remote.head : changes.base
    let files = try await repository.files(repository.paths(of: changes), at: parent)
    if let path = Self.files(of: changes).first(where: files.irregular.contains) {
      throw WorldError(tool: Git.tool, reason: .refused, message: "\(path) is no regular file at \(parent.short)")
    }
    let contents: [String: [UInt8]?]
    switch try repository.layout.apply(changes, to: files.contents) {
    case .superseded(let superseded):
      return .answer(.superseded(try await repository.attributed(superseded, of: changes, at: parent)))
    case .files(let changed): contents = changed
    }
    var shared: [Superseded] = []
    if parent != changes.base {
      let standing = try repository.layout.standing(changes, in: files.contents)
      shared = try await repository.attributed(standing, of: changes, at: parent)
    }
    if contents.isEmpty, proposal == nil {
      return .answer(Self.outcome(try await store.commit(parent), sharedWith: shared))
    }
    let made = GitCommitBuilder.Files(parent: parent, contents: contents, modes: files.modes)
    return .push(Draft(head: remote.head, files: made, lock: lock, shared: shared))
  }

  /// - Returns: nil when the server says something else by now than what the draft was made for.
  private func push(_ draft: Draft, of writing: Writing) async throws -> PushOutcome? {
    let (environment, proposal) = (writing.changes.environment, writing.proposal)
    let lockMessage = try draft.lock.map { try GitLock.message($0.holder, replacing: $0.current, by: process) }
    let made = try await builder.build((draft.files, writing.message.text), lock: lockMessage)
    guard let commit = made.commit else { throw store.nonsense("no commit was made") }
    if let lock = made.lock { written[environment, default: []].insert(lock) }
    let branch = GitNames.branchPrefix + store.branch
    var updates: [RefUpdate]
    if let proposal {
      // The second changes nothing, but makes sure that the server's history is at hand here: git sends what it does not
      // know to be there, which otherwise is all of it, and lacks the contents of most files.
      updates = [
        RefUpdate(ref: GitNames.branchPrefix + proposal, from: nil, to: commit),
        RefUpdate(ref: branch, from: draft.head, to: draft.head),
      ]
    } else {
      updates = [RefUpdate(ref: branch, from: draft.head, to: commit)]
    }
    if let lock = draft.lock {
      updates.append(RefUpdate(ref: try GitNames.lockRef(environment), from: lock.current, to: made.lock))
    }
    switch try await store.push(updates) {
    case .done:
      if let lock = draft.lock, let object = made.lock {
        held[environment] = LockLease(holder: lock.holder, object: object)
        await store.remember(object, message: lockMessage ?? "", time: store.clock.now())
      }
      return Self.outcome(try await store.commit(commit), sharedWith: draft.shared)
    case .raced: return nil
    case .unclear(let error):
      // The server may have taken the push, and its answer been lost: its refs tell.
      let now: GitStore.Remote
      do { now = try await store.remote(other: proposal) } catch { throw Self.unseen(error, after: commit) }
      if let standing = try await standing(writing, now) { return .pushed(standing) }
      guard commit == (proposal == nil ? now.head : now.other) else { throw error }
      return Self.outcome(try await store.commit(commit), sharedWith: draft.shared)
    }
  }

  /// What this step of this run already pushed.
  private func standing(_ writing: Writing, _ remote: GitStore.Remote) async throws -> Commit? {
    let (changes, message) = (writing.changes, writing.message)
    let run = message.trailers.first { $0.key == Trailer.run }?.value
    let step = message.trailers.first { $0.key == Trailer.step }?.value
    guard let proposal = writing.proposal else {
      guard let run, let step else { return nil }
      return try await store.commit(ofRun: run, step: step, after: changes.base, upTo: remote.head)
    }
    guard let tip = remote.other else { return nil }
    if let run, let step, let own = try await store.commit(ofRun: run, step: step, after: changes.base, upTo: tip) {
      return own
    }
    throw WorldError(
      tool: Git.tool,
      reason: .refused,
      message: "there is a branch \(proposal) already, at \(tip.short), that this step did not push"
    )
  }

  public func deleteBranch(_ branch: String, at tip: CommitID) async throws {
    guard GitNames.isBranch(branch), branch != store.branch else {
      throw GitNames.refusal("a branch to delete", branch)
    }
    let update = RefUpdate(ref: GitNames.branchPrefix + branch, from: tip, to: nil)
    if case .done = try await store.push([update]) { return }
    for attempt in 1...Self.attempts {
      guard let current = try await store.tip(ofBranch: branch) else { return }
      guard current == tip else {
        throw WorldError(
          tool: Git.tool,
          reason: .refused,
          message: "the branch \(branch) moved from \(tip.short) to \(current.short)"
        )
      }
      switch try await store.push([update]) {
      case .done: return
      case .raced: try await pause(attempt)
      case .unclear(let error):
        guard try await store.tip(ofBranch: branch) == nil else { throw error }
        return
      }
    }
    throw Self.outrun(branch)
  }

  // MARK: - Locks

  public func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    let environment = claim.environment
    if let remembered = await store.remembered(),
      case .take(let expected, let from)? = try? await decide(claim, takingOver: takingOver, on: remembered),
      let lease = try await swapLock(claim, from: expected)
    {
      return .held(lease, from: from)
    }
    for attempt in 1...Self.attempts {
      switch try await decide(claim, takingOver: takingOver, on: try await store.remote()) {
      case .leave(let holder): return .heldBy(holder)
      case .take(let expected, let from):
        if let lease = try await swapLock(claim, from: expected) { return .held(lease, from: from) }
      }
      try await pause(attempt)
    }
    throw Self.outrun("lock of \(environment)")
  }

  private enum LockDecision {
    /// Somebody holds it.
    case leave(LockHolder)
    /// In place of `expected`; `from`: whose live lock that is.
    case take(expected: CommitID?, from: LockHolder?)
  }

  private func decide(_ claim: LockHolder, takingOver: Bool, on remote: GitStore.Remote) async throws -> LockDecision {
    let current: LockHolder?
    do {
      current = try await lockState(of: claim.environment, remote)?.holder
    } catch let error as WorldError where takingOver && error.reason == .nonsense {
      current = nil  // rescue is never locked out, also not by a lock that nobody can read
    }
    let isLive = current.map { $0.run != claim.run && $0.expires > store.clock.now() } ?? false
    if let current, isLive, !takingOver { return .leave(current) }
    return .take(expected: remote.locks[claim.environment], from: isLive ? current : nil)
  }

  public func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    let environment = lease.holder.environment
    guard claim.environment == environment, claim.run == lease.holder.run else {
      throw WorldError(tool: Git.tool, reason: .refused, message: "a lock is renewed for its own run and environment")
    }
    // As last written by this process, which nobody else changes: so the usual renewal needs no look beforehand.
    if let renewed = try await swapLock(claim, from: held[environment]?.object ?? lease.object) {
      return .held(renewed, from: nil)
    }
    // Whoever took it meanwhile has it, also when that lock has expired, or is gone again: what this run planned under it
    // is no longer alone. Only a push of this process whose answer was lost may stand there instead.
    for attempt in 1...Self.attempts {
      guard let current = try await lockState(of: environment, store.remote()) else { return .lost }
      guard current.holder.run == claim.run else { return .heldBy(current.holder) }
      guard isOwn(current.current, lease) else { return .lost }
      if let renewed = try await swapLock(claim, from: current.current) { return .held(renewed, from: nil) }
      try await pause(attempt)
    }
    throw Self.outrun("lock of \(environment)")
  }

  private func isOwn(_ object: CommitID, _ lease: LockLease) -> Bool {
    object == lease.object || written[lease.holder.environment]?.contains(object) == true
  }

  public func releaseLock(_ lease: LockLease) async throws {
    let environment = lease.holder.environment
    let ref = try GitNames.lockRef(environment)
    // As this process wrote it last, or as it was given to it: so the usual release needs no look beforehand.
    let own = held[environment].flatMap { $0.holder.run == lease.holder.run ? $0 : nil } ?? lease
    held[environment] = nil
    if case .done = try await store.push([RefUpdate(ref: ref, from: own.object, to: nil)]) { return }
    for attempt in 1...Self.attempts {
      let remote = try await store.remote()
      guard let current = try await lockState(of: environment, remote), isOwn(current.current, lease) else { return }
      switch try await store.push([RefUpdate(ref: ref, from: current.current, to: nil)]) {
      case .done: return
      case .raced: try await pause(attempt)
      case .unclear(let error):
        guard try await store.remote().locks[environment] == nil else { throw error }
        return
      }
    }
    throw Self.outrun("lock of \(environment)")
  }

  /// Writes a lock in place of what is expected there; nil when something else is.
  private func swapLock(_ claim: LockHolder, from expected: CommitID?) async throws -> LockLease? {
    let ref = try GitNames.lockRef(claim.environment)
    let message = try GitLock.message(claim, replacing: expected, by: process)
    guard let object = try await builder.build(nil, lock: message).lock else {
      throw store.nonsense("no lock was made")
    }
    let lease = LockLease(holder: claim, object: object)
    written[claim.environment, default: []].insert(object)
    switch try await store.push([RefUpdate(ref: ref, from: expected, to: object)]) {
    case .done: break
    case .raced: return nil
    case .unclear(let error): guard try await store.remote().locks[claim.environment] == object else { throw error }
    }
    held[claim.environment] = lease
    await store.remember(object, message: message, time: store.clock.now())
    return lease
  }

  private func lockState(of environment: EnvironmentName, _ remote: GitStore.Remote) async throws
    -> (current: CommitID, holder: LockHolder)?
  {
    guard let object = remote.locks[environment] else { return nil }
    return (object, try await store.lockHolder(object, of: environment))
  }

  // MARK: - Rules

  /// Longer after each lost race, up to two seconds. Without chance: whoever lost later than others asks later too.
  func pause(_ attempt: Int) async throws {
    try await store.clock.sleep(for: .milliseconds(min(2000, 50 * attempt * attempt)))
  }

  private static func files(of changes: ChangeSet) -> [String] {
    changes.services.map(\.file) + (changes.record.map { [$0.file] } ?? [])
  }

  private static func check(_ changes: ChangeSet, _ lease: LockLease?) throws {
    for file in files(of: changes) where !GitNames.isFile(file) {
      throw GitNames.refusal("a file of the repository", file)
    }
    guard lease == nil || lease?.holder.environment == changes.environment else {
      throw WorldError(tool: Git.tool, reason: .refused, message: "the lock is not one of \(changes.environment)")
    }
  }

  static func outrun(_ what: String) -> WorldError {
    WorldError(
      tool: Git.tool,
      reason: .timedOut,
      message: "others changed \(what) first, \(attempts) times running",
      advice: "Nothing was pushed; try again"
    )
  }

  private static func unseen(_ error: any Error, after commit: CommitID) -> any Error {
    guard var error = error as? WorldError else { return error }
    error.message += " (whether the push of \(commit.short) landed could not be seen)"
    return error
  }
}
