import PromotionModel
import RunbookDiagnostics

/// A promotion to a protected environment, by its place.
struct PromotionMark: Hashable {
  var file: Int
  var span: SourceSpan
  var environment: EnvironmentName
  var services: ServiceSet
}

/// What a statement looks after: of an environment, these services; nil: what was promoted.
struct Coverage: Hashable {
  var environment: EnvironmentName
  var services: ServiceSet?
}

/// What the statements so far have said, on the paths that lead to a place.
struct Flow {
  /// A promotion that may be the last one.
  struct Promotion: Hashable {
    var target: EnvironmentName
    var services: ServiceSet
    var isByPullRequest: Bool
  }

  /// Whether a path leads here at all.
  var isLive = true
  /// What was validated on every path, by environment.
  var validated: [EnvironmentName: ServiceSet] = [:]
  /// What may have been promoted last; on one path, one of them.
  var promotions: Set<Promotion> = []
  /// Whether on some path nothing was promoted.
  var mayHavePromotedNothing = true
  /// Promotions that on some path nothing has monitored, and what of them is left.
  var unwatched: [PromotionMark: ServiceSet] = [:]
  /// What on some path was promoted by a pull request that nothing has waited for.
  var unmerged: [EnvironmentName: ServiceSet] = [:]
  /// What was monitored of what a loop goes through.
  var watched: [EnvironmentName: Set<Int>] = [:]
  /// In a handler, what on some path may have ended it on the way here.
  var gates: Set<Gate> = []

  /// A statement that asks something else than whether production is well.
  struct Gate: Hashable {
    var verb: String
    var file: Int
    var span: SourceSpan
  }

  /// What holds behind two paths that meet.
  mutating func join(_ other: Flow) {
    guard other.isLive else { return }
    guard isLive else {
      self = other
      return
    }
    joinReached(other)
    for (mark, rest) in other.unwatched {
      unwatched[mark, default: ServiceSet()].formUnion(rest)
    }
    for (environment, services) in other.unmerged { unmerged[environment, default: ServiceSet()].formUnion(services) }
    watched = watched.compactMapValues { $0 }
    for (environment, slots) in watched {
      watched[environment] = slots.intersection(other.watched[environment] ?? [])
    }
  }

  /// As ``join(_:)``, for a handler, which takes over after any statement: only what a handler may speak of.
  mutating func joinReached(_ other: Flow) {
    for (environment, set) in validated {
      var both = set
      both.formIntersection(other.validated[environment] ?? ServiceSet())
      validated[environment] = both
    }
    if promotions != other.promotions { promotions.formUnion(other.promotions) }
    mayHavePromotedNothing = mayHavePromotedNothing || other.mayHavePromotedNothing
    gates.formUnion(other.gates)
  }

  /// All services of the promotions that may be the last.
  var promotedServices: ServiceSet {
    var all = ServiceSet()
    for promotion in promotions { all.formUnion(promotion.services) }
    return all
  }

  mutating func validate(_ environment: EnvironmentName, _ services: ServiceSet) {
    validated[environment, default: ServiceSet()].formUnion(services)
  }

  mutating func monitor(_ coverage: Coverage) {
    for (mark, rest) in unwatched where mark.environment == coverage.environment {
      var rest = rest
      if let services = coverage.services { rest.subtract(services) } else { rest = ServiceSet() }
      unwatched[mark] = rest.isEmpty ? nil : rest
    }
    if let services = coverage.services {
      watched[coverage.environment, default: []].formUnion(services.symbols)
    }
  }

  /// Whether what is looked after may wait in a pull request still. Told once: behind it the runbook is read as if it did not.
  mutating func takeUnmerged(_ coverage: Coverage) -> Bool {
    guard let waiting = unmerged[coverage.environment] else { return false }
    if let services = coverage.services {
      var common = waiting
      common.formIntersection(services)
      guard !common.isEmpty else { return false }
    }
    unmerged[coverage.environment] = nil
    return true
  }

  /// Behind a loop: what was done with its variable was done with all that it went through.
  mutating func close(loopOver services: ServiceSet, slot: Int, body: Flow) {
    for environment in validated.keys { validated[environment]?.replace(slot, with: services) }
    for (environment, set) in body.validated where body.isLive && set.symbols.contains(slot) {
      validate(environment, services)
    }
    for (environment, slots) in body.watched where body.isLive && slots.contains(slot) {
      monitor(Coverage(environment: environment, services: services))
    }
    for (mark, rest) in unwatched {
      var rest = rest
      rest.replace(slot, with: services)
      unwatched[mark] = rest
    }
    for environment in unmerged.keys { unmerged[environment]?.replace(slot, with: services) }
    promotions = Set(
      promotions.map { promotion in
        var promotion = promotion
        promotion.services.replace(slot, with: services)
        return promotion
      }
    )
  }
}
