import PromotionModel
import RunReport
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter

extension Repl {
  /// Statements: read, checked, and done.
  /// - Parameter isPlayed: they come from a file; then nobody is asked what they were meant to be.
  func evaluate(_ typed: String, isPlayed: Bool = false) {
    switch session.read(typed) {
    case .nothing: return
    case .wrong(let findings, let meant):
      show(findings)
      guard let meant, meant.trimmed != typed.trimmed, console.isTerminal, !isPlayed else {
        if let meant { say("Meant: \(visible(meant.trimmed))") }
        return stopAtFailure(.failed, "what was typed cannot be run", status: ExitStatus.runbookWrong)
      }
      offer(meant.trimmed)
    case .ready(let ready): perform(ready)
    }
  }

  /// The exact statement that somebody most likely meant: one key runs it.
  func offer(_ statement: String) {
    say("Meant:")
    for line in statement.split(separator: "\n", omittingEmptySubsequences: false) {
      say("    \(visible(String(line)))")
    }
    say("y runs it, any other key does not.")
    guard isYes(console.key()) else { return say("Not run.") }
    if history.add(statement) { console.remember(statement) }
    evaluate(statement)
  }

  func show(_ findings: [LocatedDiagnostic]) {
    let renderer = TextDiagnosticRenderer(color: console.hasColor)
    for finding in findings.prefix(20) { console.say(renderer.render(finding)) }
    if findings.count > 20 { say("\(findings.count - 20) more findings") }
  }

  /// Off a terminal a session ends at the first thing that goes wrong.
  func stopAtFailure(_ ending: Ending, _ message: String, status: Int32? = nil) {
    guard !console.isTerminal, ending != .ok, leaving == nil else { return }
    leaving = Leaving(ending: ending, message: message, status: status)
  }

  private func perform(_ ready: SessionReader.Ready) {
    show(ready.warnings)
    if ready.runbook.body.statements.last.map({ $0.ordinal < ready.first }) ?? true, hasHandlersOnly(ready) {
      return say("`on failure` and `finally` answer the block that they stand in; at the prompt there is none.")
    }
    guard approve(ready) else { return }
    let body: @Sendable () async -> [SessionInterpreter.Performed]
    do {
      body = try session.take(ready)
    } catch let problems as RunInputs.Problems {
      problems.lines.forEach { say($0) }
      return stopAtFailure(.refused, "an input has no value")
    } catch {
      say("\(error)")
      return stopAtFailure(.undetermined, "the journal cannot be written")
    }
    let world = session.world
    let ended: Driver.Ended<[SessionInterpreter.Performed]>?
    if let (screen, scope) = monitorScreen(ready) {
      session.tell(screen)
      ended = driver.run(start: { world.start($0, done: $1) }, watching(screen, scope, body))
      session.tell(nil)
      screen.close()
    } else {
      session.tell(console.report())
      ended = driver.run(
        start: { world.start($0, done: $1) },
        interrupted: { console.say("\r\u{1B}[KStopping …\n") },
        body
      )
      session.tell(nil)
    }
    session.gate?.close()
    let performed = ended?.value ?? []
    session.settle(performed, of: ready)
    if ended == nil { say("The world came to a halt: nothing more can happen in it. Begin again with :world.") }
    conclude(performed)
    if ended?.isTerminated == true {
      leaving = Leaving(ending: .interrupted, message: "ended by a signal", status: 143)
    } else if ended?.wantsToLeave == true {
      askToLeave()
    }
  }

  /// What is said when statements have ended.
  private func conclude(_ performed: [SessionInterpreter.Performed]) {
    guard let last = performed.last else { return }
    let interpreter = session.interpreter
    switch last.ending {
    case .ok, .suspended: break
    case .interrupted: say(stopped(last))
    case .undetermined, .timedOut, .refused, .failed:
      // Where nothing was begun, nothing else has said it.
      if !session.memoir.hasEnd(of: last.ordinal) { say("\(last.ending.rawValue): \(visible(last.message))") }
    }
    if last.ending != .ok, session.memoir.pushed(by: last.ordinal).isEmpty, let back = interpreter.waysBack.first {
      say("To take it back: \(back)   (or :undo)")
    }
    for (environment, services) in interpreter.unseen.sorted(by: { $0.key < $1.key }) {
      let names = services.map(\.text).joined(separator: ", ")
      say("\(names) in \(environment) changed, and nothing has looked at it since: `wait rollout` or `monitor`.")
    }
    // After a change nothing is called refused any more (rule 4).
    if last.ending == .refused || last.ending == .failed { offerVersions(last) }
    stopAtFailure(last.ending, last.message)
  }

  /// What state things are in when a person has stopped a statement, and what would undo it.
  private func stopped(_ last: SessionInterpreter.Performed) -> String {
    let pushed = session.memoir.pushed(by: last.ordinal)
    guard let newest = pushed.last else { return "Stopped. \(session.interpreter.remains)." }
    let services = newest.changes.services.map(\.service.text).joined(separator: ", ")
    let lines = pushed.map { "\($0.changes.plan.joined(separator: ", ")) (\($0.commit.short))" }
    return """
      Stopped. Pushed before that: \(visible(lines.joined(separator: "; "))).
      The cluster follows it by itself; whether it has arrived was not seen: `wait rollout \(newest.changes.environment) \
      \(services)` looks, and :undo sets it back.
      """
  }

  private func hasHandlersOnly(_ ready: SessionReader.Ready) -> Bool {
    [ready.runbook.body.onFailure, ready.runbook.body.finally].contains { ($0?.ordinal ?? -1) >= ready.first }
  }
}

extension Console {
  /// The log of a statement, for people.
  func report() -> ConsoleReport {
    let columns: @Sendable () -> Int? = { self.columns }
    return ConsoleReport(
      style: ConsoleReport.Style(color: hasColor, isTerminal: isTerminal, width: columns),
      data: { self.show($0) },
      write: { self.say($0) }
    )
  }
}
