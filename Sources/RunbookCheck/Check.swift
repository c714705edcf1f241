public import PromotionModel
public import RunbookDiagnostics
public import RunbookSyntax

/// What the checker has to say about a runbook.
public struct CheckResult: Sendable {
  /// The checked runbook; nil when a finding is an error, or a statement of the tree could not be read. The parser's
  /// own errors are not looked at: where there is one, nothing may run.
  public let runbook: CheckedRunbook?
  /// Of a file of scenarios, the runbook that it imports; nil when a finding of either is an error.
  public let tested: TestedRunbook?
  /// In the order of the text; those of imported files, their syntax included, behind those of the runbook.
  public let findings: [LocatedDiagnostic]
  /// What the names of the runbook and of its imported files mean, also where there are errors.
  public let names: NameIndex
}

/// Checks a runbook against the configuration: names, types, flow and policy, all findings in one go.
///
/// Reads nothing but its arguments; imported files are asked of `imports`.
/// - Parameter source: the text that `file` was parsed from.
public func check(
  _ file: RunbookFile,
  source: SourceText,
  fleet: Fleet,
  imports: ImportResolver = .none
) -> CheckResult {
  var checker = Checker(file, source: source, fleet: fleet, imports: imports)
  if let imports = file.importsOfScenarios { return checker.result(ofScenariosFor: imports) }
  return checker.result()
}

extension Checker {
  mutating func result() -> CheckResult {
    let root = files[0]
    declareInputs(of: root.tree)
    var flow = Flow()
    scopes = [inputScope, Scope(later: lets(in: root.tree.statements))]
    let block = block(root.tree.statements, isTopLevel: true, &flow).checked
    finishFlow(flow, isEmpty: block.statements.isEmpty && block.onFailure == nil && block.finally == nil)
    checkUncalledProcedures()
    let scenarios = checkedScenarios(root.tree, of: block)
    reportUnused()
    let silenced = Silencing(trees: files.map(\.tree), sources: files.map(\.source)).applied(to: findings)
    let ordered = silenced.enumerated().sorted { a, b in
      (a.element.file, a.element.diagnostic.subject.start, a.offset)
        < (b.element.file, b.element.diagnostic.subject.start, b.offset)
    }.map(\.element)
    let hasError = ordered.contains { $0.diagnostic.severity == .error } || hasMalformed
    let runbook = CheckedRunbook(
      title: title,
      inputs: inputs,
      body: block,
      fleet: fleet,
      imports: Dictionary(
        files.compactMap { file in file.path.map { ($0, file.source.text(file.source.span)) } },
        uniquingKeysWith: { first, _ in first }
      ),
      scenarios: scenarios
    )
    return CheckResult(
      runbook: hasError ? nil : runbook,
      tested: nil,
      findings: ordered.map { LocatedDiagnostic($0.diagnostic, in: files[$0.file].source) },
      names: names.finished()
    )
  }

  /// What can be said only when the end of the runbook was reached.
  private mutating func finishFlow(_ flow: Flow, isEmpty: Bool) {
    let span = files[0].tree.span
    // A file of procedures is there to be imported.
    if isEmpty, files[0].own.isEmpty, !hasMalformed, !findings.contains(where: { $0.diagnostic.severity == .error }) {
      report(CheckMessages.nothingToRun(at: SourceSpan(start: span.end, end: span.end)))
    }
    if flow.isLive { flow.unwatched.keys.forEach { unwatchedAtEnd.insert($0) } }
    if !isUnreadable("monitor") {
      for mark in unwatchedAtEnd { report(CheckMessages.noMonitor(at: mark.span), in: mark.file) }
    }
    if !isUnreadable("rollback"), !isUnreadable("on") {
      for mark in untaken { report(CheckMessages.noRollback(at: mark.span), in: mark.file) }
    }
  }
}
