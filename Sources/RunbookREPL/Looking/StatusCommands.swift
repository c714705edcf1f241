public import PromotionModel
import RunbookDiagnostics
public import RunbookInterpreter

extension Repl {
  /// `status [ENVIRONMENT] [SERVICES]`
  func status(_ rest: String) {
    guard let scope = LookScope(rest, fleet: settings.fleet) else {
      return complain("Write status [ENVIRONMENT] [SERVICES]; \(visible(LookScope.unknown(rest, settings.fleet)))")
    }
    let board = StatusBoard(hasColor: console.hasColor)
    guard let entries = look(scope) else { return }
    show(board.text(entries))
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
    guard isLook(rest) else {
      return complain("`watch` repeats what looks and changes nothing: `status`, `show …`, `diagnose …`, `validate …`.")
    }
    guard console.isTerminal else { return complain("`watch` needs a terminal.") }
    while leaving == nil {
      show("\u{1B}[H\u{1B}[2J")
      say("every 5s: \(visible(rest))   \(settings.clock.now().wholeSecond)   Ctrl-C ends\n")
      let before = session.memoir.chapters.count
      obey(rest)
      if session.memoir.chapters.dropFirst(before).last?.ending == .interrupted { return }
      console.echo(false)
      let wake = console.wait(.seconds(5))
      console.echo(true)
      if wake == .terminated { leaving = Leaving(ending: .interrupted, message: "ended by a signal", status: 143) }
      if wake == .interrupted { return say("Watched until \(settings.clock.now().wholeSecond).") }
    }
  }

  private func isLook(_ text: String) -> Bool {
    if case .command(.status, _)? = PromptCommand.find(text) { return true }
    guard case .ready(let ready) = session.read(text) else { return false }
    let new = ready.runbook.body.statements.filter { $0.ordinal >= ready.first }
    return !new.isEmpty
      && new.allSatisfy { ["show", "diagnose", "validate", "require", "verify"].contains($0.action.verb) }
  }
}

/// The environments and services that a look is about.
public struct LookScope: Equatable, Sendable {
  public var environments: [EnvironmentName]
  /// nil: all.
  public var services: [ServiceName]?

  /// `production api, web`, `production`, `api`, or nothing for all; nil for what is neither an environment nor a service.
  public init?(_ text: String, fleet: Fleet) {
    var words = Self.words(text)
    environments = fleet.environments.map(\.name)
    if let first = words.first, let environment = fleet.environments.first(where: { $0.name.text == first }) {
      environments = [environment.name]
      words.removeFirst()
    }
    if words == ["all"] { words = [] }
    let named = words.compactMap { word in fleet.services.first { $0.name.text == word }?.name }
    guard named.count == words.count else { return nil }
    services = named.isEmpty ? nil : named
  }

  /// - Throws: ``WorldError`` when an environment could not be seen.
  public func look(_ look: FleetLook) async throws -> [FleetLook.Entry] {
    var entries: [FleetLook.Entry] = []
    for environment in environments { entries += try await look.look(at: services, in: environment) }
    return entries
  }

  /// What in a text is neither, with the nearest that is.
  public static func unknown(_ text: String, _ fleet: Fleet) -> String {
    let known = fleet.environments.map(\.name.text) + fleet.services.map(\.name.text)
    guard let word = words(text).first(where: { !known.contains($0) }) else { return "the environment stands first" }
    let near = nearest(word, among: known).map { ", did you mean `\($0)`" } ?? ""
    return "`\(word)` is neither an environment nor a service\(near)"
  }

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == " " || $0 == "," }).map { $0.filter { $0 != "\"" } }
  }
}
