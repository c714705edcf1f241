import PromotionModel
import RunLog

/// The other side of a rollback: what git says is seen in the cluster.
extension Rollback {
  /// The other side: the cluster runs the former version again.
  func seeReturn(_ plan: Stored, _ commit: Commit, _ environment: Environment) async throws {
    let targets = plan.changes.services.compactMap { change -> ArrivalTarget? in
      guard let service = step.fleet.service(change.service), removesFile(change) == false else { return nil }
      return ArrivalTarget(
        service: service,
        tag: change.toTag,
        digest: plan.digests[change.service],
        commit: commit.id
      )
    }
    try Arrivals(step: step).remember(targets, in: environment.name)
    try await Arrivals(step: step).wait(
      for: targets,
      in: environment,
      until: deadline,
      needsRollout: true,
      ignoringSigns: true
    )
    try markTakenBack(targets.map(\.service.name), in: environment.name)
    let removed = plan.changes.services.filter { removesFile($0) }
    guard removed.isEmpty else {
      throw Halt(
        .undetermined,
        removed.map { "\($0.service) was new, its file is gone from git; that it left the cluster was not seen" }
          .joined(separator: "; ")
      )
    }
  }

  /// Git says already what it is to say: done when the cluster runs it too.
  func seeStanding(_ plan: Stored, _ environment: Environment) async throws -> String {
    let declared = try await step.insist(for: patience) {
      try await step.reading.repository.declared(environment.name, at: plan.changes.base)
    }
    let targets = plan.services.compactMap { name -> ArrivalTarget? in
      guard let service = step.fleet.service(name), let tag = declared.services[name]?.tag else { return nil }
      return ArrivalTarget(service: service, tag: tag, digest: plan.digests[name], commit: nil)
    }
    try await Arrivals(step: step).wait(
      for: targets,
      in: environment,
      until: deadline,
      needsRollout: true,
      ignoringSigns: true
    )
    try markTakenBack(targets.map(\.service.name), in: environment.name)
    return "nothing to take back in git; "
      + targets.map { "\($0.service.name) \($0.tag)" }.joined(separator: ", ") + " runs already"
  }

  /// The newest promotion of this run, of each service, is no longer live.
  func markTakenBack(_ services: [ServiceName], in environment: EnvironmentName) throws {
    for service in services {
      guard var promotion = step.memory.promotion(of: service, in: environment) else { continue }
      promotion.takenBack.insert(service)
      try step.store(promotion)
    }
  }
}
