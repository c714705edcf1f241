import Testing

@Suite("Language server: definitions and renaming")
struct NameTests {
  private static let text = """
    input soak = 30m
    procedure watch(services, hold = 5m) {
      monitor (hold) production services
      announce "watched for {hold}, not {soak}"
    }
    watch(api, hold = 10m)
    watch([api, web])
    monitor (soak) production api

    """

  private func ask(_ method: String, _ marked: String, _ more: [String: JSON] = [:]) throws -> JSON {
    var editor = try Editor.started()
    return try editor.ask(method, at: marked, more: more)
  }

  private func marked(_ needle: String, _ occurrence: Int = 0) -> String {
    let ranges = Self.text.ranges(of: needle)
    var text = Self.text
    text.insert("¦", at: text.index(after: ranges[occurrence].lowerBound))
    return text
  }

  @Test("the text of the tests is right itself")
  func clean() throws {
    var editor = try Editor.started()
    try editor.open(Self.text)
    #expect(editor.findings()?.filter { $0["severity"] == 1 } == [])
  }

  @Test("a call leads to its procedure, a variable to where it is declared")
  func definitions() throws {
    func line(_ marked: String) throws -> Int? {
      try ask("textDocument/definition", marked)["result"][0]["range"]["start"]["line"].int
    }
    #expect(try line(marked("watch", 1)) == 1 || line(marked("watch(api")) == 1)
    #expect(try line(marked("soak)")) == 0)
    #expect(try line(marked("hold)")) == 1)
    #expect(try line(marked("services\n")) == 1)
    #expect(try line(marked("soak}")) == 0)
    #expect(try ask("textDocument/definition", "validate staging ap¦i\n")["result"] == .null)
  }

  @Test("definitions in imported files")
  func imports() throws {
    let files = [
      "/work/slipway.yaml": Editor.fleet,
      "/work/lib/common.runbook": "# shared\nprocedure watch(services) {\n  verify production services\n}\n",
    ]
    let text = "import \"lib/common.runbook\"\nwat¦ch(api)\n"
    var editor = try Editor.started(files: files)
    let place = try editor.ask("textDocument/definition", at: text)["result"][0]
    #expect(place["uri"] == "file:///work/lib/common.runbook")
    #expect(place["range"] == ["start": ["line": 1, "character": 10], "end": ["line": 1, "character": 15]])
    let file = try editor.ask("textDocument/definition", at: "import \"lib/com¦mon.runbook\"\nwatch(api)\n")["result"][
      0
    ]
    #expect(file["uri"] == "file:///work/lib/common.runbook" && file["range"]["start"]["line"] == 0)
    // What the editor has of the file counts before what is on disk.
    try editor.open("procedure watch(services) {\n  verify production services\n}\n", "file:///work/lib/common.runbook")
    let open = try editor.ask("textDocument/definition", at: text)["result"][0]
    #expect(open["range"]["start"]["line"] == 0)
    let refused = try editor.ask("textDocument/rename", at: text, more: ["newName": "look"])
    #expect(refused["error"]["message"].text.contains("declared in lib/common.runbook"))
  }

  @Test("a procedure is renamed in the open files that import it, too")
  func renamedAcrossFiles() throws {
    let common = "file:///work/common.runbook"
    var editor = try Editor.started()
    try editor.open("procedure watch(services) {\n  verify production services\n}\n", common)
    try editor.open("import \"common.runbook\"\nwatch(api)\nwatch(web)\n")
    #expect(editor.findings() == [])
    let answer = try editor.ask(
      "textDocument/rename",
      ["textDocument": ["uri": JSON(common)], "position": ["line": 0, "character": 12], "newName": "look-at"]
    )
    let changes = answer["result"]["changes"]
    #expect(changes[common].elements.count == 1)
    #expect(
      applied(changes[Editor.uri].elements, to: "import \"common.runbook\"\nwatch(api)\nwatch(web)\n")
        == "import \"common.runbook\"\nlook-at(api)\nlook-at(web)\n"
    )
  }

  @Test("renaming changes every place, interpolations and named arguments too, and nothing else")
  func renaming() throws {
    let renamed = try ask("textDocument/rename", marked("hold)"), ["newName": "keep"])
    let edits = renamed["result"]["changes"][Editor.uri].elements
    #expect(applied(edits, to: Self.text) == Self.text.replacing("hold", with: "keep"))
    let procedure = try ask("textDocument/rename", marked("watch(api"), ["newName": "look"])
    #expect(
      applied(procedure["result"]["changes"][Editor.uri].elements, to: Self.text)
        == Self.text.replacing("watch(", with: "look(")
    )
    let same = try ask("textDocument/rename", marked("hold)"), ["newName": "hold"])
    #expect(same["result"]["changes"] == [:])
    let target = try ask("textDocument/prepareRename", marked("soak)"))["result"]
    #expect(target["placeholder"] == "soak")
  }

  @Test(
    "names that are none, that mean something or that are taken are refused, with the reason",
    arguments: [
      ("two words", "is no name"), ("Upper", "is no name"), ("", "is no name"), ("5m", "is no name"),
      ("v1.2.3", "is no name"), ("a\nb", "is no name"), ("promote", "means something"), ("run.id", "means something"),
      ("api", "is a service"), ("staging", "is an environment"), ("soak", "declared on line 1"),
      ("watch", "declared on line 2"), ("services", "declared on line 2"),
    ]
  )
  func refused(name: String, reason: String) throws {
    let answer = try ask("textDocument/rename", marked("hold)"), ["newName": JSON(name)])
    #expect(answer["error"]["code"] == -32803)
    #expect(answer["error"]["message"].text.contains(reason), "\(answer)")
  }

  @Test("what is not declared in the runbook is not renamed")
  func foreign() throws {
    for (marked, reason) in [
      ("validate staging ap¦i\n", "name of the configuration"),
      ("validate sta¦ging api\n", "name of the configuration"),
      ("announce \"{run.¦id}\"\n", "not yours to rename"), ("vali¦date staging api\n", "no variable and no procedure"),
    ] {
      let answer = try ask("textDocument/prepareRename", marked)
      #expect(answer["error"]["message"].text.contains(reason), "\(marked)")
    }
  }

  @Test("references are all places of a name, with or without its declaration")
  func references() throws {
    func count(_ marked: String, _ includes: Bool) throws -> Int {
      try ask("textDocument/references", marked, ["context": ["includeDeclaration": .bool(includes)]])["result"]
        .elements
        .count
    }
    #expect(try count(marked("soak)"), true) == 3)
    #expect(try count(marked("soak)"), false) == 2)
    #expect(try count("validate staging api\nverify production ap¦i, web\n", true) == 2)
  }
}
