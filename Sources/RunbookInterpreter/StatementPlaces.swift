public import RunLog
public import RunbookCheck

extension CheckedRunbook {
  /// The statement that a step is of; nil where there is none.
  public func statement(at path: StepPath) -> CheckedStatement? {
    Self.statement(at: path.components[...], in: body)
  }

  private static func statement(at path: ArraySlice<StepPath.Component>, in block: CheckedBlock) -> CheckedStatement? {
    guard case .statement(let ordinal)? = path.first else { return nil }
    let rest = path.dropFirst()
    guard let statement = block.statements.first(where: { $0.ordinal == ordinal }) else {
      for (handler, part) in [(block.onFailure, StepPath.Component.onFailure), (block.finally, .finally)] {
        if let handler, handler.ordinal == ordinal, rest.first == part {
          return self.statement(at: rest.dropFirst(), in: handler.block)
        }
      }
      return nil
    }
    return rest.isEmpty ? statement : inner(rest, of: statement.action)
  }

  private static func inner(_ path: ArraySlice<StepPath.Component>, of action: Action) -> CheckedStatement? {
    let rest = path.dropFirst()
    switch (action, path.first) {
    case (.branch(let action), .branch(let index)?):
      let block = index < action.branches.count ? action.branches[index].block : action.otherwise
      return block.flatMap { statement(at: rest, in: $0) }
    case (.loop(let action), .iteration?): return statement(at: rest, in: action.block)
    case (.retry(let action), .attempt?): return statement(at: rest, in: action.block)
    case (.call(let action), .call?): return statement(at: rest, in: action.block)
    case (.within(_, let block), .statement?): return statement(at: path, in: block)
    case (_, _): return nil
    }
  }
}
