public import PromotionModel
public import RunbookDiagnostics
public import RunbookSyntax

/// Checks a runbook against the configuration: names, defaults, flow and policy, all findings in one go.
///
/// Reads nothing but its arguments.
/// - Returns: the checked runbook, or nil when a finding is an error; and the findings in the order of the text.
public func check(_ file: RunbookFile, source: SourceText, fleet: Fleet) -> (CheckedRunbook?, [Diagnostic]) {
  var checker = Checker(source: source, fleet: fleet)
  let (block, title) = checker.file(file)
  let findings = checker.findings.sorted { $0.subject.start < $1.subject.start }
  guard !findings.contains(where: { $0.severity == .error }) else { return (nil, findings) }
  return (CheckedRunbook(title: title, body: block, fleet: fleet), findings)
}

/// What the statements so far have said, along the one path through the runbook.
struct Flow {
  /// Services validated, by environment.
  var validated: [EnvironmentName: [Targets]] = [:]
  var lastPromotion: (target: EnvironmentName, targets: Targets, isByPullRequest: Bool)?
  var isInHandler = false
  /// Verbs of statements that could not be made sense of: what they would have said is not missed, so that one mistake
  /// gives one finding.
  var unreadable: Set<Keyword> = []
}

struct Checker {
  let source: SourceText
  let fleet: Fleet
  var findings: [Diagnostic] = []
  /// Promotions that no `monitor` has followed yet.
  var unmonitored: [SourceSpan] = []

  init(source: SourceText, fleet: Fleet) { (self.source, self.fleet) = (source, fleet) }

  mutating func report(_ finding: Diagnostic) { findings.append(finding) }

  mutating func file(_ file: RunbookFile) -> (CheckedBlock, String?) {
    var flow = Flow()
    let block = self.block(file.statements, &flow)
    if block.statements.isEmpty, block.onFailure == nil, flow.unreadable.isEmpty, !findings.contains(where: isError),
      !file.statements.contains(where: isMalformed)
    {
      report(CheckMessages.nothingToRun(at: SourceSpan(start: file.span.end, end: file.span.end)))
    }
    if !flow.unreadable.contains(.monitor) { unmonitored.forEach { report(CheckMessages.noMonitor(at: $0)) } }
    var title: String?
    for statement in file.statements {
      if case .runbook(let declaration) = statement.kind { title = title ?? declaration.title.value }
    }
    return (block, title)
  }

  mutating func block(_ statements: [Statement], _ flow: inout Flow) -> CheckedBlock {
    var checked = CheckedBlock()
    var handler: (ordinal: Int, statement: Statement, node: OnFailureStatement)?
    var promotions: [SourceSpan] = []
    var ended: String?
    for (ordinal, statement) in statements.enumerated() {
      if case .onFailure(let node) = statement.kind {
        if let first = handler {
          report(CheckMessages.secondHandler(first: first.statement.span, at: statement.span))
        } else if flow.isInHandler {
          report(CheckMessages.handlerInHandler(at: statement.span))
        } else {
          handler = (ordinal, statement, node)
        }
        continue
      }
      if let verb = ended {
        report(CheckMessages.unreachable(after: verb, at: statement.span))
        ended = nil
      }
      guard let action = action(of: statement, &flow) else {
        if let verb = verb(of: statement) { flow.unreadable.insert(verb) }
        continue
      }
      switch action {
      case .stop: ended = "stop"
      case .fail: ended = "fail"
      case .promote(let promotion) where fleet.environment(promotion.target)?.isProtected == true:
        promotions.append(statement.span)
        unmonitored.append(statement.span)
      case .monitor: unmonitored = []
      case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .rollback: break
      }
      checked.statements.append(
        CheckedStatement(
          ordinal: ordinal,
          line: source.line(at: statement.span.start),
          text: folded(source.text(statement.span)),
          action: action
        )
      )
    }
    if let handler {
      // A handler answers any statement of its block, so it may speak of what the whole block promotes.
      var inner = flow
      inner.isInHandler = true
      let body = self.block(handler.node.body.statements, &inner)
      flow.unreadable.formUnion(inner.unreadable)
      checked.onFailure = CheckedHandler(ordinal: handler.ordinal, statements: body.statements)
    }
    let takesBack =
      checked.onFailure?.statements.contains {
        if case .rollback = $0.action { true } else { false }
      } ?? false
    let isUnclear = flow.unreadable.contains(.rollback) || flow.unreadable.contains(.on)
    if !takesBack, !flow.isInHandler, !isUnclear { promotions.forEach { report(CheckMessages.noRollback(at: $0)) } }
    return checked
  }

  /// nil when the statement runs nothing, or is wrong; then it was reported.
  private mutating func action(of statement: Statement, _ flow: inout Flow) -> Action? {
    switch statement.kind {
    case .runbook, .malformed, .onFailure: nil
    case .validate(let node): validate(node, statement.span, &flow)
    case .promote(let node): promote(node, statement.span, &flow)
    case .wait(let node): wait(node, statement.span, flow)
    case .monitor(let node): monitor(node, statement.span, flow)
    case .rollback(let node): rollback(node, statement.span, flow)
    case .stop(let node): .stop(reason: node.reason.value)
    case .fail(let node): .fail(reason: node.reason.value)
    }
  }

  private func isError(_ finding: Diagnostic) -> Bool { finding.severity == .error }

  private func isMalformed(_ statement: Statement) -> Bool {
    if case .malformed = statement.kind { true } else { false }
  }

  /// The verb of a statement that gave no action; nil where it never gives one.
  private func verb(of statement: Statement) -> Keyword? {
    switch statement.kind {
    case .runbook, .onFailure: nil
    case .malformed(let node): node.verb
    case .validate: .validate
    case .promote: .promote
    case .wait: .wait
    case .monitor: .monitor
    case .rollback: .rollback
    case .stop: .stop
    case .fail: .fail
    }
  }

  private func folded(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
