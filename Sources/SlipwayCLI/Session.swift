import FleetConfiguration
import GitOpsLayout
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
  /// Where the run would wait for people, it is stored and left.
  var suspends = false
  /// The file of the runbook that a resumed run goes on with, instead of that which it began with.
  var changedRunbook: String?
  /// The run is not gone on with, but given up.
  var abortion: Abortion?

  func journal() throws -> SQLiteJournal { try SQLiteJournal(path: host.stateDirectory + "/journal.sqlite") }

  /// The caller holds the run's ``RunGuard``.
  /// - Parameter keeping: where the run is kept besides.
  /// - Returns: the exit status.
  func run(
    _ record: RunRecord,
    _ runbook: CheckedRunbook,
    inputs: [String: Value],
    journal: any Journal,
    keeping: RunKeeping?,
    isResumed: Bool = false
  ) async throws -> Int32 {
    let live = LiveWorld(fleet: runbook.fleet, host: host, people: saysYes ? Assent(by: "--yes") : nil)
    let job = GitHubJob(host)
    let annotations = job?.annotations(of: record.source)
    let silence = job?.silence()
    defer {
      silence?.end()
      if let annotations { Screen.write(annotations.commands, to: 2) }
    }
    var setup = RunSetup(
      run: record.id,
      runbook: runbook,
      world: live.world,
      journal: journal,
      log: Self.sink(screen, asJSON: asJSON),
      identity: host.identity,
      record: record,
      inputs: inputs,
      url: host.runURL,
      isResumed: isResumed,
      lockPatience: lockPatience,
      heartbeat: heartbeat,
      suspends: suspends,
      resumeOptions: keeping == nil ? "" : RunKeeping.options,
      abortion: abortion
    )
    let stopper = Stopper()
    var archivist: RunArchivist?
    if let keeping {
      do {
        archivist = try await keeping.claim(&setup, host) { stopper.stop() }
      } catch {
        await keeping.archive.close()
        if !isResumed {
          try journal.end(record.id, ending: .refused, exit: ExitStatus.refused, at: SystemClock().now())
        }
        throw error
      }
    }
    // What is told is kept where the run is kept.
    var sinks: [any RunLogSink] = [
      setup.log, Chronicle(journal: setup.journal, by: host.identity, url: host.runURL),
    ]
    if let annotations { sinks.append(annotations) }
    setup.log = Tee(sinks)
    let command = "slipway resume \(record.id)\(setup.resumeOptions)"
    let interrupts = Interrupts(goingOn: command) { _ in stopper.stop() }
    // What the journal and the log say of an interrupted run is what the process ends with.
    setup.interruptionStatus = { interrupts.exitStatus }
    let begun = setup
    let run = Task { await Interpreter(begun).run() }
    stopper.keep(run)
    let upkeep = Task { [archivist] in await archivist?.keepUp() }
    let result = await run.value
    upkeep.cancel()
    await upkeep.value
    await live.close()
    var status = result.exit
    guard let keeping, let archivist else { return status }
    do {
      try await archivist.store()
    } catch {
      screen.say("slipway: the end of the run is not in the repository: \(visible("\(error)"))")
      // Suspended means that anybody can go on with it.
      if result.ending == .suspended { status = ExitStatus.undetermined }
    }
    await keeping.archive.close()
    return status
  }

  /// Goes on with a run of the journal, or gives it up.
  /// - Returns: the exit status, and which run it was.
  func goOn(_ choice: RunChoice, _ store: RunStorePlace, _ options: ConfigurationOptions, _ input: Input) async throws
    -> (Int32, RunID)
  {
    let journal = try journal()
    let finder = RunFinder(journal: journal, store: store, options: options, input: input)
    let id = try await finder.id(choice)
    // The lock keeps a second process of this machine from going on with the same run.
    let guardian = try RunGuard(run: id, folder: host.stateDirectory)
    defer { guardian.release() }
    var (record, keeping) = try await finder.run(id)
    if let ending = record.ending, !ending.isResumable {
      let what = abortion == nil ? "nothing to go on with" : "nothing to give up"
      throw input.fail(ExitStatus.usage, "run \(record.id) ended \(ending.rawValue): there is \(what)")
    }
    let fleet = try input.fleet(of: record)
    let checked: CheckedRunbook
    if let changedRunbook {
      checked = try change(&record, changedRunbook, fleet, journal, input)
    } else {
      checked = try input.checked(
        SourceText(name: record.source, text: record.text),
        fleet,
        imports: .stored(record.imports)
      )
    }
    let values = try input.inputs(record.inputs.map { "\($0.key)=\($0.value)" }.sorted(), for: checked).values
    return (try await run(record, checked, inputs: values, journal: journal, keeping: keeping, isResumed: true), id)
  }

  /// Another runbook takes a run over, where what was begun stands in it unchanged.
  private func change(
    _ record: inout RunRecord,
    _ file: String,
    _ fleet: Fleet,
    _ journal: any Journal,
    _ input: Input
  ) throws -> CheckedRunbook {
    let source = try input.runbook(file: file, line: nil)
    let checked = try input.checked(source, fleet)
    let obstacles = RunbookChange.obstacles(try journal.steps(of: record.id), checked)
    guard obstacles.isEmpty else {
      let diff = UnifiedDiff.text(path: record.source, from: Array(record.text.utf8), to: source.bytes)
      for line in diff.split(separator: "\n") { screen.say(visible(String(line))) }
      for obstacle in obstacles { screen.say("slipway: \(visible(obstacle))") }
      throw input.fail(ExitStatus.runbookWrong, "run \(record.id) cannot go on with \(visible(file)): see above")
    }
    (record.text, record.imports) = (source.text(source.span), checked.imports)
    try journal.extend(record.id, text: record.text, imports: record.imports)
    return checked
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
