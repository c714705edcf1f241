import RunbookDiagnostics
import RunbookSyntax

/// The outline of a document, in the form that the client knows.
enum Outline: Sendable {
  case tree([DocumentSymbol])
  case flat([SymbolInformation])
}

extension LanguageServer {
  /// Procedures, inputs, variables, handlers and scenarios.
  mutating func documentSymbols(_ parameters: TextDocumentParameters) throws(ResponseError) -> Outline {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let symbols = SymbolFinder(source: analysis.source, text: document.text, encoding: encoding)
      .symbols(of: analysis.file.statements)
    if client?.textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport == true { return .tree(symbols) }
    var flat: [SymbolInformation] = []
    func add(_ symbols: [DocumentSymbol], in container: String?) {
      for symbol in symbols {
        let place = Location(uri: document.uri, range: symbol.range)
        flat.append(SymbolInformation(name: symbol.name, kind: symbol.kind, location: place, containerName: container))
        add(symbol.children ?? [], in: symbol.name)
      }
    }
    add(symbols, in: nil)
    return .flat(flat)
  }
}

private struct SymbolFinder {
  let source: SourceText
  let text: DocumentText
  let encoding: PositionEncoding

  func symbols(of statements: [Statement]) -> [DocumentSymbol] { statements.flatMap(symbols) }

  private func symbols(of statement: Statement) -> [DocumentSymbol] {
    switch statement.kind {
    case .runbook(let node): [symbol(title(node.title), .file, statement, node.title.span)]
    case .input(let node): [symbol(name(node.name), .variable, statement, node.name.span, detail: "input")]
    case .binding(let node): [symbol(name(node.name), .variable, statement, node.name.span)]
    case .importing(let node): [symbol(title(node.path), .module, statement, node.path.span)]
    case .procedure(let node):
      [
        symbol(
          name(node.name),
          .function,
          statement,
          node.name.span,
          detail: "(\(node.parameters.map { name($0.name) }.joined(separator: ", ")))",
          symbols(of: node.body.statements)
        )
      ]
    case .scenario(let node):
      [symbol(title(node.title), .method, statement, node.title.span, detail: "scenario")]
    case .onFailure(let node):
      [symbol("on failure", .event, statement, nil, symbols(of: node.body.statements))]
    case .finally(let node): [symbol("finally", .event, statement, nil, symbols(of: node.body.statements))]
    // Blocks without a name are no symbols, but what they declare is.
    case .condition(let node):
      node.branches.flatMap { symbols(of: $0.body.statements) } + symbols(of: node.otherwise?.statements ?? [])
    case .loop(let node): symbols(of: node.body.statements)
    case .retry(let node): symbols(of: node.body.statements)
    case .within(let node): symbols(of: node.body.statements)
    case .malformed(let node): symbols(of: node.body)
    case .given, .expect, .validate, .promote, .wait, .merge, .monitor, .verify, .rollback, .reconcile, .sync, .restart,
      .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .call, .stop, .fail:
      []
    }
  }

  private func symbol(
    _ name: String,
    _ kind: DocumentSymbol.Kind,
    _ statement: Statement,
    _ selection: SourceSpan?,
    detail: String? = nil,
    _ children: [DocumentSymbol] = []
  ) -> DocumentSymbol {
    let first = SourceSpan(start: statement.span.start, end: statement.span.start)
    return DocumentSymbol(
      // The protocol forbids empty names.
      name: name.allSatisfy(\.isWhitespace) ? "\"\"" : visible(name),
      detail: detail,
      kind: kind,
      range: encoding.range(statement.span.range, in: text),
      selectionRange: encoding.range((selection ?? first).range, in: text),
      children: children.isEmpty ? nil : children
    )
  }

  private func name(_ node: NameNode) -> String { node.text(in: source) }

  private func title(_ literal: StringLiteral) -> String {
    guard literal.interpolations.isEmpty else { return source.text(literal.span) }
    return literal.value(in: source)
  }
}
