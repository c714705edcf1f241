import PromotionModel
import RunLog

/// The subjects of commits and pull requests, as the guide writes them.
enum Subjects {
  /// `promote(api): v1.3.0 → production`
  static func promotion(_ changes: ChangeSet, _ fleet: Fleet) -> String {
    "promote(\(scope(changes))): \(versions(changes, fleet, to: \.toTag)) → \(changes.environment)"
  }

  /// `rollback(api): revert production to v1.2.2 due to …`
  static func rollback(_ changes: ChangeSet, _ fleet: Fleet, reason: String) -> String {
    "rollback(\(scope(changes))): revert \(changes.environment) to \(versions(changes, fleet, to: \.toTag)) due to \(reason)"
  }

  /// `chore(api): sync git with v1.2.2 in production`
  static func reconciliation(_ changes: ChangeSet, _ fleet: Fleet) -> String {
    "chore(\(scope(changes))): sync git with \(versions(changes, fleet, to: \.toTag)) in \(changes.environment)"
  }

  private static func scope(_ changes: ChangeSet) -> String {
    changes.services.map(\.service.text).joined(separator: ", ")
  }

  private static func versions(_ changes: ChangeSet, _ fleet: Fleet, to tag: (ServiceChange) -> String) -> String {
    let versions = changes.services.map { change in
      fleet.service(change.service)?.tag.version(ofTag: tag(change)).map { "v\($0)" } ?? tag(change)
    }
    if let first = versions.first, versions.allSatisfy({ $0 == first }) { return first }
    return versions.joined(separator: ", ")
  }

  /// Trailers by which a later run finds what was done.
  static func trailers(_ changes: ChangeSet, run: RunID, step: StepPath, key: String) -> [Trailer] {
    changes.services.map { change in
      Trailer(key, "\(changes.environment)/\(change.service) \(change.fromTag ?? "nothing") -> \(change.toTag)")
    } + [Trailer(Trailer.run, run.text), Trailer(Trailer.step, step.description)]
  }

  /// One line without control characters, for a commit's subject.
  static func line(_ text: String) -> String { LogScan.shown(ArraySlice(text.utf8)) }
}
