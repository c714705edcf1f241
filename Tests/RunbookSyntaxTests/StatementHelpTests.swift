import RunbookDiagnostics
import RunbookSyntax
import Testing

/// The help names what the language has: every statement, every clause, and no word that is none.
@Suite("Help")
struct StatementHelpTests {
  @Test("every statement has its help, once")
  func statements() {
    #expect(StatementHelp.all.map(\.verb).sorted() == Keyword.statements.map(\.rawValue).sorted())
    for help in StatementHelp.all { #expect(StatementHelp.of(help.verb) == help) }
  }

  @Test("every clause and every subject of a statement stands in its forms", arguments: Keyword.statements)
  func clauses(statement: Keyword) throws {
    let help = try #require(StatementHelp.of(statement.rawValue))
    let words = Set(help.forms.flatMap { Self.words($0.elements + $0.clauses.flatMap(\.elements)) })
    for keyword in Keyword.clauses(of: statement) + Keyword.subjects(of: statement) {
      #expect(words.contains(keyword.rawValue), "\(statement.rawValue): \(keyword.rawValue)")
    }
    let fixed = help.forms.flatMap { $0.elements + $0.clauses.flatMap(\.elements) }
    for case .word(let word) in fixed where word != "=" {
      #expect(Keyword(rawValue: word) != nil, "\(word) is no word of the language")
    }
  }

  @Test("sentences end in a full stop, examples are read without a mistake", arguments: StatementHelp.all.map(\.verb))
  func texts(verb: String) throws {
    let help = try #require(StatementHelp.of(verb))
    for text in [help.summary] + help.detail + help.forms.flatMap({ $0.clauses.map(\.summary) }) {
      #expect(text.hasSuffix("."), "\(text)")
    }
    #expect(!help.usage.contains("") && help.usage.allSatisfy { $0.hasPrefix(help.verb) })
    let (file, findings) = parse(SourceText(name: help.verb, text: help.example))
    #expect(findings.isEmpty && !file.statements.isEmpty, "\(help.verb): \(findings.map(\.summary))")
    let dump = "\(TreeDump(file, in: SourceText(name: help.verb, text: help.example)))"
    let label = help.verb == "on" ? "on-failure" : help.verb
    #expect(dump.contains("(\(label)"), "the example does not use it: \(dump)")
  }

  @Test("usage lines")
  func usage() {
    #expect(StatementHelp.of("wait")?.usage.contains("wait sync [ENVIRONMENT] [TARGETS] [within DURATION]") == true)
    #expect(
      StatementHelp.of("freeze")?.usage == [
        "freeze ENVIRONMENT until DATE-TIME [except TEAM] because \"TEXT\""
      ]
    )
    #expect(StatementHelp.of("if")?.usage == ["if EXPRESSION { … }"])
  }

  private static func words(_ elements: [FormElement]) -> [String] {
    elements.flatMap { element -> [String] in
      switch element {
      case .word(let word): [word]
      case .choice(let words): words.map(\.word)
      case .slot, .optional: []
      }
    }
  }
}
