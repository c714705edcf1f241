import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// Environments and targets as the parser read them, made sense of with the configuration.
extension Checker {
  struct Place {
    var environment: EnvironmentName
    var targets: Targets
  }

  mutating func environment(_ node: NameNode) -> EnvironmentName? {
    let name = EnvironmentName(node.name)
    if fleet.environment(name) != nil { return name }
    let known = fleet.environments.map(\.name.text)
    report(
      CheckMessages.unknownEnvironment(
        node.name,
        nearest: nearest(node.name, among: known),
        known: known,
        at: node.span
      )
    )
    return nil
  }

  mutating func services(_ nodes: [NameNode]) -> [ServiceName]? {
    var found: [ServiceName] = []
    var first: [String: SourceSpan] = [:]
    var isGood = true
    for node in nodes {
      if let earlier = first[node.name] {
        report(CheckMessages.duplicateService(node.name, first: earlier, at: node.span))
        isGood = false
      } else if fleet.service(ServiceName(node.name)) != nil {
        found.append(ServiceName(node.name))
      } else if fleet.environment(EnvironmentName(node.name)) != nil {
        report(CheckMessages.environmentWhereServiceIsDue(node.name, at: node.span))
        isGood = false
      } else {
        let known = fleet.services.map(\.name.text)
        report(
          CheckMessages.unknownService(
            node.name,
            nearest: nearest(node.name, among: known),
            known: known,
            at: node.span
          )
        )
        isGood = false
      }
      first[node.name] = first[node.name] ?? node.span
    }
    return isGood ? found : nil
  }

  /// The place of a statement. A single bare name that is an environment's is read as the environment, with the
  /// targets left out; what is left out comes from the last promotion, else from the only protected environment.
  mutating func place(
    _ environmentNode: NameNode?,
    _ targetsNode: TargetsNode?,
    verb: String,
    _ span: SourceSpan,
    _ flow: Flow
  ) -> Place? {
    var environmentNode = environmentNode
    var targetsNode = targetsNode
    if environmentNode == nil, case .names(let names)? = targetsNode?.kind, names.count == 1,
      fleet.environment(EnvironmentName(names[0].name)) != nil
    {
      (environmentNode, targetsNode) = (names[0], nil)
    }
    var place: EnvironmentName?
    if let environmentNode {
      place = environment(environmentNode)
    } else if let promotion = flow.lastPromotion {
      place = promotion.target
    } else if fleet.protectedEnvironments.count == 1 {
      place = fleet.protectedEnvironments[0].name
    } else if !flow.unreadable.contains(.promote) {
      report(CheckMessages.noEnvironment(verb: verb, at: span))
    }
    // What an unreadable promotion would have said is not known, and its own finding is enough.
    let isUnclear = flow.lastPromotion == nil && flow.unreadable.contains(.promote)
    guard let targetsNode else {
      if isUnclear { return nil }
      guard let promotion = flow.lastPromotion, environmentNode == nil || promotion.target == place else {
        if let environmentNode {
          if place != nil {
            report(CheckMessages.noTargets(after: environmentNode.name, verb: verb, at: environmentNode.span))
          }
        } else {
          report(CheckMessages.nothingPromoted(verb: verb, at: span))
        }
        return nil
      }
      return place.map { Place(environment: $0, targets: .promoted) }
    }
    let targets: Targets?
    switch targetsNode.kind {
    case .all: targets = .all(except: [])
    case .names(let names): targets = services(names).map(Targets.services)
    case .promoted:
      if isUnclear {
        targets = nil
      } else if flow.lastPromotion == nil {
        report(CheckMessages.nothingPromoted(verb: verb, at: targetsNode.span))
        targets = nil
      } else {
        targets = .promoted
      }
    }
    guard let place, let targets else { return nil }
    return Place(environment: place, targets: targets)
  }

  /// A duration that must be more than nothing.
  mutating func positive(_ literal: DurationLiteral, _ what: String) -> Duration? {
    guard literal.value > .zero else {
      report(CheckMessages.tooShort(what, at: literal.span))
      return nil
    }
    return literal.value
  }

  mutating func version(_ literal: VersionLiteral?) -> Version? {
    guard let literal else { return nil }
    guard let version = Version(literal.text) else {
      report(CheckMessages.notAVersion(literal.text, at: literal.span))
      return nil
    }
    return version
  }
}
