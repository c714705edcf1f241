import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// `wait`, `monitor`, `rollback`, `sync`.
extension Checker {
  mutating func wait(_ node: WaitStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    let within = node.within.map { duration($0, "a deadline") }
    let isGood = within.map { $0 != nil } ?? true
    let deadline = within ?? nil
    switch node.condition {
    case .elapsed(let length): return duration(length, "the time to wait").map { .waitTime($0) }
    case .until(let time): return waitUntil(time)
    case .merge:
      flow.unmerged = [:]
      guard hasPullRequest("wait merge", span, flow), isGood else { return nil }
      return .waitMerge(within: deadline)
    case .sync, .rollout:
      let isRollout = if case .rollout = node.condition { true } else { false }
      let place = place(node.scope, verb: isRollout ? "wait rollout" : "wait sync", span, flow)
      if let place { requireMerged(isRollout ? "wait rollout" : "wait sync", place.coverage, span, &flow) }
      guard let place, isGood else { return nil }
      return .waitArrival(
        WaitArrivalAction(
          environment: place.environment,
          targets: place.targets,
          within: deadline,
          untilRolledOut: isRollout
        )
      )
    }
  }

  mutating func verify(_ node: VerifyStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    guard let place = place(node.scope, verb: "verify", span, flow) else { return nil }
    requireMerged("verify", place.coverage, span, &flow)
    return .verify(place.action)
  }

  /// What is looked at for this run's versions must not wait for people still: the run would refuse there.
  private mutating func requireMerged(
    _ verb: String,
    _ coverage: Coverage,
    _ span: SourceSpan,
    _ flow: inout Flow
  ) {
    guard flow.takeUnmerged(coverage), flow.isLive, !isLenient, !isUnreadable("wait"), !isUnreadable("merge") else {
      return
    }
    report(CheckMessages.notMerged(verb, at: span))
  }

  private mutating func waitUntil(_ node: Expression) -> Action? {
    let typed = expression(node)
    guard let type = typed.type else { return nil }
    guard let checked = typed.checked else { return nil }
    if type == .clockTime, fleet.policy.windows.isEmpty { report(CheckMessages.timeOfDayInUTC(at: node.span)) }
    switch (type, typed.constant) {
    case (.clockTime, .clockTime(let minutes)?): return .waitUntil(.clockTime(.constant(minutes)))
    case (.dateTime, .dateTime(let moment)?): return .waitUntil(.dateTime(.constant(moment)))
    case (.clockTime, _): return .waitUntil(.clockTime(.computed(checked)))
    case (.dateTime, _): return .waitUntil(.dateTime(.computed(checked)))
    default:
      report(CheckMessages.wrongType(.clockTime, found: type, what: "the time to wait until", at: node.span))
      return nil
    }
  }

  mutating func monitor(_ node: MonitorStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    let place = place(node.scope, verb: "monitor", span, flow)
    let duration = duration(node.duration, "the time to monitor")
    let every = node.every.map { self.duration($0, "the time between two looks") }
    let restarts = node.allowedRestarts.map { integer($0, "the number of allowed restarts", in: 0...1_000_000) }
    let errors = node.allowedErrors.map { allowance in
      let count = integer(allowance.count, "the number of allowed errors", in: 0...1_000_000_000)
      let window = self.duration(allowance.per, "the time that errors are counted over")
      return count.flatMap { count in window.map { MonitorAction.ErrorAllowance(count: count, window: $0) } }
    }
    guard let place else { return nil }
    requireMerged("monitor", place.coverage, span, &flow)
    flow.monitor(place.coverage)
    guard let duration else { return nil }
    if let known = duration.known, known < fleet.policy.minimumMonitor,
      fleet.environment(place.environment)?.isProtected == true
    {
      report(CheckMessages.monitorTooShort(fleet.policy.minimumMonitor, at: node.duration.span))
    }
    if let known = duration.known {
      checkMetrics(of: place.targets, in: place.environment, against: known, at: node.duration.span)
    }
    if let every, every == nil { return nil }
    if let restarts, restarts == nil { return nil }
    if let errors, errors == nil { return nil }
    return .monitor(
      MonitorAction(
        duration: duration,
        environment: place.environment,
        targets: place.targets,
        every: every ?? nil,
        allowedRestarts: restarts ?? nil,
        allowedErrors: errors ?? nil
      )
    )
  }

  /// A watch that ends before a metric has forgotten the time before the promotion judges by what went before, too.
  private mutating func checkMetrics(
    of targets: Targets,
    in environment: EnvironmentName,
    against length: Duration,
    at span: SourceSpan
  ) {
    let services: [ServiceName]
    switch targets {
    case .services(let named): services = named
    case .all(let except): services = fleet.services.map(\.name).filter { !except.contains($0) }
    case .promoted, .computed: services = fleet.services.map(\.name)
    }
    let watched = services.flatMap { name in
      fleet.watchedMetrics(of: name, in: environment).map { (name, $0) }
    }
    guard let (service, metric) = watched.max(by: { $0.1.window < $1.1.window }), metric.window > length else { return }
    report(CheckMessages.monitorUnderMetric(metric.name, of: service, metric.window, at: span))
  }

  mutating func rollback(_ node: RollbackStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    if let even = node.evenIfUndetermined, surrounding != .onFailure, !isLenient {
      report(CheckMessages.evenOutsideHandler(at: even))
    }
    let version = node.to.map { self.version($0, "the version to go back to") }
    let way = rollbackWay(node)
    let reason = reason(node.because)
    guard let place = place(node.scope, verb: "rollback", span, flow) else { return nil }
    takenBack.append(place.coverage)
    if let literal = node.to, !Self.isOne(place.targets) {
      report(CheckMessages.versionOfSeveral(verb: "rollback … to", at: literal.span))
      return nil
    }
    guard let way, reason.isGood else { return nil }
    if let version, version == nil { return nil }
    return .rollback(
      RollbackAction(
        environment: place.environment,
        targets: place.targets,
        version: version ?? nil,
        way: way,
        otherwiseUndo: node.otherwiseUndo != nil,
        reason: reason.setting,
        evenIfUndetermined: node.evenIfUndetermined != nil
      )
    )
  }

  private mutating func rollbackWay(_ node: RollbackStatement) -> RollbackAction.Way? {
    guard let way = node.way else { return .commit }
    switch way.kind {
    case .commit: return .commit
    case .pullRequest:
      if fleet.pullRequest == nil { report(CheckMessages.noForge(at: way.span)) }
      return .pullRequest
    case .undo:
      if let otherwise = node.otherwiseUndo { report(CheckMessages.undoTwice(at: otherwise)) }
      return .undo
    case .revert(let commit):
      if let to = node.to { report(CheckMessages.revertToVersion(at: to.span)) }
      guard let commit else { return .revert(of: nil) }
      guard let id = text(commit) else { return nil }
      if let known = id.known, !Self.isCommit(known) {
        report(CheckMessages.badCommit(known, at: commit.span))
        return nil
      }
      return .revert(of: id)
    }
  }

  /// Seven to 64 hexadecimal digits: less is too likely to be another commit's one day.
  private static func isCommit(_ text: String) -> Bool {
    (7...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
  }

  mutating func sync(_ node: SyncStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    let reason = reason(node.replacingResources)
    guard let place = place(node.scope, verb: "sync", span, flow), reason.isGood else { return nil }
    return .sync(
      SyncAction(environment: place.environment, targets: place.targets, replacingResources: reason.setting)
    )
  }
}
