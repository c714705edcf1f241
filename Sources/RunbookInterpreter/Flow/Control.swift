import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck

extension Interpreter {
  /// The note of a `let`, and of the list of a `for`.
  static let boundKey = "value"
  private static let listKey = "list"
  /// The note of an `if` whose condition rests on the environment: which block was entered.
  private static let branchKey = "branch"

  /// Runs a statement with a block of its own; nil for every other.
  func enter(_ action: Action, _ step: StepContext) async throws -> Outcome? {
    switch action {
    case .branch(let action): try await branch(action, step)
    case .loop(let action): try await loop(action, step)
    case .retry(let action): try await retry(action, step)
    case .within(let limit, let body): try await within(limit, body, step)
    case .call(let action): try await call(action, step)
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
      .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .stop,
      .fail:
      nil
    }
  }

  /// Evaluates under the deadline of what surrounds it, and under that of every fact.
  private func evaluated<T: Sendable>(_ step: StepContext, _ body: @escaping @Sendable () async throws -> T)
    async throws
    -> T
  {
    try await step.limited(by: step.scope.cutoff) {
      try await step.limited(to: step.fleet.policy.deadlines.show, body)
    }
  }

  /// `let x = …`: the value is stored before anything follows from it.
  func bind(_ variable: Variable, _ expression: CheckedExpression, _ step: StepContext) async throws -> Bound {
    let bound: Bound
    if let known = try step.stored(Self.boundKey, as: Bound.self), known.isWithheld != true {
      bound = known
    } else {
      bound = try await evaluated(step) {
        var evaluator = Evaluator(step: step)
        return try await evaluator.value(of: expression)
      }
      try step.note(Self.boundKey, bound.kept)
    }
    if bound.isSecret { memory.keepSecret(bound.value.text) }
    step.emit(.value(name: variable.name, type: bound.value.typeName, text: bound.shown))
    return bound
  }

  private func branch(_ action: BranchAction, _ step: StepContext) async throws -> Outcome {
    // Another machine has another environment; it goes on in the block that was begun.
    let entered = try step.stored(Self.branchKey, as: Int.self)
    var isSecret = false
    for (index, branch) in action.branches.enumerated() where entered == nil || entered == index {
      if entered == nil {
        let condition = try await evaluated(step) {
          var evaluator = Evaluator(step: step)
          return try await evaluator.boolean(branch.condition)
        }
        isSecret = isSecret || condition.isSecret
        guard condition.isTrue else { continue }
        if isSecret { try step.note(Self.branchKey, index) }
      }
      return await block(branch.block, at: step.place.path.appending(.branch(index)), step.scope)
    }
    if isSecret { try step.note(Self.branchKey, action.branches.count) }
    guard let otherwise = action.otherwise else { return .ok("no condition holds") }
    return await block(otherwise, at: step.place.path.appending(.branch(action.branches.count)), step.scope)
  }

  /// `for s in …`: the list is what it is when the loop is entered. The first iteration that does not end well is the last.
  private func loop(_ action: LoopAction, _ step: StepContext) async throws -> Outcome {
    let services: [ServiceName]
    if let known = try step.stored(Self.listKey, as: [ServiceName].self) {
      services = known
    } else {
      services = try await evaluated(step) {
        try await step.services(step.resolve(action.targets), in: action.environment)
      }
      try step.note(Self.listKey, services)
    }
    guard !services.isEmpty else { return .ok("there is no service to do it for") }
    for (index, service) in services.enumerated() {
      var scope = step.scope
      scope.bind(action.variable, to: Bound(.service(service)))
      let outcome = await block(action.block, at: step.place.path.appending(.iteration(index)), scope)
      if outcome.ending != .ok || outcome.isStopped { return outcome }
    }
    return .ok("done for \(services.map(\.text).joined(separator: ", "))")
  }

  /// `within D { }`: every statement in it ends with the deadline. What answers them (`on failure`, `finally`) has its own
  /// time.
  private func within(_ limit: Setting<Duration>, _ body: CheckedBlock, _ step: StepContext) async throws -> Outcome {
    let limit = try await evaluated(step) { try await step.resolve(limit) }
    var scope = step.scope
    let cutoff = Cutoff(deadline: step.begun + limit, limit: limit, line: step.place.line)
    if cutoff.isEarlier(than: scope.cutoff) { scope.cutoff = cutoff }
    return await block(body, at: step.place.path, scope)
  }

  private func call(_ action: CallAction, _ step: StepContext) async throws -> Outcome {
    let values = try await evaluated(step) {
      var values: [(Variable, Bound)] = []
      for argument in action.arguments {
        var evaluator = Evaluator(step: step)
        values.append((argument.variable, try await evaluator.value(of: argument.value)))
      }
      return values
    }
    var scope = step.scope
    for (variable, bound) in values { scope.bind(variable, to: bound) }
    return await block(action.block, at: step.place.path.appending(.call), scope)
  }
}
