import PromotionModel

/// Argo CD, asked to hurry or to stop.
struct Delivery {
  let step: StepContext

  /// Asks Argo CD to look now. It looks by itself too, only later, so a failure is a warning.
  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async {
    do {
      try await step.writing.delivery.refresh(services, in: environment)
    } catch {
      step.emit(
        .warning("Argo CD could not be asked to refresh and will look by itself: \(error)"),
        environment: environment
      )
    }
  }

  /// Ends running operations, so that none goes on with a value that is being taken back.
  /// - Parameter commit: what is being brought; an operation that has it goes on. By itself Argo CD tries a commit once
  ///   (https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automated-sync-semantics): one that was ended there
  ///   would never come.
  func terminate(_ services: [ServiceName], in environment: EnvironmentName, sparing commit: CommitID? = nil) async {
    do {
      var ended = services
      if let commit {
        let snapshot = try await step.reading.cluster.snapshot(of: environment)
        ended = []
        for name in services {
          // One that is about to begin has the newest commit.
          guard let operation = snapshot.services[name]?.application?.operation, operation.isRunning else { continue }
          if let revision = operation.revision, try await step.reading.repository.contains(commit, in: revision) {
            continue
          }
          ended.append(name)
        }
      }
      guard !ended.isEmpty else { return }
      try await step.writing.delivery.terminateOperations(of: ended, in: environment)
    } catch {
      step.emit(.warning("running syncs could not be terminated: \(error)"), environment: environment)
    }
  }
}
