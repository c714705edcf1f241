import PromotionModel
public import RunbookDiagnostics
import RunbookSyntax

/// A runbook that is tested by a file of scenarios beside it.
public struct TestedRunbook: Sendable {
  /// With the scenarios of that file as its own.
  public let runbook: CheckedRunbook
  public let source: SourceText

  public init(runbook: CheckedRunbook, source: SourceText) { (self.runbook, self.source) = (runbook, source) }
}

extension RunbookFile {
  /// The imports of a file of scenarios: one that has scenarios and imports and else nothing, so that it tests the runbook
  /// that it imports. nil for any other file.
  var importsOfScenarios: [ImportDeclaration]? {
    var imports: [ImportDeclaration] = []
    var hasScenario = false
    for statement in statements {
      switch statement.kind {
      case .importing(let node): imports.append(node)
      case .scenario: hasScenario = true
      case .runbook, .malformed: break
      case .input, .procedure, .given, .expect, .validate, .promote, .wait, .merge, .monitor, .verify, .rollback,
        .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .binding,
        .condition, .loop, .retry, .within, .call, .onFailure, .finally, .stop, .fail:
        return nil
      }
    }
    return hasScenario && !imports.isEmpty ? imports : nil
  }
}

extension Checker {
  /// A file of scenarios, and the runbook that it tests.
  ///
  /// It has nothing to run itself, so that nobody runs that runbook by naming its tests.
  mutating func result(ofScenariosFor nodes: [ImportDeclaration]) -> CheckResult {
    for node in nodes.dropFirst() { report(CheckMessages.scenariosOfSeveral(at: node.path.span)) }
    var others: [LocatedDiagnostic] = []
    var found: TestedRunbook?
    if let node = nodes.first, let (path, text) = runbook(of: node) {
      let (tree, syntax) = parse(text)
      var inner = Checker(tree, source: text, fleet: fleet, imports: imports.below(path))
      let result = inner.result()
      // Its warnings are its own matter.
      others = syntax.map { LocatedDiagnostic($0, in: text) } + result.findings.filter(\.isError)
      // `expect failed at watch` may name them.
      files[0].procedures = inner.files[0].procedures
      if let runbook = result.runbook, !syntax.contains(where: { $0.severity == .error }) {
        if runbook.body.statements.isEmpty {
          report(CheckMessages.nothingToTest(path, at: node.path.span))
        } else {
          found = TestedRunbook(runbook: runbook, source: text)
        }
      }
    }
    let scenarios = checkedScenarios(files[0].tree, of: found?.runbook.body ?? CheckedBlock())
    files[0].procedures = [:]
    let own = Silencing(trees: [files[0].tree], sources: [source]).applied(to: findings).map {
      LocatedDiagnostic($0.diagnostic, in: source)
    }
    let isWrong = hasMalformed || (own + others).contains(where: \.isError)
    let tested = found.map { found in
      var runbook = found.runbook
      runbook.scenarios = scenarios
      return TestedRunbook(runbook: runbook, source: found.source)
    }
    return CheckResult(
      runbook: isWrong ? nil : CheckedRunbook(title: nil, body: CheckedBlock(), fleet: fleet),
      tested: isWrong ? nil : tested,
      findings: own.sorted { $0.diagnostic.subject.start < $1.diagnostic.subject.start } + others,
      names: names.finished()
    )
  }

  private mutating func runbook(of node: ImportDeclaration) -> (path: String, source: SourceText)? {
    guard let written = constantText(node.path, what: "the path of an import") else { return nil }
    switch ImportPath.resolved(written, from: nil) {
    case .failure(let problem): report(CheckMessages.badImportPath(written, problem, at: node.path.span))
    case .success(let path):
      switch imports.text(path) {
      case .failure(let failure): report(CheckMessages.unreadableImport(path, failure.reason, at: node.path.span))
      case .success(let source): return (path, source)
      }
    }
    return nil
  }
}

extension ImportResolver {
  /// The same files, by their paths from the folder of one of them.
  fileprivate func below(_ path: String) -> ImportResolver {
    ImportResolver { [text] inner in
      switch ImportPath.resolved(inner, from: path) {
      case .success(let path): text(path)
      case .failure: .failure(Failure("its path cannot be understood from here"))
      }
    }
  }
}
