import RunLog
import RunbookCheck
import Synchronization

/// The statements that futures came to, whichever ran them.
final class ReachedStatements: Sendable {
  private let steps = Mutex<Set<StepPath>>([])

  func add(_ account: Account) {
    steps.withLock { steps in
      for event in account.events {
        if case .stepStarted = event.body, let path = event.step?.path { steps.insert(path) }
      }
    }
  }

  /// Those that none came to, in the order of the text.
  func missed(of runbook: CheckedRunbook, named name: String) -> [Coverage.Statement] {
    var coverage = Coverage(of: runbook, named: name)
    let known = steps.withLock { $0 }
    coverage.add(Set(known.compactMap { StatementPlace($0, in: runbook) }))
    return coverage.missed
  }
}
