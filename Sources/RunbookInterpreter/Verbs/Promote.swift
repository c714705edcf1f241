import PromotionModel
import RunLog
import RunbookCheck

/// `promote TARGETS`: one change set, all or nothing, from one environment's files to the next's.
///
/// Order of effects, each idempotent for a resumed run: the plan is stored, the lock taken, the branch pushed, the pull
/// request opened (or the commit pushed to the environment's branch). Whatever refuses, refuses before the first.
struct Promote {
  let action: PromoteTerms
  let step: StepContext

  func run() async throws -> String {
    if let stored = try step.stored(Promotion.noteKey, as: Promotion.self) {
      return try await goOn(stored)
    }
    let target = try step.environment(action.target)
    try await step.identify(target.name)
    try await step.requireThawed(target.name)
    try step.requireWindowsStillOpen(target.name)
    let head = try await step.reading.repository.head()
    let source = try await step.reading.repository.declared(action.source, at: head.id)
    let current = try await step.reading.repository.declared(action.target, at: head.id)
    let services = try selected(source: source, target: current)
    guard !services.isEmpty else { return "no service of \(action.target) is to be promoted" }

    let guards = PromotionGuards(action: action, step: step)
    try guards.requirePolicy(target)
    let tags = try guards.requireTags(services, source: source)
    try guards.requireFreshSeals(services)
    try guards.requireSealed(tags, source: source)
    try guards.requireNoDowngrade(tags, target: current)
    try guards.requireMatching(tags, target: current)
    var changes = try await step.planned { [action, step] in
      let request = PromotionRequest(source: action.source, target: action.target, tags: tags)
      return try await step.reading.repository.plan(request, at: head.id)
    }
    guard !changes.services.isEmpty else {
      try step.noteStanding(services, in: target.name)
      return "nothing to change: \(action.target) has "
        + tags.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
    }
    try guards.requireApprovable(changes, target)
    let staged = try await guards.requireStaged(changes)
    let running = try await guards.requireRunningAsSealed(changes)
    try await guards.requireReversible(changes, target, running)
    try await guards.requireSoaked(changes)
    if action.way == .pullRequest { try await guards.requireForge(branch) }

    let sources =
      action.way == .pullRequest || step.fleet.repository.records != nil
      ? try await SourceLook(step: step).changes(changes) : nil
    changes = ReleaseRecord(step: step).added(to: changes, .promotion, reason: action.reason, sources: sources ?? [])
    var promotion = try await prepared(changes, target)
    promotion.stagedAt = staged
    let diffs = try await step.reading.repository.preview(changes)
    promotion.plan = PlanDigest(changes, diffs)
    step.emit(.planned(changes, diffs), environment: action.target)
    for way in wayBack(changes) where SafetyRule.wayBackFirst.holds {
      step.emit(
        way.statement.map { .wayBack(statement: $0) } ?? .warning(way.note),
        environment: action.target,
        service: way.service
      )
    }
    return try await carryOut(promotion, sources)
  }

  /// The services that the statement means: `all` takes those that are enabled on both sides and already stand in the
  /// target; what it leaves out is said.
  private func selected(source: DeclaredEnvironment, target: DeclaredEnvironment) throws -> [ServiceName] {
    switch action.targets {
    case .services(let services): return services
    case .promoted: return step.memory.promoted(to: action.target)
    case .all(let except):
      return step.fleet.services.map(\.name).filter { name in
        guard !except.contains(name), source.services[name]?.exists == true else { return false }
        func leaveOut(_ why: String) -> Bool {
          step.emit(.progress("left out: \(why)"), environment: action.target, service: name)
          return false
        }
        guard let there = target.services[name], there.exists else {
          return leaveOut("it is new to \(action.target) and must be named to be promoted")
        }
        guard there.isEnabled else { return leaveOut("\(there.file) says that it is disabled") }
        guard source.services[name]?.isEnabled == true else { return leaveOut("it is disabled in \(action.source)") }
        return true
      }
    }
  }

  /// What is known before the first effect: the way back and the baseline (rule 3).
  private func prepared(_ changes: ChangeSet, _ target: Environment) async throws -> Promotion {
    let before = try await step.reading.cluster.snapshot(of: target.name)
    try UndoReadiness(step: step, environment: target.name).tell(changes, before)
    var former: [ServiceName: ImageDigest] = [:]
    var requests: [LogRequest] = []
    let now = step.clock.now()
    for change in changes.services {
      guard let service = step.fleet.service(change.service), let tag = change.fromTag else { continue }
      let pods = before.services[change.service]?.pods ?? []
      let running = pods.filter { $0.container(of: service, atTag: tag) != nil }
      let digests = Set(running.compactMap { $0.container(of: service, atTag: tag)?.digest })
      if digests.count == 1, let digest = digests.first {
        former[change.service] = digest
      } else {
        step.emit(
          .warning(
            "\(target.name) does not run \(tag) now, so the way back is proven for git only"
          ),
          environment: target.name,
          service: change.service
        )
      }
      for pod in running where !pod.isTerminating {
        for container in pod.containers where !container.isInit && container.hasLog {
          requests.append(
            LogRequest(
              service: change.service,
              pod: pod.name,
              container: container.name,
              since: now - .seconds(600)
            )
          )
        }
      }
    }
    let logs = requests.isEmpty ? [] : try await step.reading.cluster.logs(requests, in: target.name)
    let baseline = LogScans(step.fleet).scan(logs).mapValues { Double($0.count) / 10 }
    let seals = step.memory.current.seals[action.source] ?? [:]
    let digests = changes.services.compactMap { change in
      seals[change.service].flatMap { $0.tag == change.toTag ? (change.service, $0.digest) : nil }
    }
    return Promotion(
      step: step.place.path,
      changes: changes,
      isByPullRequest: action.way == .pullRequest,
      isProtected: target.isProtected,
      digests: Dictionary(digests, uniquingKeysWith: { first, _ in first }),
      formerDigests: former,
      baseline: baseline,
      metricsBefore: await step.metricsBefore(changes.services.map(\.service), in: target.name),
      alertsBefore: await step.alertsBefore(changes.services.map(\.service), in: target.name),
      reason: action.reason,
      branch: action.way == .pullRequest ? branch : nil
    )
  }

  /// Later pull requests of the same run have branches of their own.
  private var branch: String {
    let earlier = step.memory.current.promotions.count {
      $0.isByPullRequest && $0.changes.environment == action.target && $0.step != step.place.path
    }
    return Promotion.branch(step.run, to: action.target) + (earlier == 0 ? "" : "-\(earlier + 1)")
  }

  /// The statement that takes each change back; where there is none, `note` says what to do by hand.
  private func wayBack(_ changes: ChangeSet) -> [(service: ServiceName, statement: String?, note: String)] {
    changes.services.map { change in
      guard let tag = change.fromTag else {
        return (change.service, nil, "no way back by statement: it is new to \(action.target), remove \(change.file)")
      }
      guard let version = step.fleet.service(change.service)?.tag.version(ofTag: tag) else {
        return (change.service, nil, "no way back by statement: set \(change.file) back to \(tag)")
      }
      return (change.service, "rollback \(action.target) \(change.service) to v\(version)", "")
    }
  }

  // MARK: Resuming

  /// A resumed run finds what it had done already, and does the rest of what it had planned.
  private func goOn(_ stored: Promotion) async throws -> String {
    try await step.identify(action.target)
    var promotion = stored
    promotion.isWithdrawn = false
    if let branch = promotion.branch, let forge = step.reading.forge {
      if let pull = try await step.insist({ try await forge.pullRequest(fromBranch: branch) }) {
        promotion.pullRequest = pull
        try step.store(promotion)
        step.emit(.pullRequestOpened(pull), environment: action.target)
        return "#\(pull.number) was opened: \(pull.url)"
      }
    } else if try await isPushed(promotion) {
      return try await carryOut(promotion, isPushed: true)
    }
    do {
      try await requireAsPlanned(promotion)
    } catch {
      if let branch = promotion.branch, let tip = try await step.reading.repository.tip(ofBranch: branch) {
        try await step.writing.repository.deleteBranch(branch, at: tip)
      }
      try withdraw(promotion, when: error)
      throw error
    }
    return try await carryOut(promotion)
  }

  private func isPushed(_ promotion: Promotion) async throws -> Bool {
    let history = try await step.insist {
      try await step.reading.repository.history(of: promotion.services, in: action.target, limit: 100)
    }
    return history.values.joined().contains { change in
      change.commit.trailer(Trailer.run) == step.run.text
        && change.commit.trailer(Trailer.step) == step.place.path.description
    }
  }

  // MARK: Effects

  /// What the plan relied on may have grown too old, or be so no longer, while the run stood still or waited (rule 9).
  private func requireAsPlanned(_ promotion: Promotion) async throws {
    let guards = PromotionGuards(action: action, step: step)
    try guards.requireFreshSeals(promotion.services)
    try await step.requireThawed(action.target)
    try step.requireWindowsStillOpen(action.target)
    guard action.withoutValidation == nil else { return }
    let source = try await step.insist {
      try await step.reading.repository.declared(action.source, at: step.reading.repository.head().id)
    }
    let tags = promotion.changes.services.map { ($0.service, $0.toTag) }
    try guards.requireSealed(Dictionary(tags) { first, _ in first }, source: source)
    _ = try await step.insist { try await guards.requireRunningAsSealed(promotion.changes) }
  }

  /// - Parameters:
  ///   - isPushed: an earlier process came so far; what it relied on then counts no more.
  ///   - sources: what was found out of the changes in them; nil: not yet.
  private func carryOut(
    _ planned: Promotion,
    _ sources: [(service: ServiceName, changes: SourceChanges?)]? = nil,
    isPushed: Bool = false
  ) async throws -> String {
    var promotion = planned
    let target = action.target
    try step.store(promotion)
    let reason = action.reason ?? Subjects.promotion(promotion.changes, step.fleet)
    let lease: LockLease
    do {
      var hasWaited = false
      lease = try await step.insist {
        try await LockKeeper(setup: step.setup, memory: step.memory).take(
          target,
          plan: promotion.changes.plan,
          reason: reason,
          takingOver: false,
          step: step,
          waiting: { hasWaited = true }
        )
      }
      if hasWaited, !isPushed { try await requireAsPlanned(promotion) }
    } catch {
      try withdraw(promotion, when: error)
      throw error
    }
    let message = CommitMessage(
      subject: Subjects.line(Subjects.promotion(promotion.changes, step.fleet)),
      body: commitBody(promotion.changes),
      trailers: Subjects.trailers(promotion.changes, run: step.run, step: step.place.path, key: Trailer.promotes)
    )
    let commit = try await push(&promotion, message, lease)
    guard let branch = promotion.branch else {
      step.emit(.committed(commit), environment: target)
      promotion.commit = commit.id
      try step.store(promotion)
      step.memory.markChanged(promotion.services, in: target, isProtected: promotion.isProtected)
      await Delivery(step: step).refresh(promotion.services, in: target)
      return "\(promotion.changes.services.count) services committed as \(commit.id.short)"
    }
    // Before anybody can add to it: this is what is approved.
    promotion.head = commit.id
    try step.store(promotion)
    step.emit(.progress("branch \(branch) pushed at \(commit.id.short)"), environment: target)
    let pull = try await open(promotion, branch: branch, head: commit.id, sources)
    promotion.pullRequest = pull
    try step.store(promotion)
    step.emit(.pullRequestOpened(pull), environment: target)
    return "#\(pull.number) opened: \(pull.url)"
  }

  private func open(
    _ promotion: Promotion,
    branch: String,
    head: CommitID,
    _ known: [(service: ServiceName, changes: SourceChanges?)]?
  ) async throws -> PullRequest {
    guard let forge = step.writing.forge, let settings = step.fleet.pullRequest else {
      throw Halt(.refused, "no forge is configured")
    }
    let state = step.memory.current
    let sources: [(service: ServiceName, changes: SourceChanges?)]
    if let known { sources = known } else { sources = try await SourceLook(step: step).changes(promotion.changes) }
    let waived = [
      action.withoutValidation.map { "Without validation: \($0)" },
      action.allowingDowngrade.map { "A downgrade: \($0)" },
      action.allowingUnstaged.map { "Never ran in \(action.source), or not for long enough: \($0)" },
    ]
    let text = PullRequestText(
      changes: promotion.changes,
      fleet: step.fleet,
      findings: state.findings,
      seals: state.seals[action.source] ?? [:],
      wayBack: wayBack(promotion.changes).map { $0.statement ?? "# \($0.service): \($0.note)" },
      run: step.run,
      source: action.source,
      reason: action.reason,
      waived: waived.compactMap { $0 },
      url: step.setup.url,
      questions: step.fleet.policy.checklist,
      plan: promotion.plan,
      risk: AnnouncedFacts.riskInput(step),
      sources: sources
    )
    let draft = PullRequestDraft(
      branch: branch,
      base: step.fleet.repository.branch,
      title: Subjects.line(Subjects.promotion(promotion.changes, step.fleet)),
      body: text.body,
      labels: settings.labels
    )
    let pull: PullRequest
    do {
      pull = try await step.insist { try await forge.open(draft) }
    } catch let error as WorldError where !error.isTransient {
      // The forge said no: nothing half done stays behind.
      try withdraw(promotion, when: error)
      await step.remove(branch, at: head, of: action.target)
      throw Halt(.refused, "\(error)")
    }
    let plan = promotion.changes.services.map(\.toTag).joined(separator: ", ")
    do {
      try await forge.setStatus(
        CommitStatus(state: .success, description: Subjects.line("as planned: \(plan)")),
        on: head
      )
    } catch let error as WorldError {
      step.emit(.warning("the status of the pull request could not be set: \(error)"), environment: action.target)
    }
    return pull
  }

  /// The promotion will not happen: a handler has nothing of it to take back.
  func withdraw(_ promotion: Promotion, when error: any Error) throws {
    if error is CancellationError || Task.isCancelled { return }
    if let error = error as? WorldError, error.isTransient { return }
    var promotion = promotion
    promotion.isWithdrawn = true
    try step.store(promotion)
  }

  private func commitBody(_ changes: ChangeSet) -> String {
    var lines = changes.services.map { "\($0.service): \($0.fromTag ?? "new") → \($0.toTag)" }
    if let reason = action.reason { lines.append("\nReason: \(Subjects.line(reason))") }
    return lines.joined(separator: "\n")
  }
}
