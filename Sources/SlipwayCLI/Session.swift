import FleetConfiguration
import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunStore
import RunbookCheck
import RunbookInterpreter

/// One run of the live world, from its journal to its exit status.
struct Session {
  let host: Host
  let screen: Screen
  let asJSON: Bool
  /// Every question is answered with yes.
  var saysYes = false

  func journal() throws -> SQLiteJournal { try SQLiteJournal(path: host.stateDirectory + "/journal.sqlite") }

  /// - Returns: the exit status.
  func run(
    _ record: RunRecord,
    _ runbook: CheckedRunbook,
    inputs: [String: Value],
    journal: any Journal,
    isResumed: Bool
  ) async throws -> Int32 {
    // The lock keeps a second process from going on with the same run.
    let guardian = try RunGuard(run: record.id, folder: host.stateDirectory)
    defer { guardian.release() }
    let live = LiveWorld(fleet: runbook.fleet, host: host, people: saysYes ? Assent(by: "--yes") : nil)
    let setup = RunSetup(
      run: record.id,
      runbook: runbook,
      world: live.world,
      journal: journal,
      log: Self.sink(screen, asJSON: asJSON),
      identity: host.identity,
      record: record,
      inputs: inputs,
      url: host.runURL,
      isResumed: isResumed
    )
    let run = Task { await Interpreter(setup).run() }
    let interrupts = Interrupts { _ in run.cancel() }
    let result = await run.value
    await live.close()
    if result.ending == .interrupted, let status = interrupts.exitStatus { return status }
    return result.exit
  }

  static func sink(_ screen: Screen, asJSON: Bool) -> any RunLogSink {
    if asJSON { return JSONLines { Screen.write($0, to: 1) } }
    let style = ConsoleReport.Style(
      color: screen.hasColor,
      isTerminal: screen.isTerminal,
      width: { Screen.width() }
    )
    return ConsoleReport(style: style, data: { Screen.write($0, to: 1) }, write: { Screen.write($0, to: 2) })
  }
}
