import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// `let`, `if`, `for`, `retry`, `within`.
extension Checker {
  mutating func binding(_ node: LetStatement, _ flow: Flow) -> Action? {
    let value = expression(node.value)
    let end = blockEnds.last ?? files[current].tree.span.end
    let variable = declare(
      node.name,
      .constant,
      value,
      services: services(of: value, flow),
      visible: SourceSpan(start: node.name.span.start, end: end)
    )
    return value.checked.map { .bind(variable, $0) }
  }

  /// A condition, which must be a boolean.
  mutating func condition(_ node: Expression) -> CheckedExpression? {
    let typed = expression(node)
    guard let type = typed.type else { return nil }
    guard type == .boolean else {
      report(CheckMessages.noCondition(type, source.text(node.span), at: node.span))
      return nil
    }
    return typed.checked
  }

  mutating func condition(_ node: IfStatement, _ flow: inout Flow, _ result: inout StatementResult) -> Action? {
    var branches: [BranchAction.Branch] = []
    var exit = flow
    exit.isLive = false
    var reached = flow
    var shortest: Duration?
    var isGood = true
    for branch in node.branches {
      let condition = condition(branch.condition)
      var path = flow
      let body = inner(branch.body, &path)
      exit.join(path)
      reached.joinReached(body.reached)
      if path.isLive { shortest = min(shortest ?? body.least, body.least) }
      if let condition {
        branches.append(BranchAction.Branch(condition: condition, block: body.checked))
      } else {
        isGood = false
      }
    }
    var otherwise: CheckedBlock?
    if let node = node.otherwise {
      var path = flow
      let body = inner(node, &path)
      exit.join(path)
      reached.joinReached(body.reached)
      if path.isLive { shortest = min(shortest ?? body.least, body.least) }
      otherwise = body.checked
    } else {
      exit.join(flow)
      shortest = .zero
    }
    result.least = shortest ?? .zero
    result.reached = reached
    flow = flow.isLive ? exit : flow
    return isGood ? .branch(BranchAction(branches: branches, otherwise: otherwise)) : nil
  }

  mutating func loop(_ node: ForStatement, _ span: SourceSpan, _ flow: inout Flow, _ result: inout StatementResult)
    -> Action?
  {
    let place = place(ScopeNode(environment: node.environment, targets: node.targets), verb: "for", span, flow)
    let value = place == nil ? Typed.unknown : Typed(type: .service, checked: nil)
    var variable: Variable?
    let body = repeated(&flow) { checker, path in
      // In a scope of its own: unlike what the block declares, it has its value in a handler of the block, too.
      checker.scopes.append(Scope())
      defer { checker.scopes.removeLast() }
      variable = checker.declare(node.name, .loopVariable, value, visible: node.body.span)
      return checker.inner(node.body, &path)
    }
    result.reached = body.result.reached
    guard let place, let variable else { return nil }
    for index in untaken.indices { untaken[index].services.replace(variable.slot, with: place.services) }
    if case .services(let services) = place.targets, services.count > 0, body.exit.isLive {
      result.least = body.result.least * services.count
    }
    flow.close(loopOver: place.services, slot: variable.slot, body: body.exit)
    return .loop(
      LoopAction(
        variable: variable,
        environment: place.environment,
        targets: place.targets,
        block: body.result.checked
      )
    )
  }

  /// A block that may run again behind itself: looked at with what holds before its first round and its later ones.
  ///
  /// - Returns: what was found the last time, and what holds at the end of the block.
  private mutating func repeated(
    _ flow: inout Flow,
    leastRounds: Int = 0,
    _ body: (inout Checker, inout Flow) -> BlockResult
  ) -> (result: BlockResult, exit: Flow) {
    let entry = flow
    // Deeper than this, a second look at each level would cost more than it finds.
    if loopDepth < 3, flow.isLive {
      loopDepth += 1
      defer { loopDepth -= 1 }
      let (silent, marks, taken, expansions) = (isSilent, untaken, takenBack, expanded)
      let (ended, large) = (unwatchedAtEnd, isTooLarge)
      isSilent = true
      var first = entry
      _ = body(&self, &first)
      isTooLarge = large
      (isSilent, untaken, takenBack, expanded, unwatchedAtEnd) = (silent, marks, taken, expansions, ended)
      if first.isLive { flow.joinReached(first) }
    }
    var last = flow
    loopDepth += 1
    defer { loopDepth -= 1 }
    let result = body(&self, &last)
    // What only a later round knows is not known behind a loop without one.
    let exit = last
    if leastRounds == 0 { last.join(entry) }
    if entry.isLive { flow = last }
    return (result, exit)
  }

  mutating func retry(_ node: RetryStatement, _ flow: inout Flow, _ result: inout StatementResult) -> Action? {
    let count = integer(node.count, "the number of attempts", in: 1...10_000)
    let every = node.every.map { duration($0, "the time between two attempts") }
    let body = repeated(&flow, leastRounds: 1) { checker, path in
      checker.inner(node.body, &path)
    }
    (result.reached, result.least) = (body.result.reached, body.result.least)
    guard let count else { return nil }
    if let every, every == nil { return nil }
    return .retry(RetryAction(count: count, every: every ?? nil, block: body.result.checked))
  }

  mutating func within(_ node: WithinStatement, _ flow: inout Flow, _ result: inout StatementResult) -> Action? {
    let limit = duration(node.limit, "a deadline")
    let body = inner(node.body, &flow)
    result.reached = body.reached
    result.least = body.least
    guard let limit else { return nil }
    if let known = limit.known, known < body.least {
      report(CheckMessages.withinTooShort(body.least, at: node.limit.span))
    }
    return .within(limit: limit, body.checked)
  }
}
