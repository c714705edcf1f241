import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// Where a statement works, and on what.
struct Place {
  var environment: EnvironmentName
  var targets: Targets
  /// What is known of the targets.
  var services: ServiceSet
  /// nil where the targets are what was promoted.
  var coverage: Coverage { Coverage(environment: environment, services: targets == .promoted ? nil : services) }
  var action: ScopeAction { ScopeAction(environment: environment, targets: targets) }
}

/// Environments and targets as the parser read them, made sense of with the configuration and the variables.
extension Checker {
  /// A name that must be an environment's, or a variable's whose environment is known now.
  mutating func environment(_ node: NameNode) -> EnvironmentName? {
    let name = text(node)
    if let environment = environments[name] {
      names.use(.environment(environment), file: current, span: node.span)
      return environment
    }
    if let found = node.isQuoted ? nil : variable(node) {
      guard let type = found.type else { return nil }
      guard type == .environment else {
        report(CheckMessages.wrongType(.environment, found: type, what: "`\(name)`", at: node.span))
        return nil
      }
      guard case .environment(let environment)? = found.constant else {
        if !isLenient { report(CheckMessages.environmentNotKnown(name, at: node.span)) }
        return nil
      }
      return environment
    }
    guard !isInMalformed(name) else { return nil }
    let known = fleet.environments.map(\.name.text)
    guard services[name] == nil else {
      report(CheckMessages.serviceWhereEnvironmentIsDue(name, known: known, at: node.span))
      return nil
    }
    report(
      CheckMessages.unknownEnvironment(name, nearest: nearestSpelling(name, among: known), known: known, at: node.span)
    )
    return nil
  }

  /// Whether a single bare name is an environment with the targets left out.
  func isEnvironmentName(_ node: NameNode) -> Bool {
    let name = text(node)
    return environments[name] != nil || !node.isQuoted && services[name] == nil && entry(name)?.type == .environment
  }

  /// A list of services and of variables that stand for services.
  mutating func targets(_ nodes: [NameNode]) -> (targets: Targets, services: ServiceSet)? {
    var constants: [ServiceName] = []
    var computed: [CheckedExpression] = []
    var isComputed = false
    var set = ServiceSet()
    var first: [String: SourceSpan] = [:]
    var isGood = true
    for node in nodes {
      let name = text(node)
      if let earlier = first[name] {
        report(CheckMessages.duplicateService(name, first: earlier, at: node.span))
        isGood = false
        continue
      }
      first[name] = node.span
      if let service = services[name] {
        names.use(.service(service), file: current, span: node.span)
        constants.append(service)
        computed.append(CheckedExpression(.constant(.service(service)), .service))
        set.known.insert(service)
      } else if environments[name] != nil {
        report(CheckMessages.environmentWhereServiceIsDue(name, at: node.span))
        isGood = false
      } else if let found = node.isQuoted ? nil : variable(node) {
        guard let type = found.type, let checked = found.checked else {
          isGood = false
          continue
        }
        guard type == .service || type == .list(.service) else {
          report(CheckMessages.wrongType(.list(.service), found: type, what: "`\(name)`", at: node.span))
          isGood = false
          continue
        }
        if found.isAll, nodes.count == 1 { return (.all(except: []), ServiceSet(services.values)) }
        if let constant = found.constant { constants += Self.services(in: constant) } else { isComputed = true }
        computed.append(checked)
        set.formUnion(entry(name)?.services ?? ServiceSet())
      } else {
        reportUnknownService(name, at: node.span)
        isGood = false
      }
    }
    guard isGood else { return nil }
    guard !isComputed else { return (.computed(computed), set) }
    var seen: Set<ServiceName> = []
    return (.services(constants.filter { seen.insert($0).inserted }), set)
  }

  mutating func reportUnknownService(_ name: String, at span: SourceSpan) {
    guard !isInMalformed(name) else { return }
    let variables = (looksForSpellings ? visibleVariables : []).filter {
      let type = entry($0)?.type
      return type == nil || type == .service || type == .list(.service)
    }
    let known = fleet.services.map(\.name.text)
    report(
      CheckMessages.unknownService(
        name,
        nearest: nearestSpelling(name, among: known + variables),
        known: known,
        at: span
      )
    )
  }

  static func services(in value: Value) -> [ServiceName] {
    switch value {
    case .service(let service): [service]
    case .list(let values): values.flatMap(services)
    case .string, .duration, .version, .integer, .decimal, .percentage, .boolean, .clockTime, .dateTime, .environment,
      .health, .sync:
      []
    }
  }

  /// What is known of the services that a value stands for; nil where it stands for none.
  func services(of value: Typed, _ flow: Flow) -> ServiceSet? {
    guard value.type == .service || value.type == .list(.service), let checked = value.checked else { return nil }
    return services(of: checked, flow)
  }

  private func services(of value: CheckedExpression, _ flow: Flow) -> ServiceSet? {
    switch value.kind {
    case .constant(let value): return ServiceSet(Self.services(in: value))
    case .runValue(.promoted): return flow.promotedServices
    case .variable(let variable): return slotServices[variable.slot]
    case .list(let elements):
      var all = ServiceSet()
      for element in elements {
        guard let set = services(of: element, flow) else { return nil }
        all.formUnion(set)
      }
      return all
    case .add(let a, let b):
      guard var all = services(of: a, flow), let more = services(of: b, flow) else { return nil }
      all.formUnion(more)
      return all
    case .runValue, .environmentVariable, .interpolated, .not, .and, .or, .compare, .contains, .subtract, .fact:
      return nil
    }
  }

  /// The place of a statement. A single bare name that is an environment's is read as the environment, with the
  /// targets left out; what is left out comes from the last promotion, else from the only protected environment.
  mutating func place(_ scope: ScopeNode, verb: String, _ span: SourceSpan, _ flow: Flow) -> Place? {
    var environmentNode = scope.environment
    var targetsNode = scope.targets
    if environmentNode == nil, case .names(let found)? = targetsNode?.kind, found.count == 1,
      isEnvironmentName(found[0])
    {
      (environmentNode, targetsNode) = (found[0], nil)
    }
    if let environmentNode, case .names(let found)? = targetsNode?.kind, found.count == 1,
      services[text(environmentNode)] != nil, environments[text(found[0])] != nil
    {
      let (first, second) = (environmentNode.span, found[0].span)
      report(CheckMessages.environmentBehind(source.text(first), source.text(second), first, second))
      return nil
    }
    let place = environmentNode.map { environment($0) } ?? impliedEnvironment(verb: verb, span, flow)
    guard let targetsNode else {
      return place.flatMap { leftOutTargets($0, environmentNode, verb: verb, span, flow) }
    }
    let targets: (targets: Targets, services: ServiceSet)?
    switch targetsNode.kind {
    case .all: targets = (.all(except: []), ServiceSet(services.values))
    case .names(let names): targets = self.targets(names)
    case .promoted:
      targets = mayHavePromoted(flow) ? (.promoted, flow.promotedServices) : nil
      if targets == nil, !isUnreadable("promote") {
        report(CheckMessages.nothingPromoted(verb: verb, at: targetsNode.span))
      }
    }
    guard let place, let targets else { return nil }
    return Place(environment: place, targets: targets.targets, services: targets.services)
  }

  private func mayHavePromoted(_ flow: Flow) -> Bool { isLenient || !flow.promotions.isEmpty }

  private mutating func impliedEnvironment(verb: String, _ span: SourceSpan, _ flow: Flow) -> EnvironmentName? {
    let protected = fleet.protectedEnvironments
    var candidates = Set(flow.promotions.map(\.target))
    if flow.mayHavePromotedNothing, !candidates.isEmpty, protected.count == 1 { candidates.insert(protected[0].name) }
    if candidates.count == 1 { return candidates.first }
    if candidates.count > 1 {
      report(CheckMessages.unclearEnvironment(verb: verb, candidates.map(\.text).sorted(), at: span))
      return nil
    }
    if protected.count == 1 { return protected[0].name }
    if !isUnreadable("promote"), !isLenient { report(CheckMessages.noEnvironment(verb: verb, at: span)) }
    return nil
  }

  private mutating func leftOutTargets(
    _ place: EnvironmentName,
    _ node: NameNode?,
    verb: String,
    _ span: SourceSpan,
    _ flow: Flow
  ) -> Place? {
    let promotions = flow.promotions.filter { $0.target == place }
    if isLenient || !promotions.isEmpty {
      return Place(environment: place, targets: .promoted, services: flow.promotedServices)
    }
    // What an unreadable promotion would have said is not known, and its own finding is enough.
    if isUnreadable("promote") { return nil }
    if let node {
      report(CheckMessages.noTargets(after: text(node), verb: verb, at: node.span))
    } else {
      report(CheckMessages.nothingPromoted(verb: verb, at: span))
    }
    return nil
  }
}
