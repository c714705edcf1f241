import PromotionModel
public import RunbookCheck

/// Which statements of a runbook its scenarios came by.
public struct Coverage: Hashable, Sendable {
  /// Every statement: its line, and whether it answers a failure.
  public struct Statement: Hashable, Sendable {
    public var line: Int
    public var text: String
    public var isInFailureBranch: Bool
  }

  public var statements: [Statement]
  /// The lines that were come by.
  public var visited: Set<Int>

  public init(of runbook: CheckedRunbook) {
    statements = []
    visited = []
    collect(runbook.body, isInFailureBranch: false)
  }

  public mutating func add(_ outcome: ScenarioOutcome) { visited.formUnion(outcome.lines) }

  public var missed: [Statement] { statements.filter { !visited.contains($0.line) } }

  /// In whole percent, rounded down; 100 where there is nothing to come by.
  public var percent: Int { Self.percent(statements.count - missed.count, of: statements.count) }

  /// The same of the statements that answer failures alone.
  public var failurePercent: Int {
    let all = statements.filter(\.isInFailureBranch)
    return Self.percent(all.count - missed.filter(\.isInFailureBranch).count, of: all.count)
  }

  private static func percent(_ part: Int, of whole: Int) -> Int { whole == 0 ? 100 : part * 100 / whole }

  private mutating func collect(_ block: CheckedBlock, isInFailureBranch: Bool) {
    for statement in block.statements {
      // What stands in an imported file is covered by the tests of that file.
      if statement.file == nil {
        statements.append(
          Statement(line: statement.line, text: statement.text, isInFailureBranch: isInFailureBranch)
        )
      }
      for inner in statement.action.blocks { collect(inner, isInFailureBranch: isInFailureBranch) }
    }
    if let handler = block.onFailure { collect(handler.block, isInFailureBranch: true) }
    if let handler = block.finally { collect(handler.block, isInFailureBranch: isInFailureBranch) }
  }
}
