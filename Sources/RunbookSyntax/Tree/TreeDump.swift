public import RunbookDiagnostics

/// A tree as nested labels, the same for every kind of node: to print it, to compare two without their places, and to
/// check what holds for all nodes.
///
/// ```
/// (runbook-file
///   (rollback
///     (targets (name api))
///     (to (version 1.2.2))))
/// ```
public struct TreeDump: Hashable, Sendable, CustomStringConvertible {
  public let label: String
  /// Nil for a node that only groups others, such as a clause.
  public let span: SourceSpan?
  public let children: [TreeDump]

  init(_ label: String, _ span: SourceSpan? = nil, _ children: [TreeDump?] = []) {
    self.label = label
    self.span = span
    self.children = children.compactMap(\.self)
  }

  public init(_ file: RunbookFile) {
    let children = file.statements.map(TreeDump.init) + [Self.clause("after", file.comments.after.map(TreeDump.init))]
    self.init("runbook-file", file.span, children)
  }

  public var description: String { rendered(indent: 0) }

  private var flat: String {
    children.isEmpty ? "(\(label))" : "(\(label) \(children.map(\.flat).joined(separator: " ")))"
  }

  private func rendered(indent: Int) -> String {
    let flat = self.flat
    if flat.count + indent <= 60 { return flat }
    let pad = "\n" + String(repeating: " ", count: indent + 2)
    return "(\(label)" + children.map { pad + $0.rendered(indent: indent + 2) }.joined() + ")"
  }

  private static func clause(_ label: String, _ children: [TreeDump?]) -> TreeDump? {
    let children = children.compactMap(\.self)
    return children.isEmpty ? nil : TreeDump(label, nil, children)
  }
}

extension TreeDump {
  init(_ statement: Statement) {
    let comments = [
      Self.clause("before", statement.comments.before.map(TreeDump.init)),
      Self.clause("suffix", statement.comments.suffix.map(TreeDump.init)),
    ]
    let (label, children) = Self.parts(of: statement.kind)
    self.init(label, statement.span, children + comments)
  }

  private static func parts(of kind: StatementKind) -> (label: String, children: [TreeDump?]) {
    switch kind {
    case .runbook(let declaration): return ("runbook", [TreeDump(declaration.title)])
    case .validate(let statement):
      return ("validate", [clause("in", statement.environment), TreeDump(statement.targets)])
    case .promote(let statement): return ("promote", parts(of: statement))
    case .wait(let statement): return ("wait", parts(of: statement))
    case .monitor(let statement): return ("monitor", parts(of: statement))
    case .rollback(let statement):
      return (
        "rollback",
        [
          clause("in", statement.environment), TreeDump(statement.targets),
          clause("to", [statement.to.map(TreeDump.init)]), statement.way.map(TreeDump.init),
          clause("because", statement.because),
          statement.evenIfUndetermined.map { TreeDump("even-if-undetermined", $0) },
        ]
      )
    case .onFailure(let statement): return ("on-failure", [TreeDump(statement.body)])
    case .stop(let statement): return ("stop", [TreeDump(statement.reason)])
    case .fail(let statement): return ("fail", [TreeDump(statement.reason)])
    case .malformed(let statement):
      let label = "malformed" + (statement.verb.map { " \($0.rawValue)" } ?? "")
      return (label, statement.body.map(TreeDump.init))
    }
  }

  private static func parts(of statement: PromoteStatement) -> [TreeDump?] {
    [
      TreeDump(statement.targets), clause("except", statement.except.map(TreeDump.init)),
      clause("from", statement.from), clause("to", statement.to),
      clause("at", [statement.version.map(TreeDump.init)]), statement.way.map(TreeDump.init),
      clause("without-validation", statement.withoutValidation),
      clause("allowing-downgrade", statement.allowingDowngrade),
      clause("allowing-unstaged", statement.allowingUnstaged), clause("because", statement.because),
    ]
  }

  private static func parts(of statement: WaitStatement) -> [TreeDump?] {
    let condition: TreeDump =
      switch statement.condition {
      case .merge: TreeDump("merge")
      case .sync: TreeDump("sync")
      case .rollout: TreeDump("rollout")
      case .elapsed(let duration): TreeDump(duration)
      }
    return [
      condition, clause("in", statement.environment), statement.targets.map(TreeDump.init),
      clause("within", [statement.within.map(TreeDump.init)]),
    ]
  }

  private static func parts(of statement: MonitorStatement) -> [TreeDump?] {
    [
      TreeDump(statement.duration), clause("in", statement.environment), statement.targets.map(TreeDump.init),
      clause("every", [statement.every.map(TreeDump.init)]),
      clause("restarts", [statement.allowedRestarts.map(TreeDump.init)]),
      clause("errors", statement.allowedErrors.map { [TreeDump($0.count), TreeDump($0.per)] } ?? []),
    ]
  }

  private static func clause(_ label: String, _ name: NameNode?) -> TreeDump? {
    name.map { TreeDump(label, nil, [TreeDump($0)]) }
  }

  private static func clause(_ label: String, _ string: StringLiteral?) -> TreeDump? {
    string.map { TreeDump(label, nil, [TreeDump($0)]) }
  }

  init(_ block: Block) {
    let suffix = Self.clause("suffix", block.comments.suffix.map(TreeDump.init))
    let after = Self.clause("after", block.comments.after.map(TreeDump.init))
    self.init("block", block.span, [suffix] + block.statements.map(TreeDump.init) + [after])
  }

  init(_ comment: Comment) {
    self.init("comment", comment.span)
  }

  init(_ targets: TargetsNode) {
    switch targets.kind {
    case .all: self.init("all", targets.span)
    case .promoted: self.init("promoted", targets.span)
    case .names(let names): self.init("targets", targets.span, names.map(TreeDump.init))
    }
  }

  init(_ name: NameNode) {
    self.init(name.isQuoted ? "name \"\(visible(name.name))\"" : "name \(name.name)", name.span)
  }

  init(_ way: WayNode) {
    switch way.kind {
    case .pullRequest: self.init("by pr", way.span)
    case .commit: self.init("by commit", way.span)
    }
  }

  init(_ string: StringLiteral) {
    self.init("string \"\(visible(string.value))\"", string.span)
  }

  init(_ duration: DurationLiteral) {
    self.init("duration \(duration.value)", duration.span)
  }

  init(_ version: VersionLiteral) {
    self.init("version \(version.text)", version.span)
  }

  init(_ integer: IntegerLiteral) {
    self.init("integer \(integer.value)", integer.span)
  }
}
