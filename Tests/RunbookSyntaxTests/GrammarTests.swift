import FoundationEssentials
import RunbookDiagnostics
import RunbookSyntax
import Testing

@Suite struct GrammarTests {
  private static func text(_ name: String) throws -> String {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let data = try #require(FileManager.default.contents(atPath: "/\(folder)/grammar/\(name)"))
    return String(decoding: data, as: UTF8.self)
  }

  /// The grammar without its comments and without characters in single quotes.
  private static func rules() throws -> String {
    var rules = ""
    var rest = try text("runbook.ebnf")[...]
    while let first = rest.first {
      if rest.hasPrefix("(*") {
        let end = try #require(rest.firstRange(of: "*)"))
        rest = rest[end.upperBound...]
      } else if first == "?" || first == "'" {
        let end = try #require(rest.dropFirst().firstIndex(of: first))
        rest = rest[end...].dropFirst()
      } else {
        rules.append(first)
        rest = rest.dropFirst()
      }
    }
    return rules
  }

  @Test func theGrammarHasTheKeywordsOfTheCode() throws {
    let pieces = try Self.rules().split(separator: "\"", omittingEmptySubsequences: false)
    #expect(pieces.count % 2 == 1)
    let keywords = pieces.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    #expect(Set(keywords) == Set(Keyword.allCases.map(\.rawValue)))
  }

  @Test func everyRuleOfTheGrammarIsThereAndUsed() throws {
    var outside = ""
    for (index, piece) in try Self.rules().split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      outside += index % 2 == 0 ? String(piece) : " "
    }
    var defined: Set<Substring> = []
    // WORD says which class of words comes first; C is a parameter.
    var used: Set<Substring> = ["runbook", "COMMENT", "WORD"]
    for rule in outside.split(separator: ";") {
      let sides = rule.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      defined.formUnion(sides[0].split { $0.isWhitespace || $0 == "<" }.prefix(1))
      used.formUnion(sides[1].split { !$0.isLetter && $0 != "-" })
    }
    #expect(defined == used.subtracting(["C", "-"]))
  }

  /// The words in quotes of a grammar for editors.
  private static func quoted(_ pattern: Regex<(Substring, Substring)>, in text: String) -> Set<String> {
    Set(text.matches(of: pattern).flatMap { $0.output.1.split(separator: "|").map(String.init) })
  }

  @Test func theGrammarsOfEditorsHaveTheKeywordsOfTheCode() throws {
    let keywords = Set(Keyword.allCases.map(\.rawValue))
    let textMate = try Self.text("slipway.tmLanguage.json")
    // `(?:if|else)(?!…)`
    #expect(Self.quoted(/\((?:\?:)?([a-z|-]+)\)\(\?!/, in: textMate) == keywords)
    let treeSitter = try Self.text("tree-sitter-slipway/grammar.js").replacing(/field\('[a-z_]+'/, with: "")
    #expect(Self.quoted(/'([a-z][a-z-]*)'/, in: treeSitter).subtracting(["slipway"]) == keywords)
    #expect(
      Self.quoted(/"([a-z][a-z-]*)"/, in: try Self.text("tree-sitter-slipway/queries/highlights.scm")) == keywords
    )
  }

  private static let pages = ["README.md", "expressions.md", "scenarios.md", "editors.md"]

  @Test func theReferenceNamesEveryKeyword() throws {
    var named: Set<String> = []
    for page in Self.pages {
      let code = try Self.text(page).split(separator: "`", omittingEmptySubsequences: false).enumerated()
      for piece in code where piece.offset % 2 == 1 {
        named.formUnion(piece.element.matches(of: /[a-z][a-z-]*/).map { String($0.output) })
      }
    }
    #expect(Set(Keyword.allCases.map(\.rawValue)).subtracting(named) == [])
  }

  @Test(arguments: pages)
  func theExamplesOfTheReferenceAreRight(page: String) throws {
    let fences = try Self.text(page).split(separator: "```", omittingEmptySubsequences: false)
    let examples = fences.filter { $0.hasPrefix("runbook\n") }
    #expect(page == "editors.md" || !examples.isEmpty)
    for example in examples {
      #expect(parse(SourceText(name: page, text: String(example.dropFirst(8)))).diagnostics.isEmpty)
    }
    let names = parse(SourceText(name: "a", text: "promote \"because\" because \"of its name\"")).diagnostics
    #expect(names.isEmpty)
  }
}
