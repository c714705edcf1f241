import PromotionModel

/// The cache clone: all commits and trees of the repository, and the contents of those files that were asked for.
///
/// What the server says now comes from `ls-remote`, never from a ref of the cache, which other runs write too; objects
/// are known by their ids alone. So any number of processes share a cache, and what was read once is not read again.
actor GitStore {
  let git: Git
  let branch: String
  let clock: any WorldClock
  private let directory: GitCacheDirectory
  private var preparation: Task<Void, any Error>?

  private var commits: [CommitID: Commit] = [:]
  private var messages: [CommitID: String] = [:]
  private var blobs: [String: [UInt8]] = [:]
  private var blobBytes = 0
  private var ancestry: [[CommitID]: Bool] = [:]

  /// As many bytes of file contents are kept in memory at most.
  private static let blobLimit = 64 << 20

  init(settings: RepositorySettings, cacheDirectory: String, programs: any ProgramRunner, clock: any WorldClock) {
    (branch, self.clock) = (settings.branch, clock)
    directory = GitCacheDirectory(cache: cacheDirectory, url: settings.url)
    git = Git(programs: programs, directory: directory.repository, url: GitCacheDirectory.absolute(settings.url))
  }

  /// What the server says now.
  struct Remote: Sendable {
    /// The tip of the configured branch.
    var head: CommitID
    /// The objects that the locks' refs name.
    var locks: [EnvironmentName: CommitID]
    /// The tip of the other branch that was asked about.
    var other: CommitID?
  }

  /// Asks the server, and has the commits that its answer names at hand.
  func remote(other: String? = nil) async throws -> Remote {
    try await prepare()
    let headRef = GitNames.branchPrefix + branch
    let otherRef = other.map { GitNames.branchPrefix + $0 }
    let refs = try await remoteRefs([headRef, GitNames.lockPrefix + "*"] + (otherRef.map { [$0] } ?? []))
    guard let head = refs[headRef] else {
      throw WorldError(
        tool: Git.tool, reason: .notFound, message: "the repository has no branch \(branch)",
        advice: "Look at gitops.branch in the configuration")
    }
    var remote = Remote(head: head, locks: [:], other: otherRef.flatMap { refs[$0] })
    for (ref, object) in refs where ref.hasPrefix(GitNames.lockPrefix) {
      remote.locks[EnvironmentName(String(ref.dropFirst(GitNames.lockPrefix.count)))] = object
    }
    try await load([head] + remote.locks.values + (remote.other.map { [$0] } ?? []))
    return remote
  }

  /// The tip of a branch on the server; nil when there is none.
  func tip(ofBranch name: String) async throws -> CommitID? {
    try await prepare()
    let ref = GitNames.branchPrefix + name
    return try await remoteRefs([ref])[ref]
  }

  private func remoteRefs(_ patterns: [String]) async throws -> [String: CommitID] {
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
    let wanted = ids.filter { commits[$0] == nil }
    guard !wanted.isEmpty else { return }
    try await prepare()
    let missing = try await readCommits(wanted)
    guard !missing.isEmpty else { return }
    try await fetch(missing)
    if let id = try await readCommits(missing).first { throw unknown(id) }
  }

  private func readCommits(_ ids: [CommitID]) async throws -> [CommitID] {
    var missing: [CommitID] = []
    for (id, object) in try await objects(ids.map(\.text)) {
      guard let commitID = CommitID(id) else { continue }
      switch object {
      case nil: missing.append(commitID)
      case ("commit", let bytes)?:
        guard let (commit, message) = GitCommitText.read(bytes, id: commitID) else {
          throw nonsense("the commit \(commitID.short) cannot be read")
        }
        (commits[commitID], messages[commitID]) = (commit, message)
      case (let type, _)?: throw nonsense("\(commitID.short) is a \(type), not a commit")
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
        tool: Git.tool, reason: .notFound, message: "the server does not hand out the file contents \(id.prefix(8))")
    }
    return found
  }

  private func readBlobs(_ ids: [String], into found: inout [String: [UInt8]]) async throws -> [String] {
    guard !ids.isEmpty else { return [] }
    var missing: [String] = []
    for (id, object) in try await objects(ids) {
      switch object {
      case nil: missing.append(id)
      case ("blob", let bytes)?:
        if blobBytes + bytes.count > Self.blobLimit { (blobs, blobBytes) = ([:], 0) }
        blobBytes += bytes.count
        (blobs[id], found[id]) = (bytes, bytes)
      case (let type, _)?: throw nonsense("\(id.prefix(8)) is a \(type), not a file")
      }
    }
    return missing
  }

  /// Objects of the cache with their types, by one process; nil for one that is not there.
  private func objects(_ ids: [String]) async throws -> [(String, (type: String, bytes: [UInt8])?)] {
    let answer = try await git.output(
      ["cat-file", "--batch"], input: Array(ids.map { $0 + "\n" }.joined().utf8))
    guard let objects = GitCommitText.batch(answer), objects.count == ids.count else {
      throw nonsense("the answer of cat-file cannot be read")
    }
    return objects
  }

  /// Whether `ancestor` is `descendant` or comes before it. Neither answer ever changes.
  func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool {
    if let known = ancestry[[ancestor, descendant]] { return known }
    try await load([ancestor, descendant])
    let result = try await git.run(["merge-base", "--is-ancestor", ancestor.text, descendant.text])
    guard result.status == 0 || result.status == 1 else { throw GitFailure.error(result) }
    ancestry[[ancestor, descendant]] = result.status == 0
    return result.status == 0
  }

  // MARK: - The clone

  /// Makes and fills the cache where there is none yet. Of several processes one does it, the others wait.
  func prepare() async throws {
    if let preparation { return try await preparation.value }
    let task = Task { try await self.makeClone() }
    preparation = task
    do {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch {
      preparation = nil
      throw error
    }
  }

  private func makeClone() async throws {
    guard GitNames.isRepository(git.url) else { throw GitNames.refusal("a repository", git.url) }
    guard GitNames.isBranch(branch) else { throw GitNames.refusal("a branch", branch) }
    guard !directory.isComplete else { return }
    try await directory.exclusively(clock: clock) {
      guard !directory.isComplete else { return }
      _ = try await git.output(["init", "--quiet", "--bare", "--template=", "--initial-branch=slipway"])
      try await fetch([])
      try directory.markComplete()
    }
  }

  /// Brings all commits and trees of the branch and the locks, and of `commits`, in one go.
  private func fetch(_ commits: [CommitID]) async throws {
    try await fetch(
      ["--prune", Git.remote, "+refs/heads/\(branch):refs/slipway-cache/branch/\(branch)"]
        + ["+refs/slipway/*:refs/slipway-cache/slipway/*"] + commits.map(\.text), input: [])
  }

  /// Brings the contents of files by their ids; nothing else is negotiated.
  private func fetchBlobs(_ ids: [String]) async throws {
    try await fetch(
      ["--stdin", "--no-prune", Git.remote], input: Array(ids.map { $0 + "\n" }.joined().utf8),
      settings: ["-c", "fetch.negotiationAlgorithm=noop"])
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
      guard GitFailure.isCacheBusy(result), attempt < 20 else { throw GitFailure.error(result) }
      try await clock.sleep(for: .milliseconds(25 * attempt))
    }
  }

  func nonsense(_ message: String) -> WorldError { WorldError(tool: Git.tool, reason: .nonsense, message: message) }

  private func unknown(_ id: CommitID) -> WorldError {
    WorldError(tool: Git.tool, reason: .notFound, message: "the repository has no commit \(id.short)")
  }
}
