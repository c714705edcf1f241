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

  /// The tree of a file that was parsed from `source`.
  public init(_ file: RunbookFile, in source: SourceText) {
    let writer = TreeDumpWriter(source: source)
    let after = writer.comments("after", file.comments.after)
    self.init("runbook-file", file.span, file.statements.map(writer.statement) + [after])
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
}

/// Makes dumps of nodes, whose names and texts stand in the source.
struct TreeDumpWriter {
  let source: SourceText

  /// A group of nodes that have something in common; nil without any.
  func clause(_ label: String, _ children: TreeDump?...) -> TreeDump? {
    group(label, children)
  }

  func group(_ label: String, _ children: [TreeDump?]) -> TreeDump? {
    let children = children.compactMap(\.self)
    return children.isEmpty ? nil : TreeDump(label, nil, children)
  }

  /// A word that is there or not.
  func flag(_ label: String, _ span: SourceSpan?) -> TreeDump? { span.map { TreeDump(label, $0) } }

  func comments(_ label: String, _ comments: [Comment]) -> TreeDump? {
    group(label, comments.map { TreeDump("comment", $0.span) })
  }

  func block(_ block: Block) -> TreeDump {
    var children = [comments("suffix", block.comments.suffix)]
    for statement in block.statements { children.append(self.statement(statement)) }
    children.append(comments("after", block.comments.after))
    return TreeDump("block", block.span, children)
  }

  // MARK: Names and literals

  func name(_ name: NameNode) -> TreeDump {
    let text = name.text(in: source)
    return TreeDump(name.isQuoted ? "name \"\(visible(text))\"" : "name \(text)", name.span)
  }

  func name(_ node: NameNode?) -> TreeDump? { node.map { name($0) } }

  func targets(_ targets: TargetsNode?) -> TreeDump? {
    guard let targets else { return nil }
    switch targets.kind {
    case .all: return TreeDump("all", targets.span)
    case .promoted: return TreeDump("promoted", targets.span)
    case .names(let names): return TreeDump("targets", targets.span, names.map { name($0) })
    }
  }

  func scope(_ scope: ScopeNode) -> [TreeDump?] {
    [clause("in", name(scope.environment)), targets(scope.targets)]
  }

  func string(_ string: StringLiteral) -> TreeDump {
    let parts = string.interpolations.map { TreeDump("interpolation", $0.span, [expression($0.expression)]) }
    return TreeDump("string \"\(visible(string.value(in: source)))\"", string.span, parts)
  }

  func string(_ literal: StringLiteral?) -> TreeDump? { literal.map { string($0) } }

  // MARK: Expressions

  func expression(_ value: Expression?) -> TreeDump? { value.map { expression($0) } }

  func expression(_ expression: Expression) -> TreeDump {
    let text = { source.text(expression.span) }
    let (label, children): (String, [TreeDump?]) =
      switch expression.kind {
      case .duration(let duration): ("duration \(duration)", [])
      case .version: ("version \(VersionLiteral(span: expression.span).text(in: source))", [])
      case .integer(let value): ("integer \(value)", [])
      case .decimal: ("decimal \(text())", [])
      case .percentage: ("percentage \(text())", [])
      case .clockTime: ("time \(text())", [])
      case .dateTime: ("date-time \(text())", [])
      case .boolean(let value): ("\(value)", [])
      case .string(let literal): ("text", [string(literal)])
      case .name(let node): ("variable", [name(node)])
      case .environmentVariable(let literal): ("env", [string(literal)])
      case .list(let items): ("list", items.map { self.expression($0) })
      case .parenthesized(let inner): ("parenthesized", [self.expression(inner)])
      case .not(let operand): ("not", [self.expression(operand)])
      case .binary(let operation, let left, let right, _):
        (operation.rawValue, [self.expression(left), self.expression(right)])
      case .fact(let fact): (fact.word.rawValue, facts(fact))
      }
    return TreeDump(label, expression.span, children)
  }

  private func facts(_ fact: FactNode) -> [TreeDump?] {
    [
      string(fact.metric), clause("of", expression(fact.service)), clause("in", name(fact.environment)),
      clause("window", expression(fact.window)),
    ]
  }
}
