import Testing

@Suite("Language server: hover")
struct HoverTests {
  private func hover(_ marked: String, markdown: Bool = true) throws -> JSON {
    var editor = try Editor.started(
      capabilities: markdown ? ["textDocument": ["hover": ["contentFormat": ["markdown"]]]] : [:]
    )
    return try editor.ask("textDocument/hover", at: marked)["result"]
  }

  private func text(_ marked: String) throws -> String { try hover(marked)["contents"]["value"].text }

  @Test("a verb: how it is written, what it means, an example")
  func verbs() throws {
    let validate = try hover("vali¦date staging api\n")
    #expect(validate["contents"]["kind"] == "markdown")
    #expect(validate["contents"]["value"].text.contains("```runbook\nvalidate [ENVIRONMENT] TARGETS\n```"))
    #expect(validate["contents"]["value"].text.contains("seals what passes"))
    #expect(validate["range"]["end"] == ["line": 0, "character": 8])
    #expect(try text("on fail¦ure { rollback promoted }").contains("Answers every ending"))
    #expect(try text("¦if true { stop \"x\" }").contains("Runs a block when"))
    #expect(try hover("validate staging¦  api", markdown: false)["contents"]["kind"] == "plaintext")
  }

  @Test("a clause: its own words, not those of the verb")
  func clauses() throws {
    #expect(try text("promote api t¦o production").contains("Where they are brought to"))
    #expect(try text("promote api allowing down¦grade because \"x\"").contains("older version"))
    #expect(try text("promote api because \"y\" by p¦r").contains("one pull request"))
    #expect(try text("monitor 30m production api allowing 5 er¦rors per 1m").contains("Error lines"))
    #expect(try text("wait merge wi¦thin 4h").contains("longest that it may take"))
  }

  @Test("names: services, environments, variables, procedures, values of the run")
  func names() throws {
    #expect(try text("validate staging a¦pi").contains("Service `api`: tags like `api-v1.2.3`"))
    #expect(try text("validate sta¦ging api").contains("Environment `staging`: namespace staging"))
    #expect(try text("verify produc¦tion api").contains("promoted from staging, protected"))
    let variable = try text("let old = version of api in production\nrollback production api to (ol¦d)\n")
    #expect(variable.contains("let old") && variable.contains("a version, line 1"))
    let call = try text("procedure watch(services) {\n  verify production services\n}\nwat¦ch(api)\n")
    #expect(call.contains("procedure watch(services)"))
    #expect(try text("announce \"{run.¦id}\"").contains("the name of the run"))
  }

  @Test("a finding: what is wrong, and its page of explanation")
  func findings() throws {
    let text = try text("validate staging ap¦\n")
    #expect(text.contains("error SW") && text.contains("unknown service `ap`"))
    #expect(text.contains("The configuration names these"))
    #expect(text.contains("validate staging"), "the page has a right runbook")
  }

  @Test("nothing where there is nothing to say")
  func nothing() throws {
    for marked in ["validate staging api\n¦\n", "# com¦ment", "stop \"wh¦y\""] {
      #expect(try hover(marked) == .null, "\(marked)")
    }
  }
}
