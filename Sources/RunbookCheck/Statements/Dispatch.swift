import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

extension Checker {
  /// What a statement does; nil when it does nothing, or is wrong and was reported.
  mutating func action(
    of statement: Statement,
    isTopLevel: Bool,
    _ flow: inout Flow,
    _ result: inout StatementResult
  ) -> Action? {
    let span = statement.span
    switch statement.kind {
    case .runbook(let node): return declared(isTopLevel, "runbook", span) { $0.titled(node, span) }
    case .input: return declared(isTopLevel, "input", span)
    case .importing: return declared(isTopLevel, "import", span)
    case .procedure: return declared(isTopLevel, "procedure", span)
    case .scenario: return declared(isTopLevel, "scenario", span)
    case .given: return outsideScenario("given", span)
    case .expect: return outsideScenario("expect", span)
    // A handler is the business of its block; what could not be read was reported by the parser.
    case .malformed, .onFailure, .finally: return nil
    case .validate(let node): return validate(node, span, &flow)
    case .promote(let node): return promote(node, span, &flow)
    case .wait(let node): return wait(node, span, &flow)
    case .merge(let node): return merge(node, span, &flow)
    case .monitor(let node): return monitor(node, span, &flow)
    case .verify(let node): return verify(node, span, &flow)
    case .rollback(let node): return rollback(node, span, flow)
    case .reconcile(let node): return reconcile(node, span, flow)
    case .sync(let node): return sync(node, span, flow)
    case .restart(let node): return place(node.scope, verb: "restart", span, flow).map { .restart($0.action) }
    case .diagnose(let node): return place(node.scope, verb: "diagnose", span, flow).map { .diagnose($0.action) }
    case .announce(let node): return announce(node)
    case .freeze(let node): return freeze(node)
    case .thaw(let node): return thaw(node)
    case .confirm(let node): return confirm(node)
    case .require(let node): return require(node, span)
    case .run(let node): return run(node)
    case .show(let node): return show(node, span, flow)
    case .binding(let node): return binding(node, flow)
    case .condition(let node): return condition(node, &flow, &result)
    case .loop(let node): return loop(node, span, &flow, &result)
    case .retry(let node): return retry(node, &flow, &result)
    case .within(let node): return within(node, &flow, &result)
    case .call(let node): return call(node, span, &flow, &result)
    case .stop(let node):
      let reason = text(node.reason)
      if flow.isLive, surrounding != .onFailure { flow.unwatched.keys.forEach { unwatchedAtEnd.insert($0) } }
      flow.isLive = false
      return reason.map { .stop(reason: $0) }
    case .fail(let node):
      let reason = text(node.reason)
      flow.isLive = false
      return reason.map { .fail(reason: $0) }
    }
  }

  private mutating func declared(
    _ isTopLevel: Bool,
    _ word: String,
    _ span: SourceSpan,
    _ body: (inout Checker) -> Void = { _ in }
  ) -> Action? {
    if isTopLevel { body(&self) } else { report(CheckMessages.declarationInBlock(word, at: span)) }
    return nil
  }

  private mutating func outsideScenario(_ word: String, _ span: SourceSpan) -> Action? {
    report(CheckMessages.outsideScenario(word, at: span))
    return nil
  }

  private mutating func titled(_ node: RunbookDeclaration, _ span: SourceSpan) {
    if let first = titleSpan {
      report(CheckMessages.secondTitle(first: first, at: span))
    } else {
      titleSpan = span
      title = constantText(node.title, what: "the title of a runbook")
    }
  }
}
