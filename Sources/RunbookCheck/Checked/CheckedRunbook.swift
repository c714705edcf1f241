public import PromotionModel

/// A runbook in which every name is known and every default is filled in: what the interpreter runs.
public struct CheckedRunbook: Sendable {
  public var title: String?
  /// In the order of the text.
  public var inputs: [CheckedInput]
  public var body: CheckedBlock
  public var fleet: Fleet
  /// The texts of imported files, by their path from the runbook's folder: a resumed run must run the same, and
  /// ``ImportResolver/stored(_:)`` gives them again.
  public var imports: [String: String]
  /// In the order of the text.
  public var scenarios: [CheckedScenario]

  public init(
    title: String?,
    inputs: [CheckedInput] = [],
    body: CheckedBlock,
    fleet: Fleet,
    imports: [String: String] = [:],
    scenarios: [CheckedScenario] = []
  ) {
    (self.title, self.inputs, self.body, self.fleet) = (title, inputs, body, fleet)
    (self.imports, self.scenarios) = (imports, scenarios)
  }
}

/// A variable: one for each declaration, each parameter of each call, each loop. Two variables of the same name in
/// different places are different.
public struct Variable: Hashable, Sendable {
  /// As it is written, for people.
  public var name: String
  /// Different for each variable of a checked runbook.
  public var slot: Int
  public var type: ValueType

  public init(name: String, slot: Int, type: ValueType) { (self.name, self.slot, self.type) = (name, slot, type) }
}

/// `input …`: its value comes from `--set`, else from the default; with neither, nothing runs.
public struct CheckedInput: Sendable {
  public var variable: Variable
  /// An input without a default is a string.
  public var defaultValue: Value?
  public var description: String?

  public init(variable: Variable, defaultValue: Value?, description: String?) {
    (self.variable, self.defaultValue, self.description) = (variable, defaultValue, description)
  }
}

/// Statements in order, and what follows them.
public struct CheckedBlock: Sendable {
  public var statements: [CheckedStatement]
  // Lists of at most one: a value cannot hold another of its own kind otherwise.
  private var failureHandlers: [CheckedHandler]
  private var finalHandlers: [CheckedHandler]

  /// The `on failure` of the block, wherever it stood in it.
  public var onFailure: CheckedHandler? {
    get { failureHandlers.first }
    set { failureHandlers = newValue.map { [$0] } ?? [] }
  }

  /// The `finally` of the block: runs after its statements and their handler, however they ended, unless interrupted.
  public var finally: CheckedHandler? {
    get { finalHandlers.first }
    set { finalHandlers = newValue.map { [$0] } ?? [] }
  }

  public init(statements: [CheckedStatement] = [], onFailure: CheckedHandler? = nil, finally: CheckedHandler? = nil) {
    self.statements = statements
    (failureHandlers, finalHandlers) = (onFailure.map { [$0] } ?? [], finally.map { [$0] } ?? [])
  }
}

/// The statements of an `on failure` or a `finally`.
public struct CheckedHandler: Sendable {
  /// The ordinal of the handler among the statements of its block, for the step path.
  public var ordinal: Int
  /// A handler's block has no handler of its own at its top level.
  public var block: CheckedBlock

  public init(ordinal: Int, block: CheckedBlock) { (self.ordinal, self.block) = (ordinal, block) }
}

public struct CheckedStatement: Sendable {
  /// Its place among the statements of its block, from 0, declarations and handlers counted.
  public var ordinal: Int
  /// Its line in its file, from 1.
  public var line: Int
  /// Where it begins in its file, in bytes: two statements may stand on one line.
  public var offset: Int
  /// The imported file that it stands in; nil in the runbook itself.
  public var file: String?
  /// As it stands in the runbook, white space folded; of a block statement, what stands in front of the `{`.
  public var text: String
  public var action: Action

  public init(ordinal: Int, line: Int, offset: Int, file: String? = nil, text: String, action: Action) {
    (self.ordinal, self.line, self.offset, self.file) = (ordinal, line, offset, file)
    (self.text, self.action) = (text, action)
  }
}
