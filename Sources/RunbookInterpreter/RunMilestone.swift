public import PromotionModel
import RunLog
import RunbookCheck

/// A run between two statements of its runbook, as a value. From there others go on that differ only in what comes later: an
/// exploration has thousands of them.
public struct RunMilestone: Sendable {
  let state: RunMemory.State
  let redactor: Redactor
  let scope: Scope
  /// The index of the statement that comes next.
  let next: Int
  /// How far that statement has come; nil: it has not begun.
  let monitor: MonitorStand?
  /// When the locks are renewed next.
  let renewal: Timestamp

  /// When the tasks of the run go on that wait for a time; there are no others but the run itself.
  public var wakes: [Timestamp] { [renewal] + (monitor.map { [$0.watch.tick] } ?? []) }
  /// The rounds of probes of a `monitor` that is under way.
  public var routine: Routine? { monitor?.watch.round.reader.routine }
}

/// A `monitor` between two of its rounds, as a value.
struct MonitorStand: Sendable {
  var vigil: Vigil
  var watch: Watch.Stand
  var services: [ServiceName]
  /// When the statement was begun.
  var begun: Timestamp
}

extension Interpreter {
  /// The path of the statement that the run goes on with; nil where it does not go on.
  var firstPath: StepPath? {
    milestone.map { StepPath([.statement(setup.runbook.body.statements[$0.next].ordinal)]) }
  }

  /// Tells who wants to know that the statements before `index` have ended well. Not while the locks are being renewed: that
  /// cannot be begun in the middle.
  func passMilestone(before index: Int, _ scope: Scope) {
    setup.passMilestone(before: index, memory, scope)
  }
}

extension StepContext {
  /// The same in the middle of a `monitor` of the runbook itself, behind a round that was good.
  func passMilestone(in stand: MonitorStand) {
    guard setup.milestone != nil, place.path.components.count == 1, scope.cutoff == nil,
      let index = setup.runbook.body.statements.firstIndex(where: { place.path == StepPath([.statement($0.ordinal)]) })
    else { return }
    setup.passMilestone(before: index, memory, scope, stand)
  }
}

extension RunSetup {
  fileprivate func passMilestone(
    before index: Int,
    _ memory: RunMemory,
    _ scope: Scope,
    _ monitor: MonitorStand? = nil
  ) {
    guard let tell = milestone else { return }
    let state = memory.current
    guard let renewal = state.renewal else { return }
    tell(
      RunMilestone(
        state: state,
        redactor: memory.redactor.copy(),
        scope: scope,
        next: index,
        monitor: monitor,
        renewal: renewal
      )
    )
  }
}
