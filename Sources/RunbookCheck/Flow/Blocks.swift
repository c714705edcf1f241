import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// A block that was looked at.
struct BlockResult {
  var checked = CheckedBlock()
  /// How long its statements take at least.
  var least: Duration = .zero
  /// What holds after any of its statements, joined: what a handler around it may find.
  var reached = Flow()
}

extension Checker {
  /// A handler as it was found in its block.
  private struct FoundHandler {
    var ordinal: Int
    var span: SourceSpan
    var body: Block
  }

  /// Looks at the statements of a block; its scope is the innermost of ``scopes``.
  mutating func block(_ statements: [Statement], isTopLevel: Bool, _ flow: inout Flow) -> BlockResult {
    depth += 1
    defer { depth -= 1 }
    var result = BlockResult()
    result.reached = flow
    var onFailure: FoundHandler?
    var finally: FoundHandler?
    let firstPromotion = untaken.count
    var endedBy: String? = flow.isLive ? nil : ""
    for (ordinal, statement) in statements.enumerated() {
      switch statement.kind {
      case .onFailure(let node):
        note(FoundHandler(ordinal: ordinal, span: statement.span, body: node.body), "on failure", &onFailure)
        continue
      case .finally(let node):
        note(FoundHandler(ordinal: ordinal, span: statement.span, body: node.body), "finally", &finally)
        continue
      case .runbook, .input, .importing, .procedure, .scenario, .given, .expect, .validate, .promote, .wait, .merge,
        .monitor, .verify, .rollback, .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm,
        .require, .run, .show, .binding, .condition, .loop, .retry, .within, .call, .stop, .fail, .malformed:
        break
      }
      if let verb = endedBy, !statement.kind.isDeclaration {
        if !verb.isEmpty { report(CheckMessages.unreachable(after: verb, at: statement.span)) }
        // One finding for all that is never reached.
        endedBy = ""
      }
      let outcome = self.statement(statement, ordinal: ordinal, isTopLevel: isTopLevel, &flow)
      if let reached = outcome.reached { result.reached.joinReached(reached) }
      result.reached.joinReached(flow)
      if let checked = outcome.checked { result.checked.statements.append(checked) }
      if endedBy == nil {
        result.least += outcome.least
        if !flow.isLive { endedBy = outcome.checked?.action.verb ?? statement.kind.keyword }
      }
    }
    if let onFailure {
      let handler = handler(onFailure, .onFailure, result.reached)
      result.checked.onFailure = handler.checked
      let isUnclear = isUnreadable("rollback") && handler.takesBack.isEmpty
      untaken =
        untaken[..<firstPromotion]
        + untaken[firstPromotion...].filter { mark in
          !isUnclear && !handler.takesBack.contains { Self.covers($0, mark) }
        }
    }
    if let finally {
      let handler = handler(finally, .finally, result.reached)
      result.checked.finally = handler.checked
      if flow.isLive { take(handler.exit, from: result.reached, into: &flow) }
    }
    return result
  }

  /// What a `finally` adds to what holds behind its block.
  private func take(_ exit: Flow, from entry: Flow, into flow: inout Flow) {
    guard exit.isLive else {
      flow.isLive = false
      return
    }
    for (environment, set) in exit.validated { flow.validate(environment, set) }
    if exit.promotions != entry.promotions { (flow.promotions, flow.mayHavePromotedNothing) = (exit.promotions, false) }
    for mark in flow.unwatched.keys where exit.unwatched[mark] == nil { flow.unwatched[mark] = nil }
    flow.unwatched.merge(exit.unwatched) { former, _ in former }
  }

  private mutating func note(_ handler: FoundHandler, _ name: String, _ found: inout FoundHandler?) {
    if surrounding != .plain, !isInCalledBody {
      report(CheckMessages.handlerInHandler(name, at: handler.span))
    } else if let first = found {
      report(CheckMessages.secondHandler(name, first: first.span, at: handler.span))
    } else {
      found = handler
    }
  }

  private mutating func handler(_ found: FoundHandler, _ kind: Surrounding, _ reached: Flow)
    -> (checked: CheckedHandler, takesBack: [Coverage], exit: Flow)
  {
    let (outer, outerCalls, count, taken) = (surrounding, handlerCalls, untaken.count, takenBack)
    (surrounding, handlerCalls, takenBack) = (kind, calls.count, [])
    let scope = scopes.count - 1
    let lacked = scopes[scope].mayLackValues
    scopes[scope].mayLackValues = true
    scopes.append(Scope(later: lets(in: found.body.statements)))
    blockEnds.append(found.body.span.end)
    defer {
      scopes.removeLast()
      blockEnds.removeLast()
      scopes[scope].mayLackValues = lacked
      (surrounding, handlerCalls, takenBack) = (outer, outerCalls, taken)
      // What a handler promotes is answered by nothing, and that is known to whoever writes it.
      untaken.removeLast(untaken.count - count)
    }
    var flow = reached
    flow.isLive = true
    // What waits for its merge there is as likely to be merged.
    flow.unmerged = [:]
    flow.gates = []
    let body = block(found.body.statements, isTopLevel: false, &flow)
    return (CheckedHandler(ordinal: found.ordinal, block: body.checked), takenBack, flow)
  }

  private static func covers(_ coverage: Coverage, _ mark: PromotionMark) -> Bool {
    guard coverage.environment == mark.environment else { return false }
    guard let services = coverage.services else { return true }
    var rest = mark.services
    rest.subtract(services)
    return rest.isEmpty
  }

  /// A block that is not the file's: with a scope of its own.
  mutating func inner(_ block: Block, _ flow: inout Flow) -> BlockResult {
    scopes.append(Scope(later: lets(in: block.statements)))
    blockEnds.append(block.span.end)
    defer {
      scopes.removeLast()
      blockEnds.removeLast()
    }
    return self.block(block.statements, isTopLevel: false, &flow)
  }
}

/// A statement that was looked at.
struct StatementResult {
  /// nil: it does nothing, or is wrong.
  var checked: CheckedStatement?
  var least: Duration = .zero
  /// Of a statement with blocks, what holds after any of their statements.
  var reached: Flow?
}

extension Checker {
  private mutating func statement(
    _ statement: Statement,
    ordinal: Int,
    isTopLevel: Bool,
    _ flow: inout Flow
  ) -> StatementResult {
    let facts = factCount
    factCount = 0
    defer { factCount = facts }
    if !calls.isEmpty { expanded += 1 }
    var result = StatementResult()
    guard let action = action(of: statement, isTopLevel: isTopLevel, &flow, &result) else {
      if !statement.kind.isDeclaration {
        markUnreadable(statement.kind.keyword)
        // A statement that is left out without a word would not be run, and nobody would know.
        if !isLenient, !isSilent, errorCount == 0, !hasMalformed {
          report(CheckMessages.notUnderstood(at: statement.span))
        }
      }
      return result
    }
    result.least += least(of: action)
    if surrounding == .onFailure { checkAnswer(action, statement.span, &flow) }
    result.checked = CheckedStatement(
      ordinal: ordinal,
      line: source.line(at: statement.span.start),
      offset: Int(statement.span.start),
      file: files[current].path,
      text: shown(statement),
      action: action
    )
    return result
  }

  /// What in an `on failure` keeps it from what it is for.
  private mutating func checkAnswer(_ action: Action, _ span: SourceSpan, _ flow: inout Flow) {
    switch action {
    case .run, .confirm, .require: flow.gates.insert(Flow.Gate(verb: action.verb, file: current, span: span))
    case .rollback:
      for gate in flow.gates {
        report(
          CheckMessages.gateBeforeRollback(gate.verb, at: gate.span, rollback: gate.file == current ? span : nil),
          in: gate.file
        )
      }
      flow.gates = []
    case .announce(let announce):
      if case .complete = announce.message { report(CheckMessages.completeInFailure(at: span)) }
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .reconcile,
      .sync, .restart, .diagnose, .freeze, .thaw, .show, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      break
    }
  }

  /// What a statement takes at least, its blocks aside.
  private func least(of action: Action) -> Duration {
    switch action {
    case .waitTime(let duration): duration.known ?? .zero
    case .monitor(let monitor): monitor.duration.known ?? .zero
    case .validate, .promote, .waitMerge, .waitArrival, .waitUntil, .merge, .verify, .rollback, .reconcile, .sync,
      .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .branch, .loop, .retry,
      .within, .call, .stop, .fail:
      .zero
    }
  }
}

extension StatementKind {
  /// Whether it says something about the runbook and does nothing itself.
  var isDeclaration: Bool {
    switch self {
    case .runbook, .input, .importing, .procedure, .scenario, .given, .expect, .malformed: true
    case .validate, .promote, .wait, .merge, .monitor, .verify, .rollback, .reconcile, .sync, .restart, .diagnose,
      .announce, .freeze, .thaw, .confirm, .require, .run, .show, .binding, .condition, .loop, .retry, .within, .call,
      .onFailure, .finally, .stop, .fail:
      false
    }
  }
}
