import PromotionModel
import RunLog
import RunbookCheck

/// `rollback … by pr`: the way back as a pull request, for repositories whose branch takes no pushes. Nothing is taken back
/// before people have merged it; what they merged decides, whatever the way of merging.
struct RollbackByPullRequest {
  static let noteKey = "return-proposal"

  /// A return that waits in a pull request; stored once its branch is pushed.
  struct Proposed: Hashable, Sendable, Codable {
    var environment: EnvironmentName
    var branch: String
    /// The commit that was pushed, before anybody could add to it.
    var head: CommitID
    /// What it takes back; nil in what earlier versions stored.
    var services: [ServiceName]?
    /// As it was opened; nil until it is.
    var pullRequest: PullRequest?
    /// Whether it was closed or merged, as far as the run knows; nil: it was not.
    var isOver: Bool?
  }

  let plan: Rollback.Stored
  let environment: EnvironmentName
  let message: CommitMessage
  let reason: String
  /// Until when people may think.
  let deadline: Timestamp
  /// How long a server that does not answer, or takes no push, is asked again.
  let patience: Duration
  /// What a message begins with that nobody merged it: what was taken back by then.
  let prelude: String
  let step: StepContext

  /// - Returns: what is on the environment's branch now.
  /// - Throws: ``Rollback/LostLock`` when another run took the lock before the branch was pushed.
  func merged(under lease: LockLease) async throws -> Commit {
    guard let reading = step.reading.forge, let writing = step.writing.forge, let settings = step.fleet.pullRequest
    else {
      throw Halt(.refused, "no forge is configured")
    }
    let head = try await pushed(under: lease)
    let known = try await step.insist(for: patience, on: { _ in true }) {
      try await reading.pullRequest(fromBranch: branch)
    }
    let pull: PullRequest
    if let known, known.head == head || known.state == .open {
      pull = known
    } else {
      let draft = PullRequestDraft(
        branch: branch,
        base: step.fleet.repository.branch,
        title: message.subject,
        body: try await body(),
        labels: settings.labels
      )
      pull = try await step.insist(for: patience) { try await writing.open(draft) }
      step.emit(.pullRequestOpened(pull), environment: environment)
    }
    try remember(proposed(at: head, pull))
    return try await wait(for: pull, planned: head, reading, every: settings.pollInterval)
  }

  private var branch: String {
    "\(environment)-rollback-\(step.run)-\(step.place.branchPart)"
  }

  private func proposed(at head: CommitID, _ pull: PullRequest? = nil) -> Proposed {
    Proposed(
      environment: environment,
      branch: branch,
      head: head,
      services: plan.changes.services.map(\.service),
      pullRequest: pull
    )
  }

  private func remember(_ proposed: Proposed) throws {
    try step.note(Self.noteKey, proposed)
    step.memory.update { $0.proposedReturns[step.place.path] = proposed }
  }

  /// Nothing of it is open any more.
  private func forget(_ pull: PullRequest, _ head: CommitID) throws {
    try step.settle(proposed(at: head, pull), of: step.place.path)
  }

  private func pushed(under lease: LockLease) async throws -> CommitID {
    if let stored = try step.stored(Self.noteKey, as: Proposed.self) { return stored.head }
    let outcome = try await step.insist(for: patience, on: Rollback.isWorthAsking) {
      try await step.writing.repository.propose(plan.changes, branch: branch, message: message, under: lease)
    }
    switch outcome {
    case .pushed(let commit), .shared(let commit, _):
      try remember(proposed(at: commit.id))
      step.emit(.progress("branch \(branch) pushed at \(commit.id.short)"), environment: environment)
      return commit.id
    case .superseded(let values):
      throw step.handsOff(values, in: environment)
    case .lostLock(let holder): throw Rollback.LostLock(holder: holder)
    }
  }

  private func body() async throws -> String {
    let diffs = try await step.insist(for: patience) { try await step.reading.repository.preview(plan.changes) }
    var text =
      "Takes back in \(environment). Merging this deploys it.\n\nReason: \(PullRequestText.harmless(reason))\n\n"
    text += "| service | from | to |\n| --- | --- | --- |\n"
    for change in plan.changes.services {
      text += "| \(change.service) | \(change.fromTag.map { "`\($0)`" } ?? "absent") | `\(change.toTag)` |\n"
    }
    return text + "\nRun `\(step.run)` waits for this until \(deadline.wholeSecond). "
      + "\(PlanDigest(plan.changes, diffs).line)\n"
  }

  private func wait(
    for pull: PullRequest,
    planned head: CommitID,
    _ forge: any ForgeReading,
    every interval: Duration
  ) async throws -> Commit {
    var progress = ProgressReport(step: step, environment: environment)
    while true {
      do {
        let readiness = try await forge.mergeReadiness(of: pull.number)
        progress.regained()
        if let commit = try await look(readiness, planned: head) { return commit }
        let passed = step.reading.foresight?.pass(
          .mergeReadiness,
          every: interval,
          after: step.clock.now(),
          limit: .max,
          before: deadline
        )
        if let passed, passed.rounds > 0 { try await step.clock.sleep(until: passed.last) }
      } catch let error as WorldError {
        // Whatever a server answers for a moment, the rescue is not given up for it (rule 7).
        progress.lost(error)
      }
      guard step.clock.now() < deadline else {
        let names = plan.changes.services.map(\.service.text).joined(separator: ", ")
        throw Halt(
          .timedOut,
          "\(prelude)#\(pull.number) was not merged in time and stays open: \(pull.url); "
            + "`rollback \(environment) \(names)` does it by commit"
        )
      }
      try await step.clock.sleep(until: min(step.clock.now() + interval, deadline))
    }
  }

  /// What was merged; nil while it is open.
  private func look(_ readiness: MergeReadiness, planned head: CommitID) async throws -> Commit? {
    let pull = readiness.pull
    let added =
      "commits were added to \(pull.branch): it was planned at \(head.short), and stands at \(pull.head.short)"
    switch pull.state {
    case .open:
      guard pull.head == head else {
        return try await withdraw(pull, planned: head, Halt(.undetermined, "superseded, hands off: \(added)"))
      }
      guard readiness.obstacles.contains(.conflicts) else { return nil }
      return try await withdraw(pull, planned: head, try await conflict(pull))
    case .closed:
      try forget(pull, head)
      throw Halt(.refused, "\(prelude)#\(pull.number) was closed without being merged")
    case .merged: break
    }
    let merge: CommitID
    if let known = pull.mergeCommit { merge = known } else { merge = try await step.reading.repository.head().id }
    let declared = try await step.reading.repository.declared(environment, at: merge)
    step.emit(.pullRequestChanged(pull), environment: environment)
    try forget(pull, head)
    var differences = plan.changes.services.compactMap { change -> String? in
      let found = declared.services[change.service]
      let isGone = change.edits.contains { if case .content(_, nil) = $0 { true } else { false } }
      if isGone ? found?.exists != true : found?.tag == change.toTag { return nil }
      return "\(change.service) is \(found?.tag ?? "absent"), not \(change.toTag)"
    }
    if pull.head != head { differences.append(added) }
    guard differences.isEmpty else {
      let isProtected = step.fleet.environment(environment)?.isProtected ?? true
      step.memory.markChanged(plan.changes.services.map(\.service), in: environment, isProtected: isProtected)
      throw Halt(.failed, "#\(pull.number) was merged with other content: " + differences.joined(separator: "; "))
    }
    return Commit(
      id: merge,
      author: pull.mergedBy ?? "somebody",
      time: step.clock.now(),
      subject: message.subject
    )
  }
}

extension RollbackByPullRequest {
  /// Why it conflicts: what was to be taken back is no longer as the promotion left it (rule 1), or something beside it changed.
  private func conflict(_ pull: PullRequest) async throws -> Halt {
    let repository = step.reading.repository
    let declared = try await repository.declared(environment, at: repository.head().id)
    let changed = plan.changes.services.filter { declared.services[$0.service]?.tag != $0.fromTag }
    guard !changed.isEmpty else {
      return Halt(
        .refused,
        "#\(pull.number) conflicts with what was changed on its base since: the same rollback plans it anew"
      )
    }
    let history = try await repository.history(of: changed.map(\.service), in: environment, limit: 20)
    let values = changed.map { change in
      let found = declared.services[change.service]?.tag
      return Superseded(
        service: change.service,
        expected: change.fromTag ?? "absent",
        found: found,
        by: history[change.service]?.first { $0.tag == found }?.commit
      )
    }
    return step.handsOff(values, in: environment)
  }

  /// Closes what can no longer be merged as it was planned: left open, it could be merged when nobody watches. A branch to which
  /// others added stays; they can open it again.
  /// - Returns: nil where the merge came first: then it is judged as one.
  /// - Throws: `halt`, with what became of the pull request.
  private func withdraw(_ pull: PullRequest, planned head: CommitID, _ halt: Halt) async throws -> Commit? {
    var halt = halt
    do {
      let closed = try await Withdrawal(step: step, patience: patience)
        .close(proposed(at: head, pull), because: halt.message)
      if let reading = step.reading.forge, try await reading.pullRequest(pull.number).state == .merged { return nil }
      try forget(pull, head)
      halt.message = "\(prelude)\(halt.message)" + (closed == nil ? "" : "; #\(pull.number) is closed")
    } catch let error as WorldError {
      halt.message = "\(prelude)\(halt.message); #\(pull.number) could not be closed, and stays open: \(error)"
    }
    throw halt
  }
}

extension StepContext {
  /// Remembers that a return which waited in a pull request is over, so that no later process takes it for open.
  func settle(_ proposed: RollbackByPullRequest.Proposed, of path: StepPath) throws {
    var over = proposed
    over.isOver = true
    try note(RollbackByPullRequest.noteKey, over, under: path)
    memory.update { $0.proposedReturns[path] = nil }
  }
}

extension RunEvent.Step {
  /// The path of a step as a part of a branch's name: two steps of one run have branches of their own.
  var branchPart: String { String(path.description.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }) }
}
