internal import RunbookDiagnostics

extension Parser {
  mutating func title() throws(Recovery) -> StatementKind {
    .runbook(RunbookDeclaration(title: try string()))
  }

  mutating func importing() throws(Recovery) -> StatementKind {
    .importing(ImportDeclaration(path: try string()))
  }

  /// `input NAME [= VALUE] ["description"]` behind its `input`.
  mutating func input() throws(Recovery) -> StatementKind {
    let name = try name(.name)
    var value: Expression?
    if token.kind == .equals {
      advance()
      try goOnBehindNewline()
      value = try expression()
    }
    var description: StringLiteral?
    if token.kind == .string || token.kind == .stringBlock {
      description = try string()
    } else if !isAtStatementEnd {
      throw failUnexpected(value == nil ? [.equals, .description, .statementEnd] : [.description, .statementEnd])
    }
    return .input(InputDeclaration(name: name, defaultValue: value, description: description))
  }

  /// `scenario "title" { … }` behind its `scenario`.
  mutating func scenario() throws(Recovery) -> StatementKind {
    let title = try string()
    return .scenario(ScenarioDeclaration(title: title, body: try block()))
  }

  /// `procedure NAME(PARAMETERS) { … }` behind its `procedure`.
  mutating func procedure() throws(Recovery) -> StatementKind {
    let name = try name(.name)
    let parameters = try parameters()
    return .procedure(ProcedureDeclaration(name: name, parameters: parameters, body: try block()))
  }

  private mutating func parameters() throws(Recovery) -> [ProcedureDeclaration.Parameter] {
    let (open, place) = (token, index)
    guard open.kind == .leftParenthesis else { throw failUnexpected([.leftParenthesis]) }
    openBracket()
    var parameters: [ProcedureDeclaration.Parameter] = []
    while token.kind != .rightParenthesis {
      let name = try name(.name)
      var value: Expression?
      if token.kind == .equals {
        advance()
        value = try expression()
      }
      parameters.append(ProcedureDeclaration.Parameter(name: name, defaultValue: value))
      guard try takeComma(in: .rightParenthesis) else { break }
    }
    try closeBracket(
      open,
      at: place,
      parameters.last?.defaultValue == nil ? [.comma, .equals, .rightParenthesis] : [.comma, .rightParenthesis]
    )
    return parameters
  }

  /// `watch(promoted, hold = 10m)` from the procedure's name.
  mutating func call() throws(Recovery) -> StatementKind {
    let procedure = try name(.name)
    let (open, place) = (token, index)
    openBracket()
    var arguments: [CallStatement.Argument] = []
    while token.kind != .rightParenthesis {
      arguments.append(try argument())
      guard try takeComma(in: .rightParenthesis) else { break }
    }
    try closeBracket(open, at: place, [.comma, .rightParenthesis])
    return .call(CallStatement(procedure: procedure, arguments: arguments))
  }

  private mutating func argument() throws(Recovery) -> CallStatement.Argument {
    guard token.kind == .name, peek().kind == .equals else {
      return CallStatement.Argument(label: nil, value: try expression())
    }
    let label = try name(.name)
    advance()
    return CallStatement.Argument(label: label, value: try expression())
  }
}
