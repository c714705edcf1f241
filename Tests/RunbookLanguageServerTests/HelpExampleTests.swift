import FleetConfiguration
import RunbookCheck
import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax
import Testing

/// What the help shows is right: it checks without an error, and stands in the one layout.
@Suite("Help examples")
struct HelpExampleTests {
  @Test("examples have no mistake", arguments: StatementHelp.all.map(\.verb))
  func checked(verb: String) throws {
    let help = try #require(StatementHelp.of(verb))
    let fleet = try #require(FleetConfiguration.load(SourceText(name: "slipway.yaml", text: Editor.fleet)).0)
    // An import alone runs nothing.
    let text = help.verb == "import" ? help.example + "watch(api)\n" : help.example
    let source = SourceText(name: help.verb, text: text)
    let common = "procedure watch(services) {\n  verify production services\n}\n"
    let imports = ImportResolver { .success(SourceText(name: $0, text: common)) }
    let result = check(parse(source).file, source: source, fleet: fleet, imports: imports)
    let errors = result.findings.filter(\.isError).map(\.diagnostic.summary)
    #expect(errors == [], "\(text)")
  }

  @Test("examples are laid out as `slipway fmt` does it", arguments: StatementHelp.all.map(\.verb))
  func formatted(verb: String) throws {
    let help = try #require(StatementHelp.of(verb))
    let source = SourceText(name: help.verb, text: help.example)
    #expect(format(parse(source).file, source: source) == help.example)
  }
}
