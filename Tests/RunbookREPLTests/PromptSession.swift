import Dispatch
import FleetConfiguration
import PromotionModel
import RunLog
import RunStore
import RunbookCheck
import RunbookDiagnostics
import SimulatedWorld
import Testing

@testable import RunbookREPL

/// A whole session over the simulated fleet: what was typed, what was shown, and what came of it.
struct PromptSession {
  let console: ScriptedConsole
  let world: SimulatedWorld
  let files: MemoryFiles
  let journal: any Journal
  let status: Int32
  let run: RunID

  /// - Parameters:
  ///   - kind: the simulated world can pass for a live one: then everything is asked that would be asked there.
  ///   - answers: to questions, and keys, in order.
  init(
    _ lines: [String],
    as kind: WorldKind = .rehearsal,
    answers: [String] = [],
    isTerminal: Bool = true,
    files: MemoryFiles = MemoryFiles(),
    faults: [Fault] = [],
    policy: String = ""
  ) async throws {
    try await self.init(
      ScriptedConsole(lines, answers: answers, isTerminal: isTerminal),
      as: kind,
      files: files,
      faults: faults,
      policy: policy
    )
  }

  init(
    _ console: ScriptedConsole,
    as kind: WorldKind = .rehearsal,
    files: MemoryFiles = MemoryFiles(),
    faults: [Fault] = [],
    policy: String = ""
  ) async throws {
    let source = SourceText(name: "slipway.yaml", text: SimulatedFleet.configurationText + policy)
    let fleet = try #require(FleetConfiguration.load(source).0)
    world = try SimulatedWorld(fleet: fleet, seed: 1, faults: faults, contents: SimulatedFleet.contents)
    run = try #require(RunID("20260105-180000-0001"))
    let opened = SimulatedSession(world, kind: kind, run: run, clock: StandingClock(), branch: fleet.repository.branch)
    journal = opened.journal
    (self.console, self.files) = (console, files)
    let settings = ReplSettings(
      fleet: fleet,
      configuration: source,
      isConfigured: true,
      imports: .none,
      worlds: OneWorld(session: opened),
      clock: StandingClock(),
      identity: "ada@laptop",
      stateFolder: "/state",
      secrets: ["hunter2hunter2"],
      files: files
    )
    // The prompt blocks its thread, as it does in the command: tests share a few that must not be blocked.
    status = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "prompt").async {
        continuation.resume(
          with: Swift.Result {
            try Repl(settings: settings, console: console, desk: QuestionDesk(name: "ada@laptop"), world: opened).run()
          }
        )
      }
    }
  }

  var text: String { console.text }
  var production: [String: String?] {
    let production = EnvironmentName("production")
    return Dictionary(
      uniqueKeysWithValues: ["api", "web"].map { ($0, world.tag(of: ServiceName($0), in: production)) }
    )
  }
}

/// A clock that stands still.
struct StandingClock: WorldClock {
  func now() -> Timestamp { VirtualTime.usualStart }
  func sleep(until deadline: Timestamp) async throws {}
}

private struct OneWorld: WorldFactory {
  let session: any SessionWorld
  var absence: String? { "this is a test" }

  func open(_ kind: WorldKind, people: any PersonAsking, tell: @escaping @Sendable (String) -> Void) async throws
    -> any SessionWorld
  {
    guard kind != .live else { throw NoSuchWorld("this is a test") }
    return session
  }
}
