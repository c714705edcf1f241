import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// One check a statement.
extension Checker {
  mutating func validate(_ node: ValidateStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    guard let place = place(node.environment, node.targets, verb: "validate", span, flow) else { return nil }
    flow.validated[place.environment, default: []].append(place.targets)
    return .validate(ValidateAction(environment: place.environment, targets: place.targets))
  }

  mutating func promote(_ node: PromoteStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    var targets: Targets?
    switch node.targets.kind {
    case .all: targets = services(node.except).map(Targets.all(except:))
    case .names(let names):
      targets = services(names).map(Targets.services)
      if let first = node.except.first { report(CheckMessages.exceptWithoutAll(at: first.span)) }
    case .promoted: report(CheckMessages.promotedWherePromoting(at: node.targets.span))
    }
    let ways = route(node, span)
    let version = version(node.version)
    if let literal = node.version, case .services(let services)? = targets, services.count == 1 {
      _ = literal
    } else if let literal = node.version {
      report(CheckMessages.versionOfSeveral(verb: "promote … at", at: literal.span))
    }
    let way: PromoteAction.Way
    switch node.way?.kind {
    case .pullRequest:
      way = .pullRequest
      if fleet.pullRequest == nil { report(CheckMessages.noForge(at: node.way?.span ?? span)) }
    case .commit: way = .commit
    case nil: way = fleet.pullRequest == nil ? .commit : .pullRequest
    }
    guard let targets, let ways else { return nil }
    if node.withoutValidation == nil, !isValidated(targets, in: ways.source, flow) {
      report(CheckMessages.notValidated(at: span, source: ways.source.text))
    }
    flow.lastPromotion = (ways.target, targets, way == .pullRequest)
    return .promote(
      PromoteAction(
        targets: targets,
        source: ways.source,
        target: ways.target,
        version: version,
        way: way,
        reason: node.because?.value,
        withoutValidation: node.withoutValidation?.value,
        allowingDowngrade: node.allowingDowngrade?.value,
        allowingUnstaged: node.allowingUnstaged?.value
      )
    )
  }

  /// From where to where: `promotes-from` decides, and the clauses must agree with it.
  private mutating func route(_ node: PromoteStatement, _ span: SourceSpan)
    -> (source: EnvironmentName, target: EnvironmentName)?
  {
    let from = node.from.map { environment($0) }
    if let to = node.to {
      guard let target = environment(to), let configured = fleet.environment(target) else { return nil }
      guard let source = configured.promotesFrom else {
        report(CheckMessages.noPromotesFrom(target.text, at: to.span))
        return nil
      }
      if let from, let node = node.from {
        guard let from else { return nil }
        guard from == source else {
          report(
            CheckMessages.notPromotedFrom(from.text, to: target.text, configured: source.text, at: node.span)
          )
          return nil
        }
      }
      return (source, target)
    }
    if case .some(.none) = from { return nil }
    let source = from.flatMap { $0 }
    let candidates = fleet.environments.filter {
      $0.promotesFrom != nil && (source == nil || $0.promotesFrom == source)
    }
    let chosen = candidates.count == 1 ? candidates : candidates.filter(\.isProtected)
    guard chosen.count == 1, let origin = chosen[0].promotesFrom else {
      report(CheckMessages.unclearTarget((chosen.isEmpty ? candidates : chosen).map(\.name.text), at: span))
      return nil
    }
    return (origin, chosen[0].name)
  }

  private func isValidated(_ targets: Targets, in environment: EnvironmentName, _ flow: Flow) -> Bool {
    if flow.unreadable.contains(.validate) { return true }
    let validated = flow.validated[environment] ?? []
    if validated.contains(where: { if case .all(except: []) = $0 { true } else { false } }) { return true }
    guard case .services(let wanted) = targets else { return false }
    var seen: Set<ServiceName> = []
    for case .services(let services) in validated { seen.formUnion(services) }
    return seen.isSuperset(of: wanted)
  }

  mutating func wait(_ node: WaitStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    let within = node.within.flatMap { positive($0, "a deadline") }
    switch node.condition {
    case .elapsed(let literal): return .waitTime(literal.value)
    case .merge:
      guard flow.lastPromotion?.isByPullRequest == true else {
        if flow.lastPromotion == nil, flow.unreadable.contains(.promote) { return nil }
        report(CheckMessages.waitMergeWithoutPullRequest(at: span))
        return nil
      }
      return .waitMerge(within: within)
    case .sync, .rollout:
      let isRollout = node.condition == .rollout
      let verb = isRollout ? "wait rollout" : "wait sync"
      guard let place = place(node.environment, node.targets, verb: verb, span, flow) else { return nil }
      return .waitArrival(
        WaitArrivalAction(
          environment: place.environment,
          targets: place.targets,
          within: within,
          untilRolledOut: isRollout
        )
      )
    }
  }

  mutating func monitor(_ node: MonitorStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    let place = place(node.environment, node.targets, verb: "monitor", span, flow)
    let duration = positive(node.duration, "the time to monitor")
    let every = node.every.flatMap { positive($0, "the time between two looks") }
    let window = node.allowedErrors.flatMap { positive($0.per, "the time that errors are counted over") }
    guard let place, let duration else { return nil }
    if duration < fleet.policy.minimumMonitor, fleet.environment(place.environment)?.isProtected == true {
      report(CheckMessages.monitorTooShort(fleet.policy.minimumMonitor, at: node.duration.span))
    }
    let allowance = node.allowedErrors.flatMap { node in
      window.map { MonitorAction.ErrorAllowance(count: node.count.value, window: $0) }
    }
    return .monitor(
      MonitorAction(
        duration: duration,
        environment: place.environment,
        targets: place.targets,
        every: every,
        allowedRestarts: node.allowedRestarts?.value ?? 0,
        allowedErrors: allowance
      )
    )
  }

  mutating func rollback(_ node: RollbackStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    if let even = node.evenIfUndetermined, !flow.isInHandler { report(CheckMessages.evenOutsideHandler(at: even)) }
    let version = version(node.to)
    guard let place = place(node.environment, node.targets, verb: "rollback", span, flow) else { return nil }
    if let literal = node.to {
      guard case .services(let services) = place.targets, services.count == 1 else {
        report(CheckMessages.versionOfSeveral(verb: "rollback … to", at: literal.span))
        return nil
      }
      guard version != nil else { return nil }
    }
    return .rollback(
      RollbackAction(
        environment: place.environment,
        targets: place.targets,
        version: version,
        reason: node.because?.value,
        evenIfUndetermined: node.evenIfUndetermined != nil
      )
    )
  }
}
