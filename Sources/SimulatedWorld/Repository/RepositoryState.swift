import PromotionModel

/// Commits, branches and lock refs of a repository on a server.
struct RepositoryState: Sendable {
  struct Stored: Sendable {
    var commit: Commit
    var parents: [CommitID]
    /// Shared with the parent until something changes.
    var files: [String: [UInt8]]
    var message: CommitMessage
    /// How many commits were made before this one.
    var number: Int
  }

  struct Lock: Hashable, Sendable {
    var holder: LockHolder
    var object: CommitID
    /// The objects that the ref has named since it was taken, this one among them: who holds one of them holds the lock.
    var line: Set<CommitID>

    init(holder: LockHolder, object: CommitID, after line: Set<CommitID> = []) {
      (self.holder, self.object, self.line) = (holder, object, line.union([object]))
    }
  }

  private(set) var commits: [CommitID: Stored] = [:]
  private(set) var branches: [String: CommitID] = [:]
  var locks: [EnvironmentName: Lock] = [:]
  var freezes: [EnvironmentName: Freeze] = [:]
  /// Where the configured branch stood, and since when, oldest first.
  private(set) var moves: [(at: Timestamp, to: CommitID)] = []
  private var objects = 0

  var head: CommitID? { moves.last?.to }

  func commit(_ id: CommitID) throws -> Stored {
    guard let stored = commits[id] else {
      throw WorldError(tool: "git", reason: .notFound, message: "there is no commit \(id)")
    }
    return stored
  }

  func files(at id: CommitID) -> [String: [UInt8]] { commits[id]?.files ?? [:] }

  /// Makes a commit; nil bytes take a file away.
  mutating func add(
    parents: [CommitID],
    changes: [String: [UInt8]?],
    author: String,
    time: Timestamp,
    message: CommitMessage
  ) -> CommitID {
    var files = parents.first.map(files(at:)) ?? [:]
    var hash = StableHash()
    for (path, bytes) in changes.sorted(by: { $0.key < $1.key }) {
      files[path] = bytes
      hash.add(path)
      hash.add(bytes ?? [0])
    }
    for parent in parents { hash.add(parent.text) }
    hash.add("\(author) \(time)")
    hash.add(message.text)
    let id = newObject(hash.result)
    let commit = Commit(id: id, author: author, time: time, subject: message.subject, trailers: message.trailers)
    commits[id] = Stored(commit: commit, parents: parents, files: files, message: message, number: commits.count)
    return id
  }

  /// Begins with a commit that has an id already.
  mutating func plant(_ commit: Commit, files: [String: [UInt8]], branch: String, at time: Timestamp) {
    let message = CommitMessage(subject: commit.subject, trailers: commit.trailers)
    commits[commit.id] = Stored(commit: commit, parents: [], files: files, message: message, number: commits.count)
    move(branch, to: commit.id, isMain: true, at: time)
  }

  /// The id of a new object: 40 hexadecimal digits that no other has.
  mutating func newObject(_ content: UInt64) -> CommitID {
    objects += 1
    let text = StableHash.hexadecimal(content ^ SplitMix64.mix(UInt64(objects)), digits: 40)
    guard let id = CommitID(text) else { preconditionFailure("40 hexadecimal digits are a commit's id") }
    return id
  }

  mutating func move(_ branch: String, to id: CommitID?, isMain: Bool, at time: Timestamp) {
    branches[branch] = id
    if isMain, let id { moves.append((time, id)) }
  }

  /// The commit on the configured branch at a time.
  func head(at time: Timestamp) -> CommitID? { moves.last { $0.at <= time }?.to ?? moves.first?.to }

  // MARK: History

  /// `id` and its ancestors, newest first.
  func ancestry(of id: CommitID) -> [Stored] {
    var seen: Set<CommitID> = [id]
    var queue = [id]
    var found: [Stored] = []
    while let next = queue.popLast() {
      guard let stored = commits[next] else { continue }
      found.append(stored)
      for parent in stored.parents where seen.insert(parent).inserted { queue.append(parent) }
    }
    return found.sorted { $0.number > $1.number }
  }

  func contains(_ ancestor: CommitID, in descendant: CommitID) -> Bool {
    guard let wanted = commits[ancestor] else { return false }
    var seen: Set<CommitID> = [descendant]
    var queue = [descendant]
    while let next = queue.popLast() {
      if next == ancestor { return true }
      // An ancestor was made before its descendants.
      guard let stored = commits[next], stored.number > wanted.number else { continue }
      for parent in stored.parents where seen.insert(parent).inserted { queue.append(parent) }
    }
    return false
  }

  /// The newest common ancestor.
  func mergeBase(_ a: CommitID, _ b: CommitID) -> CommitID? {
    let reachable = Set(ancestry(of: a).map(\.commit.id))
    return ancestry(of: b).first { reachable.contains($0.commit.id) }?.commit.id
  }

  /// The files that differ between two commits, in order.
  func changedPaths(from a: CommitID, to b: CommitID) -> [String] {
    let (before, after) = (files(at: a), files(at: b))
    return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
  }
}

extension Outside {
  /// Moves a branch of the server; the configured one is what Argo CD follows.
  mutating func move(_ branch: String, to id: CommitID?) {
    let isMain = branch == fleet.repository.branch
    repository.move(branch, to: id, isMain: isMain, at: now)
    if isMain { branchMoved() } else { proposalMoved(branch, to: id) }
  }

  /// The newest commit of the configured branch.
  func mainHead() throws -> CommitID {
    guard let head = repository.head else {
      throw WorldError(tool: "git", reason: .notFound, message: "there is no branch \(fleet.repository.branch)")
    }
    return head
  }

  func tag(of service: ServiceName, in environment: EnvironmentName, at commit: CommitID) -> String? {
    guard let path = layout.files(in: environment)[service], let bytes = repository.files(at: commit)[path] else {
      return nil
    }
    return layout.tag(of: service, in: environment, at: commit, file: path, bytes)
  }

  /// The newest commits up to `head` that gave a service a tag that none of their parents had, newest first.
  func history(
    of service: ServiceName,
    in environment: EnvironmentName,
    upTo head: CommitID,
    limit: Int
  ) -> [DeclaredChange] {
    history(of: service, in: environment, along: repository.ancestry(of: head)[...], limit: limit)
  }

  /// The same with the ancestry of a commit, or a part of it, for who asks for several services.
  func history(
    of service: ServiceName,
    in environment: EnvironmentName,
    along ancestry: ArraySlice<RepositoryState.Stored>,
    limit: Int
  ) -> [DeclaredChange] {
    guard let path = layout.files(in: environment)[service] else { return [] }
    func tag(_ id: CommitID) -> String? {
      repository.files(at: id)[path].flatMap { layout.tag(of: service, in: environment, at: id, file: path, $0) }
    }
    var changes: [DeclaredChange] = []
    for stored in ancestry {
      guard changes.count < limit else { break }
      if stored.parents.isEmpty, let before = past?.history[environment]?[service] {
        changes += before.prefix(limit - changes.count)
        continue
      }
      let bytes = stored.files[path]
      if stored.parents.isEmpty
        ? bytes == nil : stored.parents.contains(where: { repository.files(at: $0)[path] == bytes })
      {
        continue
      }
      let after = tag(stored.commit.id)
      let before = stored.parents.isEmpty ? [nil] : stored.parents.map(tag)
      if !before.contains(after) { changes.append(DeclaredChange(commit: stored.commit, tag: after)) }
    }
    return changes
  }

  /// Superseded values with who brought them: the newest commit that gave the tag found, else the newest that changed
  /// the service's tag.
  func attributed(_ superseded: [Superseded], in environment: EnvironmentName, at commit: CommitID) -> [Superseded] {
    superseded.map { value in
      guard value.by == nil else { return value }
      var value = value
      let changes = history(of: value.service, in: environment, upTo: commit, limit: 50)
      value.by = (changes.first { $0.tag == value.found } ?? changes.first)?.commit
      return value
    }
  }
}
