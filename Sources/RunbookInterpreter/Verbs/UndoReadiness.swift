import PromotionModel
import RunLog

/// Whether a promotion could be undone in the cluster too, told before it is made (rule 3). A rollback by commit needs no
/// kept revision, so what is missing is a warning.
struct UndoReadiness {
  let step: StepContext
  let environment: EnvironmentName

  /// - Throws: ``Halt`` with *refused* while the auto-sync of a service is suspended: the promotion would not arrive.
  func tell(_ changes: ChangeSet, _ before: EnvironmentSnapshot) throws {
    var suspended: [String] = []
    for change in changes.services {
      guard let seen = before.services[change.service] else { continue }
      if let holder = seen.application?.suspendedBy {
        suspended.append(
          "\(change.service): its auto-sync is suspended by run \(holder), which undid it in the cluster: "
            + "`reconcile \(environment) \(change.service)` has git say so and restores it"
        )
      }
      guard let tag = change.fromTag else { continue }
      let deployments = seen.workloads.filter { $0.kind == "Deployment" }
      if deployments.contains(where: { $0.keptRevisions == 0 }) {
        warn(change.service, "keeps no former revision (revisionHistoryLimit: 0)", tag)
      } else if !seen.workloads.isEmpty, deployments.isEmpty {
        warn(change.service, "is no Deployment, so no former revision of it is kept whole", tag)
      }
    }
    guard suspended.isEmpty else { throw Halt(.refused, suspended.joined(separator: "; ")) }
  }

  private func warn(_ service: ServiceName, _ what: String, _ tag: String) {
    step.emit(
      .warning("it \(what): back to \(tag) by commit only, not by undo"),
      environment: environment,
      service: service
    )
  }
}
