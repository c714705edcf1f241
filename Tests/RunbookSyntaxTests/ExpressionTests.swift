import RunbookDiagnostics
import RunbookSyntax
import Testing

@Suite struct ExpressionTests {
  private func dump(_ expression: String) -> String {
    let source = SourceText(name: "test", text: "let x = " + expression)
    let (file, diagnostics) = parse(source)
    #expect(diagnostics.isEmpty, "\(expression): \(diagnostics.map(\.summary))")
    guard case .binding(let statement) = file.statements.first?.kind else { return "no binding" }
    return Self.written(statement.value, source)
  }

  /// The expression with all its parentheses.
  private static func written(_ expression: Expression, _ source: SourceText) -> String {
    switch expression.kind {
    case .binary(let operation, let left, let right, let span):
      #expect(source.text(span).split(separator: " ").joined(separator: " ") == operation.rawValue)
      return "(\(written(left, source)) \(operation.rawValue) \(written(right, source)))"
    case .not(let operand): return "(not \(written(operand, source)))"
    case .parenthesized(let inner): return "[\(written(inner, source))]"
    case .fact(let fact): return "<\(source.text(fact.wordSpan)) \(source.text(expression.span))>"
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .boolean, .string, .name,
      .environmentVariable, .list:
      return source.text(expression.span)
    }
  }

  @Test(
    arguments: [
      ("a or b and c", "(a or (b and c))"),
      ("a and b or c", "((a and b) or c)"),
      ("a or b or c", "((a or b) or c)"),
      ("not a is b and c", "((not (a is b)) and c)"),
      ("not not a", "(not (not a))"),
      ("a is not b or c in d", "((a is not b) or (c in d))"),
      ("a not in b and not c", "((a not in b) and (not c))"),
      ("1 + 2 - 3 < 4 + 5", "(((1 + 2) - 3) < (4 + 5))"),
      ("(a or b) and c", "([(a or b)] and c)"),
      ("a >= 0.5%", "(a >= 0.5%)"),
      ("a in [b, c + d]", "(a in [b, c + d])"),
      ("a\n", "a"),
      ("a +\n  b\n", "(a + b)"),
      ("(a\n  and b)\n", "[(a and b)]"),
      ("version is v1.2.3", "(version is v1.2.3)"),
      ("previous", "previous"),
      ("of", "of"),
      ("metric is 5", "(metric is 5)"),
      ("env is production", "(env is production)"),
      ("env(\"HOME\") is \"x\"", "(env(\"HOME\") is \"x\")"),
      ("true and false", "(true and false)"),
    ] as [(String, String)]
  )
  func operatorsBindAsTheReferenceSays(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test(
    arguments: [
      ("version of api in staging is v1", "<version version of api in staging>"),
      ("version of api in staging in [v1.0.0]", "<version version of api in staging>"),
      ("previous version of api in staging", "<previous version previous version of api in staging>"),
      ("errors of api in production since 5m > 10", "<errors errors of api in production since 5m>"),
      ("errors of api in production since soak + 1", "<errors errors of api in production since soak>"),
      ("errors of api in production since (soak + 1m) > 1", "<errors errors of api in production since (soak + 1m)>"),
      (
        "metric \"a b\" of api in production over 5m < 1",
        "<metric \"a b\" metric \"a b\" of api in production over 5m>"
      ),
      ("health of (first) in production is healthy", "<health health of (first) in production>"),
      ("sync of \"all\" in \"2d\" is synced", "<sync sync of \"all\" in \"2d\">"),
    ] as [(String, String)]
  )
  func aFactTakesItsEnvironmentAndItsWindow(_ text: String, _ fact: String) {
    // A version needs three numbers, so that `v1` is a name.
    #expect(dump(text).contains(fact))
  }

  @Test func wordsAreNamesWhereNoRuleTakesThem() {
    for text in [
      "let sync = sync", "validate merge, window, version", "for status in staging all { verify status }",
      "require window is open", "require window", "run \"x\"", "promote run by pr", "let checklist = planned",
      "watch(all, promoted, sync, window = status)", "expect ok in production is v1.0.0", "merge (a, b)",
    ] {
      let diagnostics = parse(SourceText(name: "a", text: text)).diagnostics
      #expect(diagnostics.isEmpty == !text.hasPrefix("merge ("), "\(text)")
    }
    // A statement word begins its statement even in front of a parenthesis; in quotes it is a procedure's name.
    let source = SourceText(name: "a", text: "wait (soak)\n\"wait\" (soak)\nwatch (soak)")
    let (file, diagnostics) = parse(source)
    #expect(diagnostics.isEmpty)
    let labels = TreeDump(file, in: source).children.map(\.label)
    #expect(labels == ["wait", "call", "call"])
  }

  @Test func everyStatementHasItsBlocks() throws {
    let text = "if a { verify } else if b { merge } else { stop \"c\" }\nretry 2 times { verify; verify }\nverify"
    let file = parse(SourceText(name: "a", text: text)).file
    #expect(file.statements.map(\.kind.blocks.count) == [3, 1, 0])
    #expect(file.statements.map(\.kind.nestedStatements.count) == [3, 2, 0])
    let broken = parse(SourceText(name: "a", text: "iff a b { verify; merge }")).file
    #expect(broken.statements.map(\.kind.nestedStatements.count) == [2])
  }

  @Test func aTextTwiceAsLongHasTwiceTheNodes() {
    let text = Corpus.texts.reduce(into: [UInt8]()) { $0 += $1 + [0x0A] }
    func parsed(_ copies: Int) -> (tokens: Int, statements: Int, findings: Int) {
      let source = SourceText(name: "a", bytes: Array(repeating: text, count: copies).flatMap(\.self))
      let (file, diagnostics) = parse(source)
      return (tokens(of: source).count, file.statements.count, diagnostics.count)
    }
    let (one, ten) = (parsed(1), parsed(10))
    #expect(ten.tokens == 10 * one.tokens && ten.statements == 10 * one.statements)
    #expect(one.findings == 0 && ten.findings == 0)
  }
}
