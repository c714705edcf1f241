import PromotionModel
import RunLog
import RunbookCheck

/// What must hold before a promotion; each throws ``Halt`` with *refused* and says everything that does not.
struct PromotionGuards {
  let action: PromoteTerms
  let step: StepContext

  /// The tag each service is to have, all of them semantic versions.
  func requireTags(_ services: [ServiceName], source: DeclaredEnvironment) throws -> [ServiceName: String] {
    var tags: [ServiceName: String] = [:]
    var wrong: [String] = []
    for name in services {
      guard let service = step.fleet.service(name) else { continue }
      let declared = source.services[name]
      if let version = action.version {
        tags[name] = service.tag.tag(version)
      } else if let tag = declared?.tag, declared?.version != nil {
        tags[name] = tag
      } else {
        wrong.append(
          "\(name): \(declared?.problem ?? declared?.tag.map { "`\($0)` is no semantic version" } ?? "no tag in \(action.source)")"
        )
      }
    }
    if !wrong.isEmpty { throw Halt(.refused, wrong.joined(separator: "; ")) }
    return tags
  }

  /// What the configuration asks of promotions to protected environments.
  func requirePolicy(_ target: Environment) throws {
    guard target.isProtected else { return }
    var wrong: [String] = []
    if step.fleet.policy.requiresReason, action.reason?.allSatisfy(\.isWhitespace) ?? true {
      wrong.append("the configuration asks for a reason: `promote … because \"…\"`")
    }
    if step.fleet.policy.requiresAnnouncement, !step.memory.current.isPlannedAnnounced {
      wrong.append("the configuration asks for an announcement first: `announce planned`, and that it reaches somebody")
    }
    if !wrong.isEmpty { throw Halt(.refused, wrong.joined(separator: "; ")) }
  }

  /// Rule 9: what was validated longer ago than the policy allows is no longer relied on.
  func requireFreshSeals(_ services: [ServiceName]) throws {
    guard action.withoutValidation == nil else { return }
    let seals = step.memory.current.seals[action.source] ?? [:]
    let now = step.clock.now()
    let lifetime = step.fleet.policy.sealLifetime
    let wrong = services.compactMap { name -> String? in
      guard let seal = seals[name] else { return "\(name) was not validated in \(action.source) by this run" }
      guard now - seal.time <= lifetime || !SafetyRule.sealsExpire.holds else {
        return "\(name) was validated at \(seal.time), more than \(lifetime.runbookText) ago"
      }
      return nil
    }
    if !wrong.isEmpty { throw Halt(.refused, wrong.joined(separator: "; ")) }
  }

  /// The source still declares what was sealed.
  func requireSealed(_ tags: [ServiceName: String], source: DeclaredEnvironment) throws {
    guard action.withoutValidation == nil else { return }
    let seals = step.memory.current.seals[action.source] ?? [:]
    let wrong = tags.sorted { $0.key < $1.key }.compactMap { name, tag -> String? in
      guard let seal = seals[name] else { return nil }
      if let now = source.services[name]?.tag, now != seal.tag {
        return "\(name) in \(action.source) moved from \(seal.tag), as validated, to \(now)"
      }
      return seal.tag == tag ? nil : "\(name): \(seal.tag) was validated, not \(tag)"
    }
    if !wrong.isEmpty { throw Halt(.refused, wrong.joined(separator: "; ")) }
  }

  func requireNoDowngrade(_ tags: [ServiceName: String], target: DeclaredEnvironment) throws {
    guard action.allowingDowngrade == nil else { return }
    let wrong = tags.sorted { $0.key < $1.key }.compactMap { name, tag -> String? in
      guard let current = target.services[name]?.version,
        let next = step.fleet.service(name)?.tag.version(ofTag: tag), next < current,
        !next.hasSamePrecedence(as: current)
      else { return nil }
      return "\(name) \(next) is older than \(current) in \(action.target)"
    }
    if !wrong.isEmpty {
      throw Halt(.refused, wrong.joined(separator: "; ") + " (`allowing downgrade because \"…\"` does it all the same)")
    }
  }

  /// Neither is a hotfix lost that never ran in the source, nor does anything arrive that never ran there. The source's
  /// history in git is the evidence.
  /// - Returns: when each service's new version was first committed there.
  func requireStaged(_ changes: ChangeSet) async throws -> [ServiceName: Timestamp] {
    guard action.allowingUnstaged == nil else { return [:] }
    let history = try await step.reading.repository.history(
      of: changes.services.map(\.service),
      in: action.source,
      limit: 500
    )
    let wrong = changes.services.compactMap { change -> String? in
      let staged = Set((history[change.service] ?? []).compactMap(\.tag))
      guard staged.contains(change.toTag) else { return "\(change.toTag) never ran in \(action.source)" }
      guard let from = change.fromTag, !staged.contains(from) else { return nil }
      return "\(action.target) runs \(from), which never ran in \(action.source): a hotfix would be lost"
    }
    if !wrong.isEmpty {
      throw Halt(.refused, wrong.joined(separator: "; ") + " (`allowing unstaged because \"…\"` does it all the same)")
    }
    let times = changes.services.compactMap { change in
      (history[change.service] ?? []).filter { $0.tag == change.toTag }.map(\.commit.time).min().map {
        (change.service, $0)
      }
    }
    return Dictionary(times) { first, _ in first }
  }

  /// The forge answers with these credentials, before anything is pushed (rule 3).
  func requireForge(_ branch: String) async throws {
    guard let forge = step.reading.forge else { throw Halt(.refused, "no forge is configured") }
    do {
      _ = try await step.insist { try await forge.pullRequest(fromBranch: branch) }
    } catch let error as WorldError where !error.isTransient {
      throw Halt(.refused, "\(error)")
    }
  }

  /// The source's cluster still runs the digests that were sealed.
  func requireRunningAsSealed(_ changes: ChangeSet) async throws {
    guard action.withoutValidation == nil else { return }
    let seals = step.memory.current.seals[action.source] ?? [:]
    let snapshot = try await step.reading.cluster.snapshot(of: action.source)
    let wrong = changes.services.compactMap { change -> String? in
      guard let service = step.fleet.service(change.service), let seal = seals[change.service] else { return nil }
      let pods = (snapshot.services[change.service]?.pods ?? []).filter { !$0.isTerminating }
      let digests = Set(pods.compactMap { $0.container(of: service, atTag: seal.tag)?.digest })
      return digests == [seal.digest]
        ? nil : "\(change.service) in \(action.source) no longer runs \(seal.tag) as it was validated"
    }
    if !wrong.isEmpty { throw Halt(.refused, wrong.joined(separator: "; ")) }
  }
}
