import Testing

@testable import RunbookLanguageServer

@Suite("Language server: outline, layout and large documents")
struct LayoutTests {
  private static let text = """
    runbook "Weekly"
    input soak = 30m
    procedure watch(services) {
      let hold = 5m
      monitor (hold) production services
    }
    on failure { rollback staging api }
    scenario "it crashes" {
      given production api crashes
      expect failed
    }

    """

  @Test("the outline is a tree where the editor knows trees, else a list")
  func outline() throws {
    let params: JSON = ["textDocument": ["uri": JSON(Editor.uri)]]
    var editor = try Editor.started(
      capabilities: ["textDocument": ["documentSymbol": ["hierarchicalDocumentSymbolSupport": true]]]
    )
    try editor.open(Self.text)
    let tree = try editor.ask("textDocument/documentSymbol", params)["result"].elements
    #expect(tree.map { $0["name"].text } == ["Weekly", "soak", "watch", "on failure", "it crashes"])
    #expect(tree[2]["children"][0]["name"] == "hold" && tree[2]["detail"] == "(services)")
    #expect(tree[2]["range"]["end"]["line"] == 5 && tree[2]["selectionRange"]["start"] == ["line": 2, "character": 10])
    var plain = try Editor.started()
    try plain.open(Self.text)
    let list = try plain.ask("textDocument/documentSymbol", params)["result"].elements
    #expect(list.map { $0["name"].text } == ["Weekly", "soak", "watch", "hold", "on failure", "it crashes"])
    #expect(list[3]["containerName"] == "watch" && list[3]["location"]["uri"] == JSON(Editor.uri))
  }

  @Test("formatting changes the lines that differ, and leaves what it cannot read")
  func formatting() throws {
    let params: JSON = ["textDocument": ["uri": JSON(Editor.uri)], "options": ["tabSize": 2, "insertSpaces": true]]
    let text = "validate staging api\nwithin 10m {\nvalidate   staging  web  # é😀\n}\nmonitor 30m production api\n"
    var editor = try Editor.started()
    try editor.open(text)
    let edits = try editor.ask("textDocument/formatting", params)["result"].elements
    #expect(edits.count == 1 && edits[0]["range"]["start"]["line"] == 2 && edits[0]["range"]["end"]["line"] == 3)
    #expect(applied(edits, to: text) == text.replacing("validate   staging  web", with: "  validate staging web"))
    try editor.change(["text": JSON(applied(edits, to: text))])
    #expect(try editor.ask("textDocument/formatting", params)["result"] == [])
    try editor.change(["text": "promot   api\n"])
    #expect(try editor.ask("textDocument/formatting", params).members["result"] == .null)
  }

  @Test("the lines that differ, wherever they stand")
  func changedLines() {
    func change(_ old: String, _ new: String) -> String? {
      let (before, after) = (Array(old.utf8), Array(new.utf8))
      guard let change = LanguageServer.change(from: before, to: after) else { return nil }
      let made = before[..<change.old.lowerBound] + after[change.new] + before[change.old.upperBound...]
      #expect(Array(made) == after, "\(old.debugDescription) to \(new.debugDescription)")
      return String(decoding: before[change.old], as: UTF8.self)
    }
    #expect(change("a\nb\n", "a\nb\n") == nil)
    #expect(change("a\nb\nc\n", "a\nx\nc\n") == "b\n")
    #expect(change("a\nb", "a\nb\n") == "b")
    #expect(change("", "a\n")?.isEmpty == true)
    #expect(change("a\n", "")?.count == 2)
    #expect(change("a\n\n\nb\n", "a\n\nb\n") == "\n")
    #expect(change("a\na\n", "a\na\na\n")?.isEmpty == true)
    #expect(change("b\r\n", "b\n") == "b\r\n")
  }

  @Test("a document of 10 MB is edited, completed and hovered over")
  func large() throws {
    let piece = "# a comment that nobody reads, and that is there to be there\nvalidate staging api, web\n"
    let count = 10_000_000 / piece.utf8.count
    var editor = try Editor.started()
    try editor.tell(
      "textDocument/didOpen",
      [
        "textDocument": [
          "uri": JSON(Editor.uri), "languageId": "runbook", "version": 1,
          "text": JSON(String(repeating: piece, count: count)),
        ]
      ]
    )
    let last = count * 2
    for character in ["p", "r", "o", "m", "o", "t", "e", " "].enumerated() {
      let at: JSON = ["line": JSON(last), "character": JSON(character.offset)]
      try editor.change(["range": ["start": at, "end": at], "text": JSON(character.element)])
    }
    let place: JSON = ["line": JSON(last), "character": 8]
    let params: JSON = ["textDocument": ["uri": JSON(Editor.uri)], "position": place]
    let labels = try editor.ask("textDocument/completion", params)["result"]["items"].elements.map { $0["label"].text }
    #expect(labels.contains("project-management"))
    try editor.settle()
    #expect(editor.findings()?.contains { $0["range"]["start"]["line"] == JSON(last) } == true)
  }
}
