import PromotionModel
import RunLog
import RunbookCheck

/// `rollback … by revert [of "sha"]`: what was promoted is taken back commit by commit, as `git revert` does. It is as coarse
/// as that: where a commit no longer applies, or brought more than is to be taken back, it refuses and says which way would do.
/// What somebody else has made of a value since, in the very commit too that a reviewer added to, is left alone (rule 1).
struct RollbackByRevert {
  let action: RollbackTerms
  let step: StepContext

  private var environment: EnvironmentName { action.environment }

  func plan(_ services: [ServiceName], at head: CommitID) async throws -> Rollback.Stored {
    var plan = Rollback.Stored(
      changes: ChangeSet(environment: environment, base: head, services: []),
      digests: [:],
      superseded: [],
      services: services
    )
    var reverted: [CommitID] = []
    for (name, promoted) in try await commits(of: services, at: head) {
      let revert: RevertPlan
      do {
        revert = try await step.reading.repository.planRevert(of: name, in: environment, at: head)
      } catch let error as WorldError where error.reason == .notFound && isOwn(name, promoted) {
        // The run pushed it itself: a server that does not show it yet is behind, and is asked again.
        throw WorldError(tool: error.tool, reason: .unreachable, message: "\(error.message) yet")
      } catch let error as WorldError where error.reason == .refused || error.reason == .notFound {
        throw Halt(.refused, "nothing was taken back: \(error.message)")
      }
      try requireWhole(revert, services)
      let (kept, besides) = try await standing(promoted, revert, at: head)
      try await requireClean(revert, promoted, leaving: kept, at: head)
      plan.superseded += kept
      plan.changes.services += revert.changes.services.filter { change in
        !kept.contains { $0.service == change.service }
      }
      for change in besides {
        step.emit(
          .warning("\(revert.commit.id.short) did not bring it, so its values are taken back one by one"),
          environment: environment,
          service: change.service
        )
      }
      plan.changes.services += besides
      // Without a part of it, the commit is not reverted.
      if kept.isEmpty { reverted.append(revert.commit.id) }
    }
    try await requireNoBadVersion(plan.changes)
    for change in plan.changes.services {
      let promotion = step.memory.promotion(of: change.service, in: environment)
      guard promotion?.change(of: change.service)?.fromTag == change.toTag else { continue }
      plan.digests[change.service] = promotion?.formerDigests[change.service]
    }
    plan.reverts = reverted
    return plan
  }

  private func isOwn(_ commit: String, _ services: [ServiceName]) -> Bool {
    services.contains { step.memory.promotion(of: $0, in: environment)?.commit?.text == commit }
  }

  /// Which commits are to be reverted, each with the services that it is to be reverted for.
  private func commits(of services: [ServiceName], at head: CommitID) async throws -> [(String, [ServiceName])] {
    if let named = action.revertOf { return [(named, services)] }
    var found: [(commit: String, services: [ServiceName])] = []
    let declared = try await step.reading.repository.declared(environment, at: head)
    let history = try await step.reading.repository.history(of: services, in: environment, limit: 200)
    for name in services {
      let commit: String
      if let own = step.memory.promotion(of: name, in: environment)?.commit {
        commit = own.text
      } else if let recorded = (history[name] ?? []).first, let now = declared.services[name]?.tag,
        recorded.tag == now, brought(name, to: now, in: recorded.commit)
      {
        commit = recorded.commit.id.text
      } else {
        let listed = step.fleet.service(name).map { RollbackPlan.listed(history[name] ?? [], $0, action) } ?? ""
        throw Halt(
          .refused,
          "no recorded promotion of \(name) is the newest change in \(environment): `by revert of \"…\"` names a commit. "
            + listed
        )
      }
      if let index = found.firstIndex(where: { $0.commit == commit }) {
        found[index].services.append(name)
      } else {
        found.append((commit, [name]))
      }
    }
    return found.map { ($0.commit, $0.services) }
  }

  private func brought(_ name: ServiceName, to tag: String, in commit: Commit) -> Bool {
    commit.trailers.contains { trailer in
      trailer.key == Trailer.promotes && trailer.value.hasPrefix("\(environment)/\(name) ")
        && trailer.value.hasSuffix(" -> \(tag)")
    }
  }

  /// A revert takes a commit back as a whole, or it is none.
  private func requireWhole(_ revert: RevertPlan, _ services: [ServiceName]) throws {
    let commit = revert.commit.id.short
    if let other = revert.others.first {
      let more = revert.others.count > 1 ? " and \(revert.others.count - 1) more" : ""
      throw Halt(
        .refused,
        "\(commit) also changes \(Subjects.line(other))\(more), which is no service of \(environment). "
          + otherwise(services)
      )
    }
    let unnamed = revert.services.filter { !services.contains($0) }
    guard unnamed.isEmpty else {
      let names = unnamed.map(\.text).joined(separator: ", ")
      throw Halt(
        .refused,
        "\(commit) also brought \(names): name it too, or leave `by revert` out. \(otherwise(services))"
      )
    }
    guard !revert.services.isEmpty else { throw Halt(.refused, "\(commit) changed nothing in \(environment)") }
  }

  private func otherwise(_ services: [ServiceName]) -> String {
    let names = services.map(\.text).joined(separator: ", ")
    return "`rollback \(environment) \(names)` takes back the values of what is named alone"
  }

  /// The values of this run's promotions that are not as it left them, and the way back of those that the commit did not bring.
  ///
  /// A merge commit may say otherwise than what was planned, and stand untouched all the same: a reviewer committed to the branch
  /// of the pull request. Of one that was rebased, the newest commit is not all of it.
  private func standing(_ services: [ServiceName], _ revert: RevertPlan, at head: CommitID) async throws
    -> (kept: [Superseded], besides: [ServiceChange])
  {
    guard action.revertOf == nil, SafetyRule.undoOnlyYourOwn.holds else { return ([], []) }
    var (kept, besides): ([Superseded], [ServiceChange]) = ([], [])
    for name in services {
      guard let promotion = step.memory.promotion(of: name, in: environment) else { continue }
      let back = try await step.reading.repository.planReturn(of: promotion.changes, services: [name], at: head)
      kept += back.superseded
      if !revert.services.contains(name) { besides += back.changes.services }
    }
    return (kept, besides)
  }

  /// The lines that the commit left still stand where it left them.
  /// - Parameter kept: what is not taken back anyway.
  private func requireClean(
    _ revert: RevertPlan,
    _ services: [ServiceName],
    leaving kept: [Superseded],
    at head: CommitID
  ) async throws {
    let others = Set(
      kept.compactMap { step.memory.promotion(of: $0.service, in: environment)?.change(of: $0.service)?.file }
    )
    let conflicts = revert.conflicts.filter { !others.contains($0) }
    guard !conflicts.isEmpty else { return }
    let files = conflicts.joined(separator: ", ")
    let what = "\(revert.commit.id.short) no longer applies: \(files) was changed since in the same lines. "
    // Value by value there may be no conflict at all.
    for name in services {
      guard let promotion = step.memory.promotion(of: name, in: environment) else { continue }
      let back = try await step.reading.repository.planReturn(of: promotion.changes, services: [name], at: head)
      if let value = back.superseded.first {
        let version = promotion.change(of: name)?.fromTag.flatMap { step.fleet.service(name)?.tag.version(ofTag: $0) }
        let way = version.map { "`rollback \(environment) \(name) to v\($0)` sets it all the same" } ?? ""
        throw Halt(.refused, what + "\(value.message). \(way)")
      }
    }
    throw Halt(.refused, what + otherwise(services))
  }

  /// A version that was rolled back from is never a place to go back to.
  private func requireNoBadVersion(_ changes: ChangeSet) async throws {
    let names = changes.services.map(\.service)
    let history = try await step.reading.repository.history(of: names, in: environment, limit: 200)
    let past = PromotionHistory(environment: environment, step: step)
    for change in changes.services where action.revertOf == nil {
      guard past.rolledBackFrom(change.service, history[change.service] ?? []).contains(change.toTag) else { continue }
      throw Halt(.refused, "\(change.service) would go back to \(change.toTag), which was itself rolled back from")
    }
  }
}
