import PromotionModel
import RunLog
import RunbookCheck

/// `rollback`: takes back what was promoted, in git by commit and seen in the cluster (two-sided). Takes over locks
/// (rule 7), and takes back only what it finds as it was left (rule 1). What goes through the cluster first is
/// ``RollbackUndo``.
struct Rollback {
  static let noteKey = "return"

  /// What is to be taken back, stored before the push.
  struct Stored: Codable {
    var changes: ChangeSet
    /// The digests that the services are to run again, where they are known.
    var digests: [ServiceName: ImageDigest]
    var superseded: [Superseded]
    /// The services that the statement is about.
    var services: [ServiceName]
    /// The commits that it reverts, `by revert`.
    var reverts: [CommitID]?
  }

  let action: RollbackTerms
  let step: StepContext
  /// When its time began: anew in a process that takes up what another left, as nobody tried meanwhile.
  private let start: Timestamp

  init(action: RollbackTerms, step: StepContext) {
    (self.action, self.step) = (action, step)
    start = step.wasCutOff ? step.clock.now() : step.begun
  }

  private var reason: String {
    Subjects.line(action.reason ?? (step.answering == nil ? "an incident" : "a failed promotion"))
  }

  /// When it must have arrived; what people need for a merge is not the rollback's own time.
  var deadline: Timestamp { mergeDeadline + step.fleet.policy.deadlines.rollback }

  /// Until when a pull request is waited for.
  private var mergeDeadline: Timestamp {
    action.isByPullRequest ? start + step.fleet.policy.deadlines.merge : start
  }

  /// Rescue goes on trying as long as it has time (rule 7).
  var patience: Duration { deadline - step.clock.now() }

  private var mayUndo: Bool { action.undo != .never }

  /// The longest that git is waited for before the cluster is undone.
  private static let longestForGit = Duration.seconds(120)

  /// How long git is asked again before something else is done: a part of the whole time, where there is something else.
  var gitPatience: Duration {
    mayUndo ? min(patience, Self.longestForGit, step.fleet.policy.deadlines.rollback / 4) : patience
  }

  func run() async throws -> String {
    let scope = RollbackScope(action: action, step: step)
    try scope.hold()
    let stored = try step.stored(Self.noteKey, as: Stored.self)
    let undoing = try step.stored(Undoing.noteKey, as: Undoing.self)
    if case .services(let services) = action.targets, stored == nil, undoing == nil { scope.tellOfOthers(services) }
    // A handler of a run that came to nothing waits for no server.
    guard stored != nil || undoing != nil || scope.mayHavePromoted else { return Self.nothingToTakeBack }
    let environment = try step.environment(action.environment)
    try await step.insist(for: patience) { try await step.identify(environment.name) }
    let undo = RollbackUndo(rollback: self, environment: environment)
    if let undoing { return try await undo.carryOut(undoing) }
    if let stored { return try await carryOutOrUndo(stored, undo) }
    let withdrawn: [String]
    let returns: [String]
    let plan: Stored?
    do {
      let plans = RollbackPlan(action: action, step: step)
      try await step.insist(for: gitPatience) { try await plans.requireStood() }
      returns = try await withdrawReturns(environment)
      withdrawn = try await withdrawOpen(environment)
      plan = try await step.insist(for: gitPatience) {
        try await recorded(plans.make(withdrawn: withdrawn))
      }
    } catch let error as WorldError where mayUndo {
      return try await undo.run(blindlyBecause: error)
    } catch let error as WorldError where error.isOfFiles {
      throw Halt(.refused, "nothing was taken back: \(error)")
    }
    guard let plan else {
      guard !withdrawn.isEmpty else { return Self.nothingToTakeBack }
      let stands = try await standing(environment)
      return "\(withdrawn.joined(separator: ", ")) closed; nothing of it reached \(environment.name)" + stands
    }
    let isUndone = action.undo == .first && !plan.services.isEmpty
    let told = try await isUndone ? undo.run(plan, because: nil) : carryOutOrUndo(plan, undo)
    let closed = returns + withdrawn
    return (closed.isEmpty ? "" : "\(closed.joined(separator: ", ")) closed; ") + told
  }

  /// After a former run's pull request was closed: what stands may be an earlier promotion, and that was meant too.
  private func standing(_ environment: Environment) async throws -> String {
    guard case .services(let services) = action.targets,
      services.contains(where: { step.memory.promotion(of: $0, in: environment.name) == nil }), step.answering == nil
    else { return "" }
    let declared = try await step.insist(for: gitPatience) {
      try await step.reading.repository.declared(environment.name, at: step.reading.repository.head().id)
    }
    let tags = services.compactMap { declared.services[$0]?.tag }.joined(separator: ", ")
    let names = services.map(\.text).joined(separator: ", ")
    return ", where \(tags) stays; to take that back too: rollback \(environment.name) \(names)"
  }

  /// A return has an entry of its own in the record; that of the promotion stays.
  func recorded(_ plan: Stored?) -> Stored? {
    guard var plan else { return nil }
    plan.changes = ReleaseRecord(step: step).added(to: plan.changes, .rollback, reason: reason)
    return plan
  }

  /// Git could not be written in the time that it is given.
  private struct OutOfReach: Error { var error: WorldError }

  private func carryOutOrUndo(_ plan: Stored, _ undo: RollbackUndo) async throws -> String {
    do {
      return try await carryOut(plan, undo.environment)
    } catch let obstacle as OutOfReach {
      do {
        return try await undo.run(plan, because: obstacle.error)
      } catch let halt as Halt where halt.ending == .refused {
        // The cluster cannot be undone, and nothing of it was: git has all of the time that is left (rule 7).
        step.emit(.warning("\(halt.message); git is tried again until \(deadline)"), environment: action.environment)
        return try await carryOut(plan, undo.environment, orUndo: false)
      }
    }
  }

  private static let nothingToTakeBack = "nothing was promoted, so there is nothing to take back"

  // MARK: Not merged yet

  /// Closes what an earlier `rollback … by pr` of this run left open: merged as well, it would take back twice.
  private func withdrawReturns(_ environment: Environment) async throws -> [String] {
    var closed: [String] = []
    for (path, proposed) in step.memory.current.proposedReturns.sorted(by: { "\($0.key)" < "\($1.key)" })
    where path != step.place.path && proposed.environment == environment.name && concerns(proposed) {
      if try await Withdrawal(step: step, patience: gitPatience).close(proposed, because: reason) != nil {
        closed.append(proposed.pullRequest.map { "#\($0.number)" } ?? proposed.branch)
      }
      try step.settle(proposed, of: path)
    }
    return closed
  }

  /// Closes the pull requests that are not in the branch yet: those of this run, else those that a former run left open.
  /// - Returns: the pull requests that were closed before they reached the branch.
  func withdrawOpen(_ environment: Environment) async throws -> [String] {
    guard action.revertOf == nil else { return [] }
    var closed: [String] = []
    for promotion in step.memory.current.promotions
    where promotion.changes.environment == environment.name && promotion.isOpen && concerns(promotion) {
      let withdrawal = Withdrawal(step: step, patience: gitPatience)
      if let number = try await withdrawal.close(promotion, because: reason) { closed.append("#\(number)") }
    }
    return try await closed + withdrawFormer(environment)
  }

  /// The open pull requests of former runs, when this run promoted none of the services.
  private func withdrawFormer(_ environment: Environment) async throws -> [String] {
    guard case .services(let services) = action.targets, let forge = step.writing.forge,
      let reading = step.reading.forge,
      services.allSatisfy({ step.memory.promotion(of: $0, in: environment.name) == nil })
    else { return [] }
    var closed: [String] = []
    for promotion in try PromotionHistory(environment: action.environment, step: step).former()
    where promotion.isByPullRequest && promotion.commit == nil && !promotion.isWithdrawn && concerns(promotion) {
      guard let number = promotion.pullRequest?.number, let branch = promotion.branch else { continue }
      let pull = try await step.insist(for: gitPatience) { try await reading.pullRequest(number) }
      guard pull.state == .open, pull.branch == branch else { continue }
      let after = try await step.insist(for: gitPatience) {
        try await forge.close(number, comment: "Withdrawn by run \(step.run): \(reason).")
      }
      step.emit(.pullRequestChanged(after), environment: environment.name)
      // Merged in that moment: what is to be taken back stands in git.
      guard after.state != .merged else { continue }
      closed.append("#\(number)")
      if let tip = try await step.insist(for: gitPatience, { try await step.reading.repository.tip(ofBranch: branch) })
      {
        await step.remove(branch, at: tip, of: environment.name)
      }
    }
    return closed
  }

  private func concerns(_ proposed: RollbackByPullRequest.Proposed) -> Bool {
    guard case .services(let services) = action.targets, let taken = proposed.services else { return true }
    return taken.contains(where: services.contains)
  }

  private func concerns(_ promotion: Promotion) -> Bool {
    switch action.targets {
    case .services(let services):
      promotion.changes.services.contains { change in
        // One that brings the very version that is asked for is not in its way.
        services.contains(change.service)
          && (action.version == nil
            || step.fleet.service(change.service)?.tag.version(ofTag: change.toTag) != action.version)
      }
    case .promoted, .all: true
    }
  }

  // MARK: Effects

  /// - Parameter orUndo: whether the cluster is undone where git cannot be written, if the statement says so.
  private func carryOut(_ plan: Stored, _ environment: Environment, orUndo: Bool = true) async throws -> String {
    let time = orUndo ? gitPatience : patience
    for value in plan.superseded {
      step.emit(.superseded(value), environment: environment.name, service: value.service)
    }
    guard !plan.changes.services.isEmpty else {
      guard plan.superseded.isEmpty else { throw step.handsOff(plan.superseded, in: environment.name, isTold: true) }
      return try await seeStanding(plan, environment)
    }
    try step.note(Self.noteKey, plan)
    step.memory.update { $0.attempted[step.place.path] = plan.changes }
    let commit: Commit
    do {
      let diffs = try await step.insist(for: time) { try await step.reading.repository.preview(plan.changes) }
      step.emit(.planned(plan.changes, diffs), environment: environment.name)
      commit = try await write(plan, environment, for: time)
    } catch let error as WorldError {
      if mayUndo, orUndo { throw OutOfReach(error: error) }
      throw Self.refusal(error)
    }
    step.emit(.committed(commit), environment: environment.name)
    step.memory.update {
      ($0.attempted[step.place.path], $0.returning[step.place.path]) = (nil, plan.changes)
    }
    let services = plan.changes.services.map(\.service)
    step.memory.markChanged(services, in: environment.name, isProtected: environment.isProtected)
    let delivery = Delivery(step: step)
    await delivery.terminate(services, in: environment.name, sparing: commit.id)
    await AutoSync(step: step, environment: environment).restoreForGit(services)
    await delivery.refresh(services, in: environment.name)
    try await seeReturn(plan, commit, environment)
    step.memory.update { $0.returning[step.place.path] = nil }
    guard plan.superseded.isEmpty else { throw step.handsOff(plan.superseded, in: environment.name, isTold: true) }
    return plan.changes.services.map { "\($0.service) \($0.toTag)" }.joined(separator: ", ")
      + " again, in git (\(commit.id.short)) and in the cluster"
  }

  /// Pushes what is planned.
  /// - Parameter done: what was taken back before, for a message that this was not.
  /// - Throws: ``WorldError`` when git did not take it in that time; ``Halt`` when somebody else changed the same, or the
  ///   lock.
  func write(
    _ plan: Stored,
    _ environment: Environment,
    for patience: Duration,
    after done: String = "nothing was taken back: "
  ) async throws -> Commit {
    let end = step.clock.now() + patience
    while true {
      do {
        let lease = try await takeLock(plan, environment, for: patience)
        return try await write(plan, environment, under: lease, for: patience, after: done)
      } catch let lost as LostLock {
        // Another run took it in between: it is taken over once more (rule 7).
        let error = WorldError(tool: "git", reason: .refused, message: lost.words)
        guard step.clock.now() < end else { throw error }
        step.emit(.warning("\(lost.words); taking it over again"), environment: environment.name)
      }
      try await step.clock.sleep(for: .seconds(1))
    }
  }

  /// The lock was taken by another run before the push that was to be made under it.
  struct LostLock: Error {
    var holder: LockHolder?

    var words: String { "the lock was lost" + (holder.map { ": " + LockKeeper.message($0, samePlan: false) } ?? "") }
  }

  private func takeLock(_ plan: Stored, _ environment: Environment, for patience: Duration) async throws -> LockLease {
    try await step.insist(for: patience, on: Self.isWorthAsking) {
      try await LockKeeper(setup: step.setup, memory: step.memory).take(
        environment.name,
        plan: plan.changes.plan,
        reason: "rollback: \(reason)",
        takingOver: SafetyRule.rescueIsNeverLockedOut.holds,
        step: step
      )
    }
  }

  /// - Throws: ``LostLock`` besides.
  private func write(
    _ plan: Stored,
    _ environment: Environment,
    under lease: LockLease,
    for patience: Duration,
    after done: String
  ) async throws -> Commit {
    let message = message(of: plan)
    if action.isByPullRequest {
      return try await RollbackByPullRequest(
        plan: plan,
        environment: environment.name,
        message: message,
        reason: reason,
        deadline: mergeDeadline,
        patience: patience,
        prelude: done,
        step: step
      ).merged(under: lease)
    }
    let outcome = try await step.insist(for: patience, on: Self.isWorthAsking) {
      try await step.writing.repository.commit(plan.changes, message: message, under: lease)
    }
    switch outcome {
    case .pushed(let commit), .shared(let commit, _): return commit
    case .superseded(let values):
      throw step.handsOff(values, in: environment.name)
    case .lostLock(let holder): throw LostLock(holder: holder)
    }
  }

  /// A rejected push counts like an unreachable server (rule 7): a hook or a protected branch may let the next one in.
  static func isWorthAsking(_ error: WorldError) -> Bool { error.isTransient || error.reason == .refused }

  private func message(of plan: Stored) -> CommitMessage {
    var lines = plan.changes.services.map { "\($0.service): \($0.fromTag ?? "absent") → \($0.toTag)" }
    // As git writes it.
    lines += (plan.reverts ?? []).map { "\nThis reverts commit \($0)." }
    return CommitMessage(
      subject: Subjects.line(Subjects.rollback(plan.changes, step.fleet, reason: reason)),
      body: lines.joined(separator: "\n"),
      trailers: Subjects.trailers(plan.changes, run: step.run, step: step.place.path, key: Trailer.rollsBack)
    )
  }

  private static func refusal(_ error: WorldError) -> any Error {
    switch error.reason {
    // With another login, or without the hook that refused it, `resume` goes on: nothing has come to its end.
    case .refused, .unauthorized: Halt(.undetermined, "nothing was taken back yet: \(error)")
    case .missing, .timedOut, .unreachable, .nonsense, .unwritable, .notFound, .wrongPlace: error
    }
  }

  func removesFile(_ change: ServiceChange) -> Bool {
    change.edits.contains { if case .content(_, nil) = $0 { true } else { false } }
  }
}
