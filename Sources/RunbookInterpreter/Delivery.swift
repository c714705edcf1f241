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
  func terminate(_ services: [ServiceName], in environment: EnvironmentName) async {
    do {
      try await step.writing.delivery.terminateOperations(of: services, in: environment)
    } catch {
      step.emit(.warning("running syncs could not be terminated: \(error)"), environment: environment)
    }
  }
}
