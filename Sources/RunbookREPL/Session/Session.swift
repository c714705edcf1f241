import PromotionModel
import Rehearsal
import RunLog
import RunReport
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import RunbookSyntax
import SimulatedWorld

/// One run that is typed, in one world: what was said so far, what it means, and what it has done.
final class Session {
  let fleet: Fleet
  let world: any SessionWorld
  let interpreter: SessionInterpreter
  let memoir: SessionMemoir
  /// Where what is written is asked about; nil where nothing is at stake.
  let gate: Gate?
  /// The fleet as it was before this session changed it for the first time, where that was recorded.
  var before: FleetDescription?
  private let setup: RunSetup
  private let log: SessionLog
  fileprivate let imports: ImportResolver
  private(set) var text = SessionText()
  /// What `:set` gave to inputs, as it was typed.
  var inputs: [String: String] = [:]

  /// - Throws: ``JournalError`` when the journal cannot be written.
  init(
    fleet: Fleet,
    configuration: SourceText,
    world: any SessionWorld,
    imports: ImportResolver,
    place: ConfigurationPlace?,
    desk: QuestionDesk
  ) throws {
    (self.fleet, self.world, self.imports) = (fleet, world, imports)
    let gate = world.kind == .live ? Gate(fleet: fleet, desk: desk) : nil
    self.gate = gate
    (memoir, log) = (SessionMemoir(), SessionLog())
    let record = RunRecord(
      id: world.run,
      started: world.world.reading.clock.now(),
      world: world.kind == .dryRun ? RunRecord.dryRun : world.kind.rawValue,
      source: RunRecord.session,
      text: text.text,
      configuration: configuration.text(configuration.span),
      place: place
    )
    setup = RunSetup(
      run: world.run,
      runbook: CheckedRunbook(title: nil, body: CheckedBlock(), fleet: fleet),
      world: gate?.world(world.world) ?? world.world,
      journal: world.journal,
      log: log,
      identity: world.identity,
      record: record
    )
    interpreter = SessionInterpreter(setup)
    log.add(memoir)
    if world.kind == .live { log.add(Chronicle(journal: world.journal, by: world.identity, url: "")) }
    let (log, clock, run) = (log, world.world.reading.clock, world.run)
    world.tellWrites { log.emit(RunEvent(run: run, time: clock.now(), body: .wouldWrite($0))) }
    try world.journal.begin(record)
    interpreter.begin()
  }

  var reader: SessionReader { SessionReader(fleet: fleet, imports: imports, literals: interpreter.literals) }

  func read(_ typed: String) -> SessionReader.Reading { reader.read(typed, after: text) }

  /// What is to be told of the statement that runs.
  func tell(_ sink: (any RunLogSink)?) { log.current = sink }

  /// Takes statements into the session, before they are performed: from here on the journal has them.
  /// - Returns: what performs them.
  /// - Throws: ``JournalError``; then nothing of them is done.
  func take(_ ready: SessionReader.Ready) throws -> @Sendable () async -> [SessionInterpreter.Performed] {
    let values = try values(for: ready.runbook)
    try world.journal.extend(world.run, text: ready.text.text, imports: ready.runbook.imports)
    text = ready.text
    let interpreter = interpreter
    return { await interpreter.perform(ready.runbook, from: ready.first, inputs: values) }
  }

  /// A session that has come as far as this one and writes nothing, for a look ahead.
  /// - Throws: ``JournalError`` when the journal cannot be read.
  func fork(_ look: LookAhead, log: (any RunLogSink)? = nil) throws -> SessionInterpreter {
    let journal = LayeredJournal(former: world.journal)
    var setup = setup
    (setup.world, setup.journal, setup.log) = (
      look.world(world.world, branch: fleet.repository.branch), journal, log ?? look
    )
    try journal.begin(setup.record)
    return interpreter.fork(setup)
  }

  /// The values of the inputs that are known.
  /// - Throws: ``RunInputs/Problems`` for values that do not fit.
  func values(for runbook: CheckedRunbook) throws -> [String: Value] {
    let known = Set(runbook.inputs.map(\.variable.name))
    let given = inputs.filter { known.contains($0.key) }.map { "\($0.key)=\($0.value)" }.sorted()
    // One without a value is answered by the statement that would be run with it.
    let complete = runbook.inputs.filter { $0.defaultValue != nil || inputs[$0.variable.name] != nil }
    return try RunInputs.read(given, for: complete).values
  }

  /// Statements have ended: those that came to nothing are taken out of what the next one may rely on, and those that were
  /// not begun are gone.
  func settle(_ performed: [SessionInterpreter.Performed], of ready: SessionReader.Ready) {
    let begun = Set(performed.map(\.ordinal))
    let declared = ready.runbook.body.statements.map(\.ordinal)
    for ordinal in ready.first..<ready.text.count {
      let isStatement = declared.contains(ordinal)
      let ended = performed.last { $0.ordinal == ordinal }
      let didSomething = ended.map { $0.ending == .ok && $0.verb != "stop" } ?? !isStatement
      if !didSomething, !interpreter.hasPromoted(at: ordinal) { text.discard(ordinal) }
    }
    memoir.take(performed, entries: begun.sorted().map { (ordinal: $0, text: ready.text.entries[$0].text) })
  }

  /// The runbook that the session is so far.
  var runbook: CheckedRunbook? {
    guard case .ready(let ready) = reader.read("require true", after: text) else { return nil }
    return ready.runbook
  }
}

extension Session {
  /// The procedures that statements may call.
  var procedures: [NameIndex.Definition] {
    let source = SourceText(name: "typed", text: text.text)
    return check(parse(source).file, source: source, fleet: fleet, imports: imports).names.definitions
      .filter { $0.kind == .procedure }
  }
}

extension Session {
  /// Inputs, imports and procedures, as they were typed.
  var declarations: [String] {
    let source = SourceText(name: "typed", text: text.text)
    return parse(source).file.statements.compactMap { statement in
      switch statement.kind {
      case .input, .importing, .procedure: source.text(statement.span)
      case .runbook, .scenario, .given, .expect, .validate, .promote, .wait, .merge, .monitor, .verify, .rollback,
        .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .binding,
        .condition, .loop, .retry, .within, .call, .onFailure, .finally, .stop, .fail, .malformed:
        nil
      }
    }
  }
}
