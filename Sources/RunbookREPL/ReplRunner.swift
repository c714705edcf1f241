import PromotionModel
import RunbookDiagnostics

/// Opens a prompt and stays until somebody leaves. Blocks the thread that it is called on.
public struct ReplRunner: Sendable {
  private let settings: ReplSettings

  public init(_ settings: ReplSettings) { self.settings = settings }

  /// On the terminal of this process.
  /// - Parameters:
  ///   - kind: the world it begins in; nil: live where there is one, else a rehearsal.
  ///   - write: takes what is shown, on standard output.
  /// - Returns: the exit status; nil where no line can be edited here.
  public func runOnTerminal(
    _ kind: WorldKind?,
    hasColor: Bool,
    write: @escaping @Sendable (String) -> Void
  ) -> Int32? {
    let completion = PromptCompletion(settings: settings)
    guard let console = TerminalConsole(hasColor: hasColor, write: write, complete: { completion.complete($0, $1) })
    else { return nil }
    defer { console.close() }
    let wanted = kind ?? (settings.worlds.absence == nil ? .live : .rehearsal)
    return run(wanted, on: console) { repl in
      completion.repl = repl
      for entry in repl.history.entries() { console.remember(entry) }
    }
  }

  /// On standard input that is no terminal: reads statements and stops at the first that goes wrong.
  /// - Parameters:
  ///   - kind: nil: a rehearsal.
  ///   - read: the next line; nil behind the last.
  ///   - write: takes what was asked for.
  ///   - words: takes what is told about it.
  ///   - started: given what interrupts the session.
  public func runOnStream(
    _ kind: WorldKind?,
    read: @escaping @Sendable () -> String?,
    write: @escaping @Sendable (String) -> Void,
    words: @escaping @Sendable (String) -> Void,
    started: (@escaping @Sendable () -> Void) -> Void
  ) -> Int32 {
    let console = StreamConsole(read: read, write: write, words: words)
    started { console.interrupt() }
    return run(kind ?? .rehearsal, on: console) { _ in }
  }

  private func run(_ kind: WorldKind, on console: any Console, _ opened: (Repl) -> Void) -> Int32 {
    let desk = QuestionDesk(name: settings.identity)
    let driver = Driver(console: console, clock: settings.clock, desk: desk)
    let settings = settings
    do {
      let world = driver.run { () -> Swift.Result<any SessionWorld, any Error> in
        do {
          return .success(try await settings.worlds.open(kind, people: desk) { console.say($0 + "\n") })
        } catch {
          return .failure(error)
        }
      }
      guard let world else { return ExitStatus.undetermined }
      let repl = try Repl(settings: settings, console: console, desk: desk, world: try world.value.get())
      opened(repl)
      return repl.run()
    } catch {
      console.say("slipway: \(visible("\(error)"))\n")
      return ExitStatus.undetermined
    }
  }
}

extension Repl {
  /// What is said first.
  func greet() {
    guard console.isTerminal else { return }
    let fleet =
      settings.isConfigured
      ? visible(settings.configuration.name) : "the guide's fleet, as there is no slipway.yaml here"
    say("slipway: \(session.world.kind.described); \(fleet). :help helps, Tab completes, Ctrl-D leaves.")
    if session.world.kind == .rehearsal, let absence = settings.worlds.absence, settings.isConfigured {
      say("Not live: \(absence).")
    }
  }
}
