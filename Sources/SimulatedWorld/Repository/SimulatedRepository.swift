import GitOpsLayout
public import PromotionModel

/// A GitOps repository in memory, with the contract of the real one.
public struct SimulatedRepository: RepositoryReading, RepositoryWriting {
  let simulation: Simulation

  // MARK: Reading

  public func head() async throws -> Commit {
    try await simulation.call(.repositoryHead) { outside in
      try outside.repository.commit(try outside.mainHead()).commit
    }
  }

  public func declared(_ environment: EnvironmentName, at commit: CommitID) async throws -> DeclaredEnvironment {
    try await simulation.call(.repositoryDeclared) { outside in
      if let known = outside.past?.commits[commit]?.declared[environment] { return known }
      let files = try outside.repository.commit(commit).files
      return outside.layout.declared(environment, at: commit, files: files)
    }
  }

  public func files(at commit: CommitID) async throws -> [String: [UInt8]] {
    try await simulation.call(.repositoryDeclared) { outside in
      let files = try outside.repository.commit(commit).files
      let paths = Set(outside.fleet.environments.flatMap { outside.layout.files(in: $0.name).values })
      let records = outside.fleet.environments.compactMap { outside.fleet.repository.records?.sharedFile(in: $0.name) }
      return files.filter { paths.contains($0.key) || records.contains($0.key) }
    }
  }

  public func plan(_ request: PromotionRequest, at commit: CommitID) async throws -> ChangeSet {
    try await simulation.call(.repositoryPlan) { outside in
      try outside.layout.plan(request, base: commit, files: try outside.repository.commit(commit).files)
    }
  }

  public func planReturn(of changes: ChangeSet, services: [ServiceName], at commit: CommitID) async throws -> ReturnPlan
  {
    try await simulation.call(.repositoryPlanReturn) { outside in
      let files = try outside.repository.commit(commit).files
      var plan = outside.layout.planReturn(of: changes, services: services, base: commit, files: files)
      plan.superseded = outside.attributed(plan.superseded, in: changes.environment, at: commit)
      return plan
    }
  }

  public func planRevert(of name: String, in environment: EnvironmentName, at commit: CommitID) async throws
    -> RevertPlan
  {
    try await simulation.call(.repositoryPlanRevert) { try $0.planRevert(of: name, in: environment, at: commit) }
  }

  public func planTags(_ tags: [ServiceName: String], in environment: EnvironmentName, at commit: CommitID)
    async throws
    -> ChangeSet
  {
    try await simulation.call(.repositoryPlanTags) { outside in
      let files = try outside.repository.commit(commit).files
      return try outside.layout.planTags(tags, in: environment, base: commit, files: files)
    }
  }

  public func preview(_ changes: ChangeSet) async throws -> [FileDiff] {
    try await simulation.call(.repositoryPreview) { outside in
      try outside.layout.diffs(changes, files: try outside.repository.commit(changes.base).files)
    }
  }

  public func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool {
    try await simulation.call(.repositoryContains) { outside in
      if let known = outside.isDescribedAncestor(ancestor, of: descendant) { return known }
      _ = try outside.repository.commit(ancestor)
      _ = try outside.repository.commit(descendant)
      return outside.repository.contains(ancestor, in: descendant)
    }
  }

  public func history(of services: [ServiceName], in environment: EnvironmentName, limit: Int) async throws
    -> [ServiceName: [DeclaredChange]]
  {
    try await simulation.call(.repositoryHistory) { outside in
      let head = try outside.mainHead()
      var found: [ServiceName: [DeclaredChange]] = [:]
      for service in services where outside.fleet.service(service) != nil && limit > 0 {
        found[service] = outside.history(of: service, in: environment, upTo: head, limit: limit)
      }
      return found
    }
  }

  public func tip(ofBranch branch: String) async throws -> CommitID? {
    try await simulation.call(.repositoryTip) { $0.repository.branches[branch] }
  }

  public func lockHolder(of environment: EnvironmentName) async throws -> LockHolder? {
    try await simulation.call(.repositoryLockHolder) { $0.repository.locks[environment]?.holder }
  }

  public func freeze(of environment: EnvironmentName) async throws -> Freeze? {
    try await simulation.call(.repositoryFreeze) { $0.repository.freezes[environment] }
  }

  // MARK: Writing

  public func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome
  {
    try await simulation.call(.repositoryCommit) { outside in
      try outside.push(changes, message, proposal: nil, under: lease)
    }
  }

  public func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?)
    async throws
    -> PushOutcome
  {
    try await simulation.call(.repositoryPropose) { outside in
      try outside.push(changes, message, proposal: branch, under: lease)
    }
  }

  public func deleteBranch(_ branch: String, at tip: CommitID) async throws {
    try await simulation.call(.repositoryDeleteBranch) { outside in
      try outside.checkOwnBranch(branch)
      guard let current = outside.repository.branches[branch] else { return }
      guard current == tip else {
        throw WorldError(
          tool: "git",
          reason: .refused,
          message: "the branch \(branch) moved from \(tip.short) to \(current.short)"
        )
      }
      outside.move(branch, to: nil)
    }
  }

  public func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    try await simulation.call(.repositoryTakeLock) { $0.takeLock(claim, takingOver: takingOver) }
  }

  public func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    try await simulation.call(.repositoryRenewLock) { outside in
      guard claim.environment == lease.holder.environment, claim.run == lease.holder.run else {
        throw WorldError(
          tool: "git",
          reason: .refused,
          message: "a lock is renewed for its own run and environment"
        )
      }
      let current = outside.repository.locks[claim.environment]
      if let current, current.holder.run != claim.run { return .heldBy(current.holder) }
      guard let current, current.line.contains(lease.object) else { return .lost }
      return .held(outside.writeLock(claim, after: current.line), from: nil)
    }
  }

  public func releaseLock(_ lease: LockLease) async throws {
    try await simulation.call(.repositoryReleaseLock) { outside in
      let environment = lease.holder.environment
      guard outside.repository.locks[environment]?.line.contains(lease.object) ?? false else { return }
      outside.repository.locks[environment] = nil
    }
  }

  public func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    try await simulation.call(.repositorySetFreeze) { outside in
      let current = outside.repository.freezes[environment]
      if current == freeze { return .done }
      guard current == seen else { return .changed(current) }
      outside.repository.freezes[environment] = freeze
      return .done
    }
  }

  // MARK: Inspection, without virtual time

  /// All commits, oldest first.
  public var commits: [Commit] {
    simulation.look { $0.repository.commits.values.sorted { $0.number < $1.number }.map(\.commit) }
  }

  /// The commits made at or after a time, in the order in which they were made.
  public func commits(since time: Timestamp) -> [Commit] {
    simulation.look { outside in
      outside.repository.commits.values.filter { $0.commit.time >= time }.sorted { $0.number < $1.number }.map(\.commit)
    }
  }

  /// The branches of the server and where they stand.
  public var branches: [String: CommitID] { simulation.look(\.repository.branches) }

  /// The locks that stand on the server, expired ones too.
  public var locks: [EnvironmentName: LockHolder] { simulation.look { $0.repository.locks.mapValues(\.holder) } }

  /// The freezes that stand on the server, those that are over too.
  public var freezes: [EnvironmentName: Freeze] { simulation.look(\.repository.freezes) }

  /// The bytes of a file at a commit, or at the head of the configured branch.
  public func file(_ path: String, at commit: CommitID? = nil) -> [UInt8]? {
    simulation.look { outside in
      (commit ?? outside.repository.head).flatMap { outside.repository.files(at: $0)[path] }
    }
  }

  /// The paths of all files at the head of the configured branch.
  public var paths: [String] {
    simulation.look { outside in outside.repository.head.map { outside.repository.files(at: $0).keys.sorted() } ?? [] }
  }

  /// The body of a commit's message, without subject and trailers.
  public func body(of commit: CommitID) -> String? { simulation.look { $0.repository.commits[commit]?.message.body } }
}

extension Outside {
  /// Who the run's commits are by.
  static let runner = "Release Manager"

  func planRevert(of name: String, in environment: EnvironmentName, at commit: CommitID) throws -> RevertPlan {
    func refused(_ message: String) -> WorldError { WorldError(tool: "git", reason: .refused, message: message) }
    let ancestry = repository.ancestry(of: commit)
    let found = ancestry.filter { $0.commit.id.text.hasPrefix(name.lowercased()) }
    guard let stored = found.first else {
      let message = "there is no commit \(name) on \(fleet.repository.branch)"
      throw WorldError(tool: "git", reason: .notFound, message: message)
    }
    guard found.count == 1 else { throw refused("\(name) is the beginning of several commits") }
    let id = stored.commit.id
    guard let parent = stored.parents.first else {
      throw refused("\(id.short) is the first commit: before it was nothing")
    }
    return try GitOpsLayout(fleet: fleet).planRevert(
      of: stored.commit,
      paths: repository.changedPaths(from: parent, to: id),
      in: environment,
      before: repository.files(at: parent),
      left: stored.files,
      now: repository.files(at: commit),
      base: commit
    )
  }

  func checkOwnBranch(_ branch: String) throws {
    guard !branch.isEmpty, !branch.hasPrefix("-"), branch != fleet.repository.branch else {
      throw WorldError(tool: "git", reason: .refused, message: "\(branch) cannot be a branch of a run")
    }
  }

  /// Pushes a change to the configured branch, rebuilt on its head, or to a branch that starts at the change's base.
  mutating func push(_ changes: ChangeSet, _ message: CommitMessage, proposal: String?, under lease: LockLease?) throws
    -> PushOutcome
  {
    if let proposal { try checkOwnBranch(proposal) }
    guard lease == nil || lease?.holder.environment == changes.environment else {
      throw WorldError(tool: "git", reason: .refused, message: "the lock is not one of \(changes.environment)")
    }
    let head = try mainHead()
    let tip = proposal.map { repository.branches[$0] } ?? head
    if let tip, let own = pushed(message, since: changes.base, upTo: tip) { return .pushed(own) }
    if let proposal, let tip {
      throw WorldError(
        tool: "git",
        reason: .refused,
        message: "there is a branch \(proposal) already, at \(tip.short), that this step did not push"
      )
    }
    if let lease {
      let current = repository.locks[changes.environment]
      guard let current, current.line.contains(lease.object) else { return .lostLock(current?.holder) }
    }
    let parent = proposal == nil ? head : changes.base
    let contents: [String: [UInt8]?]
    switch try layout.apply(changes, to: try repository.commit(parent).files) {
    case .superseded(let superseded):
      return .superseded(attributed(superseded, in: changes.environment, at: parent))
    case .files(let files): contents = files
    }
    let shared = try shared(changes, at: parent)
    if contents.isEmpty, proposal == nil {
      let found = try repository.commit(parent).commit
      return shared.isEmpty ? .pushed(found) : .shared(found, with: shared)
    }
    let id = repository.add(
      parents: [parent],
      changes: contents,
      author: Self.runner,
      time: now,
      message: message
    )
    if let lease { rewriteLock(lease.holder.environment) }
    move(proposal ?? fleet.repository.branch, to: id)
    if proposal == nil { notePromotion() }
    let made = try repository.commit(id).commit
    return shared.isEmpty ? .pushed(made) : .shared(made, with: shared)
  }

  /// What somebody else made as it is wanted since it was planned.
  private func shared(_ changes: ChangeSet, at parent: CommitID) throws -> [Superseded] {
    guard parent != changes.base else { return [] }
    let standing = try layout.standing(changes, in: try repository.commit(parent).files)
    return attributed(standing, in: changes.environment, at: parent)
  }

  /// What the same step of the same run pushed before.
  private func pushed(_ message: CommitMessage, since base: CommitID, upTo tip: CommitID) -> Commit? {
    guard let run = message.trailers.first(where: { $0.key == Trailer.run })?.value,
      let step = message.trailers.first(where: { $0.key == Trailer.step })?.value
    else { return nil }
    let first = repository.commits[base]?.number ?? -1
    return repository.ancestry(of: tip).lazy.map { ($0.number, $0.commit) }
      .first { $0.0 > first && $0.1.trailer(Trailer.run) == run && $0.1.trailer(Trailer.step) == step }?.1
  }

  mutating func takeLock(_ claim: LockHolder, takingOver: Bool) -> LockOutcome {
    let current = repository.locks[claim.environment]?.holder
    let live = current.flatMap { $0.run != claim.run && $0.expires > now ? $0 : nil }
    if let live, !takingOver { return .heldBy(live) }
    return .held(writeLock(claim, after: []), from: live)
  }

  mutating func writeLock(_ claim: LockHolder, after line: Set<CommitID>) -> LockLease {
    let object = repository.newObject(StableHash.of("lock", claim.environment.text, claim.run.text))
    repository.locks[claim.environment] = RepositoryState.Lock(holder: claim, object: object, after: line)
    return LockLease(holder: claim, object: object)
  }

  /// A push goes with the lock: the ref then names a new object of the same holder.
  private mutating func rewriteLock(_ environment: EnvironmentName) {
    guard let lock = repository.locks[environment] else { return }
    _ = writeLock(lock.holder, after: lock.line)
  }
}
