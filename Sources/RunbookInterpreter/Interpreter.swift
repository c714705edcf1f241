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
  public var isResumed: Bool

  public init(
    run: RunID,
    runbook: CheckedRunbook,
    world: World,
    journal: any Journal,
    log: any RunLogSink,
    identity: String,
    record: RunRecord,
    isResumed: Bool = false
  ) {
    (self.run, self.runbook, self.world, self.journal) = (run, runbook, world, journal)
    (self.log, self.identity, self.record, self.isResumed) = (log, identity, record, isResumed)
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
  let setup: RunSetup
  let memory = RunMemory()

  public init(_ setup: RunSetup) { self.setup = setup }

  public func run() async -> RunResult {
    emit(.runStarted(source: setup.record.source, world: setup.record.world, isResumed: setup.isResumed))
    do {
      let finished = try restore()
      await LockKeeper(setup: setup, memory: memory).retake()
      return await withTaskGroup(of: RunResult?.self) { group in
        group.addTask {
          await LockKeeper(setup: setup, memory: memory).renewUntilCancelled()
          return nil
        }
        let body = setup.runbook.body
        var worst = await block(body.statements, body.onFailure, at: StepPath(), finished, answering: nil)
        if worst.ending != .interrupted { worst = afterwards(worst) }
        group.cancelAll()
        await group.waitForAll()
        return await end(worst)
      }
    } catch {
      return await end(Halt(.undetermined, "\(error)"))
    }
  }

  /// Rule 4: no good ending in ignorance, and no *refused* after a change.
  private func afterwards(_ worst: Halt) -> Halt {
    let state = memory.current
    let unseen = state.unseen.flatMap { environment, services in services.map { "\($0) in \(environment)" } }.sorted()
    if worst.ending < .undetermined, !unseen.isEmpty, SafetyRule.noGoodEndingInIgnorance.holds {
      return Halt(
        .undetermined,
        "\(unseen.joined(separator: ", ")) changed, and nothing looked at it afterwards: end with `monitor` or `wait rollout`"
      )
    }
    return worst
  }

  private func end(_ worst: Halt) async -> RunResult {
    let state = memory.current
    let protected = state.promotions.filter(\.isProtected)
    let takenBack =
      !protected.isEmpty && protected.allSatisfy(\.isTakenBack) && state.unseen.values.allSatisfy(\.isEmpty)
    var result = RunResult(
      ending: worst.ending,
      exit: ExitStatus.of(worst.ending, takenBack: takenBack),
      message: worst.message
    )
    if worst.ending == .interrupted {
      result.message += "; go on with: slipway resume \(setup.run)"
    } else {
      if worst.ending != .ok, let rest = Remains(promotions: state.promotions).afterFailure {
        result.message += ". " + rest
      }
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

  // MARK: Blocks and steps

  private func block(
    _ statements: [CheckedStatement],
    _ handler: CheckedHandler?,
    at path: StepPath,
    _ finished: [StepPath: StepRecord],
    answering: Ending?
  ) async -> Halt {
    var worst = Halt(.ok, "")
    for statement in statements {
      let result = await perform(
        statement,
        at: path.appending(.statement(statement.ordinal)),
        finished,
        answering: answering
      )
      if result.ending > worst.ending { worst = result }
      if result.ending != .ok { break }
      if case .stop = statement.action { break }
    }
    guard let handler, worst.ending != .ok, worst.ending != .interrupted else { return worst }
    let handlerPath = path.appending(.statement(handler.ordinal)).appending(.onFailure)
    let answer = await block(handler.statements, nil, at: handlerPath, finished, answering: worst.ending)
    // The failure goes on up: what a handler does well makes nothing better.
    return answer.ending > worst.ending ? answer : worst
  }

  private func perform(
    _ statement: CheckedStatement,
    at path: StepPath,
    _ finished: [StepPath: StepRecord],
    answering: Ending?
  ) async -> Halt {
    let place = RunEvent.Step(path: path, verb: statement.action.verb, line: statement.line)
    let clock = setup.world.reading.clock
    let earlier = finished[path]
    if let outcome = earlier?.outcome, isFinal(outcome.ending) {
      emit(.stepSkipped(outcome.ending), at: place)
      return Halt(outcome.ending, outcome.message)
    }
    // A step that was settled and is entered again on request has all of its time again; one that was cut off has not.
    let begun = earlier.flatMap { $0.outcome == nil ? $0.begun : nil } ?? clock.now()
    do {
      if Task.isCancelled { throw CancellationError() }
      emit(.stepStarted(statement: statement.text), at: place)
      try setup.journal.intend(
        StepRecord(run: setup.run, step: path, verb: place.verb, statement: statement.text, begun: begun)
      )
      let context = StepContext(
        setup: setup,
        memory: memory,
        place: place,
        begun: begun,
        stored: earlier == nil ? [:] : try setup.journal.notes(of: setup.run, step: path),
        answering: answering
      )
      let message = try await execute(statement.action, context)
      return try settle(Halt(.ok, message), place)
    } catch {
      if Task.isCancelled || error is CancellationError { return interrupted(place) }
      do {
        return try settle(halt(for: error), place)
      } catch {
        emit(.warning("\(error)"), at: place)
        return Halt(.undetermined, "\(error)")
      }
    }
  }

  private func execute(_ action: Action, _ step: StepContext) async throws -> String {
    switch action {
    case .validate(let action):
      try await step.limited(to: step.fleet.policy.deadlines.validate) {
        try await Validate(action: action, step: step).run()
      }
    case .promote(let action):
      try await step.limited(to: step.fleet.policy.deadlines.promote) {
        try await Promote(action: action, step: step).run()
      }
    case .waitMerge(let within): try await WaitMerge(within: within, step: step).run()
    case .waitArrival(let action): try await WaitArrival(action: action, step: step).run()
    case .waitTime(let duration): try await WaitTime(duration: duration, step: step).run()
    case .monitor(let action): try await Monitor(action: action, step: step).run()
    case .rollback(let action): try await Rollback(action: action, step: step).run()
    case .stop(let reason): "stopped: \(reason). \(remains())"
    case .fail(let reason): throw Halt(.failed, reason)
    }
  }

  private func halt(for error: any Error) -> Halt {
    if let halt = error as? Halt {
      // After a change nothing ends *refused* (rule 4): the exit status would promise an untouched production.
      return halt.ending == .refused && memory.current.hasChangedProtected ? Halt(.failed, halt.message) : halt
    }
    return Halt(.undetermined, "\(error)")
  }

  private func settle(_ halt: Halt, _ place: RunEvent.Step) throws -> Halt {
    let time = setup.world.reading.clock.now()
    try setup.journal.settle(
      setup.run,
      step: place.path,
      outcome: StepOutcome(ending: halt.ending, message: halt.message, time: time)
    )
    emit(.stepEnded(halt.ending, message: halt.message), at: place)
    return halt
  }

  private func interrupted(_ place: RunEvent.Step) -> Halt {
    let halt = Halt(.interrupted, "interrupted in `\(place.verb)` on line \(place.line). \(remains())")
    emit(.stepEnded(halt.ending, message: halt.message), at: place)
    return halt
  }

  private func remains() -> String { Remains(promotions: memory.current.promotions).whenStopped }

  private func emit(_ body: RunEvent.Body, at place: RunEvent.Step? = nil) {
    setup.log.emit(RunEvent(run: setup.run, time: setup.world.reading.clock.now(), step: place, body: body))
  }

  // MARK: Resuming

  /// A finished step keeps its outcome when its run is resumed; one that only could not tell is entered again.
  private func isFinal(_ ending: Ending) -> Bool {
    switch ending {
    case .ok, .refused, .failed: true
    case .suspended, .undetermined, .timedOut, .interrupted: false
    }
  }

  /// Rebuilds the memory from the journal.
  /// - Returns: the steps of earlier processes of this run, by path.
  private func restore() throws -> [StepPath: StepRecord] {
    guard setup.isResumed else { return [:] }
    var steps: [StepPath: StepRecord] = [:]
    for step in try setup.journal.steps(of: setup.run) {
      steps[step.step] = step
      let notes = try setup.journal.notes(of: setup.run, step: step.step)
      try RunRestoration(memory: memory, fleet: setup.runbook.fleet).take(
        notes,
        ending: step.outcome?.ending,
        verb: step.verb
      )
    }
    return steps
  }
}
