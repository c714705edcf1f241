import PromotionModel
import RunLog
import Synchronization

/// What a statement would do first, found out by doing it with a writing half that writes nothing: the statement reads the
/// real world, works out its plan and its texts, and comes to its end at the first thing that it would write.
///
/// So what is shown is what would be done, by the same verbs and with the same guards; and since nothing here leads
/// outside, it cannot be done by looking.
final class LookAhead: RunLogSink {
  /// What was found.
  struct Found: Sendable {
    var changes: [(changes: ChangeSet, diffs: [FileDiff])] = []
    var writes: [PlannedWrite] = []
    /// Environments that something is written to.
    var environments: Set<EnvironmentName> = []
    var waysBack: [String] = []
    /// Whose lock would be taken over.
    var takenOver: [LockHolder] = []
    /// What speaks against it, or is worth knowing.
    var remarks: [String] = []

    var isEmpty: Bool { environments.isEmpty && writes.isEmpty }
    /// What is done to versions, a line each.
    var plan: Set<String> { Set(changes.flatMap(\.changes.plan)) }
  }

  /// The first write: the look is over.
  struct End: Error {}

  private let found = Mutex(Found())
  private let run: RunID
  private let warn: @Sendable (String) -> Void

  /// - Parameter warn: told at once why the look takes its time: a server that does not answer, say.
  init(run: RunID, warn: @escaping @Sendable (String) -> Void = { _ in }) { (self.run, self.warn) = (run, warn) }

  var result: Found { found.withLock { $0 } }

  func emit(_ event: RunEvent) {
    if case .warning(let text) = event.body { warn(text) }
    found.withLock { found in
      switch event.body {
      case .planned(let changes, let diffs): found.changes.append((changes, diffs))
      case .wayBack(let statement): found.waysBack.append(statement)
      case .superseded(let value): found.remarks.append("changed by somebody else: \(value.message)")
      case .finding(let finding):
        if finding.result == .bad { found.remarks.append("\(finding.check): \(finding.message)") }
      case .warning, .runStarted, .stepStarted, .stepSkipped, .sealed, .lockTaken, .pullRequestOpened,
        .pullRequestChanged,
        .committed, .progress, .evidence, .badSign, .sight, .previewed, .wouldWrite, .value, .confirmed, .programOutput,
        .shown, .logLine, .announced, .stepEnded, .runEnded:
        break
      }
    }
  }

  /// The world with which a statement looks ahead.
  func world(_ real: World, branch: String) -> World {
    let repository = LookAheadRepository(
      look: self,
      reading: real.reading.repository,
      clock: real.reading.clock,
      run: run,
      branch: branch
    )
    let delivery = LookAheadDelivery(look: self)
    var world = real
    world.writing = WorldWriting(
      repository: repository,
      delivery: delivery,
      forge: real.writing.forge.map { _ in LookAheadForge(look: self) },
      commands: LookAheadCommands(),
      announcer: LookAheadAnnouncer(look: self, real: real.writing.announcer)
    )
    return world
  }

  fileprivate func note(_ write: PlannedWrite, in environment: EnvironmentName? = nil) {
    found.withLock { found in
      found.writes.append(write)
      if let environment { found.environments.insert(environment) }
    }
  }

  fileprivate func takesOver(_ holder: LockHolder) { found.withLock { $0.takenOver.append(holder) } }
}

private struct LookAheadRepository: RepositoryWriting {
  let look: LookAhead
  let reading: any RepositoryReading
  let clock: any WorldClock
  let run: RunID
  let branch: String

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    look.note(.commit(branch: branch, message: message.text), in: changes.environment)
    throw LookAhead.End()
  }

  /// A branch of its own changes nothing yet: what is opened from it comes next, and is shown too.
  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    look.note(.commit(branch: branch, message: message.text), in: changes.environment)
    return .pushed(Commit(id: changes.base, author: "", time: clock.now(), subject: message.subject))
  }

  func deleteBranch(_ branch: String, at tip: CommitID) async throws {}

  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome {
    if let holder = try await reading.lockHolder(of: claim.environment), holder.run != claim.run,
      holder.expires > clock.now()
    {
      guard takingOver else { return .heldBy(holder) }
      look.takesOver(holder)
    }
    let head = try await reading.head()
    return .held(LockLease(holder: claim, object: head.id), from: nil)
  }

  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome { .held(lease, from: nil) }
  func releaseLock(_ lease: LockLease) async throws {}

  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    look.note(.freeze(environment, freeze), in: environment)
    return .done
  }
}

/// What would be sent is shown; that a place cannot be reached is known beforehand.
private struct LookAheadAnnouncer: Announcing {
  let look: LookAhead
  let real: any Announcing

  func obstacle(to place: AnnouncementPlace) -> String? { real.obstacle(to: place) }

  func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    look.note(.announcement(place: place.name, text: announcement.text))
  }
}

private struct LookAheadForge: ForgeWriting {
  let look: LookAhead

  func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    look.note(.pullRequest(draft))
    throw LookAhead.End()
  }

  func close(_ number: Int, comment: String) async throws -> PullRequest {
    look.note(.close(number: number, comment: comment))
    throw LookAhead.End()
  }

  func merge(_ order: MergeOrder) async throws -> PullRequest {
    look.note(.merge(order), in: order.environment)
    throw LookAhead.End()
  }

  func leaveQueue(_ number: Int) async throws -> PullRequest { throw LookAhead.End() }

  func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {}
}

private struct LookAheadDelivery: DeliveryWriting {
  let look: LookAhead

  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {}

  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    let names = services.map(\.text).joined(separator: ", ")
    look.note(.cluster("Argo CD is asked to end running syncs of \(names) in \(environment)"), in: environment)
  }

  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    look.note(.cluster("\(service) in \(environment) \(order.participle)"), in: environment)
    throw LookAhead.End()
  }
}

private struct LookAheadCommands: CommandRunning {
  func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32 {
    throw LookAhead.End()
  }
}
