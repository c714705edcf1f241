import PromotionModel
import RunLog
import RunbookCheck

/// `reconcile ENV [TARGETS] [by pr]`: writes git to match what the cluster runs, and restores the auto-sync that a rollback
/// in the cluster suspended. What runs is never changed.
struct Reconcile {
  static let noteKey = "reconciliation"

  struct Stored: Codable {
    var changes: ChangeSet
    /// The tags and digests that run; for those that git names already too.
    var running: [ServiceName: Running]
    /// Whose rollback in the cluster it finishes; nil when it finishes none.
    var finishes: String?
  }

  struct Running: Hashable, Codable {
    var tag: String
    var digest: ImageDigest?
  }

  let environment: EnvironmentName
  let targets: TargetList
  let isByPullRequest: Bool
  let step: StepContext

  init(_ action: ReconcileAction, _ step: StepContext) async throws {
    (environment, self.step) = (action.environment, step)
    isByPullRequest = action.way == .pullRequest
    targets = try await step.resolve(action.targets)
  }

  private var deadline: Timestamp { step.begun + step.fleet.policy.deadlines.rollback }

  func run() async throws -> String {
    let environment = try step.environment(environment)
    try await step.identify(environment.name)
    if let stored = try step.stored(Self.noteKey, as: Stored.self) {
      // Nothing of it is written yet: what ran then may run no longer.
      if try await !isWritten(stored, environment) { try await requireRunning(stored, environment) }
      return try await carryOut(stored, environment)
    }
    let services = try await step.services(targets, in: environment.name)
    guard !services.isEmpty else { return "nothing to reconcile" }
    let head = try await step.insist { try await step.reading.repository.head() }
    let declared = try await step.insist { try await step.reading.repository.declared(environment.name, at: head.id) }
    let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
    let running = try await RunningTags(step: step, environment: environment, declared: declared)
      .read(services, in: snapshot)
    let differing = running.filter { declared.services[$0.key]?.tag != $0.value.tag }
    let changes = try await step.insist {
      try await step.planned {
        try await step.reading.repository.planTags(differing.mapValues(\.tag), in: environment.name, at: head.id)
      }
    }
    let finishes = services.lazy.compactMap { snapshot.services[$0]?.application?.suspendedBy }.first
    let record = ReleaseRecord(step: step)
    let plan = Stored(
      changes: finishes.map {
        record.added(to: changes, .rollback, reason: "taken back in the cluster by run \($0)")
      } ?? record.added(to: changes, .reconciliation, reason: "git is written to match what runs"),
      running: running,
      finishes: finishes
    )
    guard !changes.services.isEmpty else { return try await finish(plan, nil, environment) }
    return try await carryOut(plan, environment)
  }

  /// Whether an earlier process came as far as its push.
  private func isWritten(_ plan: Stored, _ environment: Environment) async throws -> Bool {
    if isByPullRequest {
      return try await step.insist { try await step.reading.repository.tip(ofBranch: branch(in: environment)) } != nil
    }
    let history = try await step.insist {
      try await step.reading.repository.history(
        of: plan.changes.services.map(\.service),
        in: environment.name,
        limit: 100
      )
    }
    return history.values.joined().contains { change in
      change.commit.trailer(Trailer.run) == step.run.text
        && change.commit.trailer(Trailer.step) == step.place.path.description
    }
  }

  private func branch(in environment: Environment) -> String {
    "\(environment.name)-reconcile-\(step.run)-\(step.place.branchPart)"
  }

  private func text(_ running: [ServiceName: Running]) -> String {
    running.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.tag)" }.joined(separator: ", ")
  }

  // MARK: Effects

  private func carryOut(_ plan: Stored, _ environment: Environment) async throws -> String {
    try step.note(Self.noteKey, plan)
    if !isByPullRequest { step.memory.update { $0.attempted[step.place.path] = plan.changes } }
    let diffs = try await step.insist { try await step.reading.repository.preview(plan.changes) }
    step.emit(.planned(plan.changes, diffs), environment: environment.name)
    let lease = try await takeLock(plan, environment)
    let key = plan.finishes == nil ? Trailer.reconciles : Trailer.rollsBack
    let message = CommitMessage(
      subject: Subjects.line(Subjects.reconciliation(plan.changes, step.fleet)),
      body: plan.changes.services.map {
        "\($0.service): git said \($0.fromTag ?? "nothing"), and \(environment.name) runs \($0.toTag)"
      }.joined(separator: "\n"),
      trailers: Subjects.trailers(plan.changes, run: step.run, step: step.place.path, key: key)
    )
    if isByPullRequest { return try await propose(plan, message, lease, environment) }
    let outcome = try await pushed {
      try await step.writing.repository.commit(plan.changes, message: message, under: lease)
    }
    let commit = try commit(of: outcome, environment)
    step.emit(.committed(commit), environment: environment.name)
    return try await finish(plan, commit, environment)
  }

  private func pushed(_ push: () async throws -> PushOutcome) async throws -> PushOutcome {
    do {
      return try await step.insist(for: .seconds(60), on: { $0.isTransient || $0.reason == .refused }, push)
    } catch let error as WorldError where !error.isTransient {
      throw Halt(.refused, "git was not written: \(error)")
    }
  }

  private func commit(of outcome: PushOutcome, _ environment: Environment) throws -> Commit {
    switch outcome {
    case .pushed(let commit), .shared(let commit, _): return commit
    case .superseded(let values):
      throw step.handsOff(values, in: environment.name)
    case .lostLock(let holder):
      throw Halt(
        .failed,
        "the lock was lost" + (holder.map { " to " + LockKeeper.message($0, samePlan: false) } ?? "")
      )
    }
  }

  /// What a rollback left behind that it could not finish, is finished: its own lock, which may outlive it, keeps nobody out.
  private func takeLock(_ plan: Stored, _ environment: Environment) async throws -> LockLease {
    let holder = try await step.insist { try await step.reading.repository.lockHolder(of: environment.name) }
    let isFinishing = plan.finishes != nil && holder?.run.text == plan.finishes
    var hasWaited = false
    let lease = try await step.insist {
      try await LockKeeper(setup: step.setup, memory: step.memory).take(
        environment.name,
        plan: plan.changes.plan,
        reason: "reconcile: git is written to match \(environment.name)",
        takingOver: isFinishing,
        step: step,
        waiting: { hasWaited = true }
      )
    }
    if hasWaited { try await requireRunning(plan, environment) }
    return lease
  }

  /// Another run had the environment meanwhile: what is written must still be what runs.
  private func requireRunning(_ plan: Stored, _ environment: Environment) async throws {
    let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
    let declared = try await step.insist {
      try await step.reading.repository.declared(environment.name, at: step.reading.repository.head().id)
    }
    let running = try await RunningTags(step: step, environment: environment, declared: declared)
      .read(plan.changes.services.map(\.service), in: snapshot)
    let moved = running.filter { plan.running[$0.key]?.tag != $0.value.tag }
    guard moved.isEmpty else {
      throw Halt(
        .refused,
        "what \(environment.name) runs changed meanwhile: \(text(moved)); reconcile again"
      )
    }
  }

  private func propose(_ plan: Stored, _ message: CommitMessage, _ lease: LockLease, _ environment: Environment)
    async throws -> String
  {
    guard let forge = step.writing.forge, let settings = step.fleet.pullRequest else {
      throw Halt(.refused, "no forge is configured")
    }
    let branch = branch(in: environment)
    let outcome = try await pushed {
      try await step.writing.repository.propose(plan.changes, branch: branch, message: message, under: lease)
    }
    let commit = try commit(of: outcome, environment)
    step.emit(.progress("branch \(branch) pushed at \(commit.id.short)"), environment: environment.name)
    let draft = PullRequestDraft(
      branch: branch,
      base: step.fleet.repository.branch,
      title: message.subject,
      body: message.body + "\n\nNothing that runs changes by merging this.\n",
      labels: settings.labels
    )
    let pull = try await step.insist { try await forge.open(draft) }
    step.emit(.pullRequestOpened(pull), environment: environment.name)
    let rest =
      plan.finishes == nil
      ? ""
      : "; once it is merged, `reconcile \(environment.name)` restores the auto-sync that run \(plan.finishes ?? "") suspended"
    return "#\(pull.number) opened: \(pull.url)\(rest)"
  }

  /// Git, Argo CD and the cluster are seen to agree, and Argo CD goes on as before.
  private func finish(_ plan: Stored, _ commit: Commit?, _ environment: Environment) async throws -> String {
    let services = plan.running.keys.sorted()
    await Delivery(step: step).refresh(services, in: environment.name)
    let changed = Set(plan.changes.services.map(\.service))
    let targets = services.compactMap { name -> ArrivalTarget? in
      guard let service = step.fleet.service(name), let running = plan.running[name] else { return nil }
      return ArrivalTarget(
        service: service,
        tag: running.tag,
        digest: running.digest,
        commit: changed.contains(name) ? commit?.id : nil
      )
    }
    try Arrivals(step: step).remember(targets, in: environment.name)
    step.memory.update { $0.attempted[step.place.path] = nil }
    try await Arrivals(step: step).wait(
      for: targets,
      in: environment,
      until: deadline,
      needsRollout: true,
      ignoringSigns: true
    )
    if let holder = plan.finishes {
      try await AutoSync(step: step, environment: environment).restore(services, until: deadline)
      step.emit(.progress("the auto-sync that run \(holder) suspended is on again"), environment: environment.name)
    }
    guard let commit else { return "git says already what runs: \(text(plan.running))" }
    return "git says what runs: \(text(plan.running)) (\(commit.id.short))"
  }
}

/// Which tags services run, read off the images of their workloads.
struct RunningTags {
  let step: StepContext
  let environment: Environment
  let declared: DeclaredEnvironment

  /// - Throws: ``Halt`` with *undetermined* when something is on its way, or its tag cannot be told: git is not written by
  ///   guess.
  func read(_ services: [ServiceName], in snapshot: EnvironmentSnapshot) async throws -> [ServiceName: Reconcile
    .Running]
  {
    let history = try await step.insist {
      try await step.reading.repository.history(of: services, in: environment.name, limit: 200)
    }
    var found: [ServiceName: Reconcile.Running] = [:]
    var wrong: [String] = []
    for name in services {
      guard let service = step.fleet.service(name) else { continue }
      let known = [declared.services[name]?.tag].compactMap { $0 } + (history[name] ?? []).compactMap(\.tag)
      do {
        try await requireStanding(name, snapshot.services[name])
        found[name] = try running(service, snapshot.services[name], known)
      } catch let halt as Halt {
        wrong.append("\(name): \(halt.message)")
      }
    }
    guard wrong.isEmpty else { throw Halt(.undetermined, wrong.joined(separator: "; ") + "; git was not written") }
    return found
  }

  /// Git is not written while Argo CD is about to bring what it says: that would take back what somebody just promoted.
  private func requireStanding(_ name: ServiceName, _ seen: ServiceSnapshot?) async throws {
    guard let seen, let application = seen.application else { throw Halt(.undetermined, "it has no Application") }
    if let kind = seen.unknownKinds.first { throw Halt(.undetermined, "it runs by a \(kind), which is not understood") }
    if let missing = seen.missingWords { throw Halt(.undetermined, missing) }
    if application.operation?.isRunning ?? false { throw Halt(.undetermined, "\(application.name) is being synced") }
    guard application.hasAutoSync else { return }
    guard let revision = application.revision else {
      throw Halt(.undetermined, "\(application.name) was compared with no commit yet")
    }
    let compared = try await step.insist {
      try await step.reading.repository.declared(environment.name, at: revision)
    }
    guard compared.services[name]?.tag == declared.services[name]?.tag else {
      throw Halt(
        .undetermined,
        "git moved to \(declared.services[name]?.tag ?? "nothing"), and \(application.name) has not looked yet"
      )
    }
  }

  private func running(_ service: Service, _ seen: ServiceSnapshot?, _ known: [String]) throws -> Reconcile.Running {
    let workloads = seen?.workloads ?? []
    var tags: Set<String> = []
    for image in workloads.flatMap({ $0.images.values }) {
      if let tag = known.first(where: { service.isImage(image, atTag: $0) }) ?? service.tag(ofImage: image) {
        tags.insert(tag)
      }
    }
    guard let tag = tags.first else {
      let images = workloads.flatMap { $0.images.values }.sorted().joined(separator: ", ")
      throw Halt(.undetermined, images.isEmpty ? "it has no workload" : "no tag is known for \(images)")
    }
    guard tags.count == 1 else {
      throw Halt(.undetermined, "its workloads run different versions: \(tags.sorted().joined(separator: ", "))")
    }
    if let moving = workloads.first(where: { !$0.isRolledOut }) {
      throw Halt(.undetermined, "\(moving.name) is not rolled out: \(moving.available) of \(moving.desired) available")
    }
    let pods = workloads.flatMap(\.pods).filter { !$0.isTerminating }
    let digests = Set(pods.compactMap { $0.container(of: service, atTag: tag)?.digest })
    guard !digests.isEmpty else { throw Halt(.undetermined, "no pod runs \(tag)") }
    guard digests.count == 1 else { throw Halt(.undetermined, "its pods run different images of \(tag)") }
    return Reconcile.Running(tag: tag, digest: digests.first)
  }
}
