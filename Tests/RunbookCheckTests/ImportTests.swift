import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Synchronization
import Testing

@Suite struct ImportTests {
  /// What the case files can import.
  static let files = [
    "common.runbook": """
    procedure watch(services, hold = 30m) {
      monitor (hold) production services
    }
    """,
    "lib/outer.runbook": "import \"inner.runbook\"\nprocedure outer() { inner() }",
    "lib/inner.runbook": "procedure inner() { validate staging api }",
    "wrong.runbook": "procedure broken() {\n  validate staging apy\n}\nprocedure fine() { validate staging web }",
    "unreadable.runbook": "procedure half() { validte staging api }",
    "stranger.runbook": "procedure one() { validate staging api }\nvalidate staging api\npromote api",
    "circle.runbook": "import \"circle2.runbook\"",
    "circle2.runbook": "import \"circle.runbook\"",
  ]

  private func check(_ text: String, files: [String: String] = ImportTests.files) throws -> Checked {
    Checked(text, fleet: try CaseFleet.load(), files: files)
  }

  @Test func bringsProcedures() throws {
    let checked = try check(
      "import \"common.runbook\"\nimport \"./lib/../lib/outer.runbook\"\nwatch([api, web])\nouter()"
    )
    #expect(checked.findings.isEmpty, "\(checked.rendered)")
    let runbook = try #require(checked.result.runbook)
    #expect(Set(runbook.imports.keys) == ["common.runbook", "lib/outer.runbook", "lib/inner.runbook"])
    #expect(runbook.imports["lib/inner.runbook"] == Self.files["lib/inner.runbook"])
    guard case .call(let call)? = runbook.body.statements.first?.action else {
      Issue.record("no call")
      return
    }
    #expect(call.block.statements.map(\.file) == ["common.runbook"])
    #expect(call.block.statements.map(\.line) == [2])
    // What was read once is enough to check it again.
    let (tree, _) = parse(checked.source)
    let again = RunbookCheck.check(
      tree,
      source: checked.source,
      fleet: runbook.fleet,
      imports: .stored(runbook.imports)
    )
    #expect(again.findings.isEmpty && again.runbook?.imports == runbook.imports)
  }

  @Test func doesNotPassOnImports() throws {
    let checked = try check("import \"lib/outer.runbook\"\ninner()")
    #expect(checked.codes == ["SW3037"])
  }

  @Test func findingsOfAnImportedFileHaveItsName() throws {
    let checked = try check("import \"wrong.runbook\"\nfine()")
    #expect(checked.findings.map(\.source.name) == ["wrong.runbook"])
    #expect(checked.codes == ["SW3001"])
    #expect(checked.rendered.hasPrefix("wrong.runbook:2:20: error: unknown service `apy`; did you mean `api`?"))
    #expect(checked.result.runbook == nil)
    let twice = try check("import \"wrong.runbook\"\nbroken()\nbroken()")
    #expect(twice.codes == ["SW3001"])
  }

  @Test func syntaxOfAnImportedFileCounts() throws {
    let checked = try check("import \"unreadable.runbook\"\nhalf()")
    #expect(checked.findings.map(\.source.name) == ["unreadable.runbook"])
    #expect(checked.result.runbook == nil)
  }

  @Test func circlesEnd() throws {
    let checked = try check("import \"circle.runbook\"\nvalidate staging api")
    #expect(checked.codes == ["SW3043"])
    let own = try check("import \"test.runbook\"\nvalidate staging api")
    #expect(own.codes == ["SW3043"])
  }

  @Test(arguments: [
    "/etc/common.runbook", "~/common.runbook", "common", "C:/common.runbook", "a\\\\b.runbook", "", "a\\nb.runbook",
    "file:common.runbook",
  ]) func strangePathsAreRefused(path: String) throws {
    let asked = Mutex<[String]>([])
    let source = SourceText(name: "test.runbook", text: "import \"\(path)\"\nvalidate staging api")
    let resolver = ImportResolver { path in
      asked.withLock { $0.append(path) }
      return .failure(ImportResolver.Failure("not there"))
    }
    let result = RunbookCheck.check(parse(source).file, source: source, fleet: try CaseFleet.load(), imports: resolver)
    #expect(result.findings.map(\.diagnostic.code) == ["SW3042"])
    #expect(asked.withLock { $0 }.isEmpty)
  }

  @Test func pathsAreOfTheRunbooksFolder() throws {
    let files = [
      "../shared/one.runbook": "import \"../other/two.runbook\"\nprocedure one() { two() }",
      "../other/two.runbook": "procedure two() { validate staging api }",
    ]
    let checked = try check("import \"../shared/one.runbook\"\none()", files: files)
    #expect(checked.findings.isEmpty, "\(checked.rendered)")
    #expect(checked.result.runbook.map { Set($0.imports.keys) } == Set(files.keys))
  }

  /// A link to its own folder makes files without end.
  @Test func endlessFoldersEnd() throws {
    let source = SourceText(name: "test.runbook", text: "import \"x/a.runbook\"\nvalidate staging api")
    let resolver = ImportResolver { .success(SourceText(name: $0, text: "import \"x/a.runbook\"")) }
    let result = RunbookCheck.check(parse(source).file, source: source, fleet: try CaseFleet.load(), imports: resolver)
    #expect(result.findings.map(\.diagnostic.code) == ["SW3040"])
  }
}
