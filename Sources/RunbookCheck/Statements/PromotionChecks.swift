import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// `validate`, `promote`, `merge`, `reconcile`.
extension Checker {
  private static let mostUnwatched = 200

  mutating func validate(_ node: ValidateStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    guard let place = place(node.scope, verb: "validate", span, flow) else { return nil }
    flow.validate(place.environment, place.services)
    return .validate(ValidateAction(environment: place.environment, targets: place.targets))
  }

  mutating func promote(_ node: PromoteStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    let targets = promotionTargets(node)
    let route = route(node, span)
    let version = node.version.map { self.version($0, "the version to promote") }
    if let literal = node.version, let targets, !Self.isOne(targets.targets) {
      report(CheckMessages.versionOfSeveral(verb: "promote … at", at: literal.span))
    }
    let way = promotionWay(node.way, span)
    let reason = reason(node.because)
    let withoutValidation = self.reason(node.withoutValidation)
    let downgrade = self.reason(node.allowingDowngrade)
    let unstaged = self.reason(node.allowingUnstaged)
    guard let targets, let route else { return nil }
    if node.withoutValidation == nil, !isValidated(targets.services, in: route.source, flow) {
      report(CheckMessages.notValidated(at: span, source: route.source.text))
    }
    let promotion = Flow.Promotion(
      target: route.target,
      services: targets.services,
      isByPullRequest: way == .pullRequest
    )
    (flow.promotions, flow.mayHavePromotedNothing) = ([promotion], false)
    if way == .pullRequest { flow.unmerged[route.target, default: ServiceSet()].formUnion(targets.services) }
    if fleet.environment(route.target)?.isProtected == true, !isLenient {
      let mark = PromotionMark(file: current, span: span, environment: route.target, services: targets.services)
      if surrounding != .onFailure {
        untaken.append(mark)
        flow.unwatched[mark] = targets.services
        if flow.unwatched.count > Self.mostUnwatched {
          // No release has so many, and what is kept for each path must stay small.
          flow.unwatched.keys.forEach { unwatchedAtEnd.insert($0) }
          flow.unwatched = [:]
        }
      }
    }
    guard reason.isGood, withoutValidation.isGood, downgrade.isGood, unstaged.isGood, let way else { return nil }
    if let version, version == nil { return nil }
    return .promote(
      PromoteAction(
        targets: targets.targets,
        source: route.source,
        target: route.target,
        version: version ?? nil,
        way: way,
        reason: reason.setting,
        withoutValidation: withoutValidation.setting,
        allowingDowngrade: downgrade.setting,
        allowingUnstaged: unstaged.setting
      )
    )
  }

  private mutating func promotionTargets(_ node: PromoteStatement) -> (targets: Targets, services: ServiceSet)? {
    switch node.targets.kind {
    case .all:
      guard let except = targets(node.except) else { return nil }
      guard case .services(let names) = except.targets else {
        if !isLenient, let first = node.except.first {
          report(CheckMessages.mustBeWritten("what `except` leaves out", at: first.span))
        }
        return nil
      }
      var set = ServiceSet(services.values)
      set.subtract(ServiceSet(names))
      if set.isEmpty, !names.isEmpty { report(CheckMessages.exceptsEverything(at: node.targets.span)) }
      return (.all(except: names), set)
    case .names(let names):
      if let first = node.except.first { report(CheckMessages.exceptWithoutAll(at: first.span)) }
      return targets(names)
    case .promoted:
      report(CheckMessages.promotedWherePromoting(at: node.targets.span))
      return nil
    }
  }

  /// Whether targets are one service for sure.
  static func isOne(_ targets: Targets) -> Bool {
    switch targets {
    case .all: false
    case .services(let services): services.count == 1
    case .promoted: false
    case .computed(let expressions): expressions.map(\.type) == [.service]
    }
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
          report(CheckMessages.notPromotedFrom(from.text, to: target.text, configured: source.text, at: node.span))
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
      if candidates.isEmpty, let from = node.from {
        report(CheckMessages.nothingPromotedFrom(text(from), at: from.span))
      } else {
        report(CheckMessages.unclearTarget((chosen.isEmpty ? candidates : chosen).map(\.name.text), at: span))
      }
      return nil
    }
    return (origin, chosen[0].name)
  }

  /// The way of a `promote` or a `reconcile`; nil when it is none of theirs.
  private mutating func promotionWay(_ node: WayNode?, _ span: SourceSpan, usual: PromoteAction.Way? = nil)
    -> PromoteAction.Way?
  {
    switch node?.kind {
    case .pullRequest:
      if fleet.pullRequest == nil { report(CheckMessages.noForge(at: node?.span ?? span)) }
      return .pullRequest
    case .commit: return .commit
    case .revert, .undo:
      report(CheckMessages.wayOfRollbacks(at: node?.span ?? span))
      return nil
    case nil: return usual ?? (fleet.pullRequest == nil ? .commit : .pullRequest)
    }
  }

  private func isValidated(_ wanted: ServiceSet, in environment: EnvironmentName, _ flow: Flow) -> Bool {
    if isLenient || isUnreadable("validate") || !flow.isLive { return true }
    guard let validated = flow.validated[environment] else { return wanted.isEmpty }
    // What a variable stands for is one of the configured services.
    if validated.known.isSuperset(of: services.values) { return true }
    return validated.known.isSuperset(of: wanted.known) && validated.symbols.isSuperset(of: wanted.symbols)
  }

  /// Whether a statement that is about a pull request has one; says so where it has not.
  mutating func hasPullRequest(_ verb: String, _ span: SourceSpan, _ flow: Flow) -> Bool {
    if isLenient || !flow.isLive { return true }
    if flow.promotions.contains(where: \.isByPullRequest) {
      if flow.mayHavePromotedNothing || flow.promotions.contains(where: { !$0.isByPullRequest }) {
        report(CheckMessages.maybeNoPullRequest(verb, at: span))
      }
      return true
    }
    if flow.promotions.isEmpty, isUnreadable("promote") { return false }
    report(CheckMessages.noPullRequest(verb, at: span))
    return false
  }

  mutating func merge(_ node: MergeStatement, _ span: SourceSpan, _ flow: inout Flow) -> Action? {
    let within = node.within.map { duration($0, "a deadline") }
    flow.unmerged = [:]
    guard hasPullRequest("merge", span, flow) else { return nil }
    if let within, within == nil { return nil }
    return .merge(within: within ?? nil)
  }

  mutating func reconcile(_ node: ReconcileStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    let place = place(node.scope, verb: "reconcile", span, flow)
    let way = promotionWay(node.way, span, usual: .commit)
    guard let place, let way else { return nil }
    return .reconcile(ReconcileAction(environment: place.environment, targets: place.targets, way: way))
  }
}
