import FleetConfiguration
import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunStore
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter

/// One run of the live world, from its journal to its exit status.
struct Session {
  let host: Host
  let screen: Screen
  let asJSON: Bool
  /// Every question is answered with yes.
  var saysYes = false
  /// How long a lock that another run holds is waited for.
  var lockPatience = Duration.zero
  /// After so much silence a line says that the run is alive.
  var heartbeat: Duration?
  /// The run is not gone on with, but given up.
  var abortion: Abortion?

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
    let job = GitHubJob(host)
    let annotations = job?.annotations(of: record.source)
    var sinks: [any RunLogSink] = [
      Self.sink(screen, asJSON: asJSON), Chronicle(journal: journal, by: host.identity, url: host.runURL),
    ]
    if let annotations { sinks.append(annotations) }
    let silence = job?.silence()
    defer {
      silence?.end()
      if let annotations { Screen.write(annotations.commands, to: 2) }
    }
    let setup = RunSetup(
      run: record.id,
      runbook: runbook,
      world: live.world,
      journal: journal,
      log: Tee(sinks),
      identity: host.identity,
      record: record,
      inputs: inputs,
      url: host.runURL,
      isResumed: isResumed,
      lockPatience: lockPatience,
      heartbeat: heartbeat,
      abortion: abortion
    )
    let run = Task { await Interpreter(setup).run() }
    let interrupts = Interrupts(goingOn: "slipway resume \(record.id)") { _ in run.cancel() }
    let result = await run.value
    await live.close()
    if result.ending == .interrupted, let status = interrupts.exitStatus { return status }
    return result.exit
  }

  /// Goes on with a run of the journal, or gives it up.
  /// - Returns: the exit status.
  func goOn(_ name: String, _ input: Input) async throws -> Int32 {
    let journal = try journal()
    let record = try journal.record(name, input)
    if let ending = record.ending, !ending.isResumable {
      let what = abortion == nil ? "nothing to go on with" : "nothing to give up"
      throw input.fail(ExitStatus.usage, "run \(record.id) ended \(ending.rawValue): there is \(what)")
    }
    let fleet = try input.fleet(
      SourceText(name: "the configuration of \(record.id)", text: record.configuration),
      isStored: true
    )
    let checked = try input.checked(
      SourceText(name: record.source, text: record.text),
      fleet,
      imports: .stored(record.imports)
    )
    let values = try input.inputs(record.inputs.map { "\($0.key)=\($0.value)" }.sorted(), for: checked).values
    return try await run(record, checked, inputs: values, journal: journal, isResumed: true)
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

extension SQLiteJournal {
  /// - Throws: ``EarlyExit`` when there is no run of that name.
  func record(_ name: String, _ input: Input) throws -> RunRecord {
    guard let id = RunID(name), let record = try run(id) else {
      throw input.fail(
        ExitStatus.usage,
        "there is no run `\(visible(String(name.prefix(60))))` in the journal; `slipway runs` lists them"
      )
    }
    return record
  }
}
