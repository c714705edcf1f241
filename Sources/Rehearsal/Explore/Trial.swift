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
  /// What it is judged by.
  var environments: [EnvironmentName]
  /// When no process of the run was there, and whether the one before had died.
  var absences: [(from: Timestamp, to: Timestamp, isDeath: Bool)] = []
  var interruptions: [Interruption] = []
  /// The journal writes of the first process.
  var writes = 0
  /// Those of the second one.
  var laterWrites = 0
  /// How the environments stood at first.
  var before: Truth
  /// How they stood when the last statement ended.
  var after: Truth
  /// What changed their tags on the branch, oldest first.
  var changes: [TagChange] = []

  var exit: Int32? { result?.exit }

  /// A process of the run that a person interrupted, and how things stood when it was gone.
  struct Interruption: Sendable {
    /// nil: it did not stop by itself.
    var result: RunResult?
    var time: Timestamp
    var truth: Truth
    /// What it opened and nobody had merged or closed by then.
    var open: [PullRequest]
    /// What was changed outside by calls that it made afterwards.
    var later: [Touch]
  }
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
  private static let mostProcesses = 6

  /// The environments that a run is judged by.
  let environments: [EnvironmentName]

  /// The protected environments; of a runbook that writes to none of them, those that it writes to.
  static func environments(of runbook: CheckedRunbook) -> [EnvironmentName] {
    let protected = runbook.fleet.protectedEnvironments.map(\.name)
    let written = Set(runbook.body.everyStatement.compactMap(\.action.lockedEnvironment))
    guard written.isDisjoint(with: protected) else { return protected }
    return runbook.fleet.environments.map(\.name).filter { protected.contains($0) || written.contains($0) }
  }

  /// Where a run begins: with the world, or at a milestone of the undisturbed run.
  private struct Start {
    var world: SimulatedWorld
    var witness: Witness
    var journal: MemoryJournal
    var time: Timestamp
    var before: Account.Truth
    var milestone: Milestone?
  }

  /// - Parameters:
  ///   - milestones: of the undisturbed run; the future goes on from the last of them that it shares with it.
  ///   - goesOn: asked when the run has ended and could not tell: how it went, and whether it is resumed.
  func run(
    _ future: ExploredFuture,
    from milestones: [Milestone] = [],
    goesOn: (Account) -> Bool = { $0.future.goesOn }
  ) throws -> Account {
    let start = try milestones.last { $0.precedes(future) }.map { try goOn(from: $0, future) } ?? begin(future)
    return try run(future, start, goesOn: goesOn)
  }

  /// Runs the future in which nothing goes wrong.
  /// - Returns: also from where others may go on.
  func undisturbed() throws -> (Account, [Milestone]) {
    let future = ExploredFuture()
    let milestones = MilestoneKeeper()
    return (try run(future, begin(future, memory: .seconds(60)), milestones) { _ in false }, milestones.all)
  }

  private func begin(_ future: ExploredFuture, memory: Duration? = nil) throws -> Start {
    let world = try SimulatedWorld(
      beginning,
      seed: seed,
      faults: future.faults,
      standIns: standIns,
      limits: Self.limits,
      memory: memory
    )
    let time = world.time.now
    let journal = MemoryJournal()
    try journal.begin(started(time))
    return Start(
      world: world,
      witness: Witness(world: world),
      journal: journal,
      time: time,
      before: truth(at: world.moment)
    )
  }

  private func goOn(from milestone: Milestone, _ future: ExploredFuture) throws -> Start {
    let world = try SimulatedWorld(milestone.world, faults: future.faults, limits: Self.limits)
    return Start(
      world: world,
      witness: Witness(world: world, milestone.witnessed),
      journal: milestone.journal.copy(),
      time: milestone.start,
      before: milestone.before,
      milestone: milestone
    )
  }

  private func started(_ time: Timestamp) -> RunRecord {
    var record = record
    record.started = time
    return record
  }

  /// - Parameter milestones: takes down those of the first process; nil: nobody needs them.
  private func run(
    _ future: ExploredFuture,
    _ start: Start,
    _ milestones: MilestoneKeeper? = nil,
    goesOn: (Account) -> Bool
  ) throws -> Account {
    let (world, witness) = (start.world, start.witness)
    var account = Account(
      future: future,
      events: [],
      world: world,
      start: start.time,
      environments: environments,
      before: start.before,
      after: start.before
    )
    var hasGoneOn = false
    do throws(VirtualTimeError) {
      for process in 1...Self.mostProcesses {
        let isFirst = process == 1
        let journal = ProcessJournal(
          start.journal,
          world,
          dyingWrite: isFirst ? future.dyingWrite : process == 2 ? future.secondDyingWrite : nil,
          after: isFirst ? start.milestone?.writes ?? 0 : 0
        )
        var setup = RunSetup(
          run: record.id,
          runbook: runbook,
          world: world.world,
          journal: journal,
          log: witness,
          identity: "you@rehearsal",
          // As it stands in the journal: how it ended decides what is done again.
          record: isFirst ? started(start.time) : (try? start.journal.run(record.id)) ?? started(start.time),
          inputs: inputs,
          isResumed: !isFirst
        )
        if isFirst, let milestones {
          setup.milestone = { run in
            guard let stand = world.waypoint(before: run.wakes, during: run.routine) else { return }
            milestones.add(
              Milestone(
                run: run,
                world: stand,
                witnessed: witness.witnessed,
                journal: start.journal.copy(),
                writes: journal.writes,
                start: start.time,
                before: start.before
              )
            )
          }
        }
        let milestone = isFirst ? start.milestone : nil
        let interpreter = milestone.map { Interpreter(setup, from: $0.run) } ?? Interpreter(setup)
        account.result = try Self.run(interpreter, in: world, mayBeCutOff: future.mayBeCutOff)
        if isFirst { account.writes = journal.writes } else if process == 2 { account.laterWrites = journal.writes }
        let isDeath = world.isProcessGone
        if isDeath { account.result = nil }
        if let time = world.interrupted { account.interruptions.append(interruption(time, account)) }
        if !isDeath, account.result?.ending != .interrupted {
          guard let ending = account.result?.ending, ending == .undetermined || ending == .timedOut, !hasGoneOn,
            goesOn(concluded(account, witness))
          else { break }
          (hasGoneOn, account.future.goesOn) = (true, true)
          world.endTroubles()
        }
        let gone = world.time.now
        world.startProcess()
        try Self.pass(future.pause, in: world)
        account.absences.append((gone, world.time.now, isDeath))
      }
    } catch {
      account.result = nil
      account.failure = error.description
    }
    return concluded(account, witness)
  }

  private func concluded(_ account: Account, _ witness: Witness) -> Account {
    var account = account
    account.events = witness.witnessed.events
    account.after = witness.witnessed.last.map(truth) ?? account.before
    account.changes = environments.flatMap { account.world.tagChanges(in: $0) }
    return account
  }

  /// A process was interrupted at that time, and is at its end now.
  private func interruption(_ time: Timestamp, _ account: Account) -> Account.Interruption {
    let world = account.world
    return Account.Interruption(
      result: account.result,
      time: time,
      truth: truth(at: world.moment),
      open: world.forge.pullRequests.filter { $0.state == .open && $0.branch.contains(record.id.text) },
      later: world.touches.filter { $0.time > time && $0.touch.isWrite }.map(\.touch)
    )
  }

  private func truth(at moment: SimulatedMoment) -> Account.Truth {
    Dictionary(uniqueKeysWithValues: environments.map { ($0, moment.truth(of: $0)) })
  }

  private static func run(_ interpreter: Interpreter, in world: SimulatedWorld, mayBeCutOff: Bool)
    throws(VirtualTimeError) -> RunResult
  {
    guard mayBeCutOff else { return try drive(world) { await interpreter.run() } }
    return try drive(world) {
      // A task that can be cancelled from within the call at which that is to be, as a signal does.
      let run = Task(executorPreference: world.time) { await interpreter.run() }
      world.whenProcessIsGone { run.cancel() }
      world.whenInterrupted { run.cancel() }
      return await withTaskCancellationHandler {
        await run.value
      } onCancel: {
        run.cancel()
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

/// Takes down what a run says, and how things stood when its last statement ended.
final class Witness: RunLogSink {
  struct Witnessed: Sendable {
    var events: [RunEvent] = []
    var last: SimulatedMoment?
  }

  private let world: SimulatedWorld
  private let state: Mutex<Witnessed>

  /// - Parameter former: what was said before.
  init(world: SimulatedWorld, _ former: Witnessed = Witnessed()) {
    self.world = world
    state = Mutex(former)
  }

  var witnessed: Witnessed { state.withLock { $0 } }

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
