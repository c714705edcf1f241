import PromotionModel

/// The cache clone: all commits and trees of the repository, and the contents of those files that were asked for.
///
/// What the server says now comes from `ls-remote`, never from a ref of the cache, which other runs write too; objects
/// are known by their ids alone. So any number of processes share a cache, and what was read once is not read again.
actor GitStore {
  let git: Git
  let branch: String
  let clock: any WorldClock
  let database: GitObjectDatabase
  private let directory: GitCacheDirectory
  private var preparation: Task<Void, any Error>?
  private var hasPrepared = false

  private var commits: [CommitID: Commit] = [:]
  private var messages: [CommitID: String] = [:]
  /// Objects that a ref or a caller names as a commit, and that are none that can be read.
  private var unreadable: Set<CommitID> = []
  private var blobs: [String: [UInt8]] = [:]
  private var blobBytes = 0
  private var listings: [CommitID: (paths: Set<String>, files: [String: GitFile])] = [:]
  var ancestry: [[CommitID]: Bool] = [:]
  var parents: [CommitID: [CommitID]] = [:]

  private var identityAsked: Task<GitIdentity, Never>?

  private var known: Known?
  /// Counts pushes, so that an answer from before one is not taken for what holds after it.
  private var pushes = 0

  /// As many bytes of file contents are kept in memory at most.
  private static let blobLimit = 64 << 20

  /// For so long what the server said last may be built upon, where a push compares it with what holds by then.
  private static let knownLifetime: Duration = .seconds(60)

  /// So often refs may move between the server's answer and the fetch of what it named.
  private static let attempts = 12

  init(settings: RepositorySettings, cacheDirectory: String, programs: any ProgramRunner, clock: any WorldClock) {
    (branch, self.clock) = (settings.branch, clock)
    directory = GitCacheDirectory(cache: cacheDirectory, url: settings.url)
    git = Git(programs: programs, directory: directory.repository, url: GitCacheDirectory.absolute(settings.url))
    database = GitObjectDatabase(git: git)
  }

  /// Ends the process that reads objects; a later read starts it again.
  func close() async { await database.close() }

  /// What the server said.
  struct Remote: Sendable {
    /// The tip of the configured branch.
    var head: CommitID
    /// The objects that the locks' refs name.
    var locks: [EnvironmentName: CommitID]
    /// The objects that the freezes' refs name.
    var freezes: [EnvironmentName: CommitID] = [:]
    /// The tip of the other branch that was asked about.
    var other: CommitID?
  }

  private struct Known {
    var remote: Remote
    var time: Timestamp
  }

  /// What the server said last, of no other branch, and what pushes of this process made of it since; nil when that is too
  /// long ago. Good for a push, which compares it with what holds by then; no ground for any other answer.
  func remembered() -> Remote? {
    guard let known, (.zero...Self.knownLifetime).contains(clock.now() - known.time) else { return nil }
    return known.remote
  }

  /// The tip of the configured branch as last heard of; asks where nothing is known.
  func rememberedHead() async throws -> CommitID {
    if let remembered = remembered() { return remembered.head }
    return try await remote().head
  }

  /// Takes account of a push; nil: of one that may have changed anything or nothing.
  func note(_ updates: [RefUpdate]?) {
    pushes += 1
    guard let updates else { return known = nil }
    for update in updates {
      if update.ref.hasPrefix(GitNames.lockPrefix) {
        let environment = EnvironmentName(String(update.ref.dropFirst(GitNames.lockPrefix.count)))
        known?.remote.locks[environment] = update.to
      } else if update.ref.hasPrefix(GitNames.freezePrefix) {
        let environment = EnvironmentName(String(update.ref.dropFirst(GitNames.freezePrefix.count)))
        known?.remote.freezes[environment] = update.to
      } else if update.ref == GitNames.branchPrefix + branch, let head = update.to {
        known?.remote.head = head
      }
    }
  }

  /// Asks the server, and has the commits that its answer names at hand.
  func remote(other: String? = nil) async throws -> Remote {
    try await prepare()
    let headRef = GitNames.branchPrefix + branch
    let otherRef = other.map { GitNames.branchPrefix + $0 }
    var attempt = 0
    while true {
      attempt += 1
      let (time, pushesBefore) = (clock.now(), pushes)
      let refs = try await remoteRefs(
        [headRef, GitNames.lockPrefix + "*", GitNames.freezePrefix + "*"] + (otherRef.map { [$0] } ?? [])
      )
      guard let head = refs[headRef] else {
        throw WorldError(
          tool: Git.tool,
          reason: .notFound,
          message: "the repository has no branch \(branch)",
          advice: "Look at gitops.branch in the configuration"
        )
      }
      var remote = Remote(head: head, locks: [:], other: otherRef.flatMap { refs[$0] })
      for (ref, object) in refs where ref.hasPrefix(GitNames.lockPrefix) {
        remote.locks[EnvironmentName(String(ref.dropFirst(GitNames.lockPrefix.count)))] = object
      }
      for (ref, object) in refs where ref.hasPrefix(GitNames.freezePrefix) {
        remote.freezes[EnvironmentName(String(ref.dropFirst(GitNames.freezePrefix.count)))] = object
      }
      do {
        try await load([head] + remote.locks.values + remote.freezes.values + (remote.other.map { [$0] } ?? []))
        if pushes == pushesBefore, known.map({ $0.time <= time }) ?? true {
          var said = remote
          said.other = nil
          known = Known(remote: said, time: time)
        }
        return remote
      } catch let error as WorldError where error.reason == .notFound {
        // Fetched again and again, and not there all the same: the cache does not hold what it takes.
        guard attempt < Self.attempts else { throw git.setAside(because: error) }
        // A ref moved between the answer and the fetch of what it named: the next answer tells. On a busy branch it may
        // move several times running.
        try await clock.sleep(for: .milliseconds(min(1000, 10 * attempt * attempt)))
      }
    }
  }

  /// The tip of a branch on the server; nil when there is none.
  func tip(ofBranch name: String) async throws -> CommitID? {
    try await prepare()
    let ref = GitNames.branchPrefix + name
    return try await remoteRefs([ref])[ref]
  }

  /// The messages of the commits that refs of a pattern name on the server, fetched at once however many they are.
  func runMessages(_ pattern: String) async throws -> [String] {
    try await prepare()
    var attempt = 0
    while true {
      attempt += 1
      let objects = Array(Set(try await remoteRefs([pattern]).values))
      if try await !readCommits(objects.filter { commits[$0] == nil && !unreadable.contains($0) }).isEmpty {
        try await fetch(["--prune", Git.remote, "+\(pattern):refs/slipway-cache/slipway/runs/*"], input: [])
        // One that was replaced just now is in the next answer.
        if try await !readCommits(objects.filter { commits[$0] == nil }).isEmpty, attempt < Self.attempts { continue }
      }
      return objects.compactMap { messages[$0] }
    }
  }

  func remoteRefs(_ patterns: [String]) async throws -> [String: CommitID] {
    let listing = try await git.output(["ls-remote", Git.remote] + patterns, .remote)
    var refs: [String: CommitID] = [:]
    for line in listing.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count == 2, let id = CommitID(fields[0]) else {
        throw nonsense("the list of refs has the line \(LocalPrograms.sanitize(Array(line), limit: 100))")
      }
      refs[fields[1]] = id
    }
    return refs
  }

  /// In whose name to commit, asked once. Where it cannot be told, the commit itself says why.
  func identity() async -> GitIdentity {
    if let identityAsked { return await identityAsked.value }
    let task = Task { [git] in
      // The dates are ours to say, and one that cannot be read would fail the listing.
      let answer = try? await git.output(
        ["var", "-l"],
        environment: ["GIT_AUTHOR_DATE": nil, "GIT_COMMITTER_DATE": nil]
      )
      return answer.map { GitIdentity(listing: $0) } ?? GitIdentity()
    }
    identityAsked = task
    return await task.value
  }

  /// A commit, from the cache or from the server.
  func commit(_ id: CommitID) async throws -> Commit {
    try await load([id])
    guard let commit = commits[id] else { throw unknown(id) }
    return commit
  }

  /// The whole message of a commit, as it is.
  func message(of id: CommitID) async throws -> String {
    try await load([id])
    guard let message = messages[id] else { throw unknown(id) }
    return message
  }

  /// Has commits at hand, with as few processes for any number of them.
  func load(_ ids: [CommitID]) async throws {
    let wanted = ids.filter { commits[$0] == nil && !unreadable.contains($0) }
    guard !wanted.isEmpty else { return }
    try await prepare()
    let missing = try await readCommits(wanted)
    guard !missing.isEmpty else { return }
    try await fetch(missing)
    if let id = try await readCommits(missing).first { throw unknown(id) }
  }

  /// Knows an object that was just made as what it was made of.
  func remember(_ id: CommitID, message: String, time: Timestamp) {
    messages[id] = message
    commits[id] = Commit(id: id, author: "Slipway", time: time, subject: "")
  }

  private func readCommits(_ ids: [CommitID]) async throws -> [CommitID] {
    var missing: [CommitID] = []
    for (id, object) in zip(ids, try await database.objects(ids.map(\.text))) {
      guard let content = object.content else {
        missing.append(id)
        continue
      }
      guard object.name == id.text else { throw nonsense("cat-file answered with another object") }
      if content.kind == .commit, let (commit, message) = GitCommitText.read(content.bytes, id: id) {
        (commits[id], messages[id]) = (commit, message)
        parents[id] = GitCommitText.parents(content.bytes)
      } else {
        unreadable.insert(id)
      }
    }
    return missing
  }

  /// The contents of files by their objects' ids; all that are not at hand are fetched at once.
  func contents(_ ids: Set<String>) async throws -> [String: [UInt8]] {
    var found = blobs.filter { ids.contains($0.key) }
    var missing = try await readBlobs(ids.filter { found[$0] == nil }.sorted(), into: &found)
    if !missing.isEmpty {
      try await fetchBlobs(missing)
      missing = try await readBlobs(missing, into: &found)
    }
    if let id = missing.first {
      throw WorldError(
        tool: Git.tool,
        reason: .notFound,
        message: "the server does not hand out the file contents \(id.prefix(8))"
      )
    }
    return found
  }

  private func readBlobs(_ ids: [String], into found: inout [String: [UInt8]]) async throws -> [String] {
    guard !ids.isEmpty else { return [] }
    var missing: [String] = []
    for (id, object) in zip(ids, try await database.objects(ids)) {
      guard let content = object.content else {
        missing.append(id)
        continue
      }
      guard content.kind == .blob, object.name == id else {
        throw nonsense("\(id.prefix(8)) is a \(content.kind.rawValue), not a file")
      }
      if blobBytes + content.bytes.count > Self.blobLimit { (blobs, blobBytes) = ([:], 0) }
      blobBytes += content.bytes.count
      (blobs[id], found[id]) = (content.bytes, content.bytes)
    }
    return missing
  }

  /// Which of `paths` exist at a commit.
  func listing(_ paths: Set<String>, at commit: CommitID) async throws -> [String: GitFile] {
    if let known = listings[commit], known.paths.isSuperset(of: paths) { return known.files }
    try await load([commit])
    let files = try await readListing(paths, at: commit)
    if listings.count >= 32 { listings = [:] }
    listings[commit] = (paths, files)
    return files
  }

  // MARK: - The clone

  /// Makes and fills the cache where there is none yet. Of several processes one does it, the others wait.
  func prepare() async throws {
    // A cache that was found to be damaged is no longer there.
    if let preparation, directory.isComplete || !hasPrepared { return try await preparation.value }
    if hasPrepared {
      (hasPrepared, preparation) = (false, nil)
      unreadable.removeAll()
      // What reads objects still reads those that were moved aside.
      await database.close()
      if let preparation { return try await preparation.value }
    }
    let task = Task { try await self.makeClone() }
    preparation = task
    do {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
      hasPrepared = true
    } catch {
      preparation = nil
      throw error
    }
  }

  private func makeClone() async throws {
    guard GitNames.isRepository(git.url) else { throw GitNames.refusal("a repository", git.url) }
    guard GitNames.isBranch(branch) else { throw GitNames.refusal("a branch", branch) }
    guard !directory.isComplete else { return }
    try await directory.exclusively(clock: clock) { [directory, git] in
      guard !directory.isComplete else { return }
      _ = try await git.output(["init", "--quiet", "--bare", "--template=", "--initial-branch=slipway"])
      try await self.fetch([])
      try directory.markComplete()
    }
  }

  /// Brings all commits and trees of the branch and the locks, and of `commits`, in one go.
  private func fetch(_ commits: [CommitID]) async throws {
    try await fetch(
      ["--prune", Git.remote, "+refs/heads/\(branch):refs/slipway-cache/branch/\(branch)"]
        + ["lock", "freeze"].map { "+refs/slipway/\($0)/*:refs/slipway-cache/slipway/\($0)/*" } + commits.map(\.text),
      input: []
    )
  }

  /// Brings the contents of files by their ids; nothing else is negotiated.
  private func fetchBlobs(_ ids: [String]) async throws {
    try await fetch(
      ["--stdin", "--no-prune", Git.remote],
      input: Array(ids.map { $0 + "\n" }.joined().utf8),
      settings: ["-c", "fetch.negotiationAlgorithm=noop"]
    )
  }

  private func fetch(_ operands: [String], input: [UInt8], settings: [String] = []) async throws {
    let arguments =
      settings + [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
        "--filter=blob:none",
      ] + operands
    for attempt in 1... {
      let result = try await git.run(arguments, .fetch, input: input)
      if result.isSuccess { return }
      guard GitFailure.isCacheBusy(result), attempt < 20 else { throw git.failure(result) }
      try await clock.sleep(for: .milliseconds(25 * attempt))
    }
  }

  nonisolated func nonsense(_ message: String) -> WorldError {
    WorldError(tool: Git.tool, reason: .nonsense, message: message)
  }

  private func unknown(_ id: CommitID) -> WorldError {
    if unreadable.contains(id) { return nonsense("\(id.short) is no commit that can be read") }
    return WorldError(tool: Git.tool, reason: .notFound, message: "the repository has no commit \(id.short)")
  }
}
