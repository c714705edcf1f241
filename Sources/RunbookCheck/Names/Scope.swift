import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// A variable as the checker knows it.
struct VariableEntry {
  var variable: Variable
  /// nil: not known, because of a mistake that was reported, or in a procedure that nobody calls.
  var type: ValueType?
  /// Where the runbook alone tells the value.
  var constant: Value?
  /// A parameter that was given `all`.
  var isAll = false
  /// The services that it stands for, where it stands for services.
  var services = ServiceSet()
  /// Of ``NameIndex``.
  var definition: Int
}

/// The names of a block, or of a file.
struct Scope {
  var variables: [String: VariableEntry] = [:]
  /// The names that later statements of the block declare.
  var later: [String: SourceSpan] = [:]
  /// In a handler of the block: what it declares may have no value yet.
  var mayLackValues = false
}

extension Checker {
  /// Words that an expression reads as something of its own, so that no variable may have them.
  static let healthStates = ["healthy", "progressing", "degraded", "suspended", "missing", "unknown"]
  static let syncStates = ["synced", "out-of-sync", "unknown"]
  private static let wordsOfExpressions: Set<String> = Set(
    ["all", "true", "false"] + RunValue.allCases.map(\.rawValue) + healthStates + syncStates
  )

  /// The names that `let` declares in a block.
  func lets(in statements: [Statement]) -> [String: SourceSpan] {
    var found: [String: SourceSpan] = [:]
    for case .binding(let node) in statements.lazy.map(\.kind) {
      let name = text(node.name)
      if found[name] == nil { found[name] = node.name.span }
    }
    return found
  }

  func entry(_ name: String) -> VariableEntry? {
    for scope in scopes.reversed() {
      if let entry = scope.variables[name] { return entry }
    }
    return nil
  }

  /// Whether a name has no value for sure where a handler speaks of it.
  func mayLackValue(_ name: String) -> Bool {
    for scope in scopes.reversed() where scope.variables[name] != nil { return scope.mayLackValues }
    return false
  }

  func later(_ name: String) -> SourceSpan? {
    for scope in scopes.reversed() {
      if let span = scope.later[name] { return span }
    }
    return nil
  }

  var visibleVariables: [String] { scopes.reversed().flatMap { $0.variables.keys.sorted() } }

  /// Declares a variable in the innermost scope; says so where its name means something else already.
  ///
  /// - Parameters:
  ///   - value: what it is given.
  ///   - visible: where it can be used.
  @discardableResult
  mutating func declare(
    _ node: NameNode,
    _ kind: NameIndex.Kind,
    _ value: Typed,
    services set: ServiceSet? = nil,
    visible: SourceSpan,
    description: String? = nil
  ) -> Variable {
    let name = text(node)
    let definition = names.define(
      kind,
      name,
      file: current,
      span: node.span,
      visible: visible,
      type: value.type,
      signature: description
    )
    let variable = Variable(name: name, slot: nextSlot, type: value.type ?? .string)
    nextSlot += 1
    checkIsFree(name, at: node.span)
    let last = scopes.count - 1
    let set = set ?? ServiceSet(symbol: variable.slot)
    slotServices[variable.slot] = set
    scopes[last].variables[name] = VariableEntry(
      variable: variable,
      type: value.type,
      constant: kind == .input ? nil : value.constant,
      isAll: value.isAll,
      services: set,
      definition: definition
    )
    scopes[last].later[name] = nil
    return variable
  }

  private mutating func checkIsFree(_ name: String, at span: SourceSpan) {
    if services[name] != nil {
      report(CheckMessages.variableNamedLike("a service", name, at: span))
    } else if environments[name] != nil {
      report(CheckMessages.variableNamedLike("an environment", name, at: span))
    } else if Self.wordsOfExpressions.contains(name) {
      report(CheckMessages.variableNamedLikeWord(name, at: span))
    } else if let other = entry(name) {
      // What speaks of one of them may mean the other.
      used.insert(other.definition)
      let first = names.definition(other.definition)
      guard first.span != span || first.file != current else { return }
      report(CheckMessages.variableTwice(name, first: first.file == current ? first.span : nil, at: span))
    }
  }

  /// Takes down that a name is used.
  mutating func use(_ entry: VariableEntry, at span: SourceSpan) {
    used.insert(entry.definition)
    names.use(.definition(entry.definition), file: current, span: span)
  }

  /// `input …` of the runbook, which can be used everywhere in it.
  mutating func declareInputs(of file: RunbookFile) {
    scopes = [Scope()]
    for case .input(let node) in file.statements.lazy.map(\.kind) {
      let value = node.defaultValue.map { inputDefault($0) }
      let description = node.description.flatMap { constantText($0, what: "the description of an input") }
      let typed = value ?? Typed(type: .string, checked: nil)
      let variable = declare(node.name, .input, typed, visible: file.span, description: description)
      inputs.append(CheckedInput(variable: variable, defaultValue: value?.constant, description: description))
    }
    inputScope = scopes[0]
  }

  /// A literal, a service, or a list of them: what can be given with `--set` as well.
  private mutating func inputDefault(_ node: Expression) -> Typed {
    let typed = expression(node)
    guard typed.type != nil else { return typed }
    if typed.type == .environment || typed.type == .list(.environment) {
      report(CheckMessages.inputIsEnvironment(at: node.span))
      return .unknown
    }
    guard isLiteral(node), typed.constant != nil else {
      report(CheckMessages.inputNotLiteral(at: node.span))
      return Typed(type: typed.type, checked: nil)
    }
    return typed
  }

  private func isLiteral(_ node: Expression) -> Bool {
    switch node.kind {
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .boolean: true
    case .string(let literal): literal.interpolations.isEmpty
    case .name(let name): services[text(name)] != nil
    case .list(let elements): elements.allSatisfy(isLiteral)
    case .parenthesized(let inner): isLiteral(inner)
    case .environmentVariable, .not, .binary, .fact: false
    }
  }

  /// Inputs, variables and parameters that nothing speaks of.
  mutating func reportUnused() {
    names.paths = files.map(\.path)
    for file in files { names.callable[file.path] = file.procedures.values.map(\.definition).sorted() }
    guard !hasMalformed else { return }
    for id in 0..<names.count where !used.contains(id) {
      let definition = names.definition(id)
      let finding: Diagnostic? =
        switch definition.kind {
        case .input: CheckMessages.unusedInput(definition.name, at: definition.span)
        case .constant: CheckMessages.unusedVariable(definition.name, "variable", at: definition.span)
        case .parameter: CheckMessages.unusedVariable(definition.name, "parameter", at: definition.span)
        case .loopVariable, .procedure: nil
        }
      if let finding { report(finding, in: definition.file) }
    }
  }
}
