import GitOpsLayout
import PromotionModel

extension Outside {
  static let reviewerName = "Reviewer"

  /// Merges a pull request as its forge would; in a conflict it stays open.
  mutating func merge(_ number: Int, by method: MergeMethod, as person: String) {
    guard let request = forge.request(number)?.shown, request.state == .open,
      let target = repository.branches[request.base],
      let base = repository.mergeBase(target, request.head)
    else { return }
    let merged: CommitID?
    switch method {
    case .merge: merged = mergeCommit(request, base: base, target: target, by: person)
    case .squash: merged = squash(request, base: base, target: target)
    case .rebase: merged = rebase(request, base: base, target: target)
    }
    guard let merged else { return }
    let isOfRun = repository.ancestry(of: request.head).contains { stored in
      stored.number > (repository.commits[base]?.number ?? -1) && stored.commit.trailer(Trailer.run) != nil
    }
    forge.change(number) { request in
      request.shown.state = .merged
      request.shown.mergeCommit = merged
      request.shown.mergedBy = person
    }
    move(request.base, to: merged)
    if isOfRun { notePromotion() }
  }

  /// What `theirs` changed since `base`, brought to `ours`; nil in a conflict.
  private func merge(base: CommitID, ours: CommitID, theirs: CommitID) -> [String: [UInt8]?]? {
    let (old, mine, other) = (repository.files(at: base), repository.files(at: ours), repository.files(at: theirs))
    var changes: [String: [UInt8]?] = [:]
    for path in repository.changedPaths(from: base, to: theirs) {
      switch (old[path], mine[path], other[path]) {
      case (let before, let now, let wanted) where now == before: changes[path] = .some(wanted)
      case (_, let now, let wanted) where now == wanted: break
      case (let before?, let now?, let wanted?):
        guard let merged = ThreeWayMerge.merge(base: before, ours: now, theirs: wanted) else { return nil }
        changes[path] = merged
      case (_, _, _): return nil
      }
    }
    return changes
  }

  /// Whether a pull request cannot be merged as it is.
  func isInConflict(_ request: PullRequest) -> Bool {
    guard let target = repository.branches[request.base], let base = repository.mergeBase(target, request.head) else {
      return true
    }
    return merge(base: base, ours: target, theirs: request.head) == nil
  }

  private mutating func mergeCommit(_ request: PullRequest, base: CommitID, target: CommitID, by person: String)
    -> CommitID?
  {
    guard let changes = merge(base: base, ours: target, theirs: request.head) else { return nil }
    let message = CommitMessage(
      subject: "Merge pull request #\(request.number) from \(request.branch)",
      body: request.title,
      trailers: []
    )
    return repository.add(
      parents: [target, request.head],
      changes: changes,
      author: person,
      time: now,
      message: message
    )
  }

  /// One commit; of a single commit its message is kept with its trailers, as the forge proposes it.
  private mutating func squash(_ request: PullRequest, base: CommitID, target: CommitID) -> CommitID? {
    guard let changes = merge(base: base, ours: target, theirs: request.head) else { return nil }
    let own = ownCommits(of: request.head, since: base)
    var message = CommitMessage(
      subject: request.title,
      body: own.map { "* \($0.commit.subject)" }.joined(separator: "\n"),
      trailers: own.last?.message.trailers ?? []
    )
    if own.count == 1, let only = own.first { message = only.message }
    message.subject += " (#\(request.number))"
    return repository.add(
      parents: [target],
      changes: changes,
      author: own.first?.commit.author ?? Self.reviewerName,
      time: now,
      message: message
    )
  }

  /// The same commits again on the target, with new ids.
  private mutating func rebase(_ request: PullRequest, base: CommitID, target: CommitID) -> CommitID? {
    var tip = target
    for stored in ownCommits(of: request.head, since: base) {
      guard let parent = stored.parents.first,
        let changes = merge(base: parent, ours: tip, theirs: stored.commit.id)
      else { return nil }
      tip = repository.add(
        parents: [tip],
        changes: changes,
        author: stored.commit.author,
        time: now,
        message: stored.message
      )
    }
    return tip == target ? nil : tip
  }

  /// The commits of a branch that its base does not have, oldest first.
  private func ownCommits(of head: CommitID, since base: CommitID) -> [RepositoryState.Stored] {
    repository.ancestry(of: head).filter { !repository.contains($0.commit.id, in: base) }.reversed()
  }
}
