public import PromotionModel
public import RunbookCheck
public import RunbookDiagnostics
public import RunLog
import RunReport
import RunbookInterpreter

/// What a prompt stands in: the fleet, this machine and this user.
public struct ReplSettings: Sendable {
  public var fleet: Fleet
  public var configuration: SourceText
  /// Where ``configuration`` was found; nil: the embedded fleet stands in, and nothing of it is real.
  public var isConfigured: Bool
  public var imports: ImportResolver
  /// What runs keep of where ``configuration`` stands.
  public var place: ConfigurationPlace?
  public var worlds: any WorldFactory
  /// The real one.
  public var clock: any WorldClock
  /// `ada@laptop`.
  public var identity: String
  /// Where the history is kept.
  public var stateFolder: String
  /// What must not be kept in a history: the values of variables of the environment that hold secrets.
  public var secrets: Set<String>
  /// Reads and writes files.
  public var files: any SessionFiles

  public init(
    fleet: Fleet,
    configuration: SourceText,
    isConfigured: Bool,
    imports: ImportResolver,
    place: ConfigurationPlace? = nil,
    worlds: any WorldFactory,
    clock: any WorldClock,
    identity: String,
    stateFolder: String,
    secrets: Set<String>,
    files: any SessionFiles
  ) {
    (self.fleet, self.configuration, self.isConfigured) = (fleet, configuration, isConfigured)
    (self.imports, self.worlds, self.clock, self.identity) = (imports, worlds, clock, identity)
    (self.place, self.stateFolder, self.secrets, self.files) = (place, stateFolder, secrets, files)
  }
}

/// The files of this machine, as a session needs them.
public protocol SessionFiles: Sendable {
  /// nil: it is not there, or cannot be read.
  func read(_ path: String) -> [UInt8]?
  /// A new file for this user alone.
  /// - Throws: an error that says why not; there is then no such file, or it is as it was.
  func write(_ text: String, to path: String) throws
  /// Adds a line to a file that only this user can read; makes it where there is none.
  func append(_ line: String, to path: String)
}

/// The prompt: reads statements and commands, one after the other, and has them done.
final class Repl {
  let settings: ReplSettings
  let console: any Console
  let desk: QuestionDesk
  let driver: Driver
  let history: HistoryFile
  let versions = VersionCatalogue()
  var session: Session
  /// Files that this session has written, and may write again.
  var written: Set<String> = []
  /// How the session is to end; nil while it goes on.
  var leaving: Leaving?
  /// The lines of a block that is not closed yet.
  private(set) var openBlock = ""
  /// Looks at the live world while somebody types.
  var lookout: Task<Void, Never>?
  /// When Ctrl-C was pressed last at an empty prompt.
  private var lastInterrupt: Timestamp?

  struct Leaving: Equatable {
    var ending: Ending
    var message: String
    /// 130, 143, or 65 for what cannot be read; nil: that of the ending.
    var status: Int32?
  }

  init(settings: ReplSettings, console: any Console, desk: QuestionDesk, world: any SessionWorld) throws {
    (self.settings, self.console, self.desk) = (settings, console, desk)
    driver = Driver(console: console, clock: settings.clock, desk: desk)
    history = HistoryFile(settings: settings)
    session = try Session(
      fleet: settings.fleet,
      configuration: settings.configuration,
      world: world,
      imports: settings.imports,
      place: settings.place,
      desk: desk
    )
  }

  /// Until somebody leaves.
  /// - Returns: the exit status.
  func run() -> Int32 {
    greet()
    readVersions()
    startLookout()
    while leaving == nil { turn() }
    return end()
  }

  private func turn() {
    let keeper = keepLocks()
    let typed = console.line(prompt)
    keeper?.cancel()
    switch typed {
    case .text(let line): take(line)
    case .end: leave()
    case .interrupted: interruptedAtPrompt()
    case .terminated: leaving = Leaving(ending: .interrupted, message: "ended by a signal", status: 143)
    }
  }

  /// While somebody thinks, what the session holds stays held.
  private func keepLocks() -> Task<Void, Never>? {
    let interpreter = session.interpreter
    guard session.world.kind == .live, interpreter.holdsLocks else { return nil }
    return Task.detached { await interpreter.keepLocks() }
  }

  private func interruptedAtPrompt() {
    let now = settings.clock.now()
    if let last = lastInterrupt, now - last < .seconds(1) { return askToLeave() }
    lastInterrupt = now
    say("Nothing runs. Ctrl-D leaves; Ctrl-C twice within a second asks.")
  }

  func askToLeave() {
    say("Leave the session? y leaves, any other key stays.")
    if isYes(console.key()) { leave() }
  }

  func isYes(_ typed: Typed) -> Bool { typed == .text("y") || typed == .text("Y") }

  func leave() { leaving = Leaving(ending: .ok, message: "", status: nil) }

  // MARK: Lines

  /// A line, with those that belong to it.
  private func take(_ first: String) {
    var text = first
    defer { openBlock = "" }
    while SessionText.isOpen(text) {
      openBlock = text + "\n"
      switch console.line(Prompt(text: String(repeating: " ", count: prompt.text.count - 2) + "… ", tone: .quiet)) {
      case .text(let line): text += "\n" + line
      case .end where !console.isTerminal:
        evaluate(text)
        return
      case .end, .interrupted:
        say("The block was not run.")
        return
      case .terminated:
        leaving = Leaving(ending: .interrupted, message: "ended by a signal", status: 143)
        return
      }
    }
    let trimmed = text.trimmed
    guard !trimmed.isEmpty else { return }
    if console.isTerminal, history.add(text) { console.remember(text) }
    obey(trimmed)
  }

  /// A command, or statements.
  func obey(_ text: String) {
    if let command = PromptCommand.find(text) { return perform(command) }
    evaluate(text)
  }

  /// The prompt always says which world a statement acts in.
  var prompt: Prompt {
    let place =
      settings.fleet.protectedEnvironments.last?.name.text ?? settings.fleet.environments.last?.name.text ?? ""
    switch session.world.kind {
    case .rehearsal: return Prompt(text: "rehearsal ▸ ", tone: .plain)
    case .dryRun: return Prompt(text: "dry-run \(place) ▸ ", tone: .caution)
    case .live: return Prompt(text: "LIVE \(place) ▸ ", tone: .danger)
    }
  }

  func say(_ text: String) { console.say(text + "\n") }

  // MARK: The end

  private func end() -> Int32 {
    let leaving = leaving ?? Leaving(ending: .ok, message: "", status: nil)
    let interpreter = session.interpreter
    let unseen = interpreter.unseen
    if console.isTerminal, !unseen.isEmpty || !interpreter.waysBack.isEmpty { say(interpreter.remains + ".") }
    lookout?.cancel()
    let world = session.world
    let ended = driver.run(start: { world.start($0, done: $1) }) {
      await interpreter.end(leaving.ending, message: leaving.message)
    }
    _ = driver.run { await world.close() }
    let result = ended?.value
    if let result, result.ending > .ok, console.isTerminal || leaving.ending == .ok { say(result.message) }
    return leaving.status ?? result?.exit ?? 0
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
