import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// Calls: each has a body of its own, looked at with what it is called with.
extension Checker {
  /// The most statements that calls may come to, and the deepest nesting of blocks and calls.
  static let mostExpanded = 20_000
  static let deepest = 64

  mutating func call(_ node: CallStatement, _ span: SourceSpan, _ flow: inout Flow, _ result: inout StatementResult)
    -> Action?
  {
    let name = text(node.procedure)
    let arguments = node.arguments.map { argument in (argument, self.argument(argument.value)) }
    guard let procedure = files[current].procedures[name] else {
      if !files[current].lacksImports, !isUnreadable("import"), !isInMalformed(name) {
        report(
          CheckMessages.unknownProcedure(
            name,
            nearest: nearestSpelling(name, among: files[current].procedures.keys.sorted()),
            known: files[current].procedures.keys.sorted(),
            at: node.procedure.span
          )
        )
      }
      return nil
    }
    used.insert(procedure.definition)
    names.use(.definition(procedure.definition), file: current, span: node.procedure.span)
    if calls.contains(where: { $0.procedure == procedure.definition }) {
      report(CheckMessages.recursion(name, at: node.procedure.span))
      return nil
    }
    guard let bound = bind(arguments, to: procedure, node) else { return nil }
    guard !isTooLarge, expanded < Self.mostExpanded, depth < Self.deepest else {
      if !isTooLarge { report(CheckMessages.expansionTooLarge(limit: Self.mostExpanded, at: span)) }
      isTooLarge = true
      return nil
    }
    var variables: [(variable: Variable, value: CheckedExpression)]? = []
    let (entry, caller) = (flow, current)
    let body = inProcedure(procedure, calledAt: span, &flow) { checker in
      for parameter in bound {
        let value = checker.value(of: parameter, calledFrom: caller)
        let variable = checker.declare(
          parameter.node.name,
          .parameter,
          value,
          services: checker.services(of: value, entry),
          visible: procedure.node.body.span
        )
        if let checked = value.checked { variables?.append((variable, checked)) } else { variables = nil }
      }
    }
    (result.least, result.reached) = (body.least, body.reached)
    guard let variables else { return nil }
    return .call(CallAction(procedure: name, arguments: variables, block: body.checked))
  }

  /// What a parameter is given, which must be what its default is.
  private mutating func value(of parameter: BoundParameter, calledFrom caller: Int) -> Typed {
    guard let given = parameter.value else { return parameter.node.defaultValue.map { expression($0) } ?? .unknown }
    guard let node = parameter.node.defaultValue, let argument = parameter.argument else { return given }
    let facts = factCount
    let usual = expression(node)
    factCount = facts
    guard let due = usual.type, let type = given.type, type != due else { return given }
    if type == .integer, due == .decimal { return given }
    report(CheckMessages.wrongType(due, found: type, what: "`\(text(parameter.node.name))`", at: argument), in: caller)
    return .unknown
  }

  /// A value that a procedure is called with; `all` is one, too.
  private mutating func argument(_ node: Expression) -> Typed {
    if case .name(let name) = node.kind, text(name) == "all", !name.isQuoted {
      let everything = Value.list(fleet.services.map { .service($0.name) })
      return Typed(
        type: .list(.service),
        checked: CheckedExpression(.constant(everything), .list(.service)),
        isAll: true
      )
    }
    return expression(node)
  }

  /// The parameters with the values they are given; without one, the default is meant.
  private mutating func bind(
    _ arguments: [(node: CallStatement.Argument, value: Typed)],
    to procedure: Procedure,
    _ call: CallStatement
  ) -> [BoundParameter]? {
    let declared = files[procedure.file].source
    let parameters = procedure.node.parameters
    let parameterNames = parameters.map { $0.name.text(in: declared) }
    let signature = names.definition(procedure.definition).name + "(" + parameterNames.joined(separator: ", ") + ")"
    var values: [Int: (value: Typed, span: SourceSpan)] = [:]
    var isGood = true
    for (position, argument) in arguments.enumerated() {
      var index: Int? = position
      if let label = argument.node.label {
        let word = text(label)
        index = parameterNames.firstIndex(of: word)
        guard index != nil else {
          let best = nearestSpelling(word, among: parameterNames)
          report(CheckMessages.unknownParameter(word, nearest: best, signature, at: label.span))
          isGood = false
          continue
        }
        if let index { useParameter(index, of: procedure, at: label.span) }
      }
      guard let index, parameters.indices.contains(index) else {
        report(CheckMessages.superfluousArgument(signature, at: argument.node.value.span))
        isGood = false
        continue
      }
      guard values[index] == nil else {
        report(CheckMessages.argumentTwice(parameterNames[index], at: argument.node.value.span))
        isGood = false
        continue
      }
      values[index] = (argument.value, argument.node.value.span)
    }
    for (index, parameter) in parameters.enumerated() where values[index] == nil && parameter.defaultValue == nil {
      // A word that was meant for it was reported already.
      if isGood { report(CheckMessages.missingArgument(parameterNames[index], signature, at: call.procedure.span)) }
      isGood = false
    }
    guard isGood else { return nil }
    return parameters.enumerated().map {
      BoundParameter(node: $1, value: values[$0]?.value, argument: values[$0]?.span)
    }
  }

  private struct BoundParameter {
    var node: ProcedureDeclaration.Parameter
    /// nil: the default.
    var value: Typed?
    var argument: SourceSpan?
  }

  /// The name of a parameter in a call is one of its places, too.
  private mutating func useParameter(_ index: Int, of procedure: Procedure, at span: SourceSpan) {
    let name = procedure.node.parameters[index].name
    let definition = names.reserve(
      .parameter,
      name.text(in: files[procedure.file].source),
      file: procedure.file,
      span: name.span,
      visible: procedure.node.body.span
    )
    names.use(.definition(definition), file: current, span: span)
  }

  /// Looks at a body with the names of its own file.
  private mutating func inProcedure(
    _ procedure: Procedure,
    calledAt span: SourceSpan?,
    _ flow: inout Flow,
    _ declare: (inout Checker) -> Void
  ) -> BlockResult {
    let (outerScopes, outerFile, outerEnds) = (scopes, current, blockEnds)
    if let span {
      calls.append((procedure.definition, current, span))
      lookedAt.insert(procedure.definition)
    }
    scopes =
      procedure.file == 0 ? Array((current == 0 ? scopes : [inputScope, Scope()]).prefix(2)) : [Scope(), Scope()]
    current = procedure.file
    blockEnds = [procedure.node.body.span.end]
    scopes.append(Scope())
    defer {
      (scopes, current, blockEnds) = (outerScopes, outerFile, outerEnds)
      if span != nil { calls.removeLast() }
    }
    declare(&self)
    return inner(procedure.node.body, &flow)
  }

  /// Procedures that nobody calls have mistakes, too; what depends on their parameters cannot be told.
  mutating func checkUncalledProcedures() {
    let marks = (untaken, unwatchedAtEnd)
    isLenient = true
    defer { isLenient = false }
    for file in files.indices {
      for procedure in files[file].own where !lookedAt.contains(procedure.definition) {
        var flow = Flow()
        let scope = scopes
        scopes = file == 0 ? Array(scopes.prefix(2)) : []
        current = file
        _ = inProcedure(procedure, calledAt: nil, &flow) { checker in
          for parameter in procedure.node.parameters {
            let value = parameter.defaultValue.map { checker.expression($0) } ?? .unknown
            checker.declare(
              parameter.name,
              .parameter,
              Typed(type: value.type, checked: nil),
              visible: procedure.node.body.span
            )
          }
        }
        (scopes, current) = (scope, 0)
      }
    }
    (untaken, unwatchedAtEnd) = marks
  }
}
