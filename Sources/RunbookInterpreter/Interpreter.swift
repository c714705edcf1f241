public import PromotionModel
public import RunLog
public import RunbookCheck

/// Everything that one run is made of.
public struct RunSetup: Sendable {
  public var run: RunID
  public var runbook: CheckedRunbook
  public var world: World
  public var journal: any Journal
  public var log: any RunLogSink
  /// Who runs it, for locks and commit messages: `person@host` or a job's name.
  public var identity: String
  /// What the run's record in the journal says.
  public var record: RunRecord
  /// The values of the inputs that were given, by name; see ``RunInputs``.
  public var inputs: [String: Value]
  /// Where the run can be followed; empty where it cannot.
  public var url: String
  public var isResumed: Bool
  /// How long a lock that another run holds is waited for; zero: refused at once.
  public var lockPatience: Duration
  /// After so much time in which nothing was told, a line says that the run is alive; nil: none does.
  public var heartbeat: Duration?
  /// Where the run would wait for people, it is stored and left instead (see ``StepContext/suspend(_:)``).
  public var suspends: Bool
  /// What a command needs besides to go on with this run, wherever it is typed: ` --store git`.
  public var resumeOptions: String
  /// Takes secrets out of what leaves the run; it learns them from the run.
  public var redactor: Redactor
  /// The run is given up: nothing more of it is begun, and what answers its failures has its say.
  public var abortion: Abortion?
  /// The exit status of a run that was interrupted: what the signal that did it asks for; nil where none has.
  public var interruptionStatus: @Sendable () -> Int32? = { nil }
  /// Told between two statements of the runbook, before the second begins, and between rounds of a `monitor`.
  public var milestone: (@Sendable (RunMilestone) -> Void)?

  public init(
    run: RunID,
    runbook: CheckedRunbook,
    world: World,
    journal: any Journal,
    log: any RunLogSink,
    identity: String,
    record: RunRecord,
    inputs: [String: Value] = [:],
    url: String = "",
    isResumed: Bool = false,
    lockPatience: Duration = .zero,
    heartbeat: Duration? = nil,
    suspends: Bool = false,
    resumeOptions: String = "",
    redactor: Redactor = Redactor(),
    abortion: Abortion? = nil
  ) {
    self.heartbeat = heartbeat
    (self.run, self.runbook, self.world, self.journal) = (run, runbook, world, journal)
    (self.log, self.identity, self.record) = (log, identity, record)
    (self.inputs, self.url, self.isResumed) = (inputs, url, isResumed)
    (self.lockPatience, self.suspends, self.abortion) = (lockPatience, suspends, abortion)
    (self.resumeOptions, self.redactor) = (resumeOptions, redactor)
  }
}

public struct RunResult: Hashable, Sendable {
  public var ending: Ending
  public var exit: Int32
  public var message: String
}

/// Runs a checked runbook in a world. Touches nothing but the world, the journal and the log it is given, so that the
/// same world gives the same run.
///
/// Cancelling the task interrupts the run: no handler runs, nothing more is written, and it can be resumed.
public struct Interpreter: Sendable {
  var setup: RunSetup
  let memory: RunMemory
  private let heartbeat: Heartbeat?
  /// Where the run goes on; nil: it begins.
  private(set) var milestone: RunMilestone?

  public init(_ setup: RunSetup) { self.init(setup, memory: RunMemory(redactor: setup.redactor)) }

  /// A run that goes on where another one stood, in the same process as it were: nothing of it is read from a journal or
  /// said again. Its world, its journal and its log must have come as far.
  public init(_ setup: RunSetup, from milestone: RunMilestone) {
    var setup = setup
    setup.redactor = milestone.redactor.copy()
    self.init(setup, memory: RunMemory(milestone.state, redactor: setup.redactor))
    self.milestone = milestone
  }

  init(_ setup: RunSetup, memory: RunMemory) {
    self.memory = memory
    var setup = setup
    heartbeat = setup.heartbeat.map {
      Heartbeat(inner: setup.log, every: $0, run: setup.run, clock: setup.world.reading.clock)
    }
    setup.log = RedactedLog(inner: heartbeat ?? setup.log, redactor: memory.redactor)
    setup.world.writing = RedactedWriting(redactor: memory.redactor).writing(setup.world.writing)
    self.setup = setup
    for name in Self.variablesWithSecrets(setup.runbook.fleet) {
      if let value = setup.world.reading.surroundings.variables.variable(name) { memory.keepSecret(value) }
    }
  }

  /// The variables whose values never leave the process: the logins of the tools, and the addresses of webhooks.
  private static func variablesWithSecrets(_ fleet: Fleet) -> [String] {
    let webhooks = fleet.announcements.places.compactMap { place in
      if case .webhook(let variable) = place.road { variable } else { nil }
    }
    return ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"] + webhooks
  }

  public func run() async -> RunResult {
    if let milestone { return await perform(milestone.scope, from: milestone) }
    emit(.runStarted(source: setup.record.source, world: setup.record.world, isResumed: setup.isResumed))
    do {
      try restore()
      let scope = try Readiness(setup: setup).scope()
      // What this version cannot do is found out before anything is done.
      if !setup.isResumed {
        try Readiness(setup: setup).require()
        if let outlook = WindowOutlook(setup: setup, scope: scope).event() { emit(outlook) }
      }
      await LockKeeper(setup: setup, memory: memory).retake()
      return await perform(scope)
    } catch let halt as Halt {
      return await end(halt)
    } catch {
      return await end(Halt(.undetermined, "\(error)"))
    }
  }

  /// Performs the statements, and ends the run.
  /// - Parameter milestone: which of them were performed already; nil: none.
  private func perform(_ scope: Scope, from milestone: RunMilestone? = nil) async -> RunResult {
    await withTaskGroup(of: RunResult?.self) { group in
      group.addTask {
        await LockKeeper(setup: setup, memory: memory).renewUntilCancelled(first: milestone?.renewal)
        return nil
      }
      if let heartbeat {
        group.addTask {
          await heartbeat.beatUntilCancelled()
          return nil
        }
      }
      if milestone != nil {
        // There the keeper of the locks waits already.
        let clock = setup.world.reading.clock
        try? await clock.sleep(until: clock.now())
      }
      let outcome = await block(setup.runbook.body, at: StepPath(), scope, from: milestone?.next ?? 0)
      var worst = Halt(outcome.ending, outcome.message)
      if worst.ending != .interrupted, setup.abortion != nil { worst = await closeWhatIsOpen(worst) }
      if setup.abortion == nil { worst = await lookAtOpenPullRequests(worst) }
      if worst.ending != .interrupted { worst = afterwards(worst) }
      group.cancelAll()
      await group.waitForAll()
      return await end(worst)
    }
  }

  /// Rule 4: no good ending in ignorance, and no *refused* after a change.
  func afterwards(_ worst: Halt) -> Halt {
    let state = memory.current
    let unseen = state.unseen.flatMap { environment, services in services.map { "\($0) in \(environment)" } }.sorted()
    if worst.ending < .undetermined, !unseen.isEmpty, SafetyRule.noGoodEndingInIgnorance.holds {
      return Halt(
        .undetermined,
        "\(unseen.joined(separator: ", ")) changed, and nothing looked at it afterwards: end with `monitor` or `wait rollout`"
      )
    }
    // *Refused* says that nothing was changed; a handler that answered it may have changed something.
    if worst.ending == .refused, state.hasChangedProtected, SafetyRule.noGoodEndingInIgnorance.holds {
      return Halt(.failed, worst.message)
    }
    return worst
  }

  func end(_ worst: Halt) async -> RunResult {
    let state = memory.current
    let protected = state.promotions.filter(\.isProtected)
    let unwell = Self.unwell(state)
    let takenBack =
      !protected.isEmpty && protected.allSatisfy(\.isTakenBack) && state.unseen.values.allSatisfy(\.isEmpty)
      && unwell.isEmpty
    var result = RunResult(
      ending: worst.ending,
      exit: ExitStatus.of(worst.ending, takenBack: takenBack),
      message: worst.message
    )
    if worst.ending == .interrupted {
      if let status = setup.interruptionStatus() { result.exit = status }
      if !setup.record.isSimulated {
        result.message += "; go on with: slipway resume \(setup.run)\(setup.resumeOptions)"
      }
    } else if worst.ending == .suspended {
      await LockKeeper(setup: setup, memory: memory).keepWhileSuspended()
    } else {
      if worst.ending != .ok,
        let rest = Remains(state, of: setup).afterFailure(result.message)
      {
        result.message += ". " + rest
      }
      if !unwell.isEmpty { result.message += ". Not well after it was taken back: " + unwell.joined(separator: "; ") }
      await LockKeeper(setup: setup, memory: memory).releaseAll()
    }
    do {
      try setup.journal.end(setup.run, ending: result.ending, exit: result.exit, at: setup.world.reading.clock.now())
    } catch {
      emit(.warning("the end of the run could not be stored: \(error)"))
    }
    emit(.runEnded(result.ending, exit: result.exit, message: result.message))
    return result
  }

  /// What was taken back, and did not pass the look that followed: exit status 3 would say that all is as before.
  private static func unwell(_ state: RunMemory.State) -> [String] {
    var found: [String] = []
    for promotion in state.promotions where promotion.isProtected && promotion.commit != nil && promotion.isTakenBack {
      for service in promotion.services {
        guard let words = state.troubled[promotion.changes.environment]?[service] else { continue }
        found.append("\(service): \(words)")
      }
    }
    return found
  }

  func emit(_ body: RunEvent.Body, at place: RunEvent.Step? = nil) {
    setup.log.emit(RunEvent(run: setup.run, time: setup.world.reading.clock.now(), step: place, body: body))
  }

  // MARK: Resuming

  /// A finished step keeps its outcome when its run is resumed; one that only could not tell is entered again.
  static func isFinal(_ ending: Ending) -> Bool {
    switch ending {
    case .ok, .refused, .failed: true
    case .suspended, .undetermined, .timedOut, .interrupted: false
    }
  }

  /// Whether the run had come to an end, and is resumed because that end satisfied nobody. Otherwise it was cut off or
  /// suspended, and goes on where it stood.
  var isSecondGo: Bool {
    guard setup.isResumed, let ending = setup.record.ending else { return false }
    return !ending.isPause
  }

  /// Rebuilds the memory from the journal.
  func restore() throws {
    guard setup.isResumed else { return }
    for step in try setup.journal.steps(of: setup.run) {
      memory.update { $0.earlier[step.step] = step }
      let notes = try setup.journal.notes(of: setup.run, step: step.step)
      try RunRestoration(memory: memory, fleet: setup.runbook.fleet).take(
        notes,
        of: step.step,
        ending: step.outcome?.ending
      )
    }
  }
}
