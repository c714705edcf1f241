import PromotionModel
import RunLog

extension RollbackUndo {
  private static let longestForDiff = Duration.seconds(10)

  /// What git is to say. A diff that cannot be read keeps no rescue waiting: what is to be written is told without it.
  func tell(_ plan: Rollback.Stored) async throws {
    guard !plan.changes.services.isEmpty else { return }
    var diffs: [FileDiff] = []
    do {
      diffs = try await step.insist(for: Self.longestForDiff) {
        try await step.reading.repository.preview(plan.changes)
      }
    } catch let error as WorldError {
      step.emit(
        .warning("the diff could not be read, and git is written all the same: \(error)"),
        environment: environment.name
      )
    }
    step.emit(.planned(plan.changes, diffs), environment: environment.name)
  }

  /// Git could not be read when the cluster was undone, and says now that somebody else has set some of it since: that is
  /// theirs (rule 1). Argo CD brings it, and the rest is gone on with.
  /// - Throws: ``Halt`` with *undetermined* when nothing else is left.
  func leave(_ values: [Superseded], _ undoing: inout Undoing) async throws {
    guard !values.isEmpty else { return }
    let theirs = undoing.services.filter { name in values.contains { $0.service == name } }
    for value in values { step.emit(.superseded(value), environment: environment.name, service: value.service) }
    try await AutoSync(step: step, environment: environment).restore(theirs, until: deadline)
    undoing.superseded += values
    undoing.targets.removeAll { theirs.contains($0.service) }
    for name in theirs { undoing.undone?[name] = nil }
    undoing.isOver = undoing.targets.isEmpty
    try keep(undoing)
    guard !undoing.isOver else { throw step.handsOff(undoing.superseded, in: environment.name, isTold: true) }
  }
}
