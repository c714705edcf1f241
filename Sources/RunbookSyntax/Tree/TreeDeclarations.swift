/// `runbook "title"`
public struct RunbookDeclaration: Hashable, Sendable {
  public let title: StringLiteral

  public init(title: StringLiteral) { self.title = title }
}

/// `input NAME ["description"]` (required), or `input NAME = VALUE ["description"]`, typed by its default.
public struct InputDeclaration: Hashable, Sendable {
  public let name: NameNode
  /// A literal (the parser takes any expression, the checker wants a literal).
  public let defaultValue: Expression?
  public let description: StringLiteral?

  public init(name: NameNode, defaultValue: Expression?, description: StringLiteral?) {
    (self.name, self.defaultValue, self.description) = (name, defaultValue, description)
  }
}

/// `import "common.runbook"`: its procedures.
public struct ImportDeclaration: Hashable, Sendable {
  public let path: StringLiteral

  public init(path: StringLiteral) { self.path = path }
}

/// `procedure watch(services, hold = 30m) { … }`
public struct ProcedureDeclaration: Hashable, Sendable {
  public struct Parameter: Hashable, Sendable {
    public let name: NameNode
    public let defaultValue: Expression?

    public init(name: NameNode, defaultValue: Expression?) {
      (self.name, self.defaultValue) = (name, defaultValue)
    }
  }

  public let name: NameNode
  public let parameters: [Parameter]
  public let body: Block

  public init(name: NameNode, parameters: [Parameter], body: Block) {
    (self.name, self.parameters, self.body) = (name, parameters, body)
  }
}

/// `watch(promoted, 10m)`, `watch(promoted, hold = 10m)`: the parenthesis follows the name without a blank or with one.
public struct CallStatement: Hashable, Sendable {
  public struct Argument: Hashable, Sendable {
    /// The parameter it is for, where named.
    public let label: NameNode?
    /// `all` is taken too, as a name.
    public let value: Expression

    public init(label: NameNode?, value: Expression) { (self.label, self.value) = (label, value) }
  }

  public let procedure: NameNode
  public let arguments: [Argument]

  public init(procedure: NameNode, arguments: [Argument]) {
    (self.procedure, self.arguments) = (procedure, arguments)
  }
}

/// `scenario "title" { given … expect … }`: a test of the runbook. Its body has `given` and `expect` statements only.
public struct ScenarioDeclaration: Hashable, Sendable {
  public let title: StringLiteral
  public let body: Block

  public init(title: StringLiteral, body: Block) { (self.title, self.body) = (title, body) }
}
