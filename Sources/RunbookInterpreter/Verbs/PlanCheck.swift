import PromotionModel
import RunLog

/// Whether the approval of a pull request is still one of the plan: of its versions, its base and its diff. Whatever made it
/// another plan voids the approval, whoever gave it and whatever it looks like.
struct PlanCheck {
  let step: StepContext
  let promotion: Promotion

  private var repository: any RepositoryReading { step.reading.repository }

  /// What is not as planned while it is open, each in a sentence; empty when the approval holds.
  func differences(_ pull: PullRequest) async throws -> [String] {
    var found = branch(pull) + text(pull)
    let planned = promotion.changes.base
    let head = try await repository.head().id
    guard head != planned else { return found }
    guard try await repository.contains(planned, in: head) else {
      // News from before the plan are none; see the architecture's page on refusals.
      if try await repository.contains(head, in: planned) { return found }
      return found + [
        "\(step.fleet.repository.branch) was rewritten: it no longer has \(planned.short), the plan's base"
      ]
    }
    // Merged already, by a forge whose news are late.
    let standing = try await standsAsPlanned(at: head)
    guard !standing.isEmpty else { return found }
    found += try await base(planned, head)
    if let moved = try await source(planned, head) { found.append(moved) }
    return found
  }

  /// What was not as planned when it was merged, though the versions are.
  func differences(_ pull: PullRequest, mergedAs merge: CommitID) async throws -> [String] {
    var found = branch(pull) + text(pull)
    if let moved = try await source(promotion.changes.base, merge) { found.append(moved) }
    if let head = promotion.plannedHead, pull.head == head {
      let (wanted, got) = (try await repository.files(at: head), try await repository.files(at: merge))
      for change in promotion.changes.services where wanted[change.file] != got[change.file] {
        found.append("\(change.file) has more than was planned" + lines(wanted[change.file], got[change.file]))
      }
    }
    return found
  }

  /// Values that are not as planned at a commit; empty when everything stands as planned.
  func standsAsPlanned(at commit: CommitID) async throws -> [String] {
    let environment = promotion.changes.environment
    let back = try await repository.planReturn(of: promotion.changes, services: promotion.services, at: commit)
    let returning = Set(back.changes.services.map(\.service))
    return promotion.services.filter { !returning.contains($0) }.map { service in
      back.superseded.first { $0.service == service }?.message ?? "\(service) in \(environment) is as it was before"
    }
  }

  /// Commits that are not of this run.
  func branch(_ pull: PullRequest) -> [String] {
    guard let planned = promotion.plannedHead, pull.head != planned else { return [] }
    return [
      "commits were added to \(pull.branch): it was planned at \(planned.short), and stands at \(pull.head.short)"
    ]
  }

  private func text(_ pull: PullRequest) -> [String] {
    guard let planned = promotion.plan, pull.plan != planned else { return [] }
    let now = pull.plan.map { "names \($0)" } ?? "names no plan any more"
    return ["its text \(now); the plan is \(planned)"]
  }

  /// Files of the plan that somebody changed on the base.
  private func base(_ planned: CommitID, _ head: CommitID) async throws -> [String] {
    let (before, now) = (try await repository.files(at: planned), try await repository.files(at: head))
    let changed = promotion.changes.services.filter { before[$0.file] != now[$0.file] }
    guard !changed.isEmpty else { return [] }
    let environment = promotion.changes.environment
    let declared = try await repository.declared(environment, at: head)
    let history = try await repository.history(of: changed.map(\.service), in: environment, limit: 1)
    return changed.map { change in
      let what = "\(change.file) was changed on \(step.fleet.repository.branch) since it was planned"
      let tag = declared.services[change.service]?.tag
      guard tag != change.fromTag else { return what + lines(before[change.file], now[change.file]) }
      return "\(what): \(change.service) \(change.fromTag ?? "absent") → \(tag ?? "absent")"
        + by(history[change.service]?.first)
    }
  }

  /// The environment that the versions come from has moved on.
  private func source(_ planned: CommitID, _ head: CommitID) async throws -> String? {
    guard head != planned, let source = promotion.source(step.fleet) else { return nil }
    let now = try await repository.declared(source, at: head)
    let stale = promotion.changes.services.filter { now.services[$0.service]?.tag != $0.toTag }
    guard !stale.isEmpty else { return nil }
    // A version that was named was perhaps never the source's own.
    let then = try await repository.declared(source, at: planned)
    let moved = stale.filter { then.services[$0.service]?.tag == $0.toTag }
    guard !moved.isEmpty else { return nil }
    let history = try await repository.history(of: moved.map(\.service), in: source, limit: 1)
    return moved.map { change in
      "\(change.service) in \(source) is no longer \(change.toTag) but "
        + (now.services[change.service]?.tag ?? "absent") + by(history[change.service]?.first)
    }.joined(separator: "; ")
  }

  private func by(_ change: DeclaredChange?) -> String {
    guard let commit = change?.commit else { return "" }
    return ", by \(commit.author) in \(commit.id.short) (\(commit.subject))"
  }

  /// The first lines in which two texts differ.
  private func lines(_ before: [UInt8]?, _ now: [UInt8]?) -> String {
    guard let before, let now else { return before == nil ? ": it is new" : ": it is gone" }
    func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
      bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    }
    let (old, new) = (lines(before), lines(now))
    let start = zip(old, new).prefix { $0 == $1 }.count
    let end = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed()).prefix { $0 == $1 }.count
    func shown(_ lines: [ArraySlice<UInt8>], _ sign: String) -> [String] {
      let middle = lines.dropFirst(start).dropLast(end)
      let texts = middle.prefix(2).map { "`\(sign)\(LogScan.shown($0))`" }
      return middle.count > 2 ? texts + ["… (\(middle.count) lines)"] : texts
    }
    return " (line \(start + 1)): " + (shown(old, "-") + shown(new, "+")).joined(separator: " ")
  }
}

extension Promotion {
  /// The commit that was pushed for the pull request: what an approval is of.
  var plannedHead: CommitID? { head ?? pullRequest?.head }

  /// The environment that it brings from.
  func source(_ fleet: Fleet) -> EnvironmentName? { fleet.environment(changes.environment)?.promotesFrom }
}
