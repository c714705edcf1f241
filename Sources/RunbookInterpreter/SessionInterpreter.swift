public import PromotionModel
import RunLog
public import RunbookCheck
import RunbookDiagnostics
import Synchronization

/// One run that is typed: its statements are performed as they come, each with what those before it have left. What was
/// validated stays sealed, what was promoted is known, variables keep their values, and the journal holds it all as one
/// run, which later runs read and which can be resumed.
///
/// Unlike the statements of a file, none answers for another: after one that did not end well the next may come.
public final class SessionInterpreter: Sendable {
  /// How one statement ended.
  public struct Performed: Hashable, Sendable {
    public var ordinal: Int
    public var verb: String
    public var statement: String
    public var ending: Ending
    public var message: String
  }

  private let setup: RunSetup
  private let memory: RunMemory
  private let values = Mutex<[String: Bound]>([:])

  /// - Parameter setup: its runbook, inputs and world may be others at each statement.
  public convenience init(_ setup: RunSetup) { self.init(setup, RunMemory()) }

  private init(_ setup: RunSetup, _ memory: RunMemory) { (self.setup, self.memory) = (setup, memory) }

  /// Another session that has come as far as this one, for a look ahead: nothing that it does is known here.
  /// - Parameter setup: with a world and a journal of its own.
  public func fork(_ setup: RunSetup) -> SessionInterpreter {
    let copy = RunMemory(redactor: memory.redactor)
    let state = memory.current
    copy.update { $0 = state }
    let fork = SessionInterpreter(setup, copy)
    let known = values.withLock { $0 }
    fork.values.withLock { $0 = known }
    return fork
  }

  /// Performs the statements of `runbook` from one on, up to the first that does not end well. Its statements before are
  /// those of the session so far.
  ///
  /// Cancelling the task interrupts the statement: no handler runs, and nothing more is written.
  public func perform(_ runbook: CheckedRunbook, from first: Int, inputs: [String: Value] = [:]) async -> [Performed] {
    var setup = setup
    (setup.runbook, setup.inputs) = (runbook, inputs)
    let statements = runbook.body.statements.filter { $0.ordinal >= first }
    var part = setup
    part.runbook.body = CheckedBlock(statements: statements)
    var scope: Scope
    do {
      scope = try Readiness(setup: part).scope()
      try Readiness(setup: part).require()
    } catch {
      guard let statement = statements.first else { return [] }
      return [performed(statement, Outcome(ending: .refused, message: (error as? Halt)?.message ?? "\(error)"))]
    }
    let known = values.withLock { $0 }
    for statement in runbook.body.statements where statement.ordinal < first {
      guard case .bind(let variable, _) = statement.action, let bound = known[variable.name] else { continue }
      scope.bind(variable, to: bound)
    }
    let interpreter = Interpreter(setup, memory: memory)
    let keeper = LockKeeper(setup: setup, memory: memory)
    let start = scope
    let results = await withTaskGroup(of: [Performed]?.self) { group in
      group.addTask {
        await keeper.renewUntilCancelled()
        return nil
      }
      let results = await run(statements, interpreter, start)
      group.cancelAll()
      await group.waitForAll()
      return results
    }
    if !Task.isCancelled, isSettled { await keeper.releaseAll() }
    return results
  }

  private func run(_ statements: [CheckedStatement], _ interpreter: Interpreter, _ start: Scope) async -> [Performed] {
    var scope = start
    var results: [Performed] = []
    for statement in statements {
      let path = StepPath([.statement(statement.ordinal)])
      let outcome = await interpreter.perform(statement, at: path, &scope, replaying: false)
      if case .bind(let variable, _) = statement.action, let bound = scope.variables[variable.slot] {
        values.withLock { $0[variable.name] = bound }
      }
      if outcome.ending == .interrupted { settle(path, outcome, interpreter) }
      results.append(performed(statement, outcome))
      if outcome.ending != .ok || outcome.isStopped { break }
    }
    return results
  }

  private func performed(_ statement: CheckedStatement, _ outcome: Outcome) -> Performed {
    Performed(
      ordinal: statement.ordinal,
      verb: statement.action.verb,
      statement: statement.text,
      ending: outcome.ending,
      message: outcome.message
    )
  }

  /// A statement that was interrupted at the prompt was ended by a person, who goes on with something else.
  private func settle(_ path: StepPath, _ outcome: Outcome, _ interpreter: Interpreter) {
    let time = setup.world.reading.clock.now()
    do {
      try setup.journal.settle(
        setup.run,
        step: path,
        outcome: StepOutcome(ending: .interrupted, message: outcome.message, time: time)
      )
    } catch {
      interpreter.emit(.warning("\(error)"))
    }
  }

  /// Renews the locks that are held between two statements, until the task is cancelled.
  public func keepLocks() async { await LockKeeper(setup: setup, memory: memory).renewUntilCancelled() }

  public var holdsLocks: Bool { !memory.current.leases.isEmpty }

  /// Whether nothing of the session is on its way any more, so that its locks need not be held.
  private var isSettled: Bool {
    let state = memory.current
    let isWaiting = state.promotions.contains { $0.isByPullRequest && $0.commit == nil && !$0.isTakenBack }
    return state.unseen.values.allSatisfy(\.isEmpty) && !isWaiting
  }

  // MARK: What stands

  /// Services of protected environments that the session changed and that nothing has looked at since (rule 4).
  public var unseen: [EnvironmentName: [ServiceName]] {
    memory.current.unseen.filter { !$0.value.isEmpty }.mapValues { $0.sorted() }
  }

  /// What the session has promoted and not taken back, in a line, and that nothing is undone by itself.
  public var remains: String { Remains(memory.current).whenStopped }

  /// What takes the session's promotions back, the newest first.
  public var waysBack: [String] {
    memory.current.promotions.reversed().filter { !$0.isTakenBack }.map { promotion in
      let services = promotion.services.filter { !promotion.takenBack.contains($0) }.map(\.text)
      return "rollback \(promotion.changes.environment) \(services.joined(separator: ", "))"
    }
  }

  /// The services that the session has promoted to an environment and not taken back.
  public func promoted(to environment: EnvironmentName) -> [ServiceName] { memory.promoted(to: environment) }

  /// Whether the promotion of a statement may still have an effect, however the statement ended.
  public func hasPromoted(at ordinal: Int) -> Bool {
    memory.current.promotions.contains { $0.step == StepPath([.statement(ordinal)]) && !$0.isWithdrawn }
  }

  /// The variables and their values, by name; what comes from the environment is not shown.
  public var variables: [(name: String, value: String)] {
    values.withLock { $0.map { ($0.key, $0.value.shown) } }.sorted { $0.name < $1.name }
  }

  /// The values of the variables as a runbook writes them, by name; without those that may be secret.
  public var literals: [String: String] {
    values.withLock { $0.compactMapValues { $0.isSecret ? nil : $0.value.literal } }
  }

  /// The text without what came from the environment.
  public func withoutSecrets(_ text: String) -> String { memory.withoutSecrets(text) }

  // MARK: Beginning and end

  public func begin() {
    Interpreter(setup, memory: memory).emit(
      .runStarted(source: setup.record.source, world: setup.record.world, isResumed: setup.isResumed)
    )
  }

  /// Ends the run: frees its locks and writes its ending into the journal.
  /// - Parameter worst: how its statements ended, where that counts; a session that a person leaves has ended well unless
  ///   something that it changed was not looked at (rule 4).
  public func end(_ worst: Ending, message: String) async -> RunResult {
    let interpreter = Interpreter(setup, memory: memory)
    return await interpreter.end(interpreter.afterwards(Halt(worst, message)))
  }
}
