extension CheckedBlock {
  /// Its statements and those within them, in the order of the text; handlers come last.
  public var everyStatement: [CheckedStatement] {
    let handlers = [onFailure, finally].compactMap { $0?.block }
    return statements.flatMap { [$0] + $0.action.blocks.flatMap(\.everyStatement) } + handlers.flatMap(\.everyStatement)
  }
}

extension Action {
  /// The blocks that a statement holds, in the order of the text; that of a call is the procedure's body.
  public var blocks: [CheckedBlock] {
    switch self {
    case .branch(let branch): branch.branches.map(\.block) + [branch.otherwise].compactMap(\.self)
    case .loop(let loop): [loop.block]
    case .retry(let retry): [retry.block]
    case .within(_, let block): [block]
    case .call(let call): [call.block]
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
      .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .stop,
      .fail:
      []
    }
  }
}
