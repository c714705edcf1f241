import PromotionModel
import RunLog

/// What changed in the sources of services, for those who decide about a pull request. Nobody's promotion waits for it.
struct SourceLook {
  let step: StepContext

  /// How long a forge that does not answer is asked again.
  private static let patience = Duration.seconds(10)

  func changes(_ changes: ChangeSet) async throws -> [(service: ServiceName, changes: SourceChanges?)] {
    guard let forge = step.reading.forge else { return [] }
    var found: [(service: ServiceName, changes: SourceChanges?)] = []
    for change in changes.services {
      guard let source = step.fleet.service(change.service)?.source, let from = change.fromTag else { continue }
      do {
        let between = try await step.insist(for: Self.patience) {
          try await forge.sourceChanges(in: source, from: from, to: change.toTag)
        }
        found.append((change.service, between))
      } catch let error as WorldError {
        step.emit(
          .warning("the changes of \(source) from \(from) to \(change.toTag) could not be listed: \(error)"),
          environment: changes.environment,
          service: change.service
        )
        found.append((change.service, nil))
      }
    }
    return found
  }
}
