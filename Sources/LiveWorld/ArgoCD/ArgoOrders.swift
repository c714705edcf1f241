public import PromotionModel

extension ArgoDelivery {
  public func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    let target = try target(service, in: environment)
    switch order {
    case .restart(let moment):
      return .accepted(try await attempted { try await workloads(service, target).restart(at: moment) })
    case .undo(let tag): return .accepted(try await attempted { try await workloads(service, target).undo(to: tag) })
    case .sync(let mark, let replacing):
      return try await attempted { try await sync(target, mark: mark, replacing: replacing) }
    case .suspendAutoSync(let holder):
      try await attempted { try await suspend(target, by: holder) }
      return .accepted([])
    case .restoreAutoSync:
      try await attempted { try await restore(target) }
      return .accepted([])
    }
  }

  /// What changed between reading and changing it is read again: what holds now decides.
  private func attempted<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    for attempt in 1... {
      do {
        return try await body()
      } catch let error as WorldError where error.reason == .refused && attempt < Self.attempts && isConflict(error) {
        continue
      }
    }
    preconditionFailure("the loop above ends only by returning or throwing")
  }

  private func isConflict(_ error: WorldError) -> Bool { error.message.contains("has been modified") }

  private func workloads(_ name: ServiceName, _ target: Target) async throws -> WorkloadChange {
    guard let service = fleet.service(name) else {
      throw WorldError(tool: "kubectl", reason: .notFound, message: "there is no service \(name) in the configuration")
    }
    let application = try await target.place.argocd.get(Application.self, target.uri, what: target.what)
    return WorkloadChange(place: target.place, service: service, application: application)
  }

  private func read(_ target: Target) async throws -> ApplicationPolicy {
    try await target.place.argocd.get(ApplicationPolicy.self, target.uri, what: target.what)
  }

  private func suspend(_ target: Target, by holder: String) async throws {
    let now = try await read(target)
    guard now.isAutomatic, let automated = now.spec?.syncPolicy?.automated else { return }
    // Suspended before and put back by something else: what the policy was then is kept no longer than what it is now.
    let patch = try ApplicationPatch.suspend(now, automated, by: AutoSyncSuspension(now.metadata)?.by ?? holder)
    try await target.place.argocd.mergePatch(target.uri, patch, what: "suspending the auto-sync of \(target.what)")
  }

  private func restore(_ target: Target) async throws {
    let now = try await read(target)
    guard now.metadata.annotations?[AutoSyncSuspension.annotation] != nil else { return }
    guard let suspension = AutoSyncSuspension(now.metadata) else {
      throw WorldError(
        tool: "Argo CD",
        reason: .nonsense,
        message: "the annotation \(AutoSyncSuspension.annotation) of \(target.what) cannot be read",
        advice: "Set spec.syncPolicy.automated by hand and take the annotation away"
      )
    }
    let standing = now.spec?.syncPolicy?.automated
    let patch = ApplicationPatch.restore(now, standing == nil || standing == .null ? suspension.automated : nil)
    try await target.place.argocd.mergePatch(target.uri, patch, what: "restoring the auto-sync of \(target.what)")
  }

  private func sync(_ target: Target, mark: String, replacing: Bool) async throws -> DeliveryAnswer {
    let now = try await read(target)
    let state = now.status?.operationState
    if now.operation?.mark == mark || (now.operation == nil && state?.operation?.mark == mark) { return .accepted([]) }
    guard now.operation == nil, state?.isRunning != true else {
      let message = LocalPrograms.sanitize(line: state?.message ?? "", limit: 200)
      return .busy(
        "an operation of \(target.what) is \(state?.phase ?? "waiting")" + (message.isEmpty ? "" : ": \(message)")
      )
    }
    let patch = ApplicationPatch.sync(now, mark: mark, replacing: replacing)
    try await target.place.argocd.mergePatch(target.uri, patch, what: "syncing \(target.what)")
    return .accepted([])
  }
}
