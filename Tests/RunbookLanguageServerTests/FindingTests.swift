import Testing

@Suite("Language server: findings and fixes")
struct FindingTests {
  @Test("opening publishes, changing publishes again, closing takes them away")
  func published() throws {
    var editor = try Editor.started()
    try editor.open("validate staging ap\n")
    let finding = try #require(editor.findings()?.first)
    #expect(finding["severity"] == 1 && finding["source"] == "slipway")
    #expect(finding["code"].text.hasPrefix("SW"))
    #expect(finding["message"].text.contains("unknown service `ap`; did you mean `api`?"))
    #expect(finding["range"]["start"] == ["line": 0, "character": 17])
    #expect(finding["range"]["end"] == ["line": 0, "character": 19])
    let at: JSON = ["line": 0, "character": 19]
    try editor.change(["range": ["start": at, "end": at], "text": "i"])
    try editor.settle()
    #expect(editor.findings() == [])
    #expect(editor.notifications.last?["params"]["version"] == 2)
    try editor.change(["text": "promot api"])
    try editor.settle()
    #expect(editor.findings()?.count == 1)
    try editor.tell("textDocument/didClose", ["textDocument": ["uri": JSON(Editor.uri)]])
    #expect(editor.findings() == [])
    #expect(!editor.server.isUnsettled)
  }

  @Test("several changes of one message follow each other, in UTF-16")
  func incremental() throws {
    var editor = try Editor.started()
    try editor.open("# 😀 é\nvalidate stagin web\n")
    #expect(editor.findings()?.isEmpty == false)
    try editor.change(
      [
        "range": ["start": ["line": 0, "character": 2], "end": ["line": 0, "character": 4]], "text": "x\n# ",
      ],
      ["range": ["start": ["line": 2, "character": 15], "end": ["line": 2, "character": 15]], "text": "g"]
    )
    try editor.settle()
    #expect(editor.findings() == [])
    let symbols = try editor.ask(
      "textDocument/formatting",
      ["textDocument": ["uri": JSON(Editor.uri)], "options": [:]]
    )
    #expect(symbols["result"] == [])
  }

  @Test("a finding's other places are given to editors that can show them")
  func related() throws {
    let text = "on failure { rollback staging api }\non failure { rollback staging web }\nvalidate staging api\n"
    var plain = try Editor.started()
    try plain.open(text)
    #expect(plain.findings()?.contains { $0["relatedInformation"] != nil } == false)
    var editor = try Editor.started(
      capabilities: ["textDocument": ["publishDiagnostics": ["relatedInformation": true]]]
    )
    try editor.open(text)
    let related = editor.findings()?.first { $0["relatedInformation"] != nil }?["relatedInformation"][0]
    #expect(related?["location"]["uri"] == JSON(Editor.uri))
    #expect(related?["location"]["range"]["start"] == ["line": 0, "character": 0])
  }

  @Test("a fix is a code action that puts the text right")
  func fixes() throws {
    let text = "validate staging wep\nrollback staging api v1.2.2\n"
    var editor = try Editor.started()
    try editor.open(text)
    let everything: JSON = ["start": ["line": 0, "character": 0], "end": ["line": 2, "character": 0]]
    func params(_ range: JSON, _ only: JSON = nil) -> JSON {
      ["textDocument": ["uri": JSON(Editor.uri)], "range": range, "context": ["diagnostics": [], "only": only]]
    }
    let actions = try editor.ask("textDocument/codeAction", params(everything))["result"].elements
    #expect(actions.allSatisfy { $0["kind"] == "quickfix" && $0["diagnostics"].elements.count == 1 })
    let edits = actions.flatMap { $0["edit"]["changes"][Editor.uri].elements }
    #expect(applied(edits, to: text) == "validate staging web\nrollback staging api to v1.2.2\n")
    let first: JSON = ["start": ["line": 0, "character": 18], "end": ["line": 0, "character": 18]]
    #expect(try editor.ask("textDocument/codeAction", params(first))["result"].elements.count == 1)
    #expect(try editor.ask("textDocument/codeAction", params(everything, ["refactor"]))["result"] == [])
  }

  @Test("without a configuration the form alone is checked, and that is said once")
  func noConfiguration() throws {
    var editor = try Editor.started(files: [:])
    try editor.open("validate anything at-all\npromot api\n")
    let messages = editor.notifications.filter { $0["method"] == "window/logMessage" }
    #expect(messages.count == 1)
    #expect(messages.first?["params"]["message"].text.contains("there is no slipway.yaml") == true)
    #expect(editor.findings()?.isEmpty == false)
    #expect(editor.findings()?.contains { $0["message"].text.contains("unknown service") } == false)
  }

  @Test("a configuration that is wrong shows so at its own place, and is read again when it has changed")
  func configuration() throws {
    let path = "/work/slipway.yaml"
    let yaml = "file:///work/slipway.yaml"
    var editor = try Editor.started(files: [path: "gitops: 3\n"])
    try editor.open("validate staging api\n")
    #expect(editor.findings(yaml)?.isEmpty == false)
    // The editor's text of it counts before the file.
    try editor.open(Editor.fleet, yaml)
    #expect(editor.findings(yaml) == [])
    #expect(editor.findings() == [])
    try editor.change(["text": JSON(Editor.fleet.replacing("  api:", with: "  apis:"))], uri: yaml)
    try editor.settle()
    #expect(editor.findings()?.first?["message"].text.contains("unknown service `api`") == true)
  }

  @Test("a configuration may be named, and stands above the folder else")
  func folders() throws {
    var named = Editor(files: ["/elsewhere.yaml": Editor.fleet], configuration: "/elsewhere.yaml")
    _ = try named.ask("initialize", ["capabilities": [:]])
    try named.open("validate staging nothing\n")
    #expect(named.findings()?.count == 1)
    var above = try Editor.started(files: ["/slipway.yaml": Editor.fleet])
    try above.open("validate staging nothing\n", "file:///a/b/c.runbook")
    #expect(above.findings("file:///a/b/c.runbook")?.count == 1)
    // What was never saved belongs to the folder that is open.
    var unsaved = try Editor.started()
    try unsaved.open("validate staging nothing\n", "untitled:Untitled-1")
    #expect(unsaved.findings("untitled:Untitled-1")?.count == 1)
  }

  @Test("the editor is asked to watch files where it can")
  func watching() throws {
    let capabilities: JSON = ["workspace": ["didChangeWatchedFiles": ["dynamicRegistration": true]]]
    var editor = try Editor.started(capabilities: capabilities)
    let asked = editor.notifications.last { $0["method"] == "client/registerCapability" }
    #expect(asked?["params"]["registrations"][0]["method"] == "workspace/didChangeWatchedFiles")
    try editor.open("validate staging api\n")
    let count = editor.notifications.count
    try editor.tell("workspace/didChangeWatchedFiles", ["changes": []])
    try editor.settle()
    #expect(editor.notifications.count == count + 1)
  }

  @Test("thousands of findings are cut, and it is said how many are left")
  func many() throws {
    var editor = try Editor.started()
    try editor.open(String(repeating: "promot api\n", count: 1200))
    let findings = try #require(editor.findings())
    #expect(findings.count == 501)
    #expect(findings.last?["message"].text.contains("700 more findings") == true)
  }
}
