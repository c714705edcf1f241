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
    try requireNoneLeftOut(changes, history)
    let times = changes.services.compactMap { change in
      (history[change.service] ?? []).filter { $0.tag == change.toTag }.map(\.commit.time).min().map {
        (change.service, $0)
      }
    }
    return Dictionary(times) { first, _ in first }
  }

  /// `policy.soak`: the versions have run in the source for as long as they must. What could not be told is not yes.
  func requireSoaked(_ changes: ChangeSet) async throws {
    guard action.allowingUnstaged == nil else { return }
    let tags = changes.services.map { ($0.service, $0.toTag) }
    let times = try await step.soakTimes(
      of: Dictionary(tags, uniquingKeysWith: { first, _ in first }),
      in: action.source
    )
    let wrong = times.compactMap { $0.obstacle(in: action.source) }
    guard !wrong.isEmpty else { return }
    throw Halt(
      .refused,
      wrong.joined(separator: "; ") + " (`policy.soak`; `allowing unstaged because \"…\"` does it all the same)"
    )
  }

  /// `policy.skip`: versions between what stands and what comes, of which the source's history knows nothing.
  private func requireNoneLeftOut(_ changes: ChangeSet, _ history: [ServiceName: [DeclaredChange]]) throws {
    guard step.fleet.policy.skip != .allow else { return }
    let skipped = changes.services.compactMap { change -> (service: ServiceName, text: String)? in
      guard let pattern = step.fleet.service(change.service)?.tag,
        let from = change.fromTag.flatMap(pattern.version(ofTag:)), let to = pattern.version(ofTag: change.toTag)
      else { return nil }
      let ran = (history[change.service] ?? []).compactMap { $0.tag.flatMap(pattern.version(ofTag:)) }
      let missing = Version.leftOut(from: from, to: to, known: ran)
      guard !missing.isEmpty else { return nil }
      return (
        change.service,
        "\(change.service) \(from) → \(to) skips \(missing.joined(separator: ", ")), which never ran in \(action.source)"
      )
    }
    guard step.fleet.policy.skip == .refuse, !skipped.isEmpty else {
      for skip in skipped { step.emit(.warning(skip.text), environment: action.target, service: skip.service) }
      return
    }
    throw Halt(
      .refused,
      skipped.map(\.text).joined(separator: "; ")
        + " (`policy.skip`; `allowing unstaged because \"…\"` does it all the same)"
    )
  }

  /// `policy.matching`: services that belong together have one version, after the promotion too.
  func requireMatching(_ tags: [ServiceName: String], target: DeclaredEnvironment) throws {
    let wrong = step.fleet.policy.matching.compactMap { group -> String? in
      guard group.contains(where: { tags[$0] != nil }) else { return nil }
      let versions = group.compactMap { name -> (name: ServiceName, version: Version)? in
        let known = tags[name].flatMap { step.fleet.service(name)?.tag.version(ofTag: $0) }
        return (known ?? target.services[name]?.version).map { (name, $0) }
      }
      guard let first = versions.first, versions.contains(where: { !$0.version.hasSamePrecedence(as: first.version) })
      else { return nil }
      return versions.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
    }
    if !wrong.isEmpty {
      throw Halt(
        .refused,
        "in \(action.target) there would be "
          + wrong.joined(separator: "; ") + ", which must have the same version (`policy.matching`)"
      )
    }
  }

  /// A commit has nobody's approval.
  func requireApprovable(_ changes: ChangeSet, _ target: Environment) throws {
    guard target.isProtected, action.way == .commit, ApprovalNeeds.areConfigured(changes, step.fleet),
      let text = ApprovalNeeds.text(changes, step.fleet)
    else { return }
    throw Halt(.refused, "\(text) (`policy.approvals`), which a commit has none of: promote `by pr`")
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

  /// Rule 3: a version that brings a migration has a way back only where the version before works with the data after it.
  /// That nobody can see: the configuration says so, or somebody who promotes has thought about it and says why.
  /// - Parameter snapshot: the source's cluster, where it was read already.
  func requireReversible(_ changes: ChangeSet, _ target: Environment, _ snapshot: EnvironmentSnapshot?) async throws {
    let doubtful = changes.services.map(\.service).filter { step.fleet.service($0)?.isReversible == false }
    guard SafetyRule.wayBackFirst.holds, target.isProtected, action.reason == nil, !doubtful.isEmpty else { return }
    let source: EnvironmentSnapshot
    if let snapshot { source = snapshot } else { source = try await step.reading.cluster.snapshot(of: action.source) }
    let wrong = doubtful.compactMap { name -> String? in
      guard let job = source.services[name]?.jobs.first else { return nil }
      return
        "\(name) brings a migration (job \(job.name) in \(action.source)), and nothing says that the version before works "
        + "with the data after it: `reversible: true` under services.\(name) of the configuration"
    }
    guard wrong.isEmpty else {
      throw Halt(
        .refused,
        wrong.joined(separator: "; ") + "; or `promote … because \"…\"`, if there is another way back"
      )
    }
  }

  /// The source's cluster still runs the digests that were sealed.
  /// - Returns: what was seen of it; nil where nothing was sealed.
  func requireRunningAsSealed(_ changes: ChangeSet) async throws -> EnvironmentSnapshot? {
    guard action.withoutValidation == nil else { return nil }
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
    return snapshot
  }
}
