extension StatementKind {
  /// The blocks that stand directly in this statement, in the order of the text. The statements of one that could not be
  /// read are in ``MalformedStatement/body`` instead.
  public var blocks: [Block] {
    switch self {
    case .procedure(let declaration): [declaration.body]
    case .scenario(let declaration): [declaration.body]
    case .condition(let statement): statement.branches.map(\.body) + (statement.otherwise.map { [$0] } ?? [])
    case .loop(let statement): [statement.body]
    case .retry(let statement): [statement.body]
    case .within(let statement): [statement.body]
    case .onFailure(let statement): [statement.body]
    case .finally(let statement): [statement.body]
    case .runbook, .input, .importing, .given, .expect, .validate, .promote, .wait, .merge, .monitor, .verify,
      .rollback,
      .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .binding,
      .call, .stop, .fail, .malformed:
      []
    }
  }

  /// The statements directly in this one, those of a malformed one among them.
  public var nestedStatements: [Statement] {
    if case .malformed(let statement) = self { return statement.body }
    return blocks.flatMap(\.statements)
  }
}
