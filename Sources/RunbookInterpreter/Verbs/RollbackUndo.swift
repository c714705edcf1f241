import PromotionModel
import RunLog
import RunbookCheck

/// A rollback in the cluster (`by undo`, `otherwise undo`): what it set out to do and how far it came; stored whole under
/// its step before each effect that follows from it.
struct Undoing: Codable, Sendable {
  static let noteKey = "undo"

  struct Target: Codable, Sendable {
    var service: ServiceName
    /// What this run, or a former one, left there; nil where a person named the version to go back to.
    var from: String?
    var tag: String
    var digest: ImageDigest?
  }

  var environment: EnvironmentName
  var targets: [Target]
  /// What git is to say; nil while git could not be asked.
  var plan: Rollback.Stored?
  /// Why git is not written first; nil for `by undo`.
  var because: String?
  /// What somebody else has changed meanwhile, and is left alone.
  var superseded: [Superseded] = []
  /// The workloads that were brought back, once all of them were.
  var undone: [ServiceName: [ChangedWorkload]]?
  /// It is over: git and cluster agree, and auto-sync is as it was.
  var isOver = false

  var services: [ServiceName] { targets.map(\.service) }
}

/// Brings the cluster back first, and has git say the same.
///
/// Order of effects, each idempotent for a resumed run: the intent is stored; Argo CD's auto-sync is suspended, and seen to
/// stay so; the kept revisions are brought back; git is written to match; and once Argo CD is seen to have compared that,
/// auto-sync is restored. Restored earlier, Argo CD would bring the bad version again, as that is what it knows; later, it
/// could not put right what it alone can.
struct RollbackUndo {
  let rollback: Rollback
  let environment: Environment

  var step: StepContext { rollback.step }
  var deadline: Timestamp { rollback.deadline }

  /// How long auto-sync must be seen to stay suspended: what puts it back (an ApplicationSet, an Application of Applications)
  /// does so as soon as it sees the change.
  private static let holding = Duration.seconds(5)
  private static let pace = Duration.seconds(1)

  // MARK: Planning

  /// - Parameter because: why git is not written first; nil for `by undo`.
  func run(_ plan: Rollback.Stored, because: (any Error)?) async throws -> String {
    var targets: [Undoing.Target] = []
    var declared: DeclaredEnvironment?
    for name in plan.services where !plan.superseded.contains(where: { $0.service == name }) {
      if let change = plan.changes.services.first(where: { $0.service == name }) {
        if rollback.removesFile(change) {
          throw Halt(.refused, "\(name) was new to \(environment.name), so the cluster has nothing to go back to")
        }
        targets.append(
          Undoing.Target(service: name, from: change.fromTag, tag: change.toTag, digest: plan.digests[name])
        )
        continue
      }
      // Git says already what it is to say; the cluster may not.
      if declared == nil {
        declared = try await step.insist {
          try await step.reading.repository.declared(environment.name, at: plan.changes.base)
        }
      }
      guard let tag = declared?.services[name]?.tag else { continue }
      targets.append(Undoing.Target(service: name, from: nil, tag: tag, digest: plan.digests[name]))
    }
    return try await begin(
      Undoing(
        environment: environment.name,
        targets: targets,
        plan: plan,
        because: because.map { "\($0)" },
        superseded: plan.superseded
      )
    )
  }

  /// Git cannot even be read: what is to be brought back is taken from the run, from the journal, or from the statement.
  func run(blindlyBecause error: any Error) async throws -> String {
    let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
    let targets = try UndoRecords(rollback: rollback, environment: environment.name).targets(in: snapshot, error)
    guard !targets.isEmpty else {
      throw Halt(.undetermined, "nothing was taken back: \(error)")
    }
    return try await begin(Undoing(environment: environment.name, targets: targets, plan: nil, because: "\(error)"))
  }

  private func begin(_ planned: Undoing) async throws -> String {
    var undoing = planned
    guard !undoing.targets.isEmpty else { throw step.handsOff(undoing.superseded, in: environment.name, isTold: true) }
    for value in undoing.superseded {
      step.emit(.superseded(value), environment: environment.name, service: value.service)
    }
    if let plan = undoing.plan { try await tell(plan) }
    if let because = undoing.because {
      step.emit(
        .warning("git is not written first, so the cluster is undone: \(because)"),
        environment: environment.name
      )
    }
    let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
    try requireWayBack(&undoing, snapshot)
    guard !undoing.targets.isEmpty else { throw step.handsOff(undoing.superseded, in: environment.name, isTold: true) }
    try keep(undoing)
    return try await carryOut(undoing)
  }

  /// Nothing is touched unless every service can be brought back; what runs something that nobody here left there is not
  /// touched at all (rule 1).
  private func requireWayBack(_ undoing: inout Undoing, _ snapshot: EnvironmentSnapshot) throws {
    var wrong: [String] = []
    var kept: [Undoing.Target] = []
    for target in undoing.targets {
      guard let service = step.fleet.service(target.service), let seen = snapshot.services[target.service] else {
        continue
      }
      let running = seen.workloads.flatMap { $0.images.values }
      let isBack = running.contains { service.isImage($0, atTag: target.tag) }
      if !isBack, let from = target.from, SafetyRule.undoOnlyYourOwn.holds,
        !running.contains(where: { service.isImage($0, atTag: from) }),
        let other = running.lazy.compactMap({ service.tag(ofImage: $0) }).first
      {
        let value = Superseded(service: target.service, expected: from, found: "\(other) in the cluster")
        undoing.superseded.append(value)
        step.emit(.superseded(value), environment: environment.name, service: target.service)
        continue
      }
      kept.append(target)
      if isBack { continue }
      let former = seen.workloads.flatMap(\.formerImages)
      if !former.contains(where: { service.isImage($0, atTag: target.tag) }) {
        let tags = former.compactMap { service.tag(ofImage: $0) }
        wrong.append(
          "\(target.service): no kept revision runs \(target.tag)"
            + (tags.isEmpty ? "" : "; kept: \(tags.joined(separator: ", "))")
        )
      }
    }
    undoing.targets = kept
    guard wrong.isEmpty else {
      throw Halt(.refused, wrong.joined(separator: "; ") + "; nothing was undone: `by commit` needs no kept revision")
    }
  }

  func keep(_ undoing: Undoing) throws {
    try step.note(Undoing.noteKey, undoing)
    step.memory.update { $0.undoing[step.place.path] = undoing.isOver ? nil : undoing }
  }

  // MARK: Effects

  func carryOut(_ stored: Undoing) async throws -> String {
    var undoing = stored
    step.memory.update { $0.undoing[step.place.path] = undoing }
    step.memory.markChanged(undoing.services, in: environment.name, isProtected: environment.isProtected)
    let autoSync = AutoSync(step: step, environment: environment)
    if undoing.undone == nil {
      undoing.undone = try await undo(undoing, autoSync)
      try keep(undoing)
    }
    do {
      return try await finish(&undoing, autoSync)
    } catch var halt as Halt {
      if !undoing.isOver, !halt.message.contains("suspended") { halt.message += "; " + suspended(undoing) }
      throw halt
    } catch let error as WorldError {
      throw Halt(.undetermined, "\(error); " + suspended(undoing))
    }
  }

  /// Git is to say what the cluster was brought back to, and Argo CD to go on.
  private func finish(_ undoing: inout Undoing, _ autoSync: AutoSync) async throws -> String {
    var isWritten = false
    var commit: CommitID?
    var obstacle: any Error = Halt(.undetermined, undoing.because ?? "git was not written yet")
    // People who are to merge it are not waited for before the cluster is seen to be back.
    if !rollback.action.isByPullRequest {
      do {
        commit = try await writeGit(&undoing, for: rollback.gitPatience)
        isWritten = true
      } catch let error as WorldError {
        obstacle = error
        step.emit(
          .warning("git is not written yet: \(error); trying again once the cluster is back"),
          environment: environment.name
        )
      }
    }
    var trouble: Halt?
    do {
      try await RolloutWait(step: step, environment: environment)
        .wait(for: undoing.undone ?? [:], until: deadline, ignoringSigns: true)
      try await requireDigests(undoing)
    } catch var halt as Halt {
      guard isWritten else {
        halt.message += "; " + behind(undoing, obstacle)
        throw halt
      }
      trouble = halt
    }
    if !isWritten {
      do {
        commit = try await writeGit(&undoing, for: deadline - step.clock.now())
      } catch let error as WorldError {
        throw Halt(.undetermined, names(undoing) + Self.seen + behind(undoing, error))
      }
    }
    try await restoreOnceKnown(undoing, commit, autoSync)
    undoing.isOver = true
    try keep(undoing)
    if let trouble { throw trouble }
    try await seeBoth(undoing, commit)
    step.memory.update { $0.returning[step.place.path] = nil }
    try rollback.markTakenBack(undoing.services, in: environment.name)
    guard undoing.superseded.isEmpty else {
      throw step.handsOff(undoing.superseded, in: environment.name, isTold: true)
    }
    return names(undoing) + " again, in the cluster and in git" + (commit.map { " (\($0.short))" } ?? "")
  }

  private static let seen = " again in the cluster, and seen there; "

  private func names(_ undoing: Undoing) -> String {
    undoing.targets.map { "\($0.service) \($0.tag)" }.joined(separator: ", ")
  }

  /// What is left to do by whoever reads it (rule 10).
  private func behind(_ undoing: Undoing, _ error: any Error) -> String {
    return "git is behind and does not say so (\(error)); \(suspended(undoing))"
  }

  func suspended(_ undoing: Undoing) -> String {
    let services = undoing.services.map(\.text).joined(separator: ", ")
    // A run that ends *failed* for what went before is not resumed.
    let isResumable = step.answering == nil && !step.setup.record.isSimulated
    let resume = isResumable ? ", or slipway resume \(step.run) goes on" : ""
    return "Argo CD's auto-sync of \(services) stays suspended until git says so too: "
      + "`reconcile \(environment.name) \(services)` writes git to match\(resume)"
  }

  private func undo(_ undoing: Undoing, _ autoSync: AutoSync) async throws -> [ServiceName: [ChangedWorkload]] {
    for service in undoing.services {
      try await step.insist(for: rollback.patience) {
        _ = try await step.writing.delivery.carryOut(
          .suspendAutoSync(by: step.run.text),
          for: service,
          in: environment.name
        )
      }
    }
    await Delivery(step: step).terminate(undoing.services, in: environment.name)
    do {
      try await autoSync.requireSuspended(undoing.services, for: Self.holding, every: Self.pace, until: deadline)
    } catch let halt as Halt {
      // Nothing was undone, so nothing keeps it suspended.
      try await autoSync.restore(undoing.services, until: deadline)
      throw halt
    }
    var undone: [ServiceName: [ChangedWorkload]] = [:]
    for target in undoing.targets {
      do {
        let answer = try await step.insist(for: rollback.patience) {
          try await step.writing.delivery.carryOut(.undo(toTag: target.tag), for: target.service, in: environment.name)
        }
        if case .accepted(let workloads) = answer { undone[target.service] = workloads }
      } catch let error as WorldError where !error.isTransient && undone.isEmpty {
        try await autoSync.restore(undoing.services, until: deadline)
        // As where a push is refused: what was meant to be taken back still stands, and somebody may make it possible.
        throw Halt(.undetermined, "nothing was undone yet: \(error)", services: [target.service])
      }
      step.emit(
        .progress("brought back to \(target.tag) in the cluster"),
        environment: environment.name,
        service: target.service
      )
    }
    return undone
  }

  /// The tag may be another image by now: what runs must be what ran before.
  private func requireDigests(_ undoing: Undoing) async throws {
    let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
    for target in undoing.targets {
      guard let service = step.fleet.service(target.service), let wanted = target.digest else { continue }
      let pods = (snapshot.services[target.service]?.pods ?? []).filter { !$0.isTerminating }
      let digests = Set(pods.compactMap { $0.container(of: service, atTag: target.tag)?.digest })
      if let other = digests.first(where: { $0 != wanted }) {
        throw Halt(
          .failed,
          "\(target.service): \(target.tag) is \(other.short) by now, and was \(wanted.short) when it ran before",
          services: [target.service]
        )
      }
    }
  }

  // MARK: Git

  /// - Returns: the commit; nil when git says so already.
  private func writeGit(_ undoing: inout Undoing, for patience: Duration) async throws -> CommitID? {
    if undoing.plan == nil {
      var plan = try await latePlan(undoing, patience)
      try await leave(plan.superseded, &undoing)
      plan.changes.services.removeAll { change in plan.superseded.contains { $0.service == change.service } }
      try await tell(plan)
      undoing.plan = plan
      try keep(undoing)
    }
    guard let plan = undoing.plan, !plan.changes.services.isEmpty else { return nil }
    let commit = try await rollback.write(plan, environment, for: patience, after: names(undoing) + Self.seen)
    step.emit(.committed(commit), environment: environment.name)
    step.memory.update { $0.returning[step.place.path] = plan.changes }
    await Delivery(step: step).refresh(undoing.services, in: environment.name)
    return commit.id
  }

  /// Git is back: it is to say what the cluster was brought back to, wherever it stands on the way there.
  private func latePlan(_ undoing: Undoing, _ patience: Duration) async throws -> Rollback.Stored {
    let plans = RollbackPlan(action: rollback.action, step: step)
    try await step.insist(for: patience, on: { _ in true }) { try await plans.requireStood() }
    let withdrawn = try await rollback.withdrawOpen(environment)
    let found = try await step.insist(for: patience, on: { _ in true }) {
      try await rollback.recorded(plans.make(withdrawn: withdrawn))
    }
    let head = try await step.insist(for: patience) { try await step.reading.repository.head() }
    let empty = ChangeSet(environment: environment.name, base: head.id, services: [])
    guard let plan = found else {
      return Rollback.Stored(changes: empty, digests: [:], superseded: [], services: undoing.services)
    }
    for change in plan.changes.services where !plan.superseded.contains(where: { $0.service == change.service }) {
      let target = undoing.targets.first { $0.service == change.service }
      if target?.tag != change.toTag {
        throw Halt(
          .undetermined,
          "the cluster was brought back to \(target?.tag ?? "nothing"), and git would go back to \(change.toTag): "
            + "somebody must decide. " + behind(undoing, Halt(.undetermined, "they do not agree"))
        )
      }
    }
    return plan
  }
}
