import FoundationEssentials
public import PromotionModel
public import RunLog

/// The deployments that a journal knows, of all runs, with what became of each.
public struct DeploymentHistory {
  private struct Return {
    var run: RunID
    var changes: ChangeSet
    var begun: Timestamp
    /// When it was seen to be done.
    var done: Timestamp?
  }

  private let journal: any Journal
  private var records: [RunID: RunRecord] = [:]
  private var steps: [RunID: [StepRecord]] = [:]

  private init(_ journal: any Journal) { self.journal = journal }

  /// - Parameter since: deployments that reached their environment earlier are left out.
  /// - Returns: oldest first.
  /// - Throws: ``JournalError``.
  public static func deployments(in journal: any Journal, since: Timestamp) throws -> [Deployment] {
    var history = DeploymentHistory(journal)
    return try history.deployments(since: since)
  }

  private mutating func deployments(since: Timestamp) throws -> [Deployment] {
    let returns = try journal.notes(key: Rollback.noteKey, limit: .max).compactMap { try self.rollback($0) }
    var found: [Deployment] = []
    for note in try journal.notes(key: Promotion.noteKey, limit: .max) {
      guard let promotion = try? JSONDecoder().decode(Promotion.self, from: Data(note.value.utf8)),
        promotion.isProtected, promotion.commit != nil, !promotion.isWithdrawn
      else { continue }
      // Older journals do not say when: the promotion was done when its step was.
      let reached =
        try promotion.reachedAt ?? steps(of: note.run).first { $0.step == promotion.step }?.outcome?.time ?? note.time
      guard reached >= since else { continue }
      found.append(try deployment(promotion, of: note.run, reached: reached, returns))
    }
    found.sort { ($0.reached, $0.run.text) < ($1.reached, $1.run.text) }
    return Self.restored(found)
  }

  private mutating func rollback(_ note: StepNote) throws -> Return? {
    guard let stored = try? JSONDecoder().decode(Rollback.Stored.self, from: Data(note.value.utf8)) else { return nil }
    let step = try steps(of: note.run).first { $0.step == note.step }
    let done = step?.outcome.flatMap { $0.ending == .ok ? $0.time : nil }
    return Return(run: note.run, changes: stored.changes, begun: step?.begun ?? note.time, done: done)
  }

  private mutating func deployment(
    _ promotion: Promotion,
    of run: RunID,
    reached: Timestamp,
    _ returns: [Return]
  ) throws -> Deployment {
    let leadTimes = promotion.services.compactMap { service in
      promotion.stagedAt?[service].map { max(.zero, reached - $0) }
    }
    let tags = promotion.changes.services.map { ($0.service, $0.toTag) }
    return Deployment(
      run: run,
      environment: promotion.changes.environment,
      tags: Dictionary(tags) { first, _ in first },
      reached: reached,
      leadTimes: leadTimes,
      fate: try fate(promotion, of: run, reached: reached, try steps(of: run), returns)
    )
  }

  private mutating func fate(
    _ promotion: Promotion,
    of run: RunID,
    reached: Timestamp,
    _ steps: [StepRecord],
    _ returns: [Return]
  ) throws -> Deployment.Fate {
    let against = returns.filter { back in
      back.changes.environment == promotion.changes.environment && back.begun >= reached
        && back.changes.services.contains { $0.fromTag == promotion.change(of: $0.service)?.toTag }
    }
    // What a monitor or another statement of the same run found first.
    let found = steps.filter { $0.begun >= reached || ($0.outcome?.time ?? reached) > reached }
      .compactMap(\.outcome).filter { $0.ending == .failed }.map(\.time).min()
    let ending = try record(run)?.ending
    if let first = against.min(by: { $0.begun < $1.begun }) {
      let failed = first.run == run ? found.map { min($0, first.begun) } ?? first.begun : first.begun
      // One that did not arrive may be followed by one that did.
      return .failed(at: failed, restored: against.compactMap(\.done).min())
    }
    if let found, ending == .failed { return .failed(at: found, restored: nil) }
    return ending == .ok ? .good : .unknown
  }

  /// What no rollback took back may have been put right by a later deployment of the same service.
  private static func restored(_ deployments: [Deployment]) -> [Deployment] {
    deployments.map { deployment in
      guard case .failed(let failed, nil) = deployment.fate else { return deployment }
      var deployment = deployment
      let next = deployments.first { later in
        later.environment == deployment.environment && later.reached > failed && later.fate == .good
          && !Set(later.tags.keys).isDisjoint(with: deployment.tags.keys)
      }
      deployment.fate = .failed(at: failed, restored: next?.reached)
      return deployment
    }
  }

  private mutating func steps(of run: RunID) throws -> [StepRecord] {
    if let known = steps[run] { return known }
    let found = try journal.steps(of: run)
    steps[run] = found
    return found
  }

  private mutating func record(_ run: RunID) throws -> RunRecord? {
    if let known = records[run] { return known }
    let found = try journal.run(run)
    records[run] = found
    return found
  }
}
