import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck

extension Interpreter {
  /// The note of a statement with a block in which `stop` was met.
  private static let stoppedKey = "stopped"

  /// Runs one statement, or takes its ending from the journal.
  func perform(_ statement: CheckedStatement, at path: StepPath, _ scope: inout Scope, replaying: Bool) async -> Outcome
  {
    let place = RunEvent.Step(path: path, verb: statement.action.verb, line: statement.line)
    return await journaling(statement, place, scope).perform(statement, place, &scope, replaying: replaying)
  }

  private func perform(
    _ statement: CheckedStatement,
    _ place: RunEvent.Step,
    _ scope: inout Scope,
    replaying: Bool
  ) async -> Outcome {
    let path = place.path
    let clock = setup.world.reading.clock
    let earlier = memory.earlier(at: path)
    if let outcome = earlier?.outcome, replaying || Self.isFinal(outcome.ending) || isPassed(path),
      !isWithheld(statement, at: path)
    {
      emit(.stepSkipped(outcome.ending), at: place)
      return skipped(statement, outcome, at: path, &scope)
    }
    if earlier == nil, isPassed(path) { return .ok() }
    if let abortion = setup.abortion, !scope.isAnswer, earlier == nil || !statement.action.hasBlock {
      return aborted(abortion, statement, place, earlier)
    }
    if !Task.isCancelled, let cutoff = scope.cutoff, clock.now() >= cutoff.deadline {
      return failed(Halt(.timedOut, "`\(statement.text)` was not begun: \(cutoff.text)"), statement, [])
    }
    let underWay = milestone?.monitor.flatMap { scope.isAnswer || path != firstPath ? nil : $0 }
    let context: StepContext
    do {
      context = try self.context(statement, place, earlier, scope, begun: underWay?.begun)
    } catch {
      emit(.warning("\(error)"), at: place)
      return failed(Halt(.undetermined, "\(error)"), statement, [])
    }
    do {
      if Task.isCancelled { throw CancellationError() }
      if let underWay {
        context.touched.add(underWay.services)
        let message = try await Monitor(action: underWay.vigil.action, step: context).goOn(from: underWay)
        return try settle(.ok(message), statement, place)
      }
      emit(.stepStarted(statement: statement.text), at: place)
      try setup.journal.intend(
        StepRecord(run: setup.run, step: path, verb: place.verb, statement: statement.text, begun: context.begun)
      )
      let outcome: Outcome
      if let nested = try await enter(statement.action, context) {
        outcome = nested
      } else if case .bind(let variable, let expression) = statement.action {
        scope.bind(variable, to: try await bind(variable, expression, context))
        outcome = .ok("\(variable.name) is \(scope.variables[variable.slot]?.shown ?? "")")
      } else {
        outcome = .ok(
          try await context.limited(by: scope.cutoff) { try await self.execute(statement.action, context) }
        )
      }
      guard outcome.ending != .interrupted else { return interrupted(place, outcome) }
      return try settle(outcome, statement, place)
    } catch {
      if Task.isCancelled || error is CancellationError { return interrupted(place, nil) }
      let outcome = ended(halt(for: error), statement, context.touched.all, isRefusal: isRefusal(error))
      if let failure = outcome.failure { memory.markTroubled(failure) }
      do {
        return try settle(outcome, statement, place)
      } catch {
        if Task.isCancelled { return interrupted(place, nil) }
        emit(.warning("\(error)"), at: place)
        return failed(Halt(.undetermined, "\(error)"), statement, [])
      }
    }
  }

  /// A variable whose value the journal does not keep: it is bound anew, from what the journal does keep.
  private func isWithheld(_ statement: CheckedStatement, at path: StepPath) -> Bool {
    guard case .bind = statement.action, let bound: Bound = storedNote(Self.boundKey, at: path) else { return false }
    return bound.isWithheld == true
  }

  /// At the prompt each statement stands for itself: in a session that is resumed, one that others follow is not entered
  /// again.
  func isPassed(_ path: StepPath) -> Bool {
    guard setup.isResumed, setup.record.isSession, path.components.count == 1,
      let last = setup.runbook.body.statements.last
    else {
      return false
    }
    return path != StepPath([.statement(last.ordinal)])
  }

  private func context(
    _ statement: CheckedStatement,
    _ place: RunEvent.Step,
    _ earlier: StepRecord?,
    _ scope: Scope,
    begun: Timestamp? = nil
  ) throws -> StepContext {
    // A step that was settled and is entered again on request has all of its time again; one that was cut off has not.
    let begun = begun ?? earlier.flatMap { $0.outcome == nil ? $0.begun : nil } ?? setup.world.reading.clock.now()
    return StepContext(
      setup: setup,
      memory: memory,
      place: place,
      statement: statement.text,
      begun: begun,
      wasCutOff: earlier != nil && earlier?.outcome == nil,
      stored: earlier == nil ? [:] : try memory.storedNotes(at: place.path, setup),
      scope: scope
    )
  }

  /// A suspended statement has not failed: nothing answers it, and it is entered again.
  private func ended(
    _ halt: Halt,
    _ statement: CheckedStatement,
    _ touched: [ServiceName],
    isRefusal: Bool
  ) -> Outcome {
    if halt.ending == .suspended { return Outcome(ending: .suspended, message: halt.message) }
    return failed(halt, statement, touched, isRefusal: isRefusal)
  }

  func failed(
    _ halt: Halt,
    _ statement: CheckedStatement,
    _ touched: [ServiceName],
    isRefusal: Bool = false
  ) -> Outcome {
    var failure = Failure(
      ending: halt.ending,
      message: halt.message,
      services: halt.services ?? touched,
      statement: statement.text,
      isRefusal: isRefusal,
      watched: watched(by: statement.action)
    )
    if failure.watched != nil, failure.services.isEmpty {
      failure.services = memory.current.promotions.last?.services ?? []
    }
    return Outcome(ending: halt.ending, message: halt.message, failure: failure)
  }

  /// The environment that a statement looks at; nil for one that does something else.
  private func watched(by action: Action) -> EnvironmentName? {
    switch action {
    case .monitor(let action): action.environment
    case .verify(let action): action.environment
    case .waitArrival(let action): action.environment
    case .waitMerge, .merge: memory.current.promotions.last?.changes.environment
    case .validate, .promote, .waitTime, .waitUntil, .rollback, .reconcile, .sync, .restart, .diagnose, .announce,
      .freeze, .thaw, .confirm, .require, .run, .show, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      nil
    }
  }

  private func isRefusal(_ error: any Error) -> Bool { (error as? Halt)?.ending == .refused }

  private func halt(for error: any Error) -> Halt {
    guard var halt = error as? Halt else { return Halt(.undetermined, "\(error)") }
    // After a change nothing ends *refused* (rule 4): the exit status would promise an untouched production.
    if halt.ending == .refused, memory.current.hasChangedProtected { halt.ending = .failed }
    return halt
  }

  func settle(_ outcome: Outcome, _ statement: CheckedStatement, _ place: RunEvent.Step) throws -> Outcome {
    var outcome = outcome
    if Self.isFinal(outcome.ending) { memory.update { $0.attempted[place.path] = nil } }
    if case .stop = statement.action, outcome.ending == .ok { outcome.isStopped = true }
    if var failure = outcome.failure {
      failure.message = memory.withoutSecrets(failure.message)
      try setup.note(Failure.noteKey, failure, under: place.path)
    }
    if outcome.isStopped { try setup.note(Self.stoppedKey, true, under: place.path) }
    let time = setup.world.reading.clock.now()
    try setup.journal.settle(
      setup.run,
      step: place.path,
      outcome: StepOutcome(ending: outcome.ending, message: memory.withoutSecrets(outcome.message), time: time)
    )
    emit(.stepEnded(outcome.ending, message: outcome.message), at: place)
    return outcome
  }

  /// A statement that an earlier process finished: what it had for those that follow is taken from the journal.
  private func skipped(
    _ statement: CheckedStatement,
    _ outcome: StepOutcome,
    at path: StepPath,
    _ scope: inout Scope
  ) -> Outcome {
    if case .bind(let variable, _) = statement.action, let bound: Bound = storedNote(Self.boundKey, at: path) {
      if bound.isSecret { memory.keepSecret(bound.value.text) }
      scope.bind(variable, to: bound)
    }
    let isStopped: Bool = storedNote(Self.stoppedKey, at: path) ?? false
    guard outcome.ending != .ok else { return Outcome(ending: .ok, message: outcome.message, isStopped: isStopped) }
    var result = failed(Halt(outcome.ending, outcome.message), statement, [], isRefusal: outcome.ending == .refused)
    if let failure: Failure = storedNote(Failure.noteKey, at: path) { result.failure = failure }
    result.isStopped = isStopped
    return result
  }

  /// - Parameter inner: the interruption of a statement within, whose message says more.
  func interrupted(_ place: RunEvent.Step, _ inner: Outcome?) -> Outcome {
    let remains = Remains(memory.current, of: setup).whenStopped
    let message = inner?.message ?? "interrupted in `\(place.verb)` on line \(place.line). \(remains)"
    emit(.stepEnded(.interrupted, message: message), at: place)
    return Outcome(ending: .interrupted, message: message)
  }

  // MARK: Verbs

  func execute(_ action: Action, _ step: StepContext) async throws -> String {
    let deadlines = step.fleet.policy.deadlines
    switch action {
    case .validate(let action):
      return try await step.limited(to: deadlines.validate + SmokeTests.longest(step.fleet)) {
        try await Validate(action: ValidateTerms(action, step), step: step).run()
      }
    case .promote(let action):
      // Waiting for another run is not the promotion's own time.
      return try await step.limited(to: deadlines.promote + setup.lockPatience) {
        try await Promote(action: PromoteTerms(action, step), step: step).run()
      }
    case .waitMerge(let within): return try await WaitMerge(within: step.resolve(within), step: step).run()
    case .merge(let within): return try await Merge(within: step.resolve(within), step: step).run()
    case .waitArrival(let action):
      return try await WaitArrival(action: WaitArrivalTerms(action, step), step: step).run()
    case .waitTime(let duration): return try await WaitTime(duration: step.resolve(duration), step: step).run()
    case .waitUntil(let action): return try await WaitUntil(action: action, step: step).run()
    case .monitor(let action): return try await Monitor(action: MonitorTerms(action, step), step: step).run()
    case .verify(let action):
      // What is on its way is waited for as long as `wait rollout` would.
      return try await step.limited(to: deadlines.rollout + deadlines.validate + SmokeTests.longest(step.fleet)) {
        try await Verify(action: VerifyTerms(action, step), step: step).run()
      }
    case .rollback(let action):
      return try await Rollback(action: RollbackTerms(action, step), step: step).run()
    case .confirm(let action): return try await Confirm(action: action, step: step).run()
    case .require(let action):
      return try await step.limited(to: deadlines.show) { try await Require(action: action, step: step).run() }
    case .run(let action): return try await RunProgram(action: action, step: step).run()
    case .show(let action):
      return try await Show(action: action, step: step).run()
    case .diagnose(let action):
      return try await step.limited(to: deadlines.show) {
        try await Diagnose(action: VerifyTerms(action, step), step: step).run()
      }
    case .stop(let reason):
      let remains = Remains(memory.current, of: setup).whenStopped
      return "stopped: \(try await step.resolve(reason)). \(remains)"
    case .fail(let reason): throw Halt(.failed, try await step.resolve(reason))
    case .announce(let action): return try await Announce(action: action, step: step).run()
    case .freeze(let action):
      return try await step.limited(to: deadlines.promote) {
        try await FreezeEnvironment(action: action, step: step).run()
      }
    case .thaw(let environment, let reason):
      return try await step.limited(to: deadlines.promote) {
        try await ThawEnvironment(environment: environment, reason: reason, step: step).run()
      }
    case .sync(let action): return try await Sync(action, step).run()
    case .restart(let action): return try await Restart(action: VerifyTerms(action, step), step: step).run()
    case .reconcile(let action):
      return try await step.limited(to: deadlines.rollback + .seconds(60)) {
        try await Reconcile(action, step).run()
      }
    // They hold statements and are none: the runner has seen to them.
    case .bind, .branch, .loop, .retry, .within, .call: return ""
    }
  }
}
