import PromotionModel
import RunLog
import RunStore
import RunbookCheck
import RunbookInterpreter
import SimulatedWorld
import Synchronization

/// How one future went: what the run said, and what really was.
struct Account: Sendable {
  typealias Truth = [EnvironmentName: [ServiceName: ServiceTruth]]

  var future: ExploredFuture
  /// nil when the run never came to an end; then ``failure`` says why.
  var result: RunResult?
  var failure: String?
  var events: [RunEvent]
  var world: SimulatedWorld
  var start: Timestamp
  /// When no process of the run was there.
  var absences: [(from: Timestamp, to: Timestamp)]
  /// The journal writes of the first process.
  var writes: Int
  /// How the protected environments stood at first.
  var before: Truth
  /// How they stood when the last statement ended.
  var after: Truth
  /// What changed their tags on the branch, oldest first.
  var changes: [TagChange]

  var exit: Int32? { result?.exit }
}

/// Runs a runbook in one future after the other, each in a world of its own that begins the same.
struct Trial: Sendable {
  let runbook: CheckedRunbook
  let record: RunRecord
  let beginning: SimulatedWorld.Beginning
  let seed: UInt64
  let inputs: [String: Value]
  var standIns: StandIns

  /// A run that takes longer than this, or more work, never ends.
  private static let limits = VirtualTime.Limits(elapsed: .seconds(20 * 86_400), hops: 3_000_000)
  /// How often a run is resumed.
  private static let mostProcesses = 4

  private var environments: [EnvironmentName] { runbook.fleet.protectedEnvironments.map(\.name) }

  func run(_ future: ExploredFuture) throws -> Account {
    let world = try SimulatedWorld(
      beginning,
      seed: seed,
      faults: future.faults,
      standIns: standIns,
      limits: Self.limits
    )
    let start = world.time.now
    let witness = Witness(world: world)
    let before = truth(at: world.moment)
    let memory = MemoryJournal()
    var record = record
    record.started = start
    try memory.begin(record)
    var account = Account(
      future: future,
      events: [],
      world: world,
      start: start,
      absences: [],
      writes: 0,
      before: before,
      after: before,
      changes: []
    )
    do throws(VirtualTimeError) {
      for process in 1...Self.mostProcesses {
        let journal = ProcessJournal(memory, world, dyingWrite: process == 1 ? future.dyingWrite : nil)
        let setup = RunSetup(
          run: record.id,
          runbook: runbook,
          world: world.world,
          journal: journal,
          log: witness,
          identity: "you@rehearsal",
          record: record,
          inputs: inputs,
          isResumed: process > 1
        )
        account.result = try Self.run(setup, in: world, mayDie: future.mayDie)
        if process == 1 { account.writes = journal.writes }
        guard world.isProcessGone else { break }
        let gone = world.time.now
        world.startProcess()
        try Self.pass(future.pause, in: world)
        account.absences.append((gone, world.time.now))
      }
    } catch {
      account.failure = error.description
    }
    account.events = witness.events
    account.after = witness.last.map(truth) ?? before
    account.changes = environments.flatMap { world.tagChanges(in: $0) }
    return account
  }

  private func truth(at moment: SimulatedMoment) -> Account.Truth {
    Dictionary(uniqueKeysWithValues: environments.map { ($0, moment.truth(of: $0)) })
  }

  private static func run(_ setup: RunSetup, in world: SimulatedWorld, mayDie: Bool) throws(VirtualTimeError)
    -> RunResult?
  {
    guard mayDie else { return try drive(world) { await Interpreter(setup).run() } }
    let (deaths, dying) = AsyncStream.makeStream(of: Void.self)
    world.whenProcessIsGone { dying.yield() }
    return try drive(world) {
      await withTaskGroup(of: RunResult?.self) { group in
        group.addTask { await Interpreter(setup).run() }
        group.addTask {
          for await _ in deaths { break }
          return nil
        }
        var result: RunResult?
        for await next in group {
          if let next { result = next }
          // Either the run has ended, or its process has.
          group.cancelAll()
        }
        return result
      }
    }
  }

  private static func pass(_ duration: Duration, in world: SimulatedWorld) throws(VirtualTimeError) {
    let clock = world.clock
    _ = try drive(world) { try? await clock.sleep(for: duration) }
  }

  private static func drive<T: Sendable>(_ world: SimulatedWorld, _ body: @escaping @Sendable () async -> T)
    throws(VirtualTimeError) -> T
  {
    do {
      return try world.time.run(body)
    } catch let error as VirtualTimeError {
      throw error
    } catch {
      throw .deadlock(at: world.time.now)
    }
  }
}

extension ExploredFuture {
  fileprivate var mayDie: Bool { dyingWrite != nil || faults.contains(where: \.endsProcess) }
}

/// Takes down what a run says, and how things stood when its last statement ended.
private final class Witness: RunLogSink {
  private struct State {
    var events: [RunEvent] = []
    var last: SimulatedMoment?
  }

  private let world: SimulatedWorld
  private let state = Mutex(State())

  init(world: SimulatedWorld) { self.world = world }

  var events: [RunEvent] { state.withLock { $0.events } }
  var last: SimulatedMoment? { state.withLock { $0.last } }

  func emit(_ event: RunEvent) {
    // What a process says that is gone already, nobody hears.
    guard !world.isProcessGone else { return }
    let moment: SimulatedMoment? = if case .stepEnded = event.body { world.moment } else { nil }
    state.withLock { state in
      state.events.append(event)
      if let moment { state.last = moment }
    }
  }
}
