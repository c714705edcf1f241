import PromotionModel

/// Argo CD's auto-sync of services while their cluster and git differ on purpose.
struct AutoSync {
  let step: StepContext
  let environment: Environment

  /// Sees that it stays suspended, and that nothing is being synced any more.
  /// - Throws: ``Halt`` with *undetermined* when something puts it back, *timed out* when an operation does not end.
  func requireSuspended(
    _ services: [ServiceName],
    for duration: Duration,
    every pace: Duration,
    until deadline: Timestamp
  )
    async throws
  {
    var since: Timestamp?
    var onSince: Timestamp?
    while true {
      let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
      let now = step.clock.now()
      let applications = services.compactMap { snapshot.services[$0]?.application }
      guard applications.count == services.count else {
        throw Halt(.undetermined, "not every service has an Application, so that auto-sync is suspended is not known")
      }
      // One look may be older than the change; what puts it back does so for good.
      if let back = applications.first(where: \.hasAutoSync) {
        since = nil
        let first = onSince ?? now
        onSince = first
        guard now - first >= duration else {
          try await step.clock.sleep(for: pace)
          continue
        }
        throw Halt(
          .undetermined,
          "the auto-sync of \(back.name) was suspended and is on again: something puts it back (an ApplicationSet, or an "
            + "Application of Applications), and would undo what is undone. Nothing was undone: `by commit` writes git"
        )
      }
      onSince = nil
      if let busy = applications.first(where: { $0.operation?.isRunning ?? false }) {
        since = nil
        guard now < deadline else { throw Halt(.timedOut, "\(busy.name) is still being synced; nothing was undone") }
      } else if let since {
        if now - since >= duration { return }
      } else {
        since = now
      }
      try await step.clock.sleep(for: pace)
    }
  }

  /// Restores the policy that stood before.
  /// - Throws: ``Halt`` with *undetermined* when it could not be.
  func restore(_ services: [ServiceName], until deadline: Timestamp) async throws {
    for service in services {
      do {
        try await step.insist(for: max(.seconds(30), deadline - step.clock.now())) {
          _ = try await step.writing.delivery.carryOut(.restoreAutoSync, for: service, in: environment.name)
        }
      } catch let error as WorldError {
        throw Halt(
          .undetermined,
          "the auto-sync of \(service) is still suspended and could not be restored: \(error); "
            + "`reconcile \(environment.name) \(service)` does it",
          services: [service]
        )
      }
    }
  }

  /// Restores what runs as git says, whoever suspended it.
  /// - Returns: what stays suspended, because git says something else than what runs; each with why.
  func settle(_ services: [ServiceName]) async throws -> [String] {
    let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
    let suspended = services.filter { snapshot.services[$0]?.application?.suspendedBy != nil }
    guard !suspended.isEmpty else { return [] }
    let head = try await step.insist { try await step.reading.repository.head() }
    let declared = try await step.insist { try await step.reading.repository.declared(environment.name, at: head.id) }
    var left: [String] = []
    for name in suspended {
      guard let service = step.fleet.service(name) else { continue }
      let tag = declared.services[name]?.tag
      let images = (snapshot.services[name]?.workloads ?? []).flatMap { $0.images.values }
      if let tag, images.contains(where: { service.isImage($0, atTag: tag) }) {
        try await restore([name], until: step.clock.now())
      } else {
        left.append("git says \(tag ?? "nothing") for \(name), which does not run")
      }
    }
    return left
  }

  /// A rollback that writes git finishes what another suspended (rule 7): without auto-sync its change would not arrive.
  func restoreForGit(_ services: [ServiceName]) async {
    do {
      let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
      for service in services {
        guard let holder = snapshot.services[service]?.application?.suspendedBy else { continue }
        step.emit(
          .warning("its auto-sync was suspended by run \(holder) and is restored"),
          environment: environment.name,
          service: service
        )
        try await restore([service], until: step.clock.now())
      }
    } catch {
      step.emit(.warning("suspended auto-sync could not be looked for: \(error)"), environment: environment.name)
    }
  }
}
