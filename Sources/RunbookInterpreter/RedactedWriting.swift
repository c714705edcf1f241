import PromotionModel

/// The writing half of a world that lets no secret out: whatever a verb writes for people, in git, on the forge or in a chat,
/// goes through here, so that none of them has to remember it.
struct RedactedWriting {
  let redactor: Redactor

  func writing(_ world: WorldWriting) -> WorldWriting {
    var clean = world
    clean.repository = RedactedRepository(inner: world.repository, redactor: redactor)
    clean.forge = world.forge.map { RedactedForge(inner: $0, redactor: redactor) }
    clean.announcer = RedactedAnnouncer(inner: world.announcer, redactor: redactor)
    return clean
  }
}

private struct RedactedRepository: RepositoryWriting {
  let inner: any RepositoryWriting
  let redactor: Redactor

  /// Trailers are names, versions and numbers, by which a later run finds what was done.
  private func clean(_ message: CommitMessage) -> CommitMessage {
    var message = message
    message.subject = redactor.clean(message.subject)
    message.body = redactor.clean(message.body)
    return message
  }

  private func clean(_ claim: LockHolder) -> LockHolder {
    var claim = claim
    claim.reason = redactor.clean(claim.reason)
    return claim
  }

  private func clean(_ changes: ChangeSet) -> ChangeSet {
    var changes = changes
    changes.record = changes.record.map { RecordEntry(file: $0.file, text: redactor.clean($0.text)) }
    return changes
  }

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    try await inner.commit(clean(changes), message: clean(message), under: lease)
  }

  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    try await inner.propose(clean(changes), branch: branch, message: clean(message), under: lease)
  }

  func deleteBranch(_ branch: String, at tip: CommitID) async throws { try await inner.deleteBranch(branch, at: tip) }

  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    try await inner.takeLock(clean(claim), takingOver: takingOver)
  }

  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome {
    try await inner.renewLock(lease, as: clean(claim))
  }

  func releaseLock(_ lease: LockLease) async throws { try await inner.releaseLock(lease) }

  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    let clean = freeze.map { freeze in
      var freeze = freeze
      freeze.reason = redactor.clean(freeze.reason)
      return freeze
    }
    return try await inner.setFreeze(clean, of: environment, replacing: seen)
  }
}

private struct RedactedForge: ForgeWriting {
  let inner: any ForgeWriting
  let redactor: Redactor

  func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    var draft = draft
    draft.title = redactor.clean(draft.title)
    draft.body = redactor.clean(draft.body)
    return try await inner.open(draft)
  }

  func close(_ number: Int, comment: String) async throws -> PullRequest {
    try await inner.close(number, comment: redactor.clean(comment))
  }

  func merge(_ order: MergeOrder) async throws -> PullRequest { try await inner.merge(order) }

  func leaveQueue(_ number: Int) async throws -> PullRequest { try await inner.leaveQueue(number) }

  func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    var status = status
    status.description = redactor.clean(status.description)
    try await inner.setStatus(status, on: commit)
  }
}

private struct RedactedAnnouncer: Announcing {
  let inner: any Announcing
  let redactor: Redactor

  func obstacle(to place: AnnouncementPlace) -> String? { inner.obstacle(to: place) }

  func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    var announcement = announcement
    announcement.text = redactor.clean(announcement.text)
    try await inner.send(announcement, to: place)
  }
}
