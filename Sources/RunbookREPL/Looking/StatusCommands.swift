import PromotionModel
import RunbookDiagnostics
import RunbookCheck
import RunbookInterpreter

extension Repl {
  /// `status [ENVIRONMENT] [SERVICES]`
  func status(_ rest: String) {
    guard let scope = LookScope(rest, fleet: settings.fleet) else {
      return complain("Write status [ENVIRONMENT] [SERVICES]; \(visible(LookScope.unknown(rest, settings.fleet)))")
    }
    _ = showStatus(scope)
  }

  /// - Returns: false when it was stopped, or could not be seen.
  private func showStatus(_ scope: LookScope) -> Bool {
    var board = StatusBoard(hasColor: console.hasColor, fleet: settings.fleet)
    // Each environment is shown as soon as it was seen.
    for environment in scope.environments {
      var part = scope
      part.environments = [environment]
      guard let entries = look(part) else { return false }
      show(board.text(entries))
    }
    show(board.verdict)
    return true
  }

  /// - Returns: nil when it was stopped or could not be seen, which was said.
  private func look(_ scope: LookScope) -> [FleetLook.Entry]? {
    let world = session.world
    let looking = FleetLook(reading: world.world.reading, fleet: settings.fleet)
    let ended = driver.run(start: { world.start($0, done: $1) }) { () -> Swift.Result<[FleetLook.Entry], any Error> in
      do {
        return .success(try await scope.look(looking))
      } catch {
        return .failure(error)
      }
    }
    guard let ended, !ended.wasInterrupted else { return nil }
    if ended.wantsToLeave { askToLeave() }
    switch ended.value {
    case .success(let entries): return entries
    case .failure(let error):
      say("undetermined: \(visible("\(error)"))")
      stopAtFailure(.undetermined, "\(error)")
      return nil
    }
  }

  /// `watch STATEMENT`: a look again and again, until Ctrl-C.
  func watch(_ rest: String) {
    guard !rest.isEmpty else { return complain("Write watch STATEMENT: `watch status production`.") }
    guard let look = repeated(rest) else {
      return complain("`watch` repeats what looks and changes nothing: `status`, `show …`, `diagnose …`, `validate …`.")
    }
    guard console.isTerminal else { return complain("`watch` needs a terminal.") }
    while leaving == nil {
      show("\u{1B}[H\u{1B}[2J")
      say("every 5s: \(visible(rest))   \(settings.clock.now().wholeSecond)   Ctrl-C ends\n")
      guard look() else { return say("Watched until \(settings.clock.now().wholeSecond).") }
      console.echo(false)
      let wake = console.wait(.seconds(5))
      console.echo(true)
      if wake == .terminated { leaving = Leaving(ending: .interrupted, message: "ended by a signal", status: 143) }
      if wake == .interrupted { return say("Watched until \(settings.clock.now().wholeSecond).") }
    }
  }

  /// What is done at each round, where it only looks; it says whether to go on. A statement is done beside the session,
  /// with a writing half that writes nothing, so that neither its text nor its journal grows.
  private func repeated(_ text: String) -> (() -> Bool)? {
    if case .command(.status, let scope)? = PromptCommand.find(text) {
      guard let scope = LookScope(scope, fleet: settings.fleet) else { return nil }
      return { self.showStatus(scope) }
    }
    guard case .ready(let ready) = session.read(text) else { return nil }
    let new = ready.runbook.body.statements.filter { $0.ordinal >= ready.first }
    guard !new.isEmpty, new.allSatisfy(\.action.onlyLooks) else { return nil }
    return {
      let look = LookAhead(run: self.session.world.run)
      guard let fork = try? self.session.fork(look, log: self.console.report()),
        let values = try? self.session.values(for: ready.runbook)
      else { return false }
      let world = self.session.world
      let ended = self.driver.run(start: { world.start($0, done: $1) }) {
        _ = await fork.perform(ready.runbook, from: ready.first, inputs: values)
      }
      return ended.map { !$0.wasInterrupted && !$0.isTerminated } ?? false
    }
  }
}

extension Action {
  fileprivate var onlyLooks: Bool {
    switch self {
    case .show, .diagnose, .validate, .verify, .require: true
    case .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .rollback, .reconcile, .sync,
      .restart, .announce, .freeze, .thaw, .confirm, .run, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      false
    }
  }
}
