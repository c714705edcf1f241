import LiveWorld
import PromotionModel
import Rehearsal
import RunLog
import RunStore
import RunbookDiagnostics
import RunbookREPL
import SimulatedWorld

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The worlds that a prompt can stand in.
struct Worlds: WorldFactory {
  let host: Host
  let fleet: Fleet
  let configuration: SourceText
  let isConfigured: Bool
  let seed: UInt64

  var absence: String? {
    if !isConfigured { return "there is no slipway.yaml here or above" }
    guard isatty(0) == 1, isatty(1) == 1 else { return "there is no terminal to ask on" }
    return nil
  }

  func open(_ kind: WorldKind, people: any PersonAsking, tell: @escaping @Sendable (String) -> Void) async throws
    -> any SessionWorld
  {
    let now = SystemClock().now()
    switch kind {
    case .rehearsal:
      let isStandard = configuration.text(configuration.span) == Rehearsal.standardConfiguration
      let simulated = try SimulatedWorld(
        fleet: fleet,
        seed: seed,
        contents: isStandard ? SimulatedFleet.contents : nil,
        standIns: standIns
      )
      return session(simulated, .rehearsal, run: host.newRunID(at: now), former: nil)
    case .dryRun:
      guard isConfigured else { throw NoSuchWorld("no dry run: there is no slipway.yaml here or above") }
      let live = LiveReading(fleet: fleet, host: host)
      let description: FleetDescription
      do {
        description = try await FleetRecorder(reading: live.reading, fleet: fleet).record(tell: tell)
        await live.close()
      } catch {
        await live.close()
        throw NoSuchWorld("the real world could not be read, so nothing can be said about it: \(visible("\(error)"))")
      }
      let simulated = try SimulatedWorld(fleet: fleet, seed: seed, description: description, standIns: standIns)
      return session(simulated, .dryRun, run: host.newRunID(at: now), former: try journal())
    case .live:
      if let absence { throw NoSuchWorld("no live world: \(absence)") }
      return try LiveSession(fleet: fleet, host: host, run: host.newRunID(at: now), journal: journal(), people: people)
    }
  }

  private var standIns: StandIns { StandIns(variables: host.allVariables, zones: SystemTimeZones()) }

  private func journal() throws -> SQLiteJournal { try SQLiteJournal(path: host.stateDirectory + "/journal.sqlite") }

  private func session(
    _ simulated: SimulatedWorld,
    _ kind: WorldKind,
    run: RunID,
    former: (any Journal)?
  ) -> SimulatedSession {
    SimulatedSession(
      simulated,
      kind: kind,
      run: run,
      clock: SystemClock(),
      branch: fleet.repository.branch,
      former: former
    )
  }
}

/// A session in the live world: what is done there is done.
private final class LiveSession: SessionWorld {
  let kind = WorldKind.live
  let run: RunID
  let world: World
  let journal: any Journal
  let identity: String
  private let live: LiveWorld
  private let guardian: RunGuard

  init(fleet: Fleet, host: Host, run: RunID, journal: SQLiteJournal, people: any PersonAsking) throws {
    guardian = try RunGuard(run: run, folder: host.stateDirectory)
    live = LiveWorld(fleet: fleet, host: host, people: people)
    (self.run, world, self.journal, identity) = (run, live.world, journal, host.identity)
  }

  func start(_ body: @escaping @Sendable () async -> Void, done: @escaping @Sendable () -> Void) -> any Stopping {
    let task = Task.detached {
      await body()
      done()
    }
    return RunningTask(task: task)
  }

  /// The real world has the pace that it has.
  func setPace(_ speed: Double?) {}
  let hasPace = true
  /// What is written is written.
  func tellWrites(_ tell: @escaping @Sendable (PlannedWrite) -> Void) {}

  func close() async {
    await live.close()
    guardian.release()
  }
}

private struct RunningTask: Stopping {
  let task: Task<Void, Never>
  func stop() { task.cancel() }
}
