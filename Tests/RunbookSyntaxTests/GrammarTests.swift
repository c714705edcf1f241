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
    var used: Set<Substring> = ["runbook", "COMMENT"]
    for rule in outside.split(separator: ";") {
      let sides = rule.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      defined.formUnion(sides[0].split(whereSeparator: \.isWhitespace))
      used.formUnion(sides[1].split { !$0.isLetter && $0 != "-" })
    }
    #expect(defined == used)
  }

  @Test func theExamplesOfTheReferenceAreRight() throws {
    let fences = try Self.text("README.md").split(separator: "```", omittingEmptySubsequences: false)
    let examples = fences.filter { $0.hasPrefix("runbook\n") }
    #expect(!examples.isEmpty)
    for example in examples {
      #expect(parse(SourceText(name: "README.md", text: String(example.dropFirst(8)))).diagnostics.isEmpty)
    }
    let names = parse(SourceText(name: "a", text: "promote \"because\" because \"of its name\"")).diagnostics
    #expect(names.isEmpty)
  }
}
