import RunbookSyntax

/// Ways through a tree for those who look for one thing in all of it.
enum TreeWalk {
  /// Every statement, those in blocks behind the one that has them.
  static func statements(_ statements: [Statement], _ visit: (Statement) -> Void) {
    for statement in statements {
      visit(statement)
      Self.statements(statement.kind.nestedStatements, visit)
    }
  }

  /// Every comment of a file.
  static func comments(of file: RunbookFile) -> [Comment] {
    var found = all(file.comments)
    statements(file.statements) { statement in
      found += all(statement.comments)
      for block in statement.kind.blocks { found += all(block.comments) }
      if case .condition(let node) = statement.kind {
        for branch in node.branches { found += all(branch.comments) }
        found += all(node.otherwiseComments)
      }
    }
    return found.sorted { $0.span.start < $1.span.start }
  }

  private static func all(_ comments: Comments) -> [Comment] { comments.before + comments.suffix + comments.after }
}

extension StatementKind {
  /// The word that says what a statement is, as ``MalformedStatement/verb`` has it.
  var keyword: String {
    switch self {
    case .runbook: "runbook"
    case .input: "input"
    case .importing: "import"
    case .procedure: "procedure"
    case .scenario: "scenario"
    case .given: "given"
    case .expect: "expect"
    case .validate: "validate"
    case .promote: "promote"
    case .wait: "wait"
    case .merge: "merge"
    case .monitor: "monitor"
    case .verify: "verify"
    case .rollback: "rollback"
    case .reconcile: "reconcile"
    case .sync: "sync"
    case .restart: "restart"
    case .diagnose: "diagnose"
    case .announce: "announce"
    case .freeze: "freeze"
    case .thaw: "thaw"
    case .confirm: "confirm"
    case .require: "require"
    case .run: "run"
    case .show: "show"
    case .binding: "let"
    case .condition: "if"
    case .loop: "for"
    case .retry: "retry"
    case .within: "within"
    case .call: "call"
    case .onFailure: "on"
    case .finally: "finally"
    case .stop: "stop"
    case .fail: "fail"
    case .malformed(let node): node.verb?.rawValue ?? ""
    }
  }
}
