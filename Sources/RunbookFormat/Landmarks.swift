internal import RunbookDiagnostics
internal import RunbookSyntax

/// What the layout needs to know of the tree: where statements and blocks begin and end, which parentheses belong to the
/// word in front of them, and behind which words a line may be broken. All of it by the offset of a token's first byte, or
/// for ``statementEnds`` of the byte behind its last.
struct Landmarks {
  private(set) var statementStarts: Set<UInt32> = []
  private(set) var statementEnds: Set<UInt32> = []
  /// The `{` and the `}` of blocks.
  private(set) var blockStarts: Set<UInt32> = []
  private(set) var blockEnds: Set<UInt32> = []
  /// The words whose `(` follows without a blank: a procedure's name, `env`.
  private(set) var callees: Set<UInt32> = []
  /// `and` and `or`, where they are operators.
  private(set) var connectives: Set<UInt32> = []

  init(_ file: RunbookFile) {
    for statement in file.statements { add(statement) }
  }

  private mutating func add(_ statement: Statement) {
    statementStarts.insert(statement.span.start)
    statementEnds.insert(statement.span.end)
    add(statement.kind)
  }

  private mutating func add(_ block: Block) {
    blockStarts.insert(block.span.start)
    if !block.span.isEmpty { blockEnds.insert(block.span.end - 1) }
    for statement in block.statements { add(statement) }
  }

  // MARK: Statements

  private mutating func add(_ kind: StatementKind) {
    switch kind {
    case .runbook, .importing, .validate, .verify, .reconcile, .sync, .restart, .diagnose, .announce, .thaw, .confirm,
      .show, .stop, .fail:
      // No block, and nothing but names and literals.
      break
    case .malformed(let malformed):
      for statement in malformed.body { add(statement) }
    case .input(let input): add(input.defaultValue)
    case .procedure(let procedure):
      callees.insert(procedure.name.span.start)
      for parameter in procedure.parameters { add(parameter.defaultValue) }
      add(procedure.body)
    case .scenario(let scenario): add(scenario.body)
    case .given(let given): add(given)
    case .expect(let expect): add(expect)
    case .promote(let promote): add(promote.version)
    case .wait(let wait): add(wait)
    case .merge(let merge): add(merge.within)
    case .monitor(let monitor):
      add(monitor.duration, monitor.every, monitor.allowedRestarts)
      add(monitor.allowedErrors?.count, monitor.allowedErrors?.per)
    case .rollback(let rollback): add(rollback.to)
    case .freeze(let freeze): add(freeze.until)
    case .require(let require): add(require)
    case .run(let run): add(run.within)
    case .binding(let binding): add(binding.value)
    case .condition(let condition):
      for branch in condition.branches {
        add(branch.condition)
        add(branch.body)
      }
      condition.otherwise.map { add($0) }
    case .loop(let loop): add(loop.body)
    case .retry(let retry):
      add(retry.count, retry.every)
      add(retry.body)
    case .within(let within):
      add(within.limit)
      add(within.body)
    case .call(let call):
      callees.insert(call.procedure.span.start)
      for argument in call.arguments { add(argument.value) }
    case .onFailure(let handler): add(handler.body)
    case .finally(let finally): add(finally.body)
    }
  }

  private mutating func add(_ wait: WaitStatement) {
    switch wait.condition {
    case .merge, .sync, .rollout: break
    case .elapsed(let time), .until(let time): add(time)
    }
    add(wait.within)
  }

  private mutating func add(_ require: RequireStatement) {
    switch require.requirement {
    case .condition(let condition): add(condition)
    case .configuredWindow: break
    case .window(let window): add(window.from, window.to)
    }
  }

  private mutating func add(_ given: GivenStatement) {
    switch given.event {
    case .crashes, .cannotBePulled, .neverReady, .reviewerMerges, .reviewerCloses, .reviewerNeverComes,
      .deletedByHand, .healsItself, .isEvicted, .isDrained, .cannotBeMigrated, .doesNotAnswer, .isPushedAgain,
      .leadsElsewhere, .noMetric, .alert, .programFails, .programNeverEnds, .personSaysNo, .personNeverAnswers:
      break
    case .answers(_, let value), .movesTo(_, let value), .syncsSlowly(_, let value), .reviewerEdits(_, let value),
      .setByHand(_, let value), .scaledByHand(_, let value), .scalesTo(_, let value), .migrates(_, let value),
      .networkLost(let value), .pushesRejected(let value), .foreignCommits(let value), .metric(_, _, let value),
      .isLocked(_, let value), .isFrozen(_, let value):
      add(value)
    case .logsErrors(_, let count, let per): add(count, per)
    }
    add(given.after)
  }

  private mutating func add(_ expect: ExpectStatement) {
    switch expect.expectation {
    case .ending, .pullRequest, .announced, .safe: break
    case .version(_, let value), .exit(let value), .within(let value): add(value)
    }
  }

  // MARK: Expressions

  private mutating func add(_ expressions: Expression?...) {
    for expression in expressions { expression.map { add($0) } }
  }

  private mutating func add(_ expression: Expression) {
    switch expression.kind {
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .boolean, .string, .name: break
    case .environmentVariable: callees.insert(expression.span.start)
    case .list(let elements):
      for element in elements { add(element) }
    case .parenthesized(let inner), .not(let inner): add(inner)
    case .binary(let binary, let left, let right, let place):
      if binary == .and || binary == .or { connectives.insert(place.start) }
      add(left)
      add(right)
    case .fact(let fact): add(fact.service, fact.window)
    }
  }
}
