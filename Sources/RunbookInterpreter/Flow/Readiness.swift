import PromotionModel
import RunbookCheck

/// What is found out before the first statement: that every input has its value, and that there is nothing in the runbook
/// which this version, in this place, can never do. It must not promote first and then find out.
struct Readiness {
  let setup: RunSetup

  /// The values of the inputs.
  /// - Throws: ``Halt`` with *refused* for inputs without one.
  func scope() throws -> Scope {
    var scope = Scope()
    var missing: [String] = []
    for input in setup.runbook.inputs {
      if let value = setup.inputs[input.variable.name] ?? input.defaultValue {
        scope.bind(input.variable, to: Bound(value))
      } else {
        missing.append(RunInputMessages.missing(input))
      }
    }
    guard missing.isEmpty else { throw Halt(.refused, missing.joined(separator: "; ")) }
    return scope
  }

  /// - Throws: ``Halt`` with *refused* that says everything, each with its line.
  func require() throws {
    var problems: [String] = []
    // A question is left for later only in a run that suspends, before anything was changed, and outside of handlers.
    var suspends = setup.suspends
    visit(setup.runbook.body, isCertain: true) { statement, isCertain, isAnswer in
      let asks = isCertain && (isAnswer || !suspends)
      if mayChange(statement.action) { suspends = false }
      for problem in self.problems(of: statement, asks: asks) {
        let file = statement.file.map { "\($0), " } ?? ""
        let line = "\(file)line \(statement.line): \(problem)"
        if !problems.contains(line) { problems.append(line) }
      }
    }
    guard problems.isEmpty else { throw Halt(.refused, problems.joined(separator: "; ")) }
  }

  private func mayChange(_ action: Action) -> Bool {
    switch action {
    case .promote(let action): action.way == .commit
    case .waitMerge, .merge, .rollback, .reconcile, .sync, .restart: true
    case .validate, .waitArrival, .waitTime, .waitUntil, .monitor, .verify, .diagnose, .announce, .freeze, .thaw,
      .confirm, .require, .run, .show, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      false
    }
  }

  /// - Parameter asks: a question in it would have to be answered in this process.
  private func problems(of statement: CheckedStatement, asks: Bool) -> [String] {
    var problems: [String] = []
    if case .announce(let action) = statement.action { problems += self.problems(of: action) }
    if case .freeze(let action) = statement.action,
      let unknown = FreezeEnvironment.unknownTeam(action, setup.runbook.fleet)
    {
      problems.append(unknown)
    }
    if setup.world.reading.surroundings.metrics == nil {
      for name in Metrics(statement.action).names { problems.append(EvaluationMessages.noMetrics(name)) }
    }
    // A question that is asked only if some condition holds may never be asked.
    if case .confirm(.checklist) = statement.action, setup.runbook.fleet.policy.checklist.isEmpty {
      problems.append(ConfirmMessages.noChecklist)
    }
    if case .confirm = statement.action, asks,
      let absence = setup.world.reading.surroundings.people.absence
    {
      problems.append(ConfirmMessages.nobody(absence))
    }
    return problems
  }

  /// A message that cannot be sent is found out before the promotion that it tells of.
  private func problems(of action: AnnounceAction) -> [String] {
    if let missing = Announce.missing(action, setup.runbook.fleet) { return [missing] }
    let places = setup.runbook.fleet.announcements.places.filter { action.place == nil || $0.name == action.place }
    return places.compactMap { place in
      setup.world.writing.announcer.obstacle(to: place).map { AnnounceMessages.notDelivered(place.name, $0) }
    }
  }

  private func visit(
    _ block: CheckedBlock,
    isCertain: Bool,
    isAnswer: Bool = false,
    _ body: (CheckedStatement, _ isCertain: Bool, _ isAnswer: Bool) -> Void
  ) {
    for statement in block.statements {
      body(statement, isCertain, isAnswer)
      switch statement.action {
      case .branch(let action):
        for branch in action.branches { visit(branch.block, isCertain: false, isAnswer: isAnswer, body) }
        if let otherwise = action.otherwise { visit(otherwise, isCertain: false, isAnswer: isAnswer, body) }
      case .loop(let action): visit(action.block, isCertain: isCertain, isAnswer: isAnswer, body)
      case .retry(let action): visit(action.block, isCertain: isCertain, isAnswer: isAnswer, body)
      case .within(_, let inner): visit(inner, isCertain: isCertain, isAnswer: isAnswer, body)
      case .call(let action): visit(action.block, isCertain: isCertain, isAnswer: isAnswer, body)
      case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
        .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind,
        .stop,
        .fail:
        break
      }
    }
    for handler in [block.onFailure, block.finally] {
      if let handler { visit(handler.block, isCertain: isCertain, isAnswer: true, body) }
    }
  }
}

/// The metrics that a statement's own expressions ask for.
private struct Metrics {
  private(set) var names: [String] = []

  init(_ action: Action) {
    switch action {
    case .require(let require): if case .condition(let condition) = require.requirement { visit(condition) }
    case .bind(_, let expression): visit(expression)
    case .branch(let action): for branch in action.branches { visit(branch.condition) }
    case .call(let action): for argument in action.arguments { visit(argument.value) }
    case .stop(let reason), .fail(let reason): visit(reason)
    case .confirm(.question(let question)): visit(question)
    case .run(let action):
      switch action.command {
      case .words(let words): for word in words { visit(word) }
      case .shell(let line): visit(line)
      }
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
      .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .show, .loop, .retry, .within:
      break
    }
  }

  private mutating func visit<T>(_ setting: Setting<T>) {
    if case .computed(let expression) = setting { visit(expression) }
  }

  private mutating func visit(_ expression: CheckedExpression) {
    switch expression.kind {
    case .constant, .variable, .runValue, .environmentVariable: break
    case .interpolated(let segments):
      for segment in segments { if case .value(let expression) = segment { visit(expression) } }
    case .list(let elements): for element in elements { visit(element) }
    case .not(let operand): visit(operand)
    case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .contains(let a, in: let b),
      .add(let a, let b),
      .subtract(let a, let b):
      visit(a)
      visit(b)
    case .fact(let fact):
      if case .metric(let name, _) = fact.kind, !names.contains(name) { names.append(name) }
    }
  }
}
