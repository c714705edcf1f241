import RunbookSyntax
import Testing

@Suite("Language server: completion")
struct CompletionTests {
  private func labels(_ marked: String, versions: [String: [String]] = [:]) throws -> [String] {
    var editor = try Editor.started(versions: versions)
    return try editor.labels(at: marked)
  }

  @Test("a statement begins with every verb, at the top with declarations, too")
  func beginnings() throws {
    let top = try labels("¦")
    for verb in ["validate", "promote", "wait", "rollback", "on failure", "input", "procedure", "scenario", "if"] {
      #expect(top.contains(verb), "\(verb)")
    }
    #expect(!top.contains("given") && !top.contains("else"))
    let inner = try labels("within 10m {\n  ¦\n}\n")
    #expect(inner.contains("validate") && !inner.contains("procedure") && !inner.contains("runbook"))
    #expect(try labels("scenario \"x\" {\n  ¦\n}\n") == ["given", "expect"])
    #expect(try labels("validate staging api; ¦").contains("promote"))
    #expect(try labels("validate staging api\nval¦\nmonitor 30m").contains("validate"))
  }

  @Test("else follows a block of if, and nothing else")
  func elseBranch() throws {
    let condition = "if version of api in staging is v1.0.0"
    #expect(try labels("\(condition) { validate staging api } ¦").first == "else")
    #expect(try labels("\(condition) { validate staging api }\n¦").first == "else")
    #expect(try !labels("within 1m { validate staging api } ¦").contains("else"))
    #expect(try !labels("\(condition) { ¦ }").contains("else"))
    #expect(try labels("\(condition) { validate staging api } else ¦") == ["if"])
    #expect(try labels("\(condition) { validate staging api } else if ¦").contains("health of"))
  }

  @Test("where services are due, those that are not named yet; environments first where one may stand")
  func targets() throws {
    let first = try labels("validate ¦")
    #expect(Array(first.prefix(2)) == ["staging", "production"])
    #expect(first.contains("api") && first.contains("all") && first.contains("promoted"))
    let second = try labels("validate staging ¦")
    #expect(!second.contains("staging") && second.contains("project-management"))
    let third = try labels("validate staging api, ¦")
    #expect(!third.contains("api") && !third.contains("all") && third.contains("web"))
    #expect(try labels("validate staging api,\n  ¦").contains("web"))
    #expect(try !labels("promote ¦").contains("promoted"))
  }

  @Test("clauses that are still possible, wherever the others stand")
  func clauses() throws {
    let all = try labels("promote api ¦")
    for clause in ["to", "from", "at", "by", "except", "because", "without validation because"] {
      #expect(all.contains(clause), "\(clause)")
    }
    let some = try labels("promote api to production ¦ because \"x\" by pr")
    #expect(!some.contains("to") && !some.contains("because") && !some.contains("by"))
    #expect(some.contains("from") && some.contains("without validation because"))
    #expect(try labels("promote api allowing ¦") == ["downgrade because", "unstaged because"])
    #expect(try labels("promote api by ¦") == ["pr", "commit"])
    #expect(try labels("promote api to ¦") == ["staging", "production"])
    #expect(try !labels("promote api without validation because \"x\" ¦").contains("without validation because"))
    #expect(try labels("promote api without validation because \"x\" ¦").contains("because"))
    let monitor = try labels("monitor 30m production api allowing 2 restarts ¦")
    #expect(monitor.contains("allowing") && monitor.contains("every"))
    #expect(try labels("monitor 30m allowing 2 ¦") == ["restarts", "errors per"])
    #expect(try labels("monitor ¦").contains("30m"))
    #expect(try labels("rollback api by ¦").contains("undo"))
    #expect(try !labels("rollback api by commit ¦").contains("by"))
    #expect(try labels("wait ¦").starts(with: ["merge", "sync", "rollout"]))
    #expect(try labels("wait merge ¦") == ["within"])
    #expect(try labels("freeze production ¦") == ["until", "except", "because"])
    #expect(try labels("announce ¦").contains("rolled-back"))
    #expect(try labels("show ¦").contains("pull requests"))
    #expect(try labels("show logs production ¦").contains("follow"))
  }

  @Test("clauses are offered behind a mistake, too")
  func mistakes() throws {
    #expect(try labels("promote api tho production ¦").contains("because"))
  }

  @Test("versions of the services that are named, where the outside knows some")
  func versions() throws {
    let known = ["api": ["1.4.0", "1.3.9"], "web": ["7.0.0"]]
    #expect(try labels("rollback production api to ¦", versions: known) == ["v1.4.0", "v1.3.9"])
    #expect(try labels("promote web at ¦", versions: known).contains("v7.0.0"))
    #expect(try labels("rollback production api to ¦").isEmpty)
  }

  @Test("variables where they can be seen: in parentheses where a literal is due, bare elsewhere")
  func variables() throws {
    let text = "input soak = 30m\nlet old = version of api in production\n"
    #expect(try labels(text + "monitor ¦").contains("(soak)"))
    #expect(try labels(text + "rollback api to ¦").contains("(old)"))
    #expect(try labels(text + "require ¦").contains("old"))
    #expect(try labels("for s in staging api, web {\n  validate staging ¦\n}").contains("s"))
    #expect(try !labels("for s in staging api, web {\n  validate staging s\n}\nvalidate ¦").contains("s"))
    let procedure = "procedure watch(services, hold = 30m) {\n  monitor ¦\n}\n"
    #expect(try labels(procedure).contains("(hold)"))
    #expect(try !labels("¦\nlet later = 3m\n").contains("later"))
  }

  @Test("procedures, and the parameters that a call has not named yet")
  func procedures() throws {
    let text = "procedure watch(services, hold = 30m) {\n  monitor (hold) production services\n}\n"
    var editor = try Editor.started()
    let items = try editor.ask("textDocument/completion", at: text + "¦")["result"]["items"].elements
    let procedure = try #require(items.first { $0["label"] == "watch" })
    #expect(procedure["textEdit"]["newText"] == "watch(" && procedure["detail"] == "watch(services, hold)")
    let inside = try labels(text + "watch(¦")
    #expect(inside.contains("hold =") && inside.contains("api"))
    #expect(try !labels(text + "watch(api, hold = 5m, ¦").contains("hold ="))
  }

  @Test("expressions: facts, what follows them, operators, the values of a run")
  func expressions() throws {
    let start = try labels("require ¦")
    #expect(start.contains("version of") && start.contains("run.id") && start.contains("window"))
    #expect(!start.contains("failure.message"))
    #expect(try labels("on failure { announce \"{¦}\" }").contains("failure.message"))
    #expect(try labels("require version ¦").starts(with: ["of"]))
    #expect(try !labels("require version ¦").contains("is"))
    #expect(try labels("require version of ¦").contains("api"))
    #expect(try labels("require version of api ¦").starts(with: ["in"]))
    #expect(try !labels("require version of api ¦").contains("is"))
    #expect(try labels("require version of api in ¦") == ["staging", "production"])
    let operators = try labels("require health of api in staging ¦")
    #expect(operators.contains("is not") && operators.contains("else"))
    #expect(try labels("require health of api in staging is ¦").contains("healthy"))
    #expect(try labels("require errors of api in staging ¦").first == "since")
  }

  @Test("nothing in comments and strings; expressions in interpolations")
  func strings() throws {
    #expect(try labels("# val¦").isEmpty)
    #expect(try labels("announce \"the api¦\"").isEmpty)
    #expect(try labels("announce \"¦").isEmpty)
    #expect(try labels("let n = 3\nannounce \"now {¦}\"").contains("n"))
    #expect(try labels("announce \"now {version of ¦").contains("web"))
    #expect(try labels("announce \"now {{ ¦\"").isEmpty)
    #expect(try labels("announce \"now {run.id} ¦\"").isEmpty)
  }

  @Test("a suggestion takes the place of the word that is being written")
  func replacing() throws {
    var editor = try Editor.started()
    let answer = try editor.ask("textDocument/completion", at: "# é\nvalidate staging pro¦ject")
    let item = try #require(answer["result"]["items"].elements.first { $0["label"] == "project-management" })
    #expect(item["textEdit"]["range"]["start"] == ["line": 1, "character": 17])
    #expect(item["textEdit"]["range"]["end"] == ["line": 1, "character": 24])
    let sorted = answer["result"]["items"].elements.map { $0["sortText"].text }
    #expect(sorted == sorted.sorted())
  }

  @Test("names that read as something else are offered in quotes")
  func quotes() throws {
    let fleet = Editor.fleet.replacing("  web:", with: "  at: { tag: \"at-v{version}\" }\n  web:")
    var editor = try Editor.started(files: ["/work/slipway.yaml": fleet])
    let items = try editor.ask("textDocument/completion", at: "validate staging ¦")["result"]["items"].elements
    #expect(items.first { $0["label"] == "at" }?["textEdit"]["newText"] == "\"at\"")
  }

  @Test("every statement goes on somehow behind its verb", arguments: StatementHelp.all.map(\.verb))
  func everyVerb(verb: String) throws {
    let words = ["given", "expect"].contains(verb) ? "scenario \"x\" {\n  \(verb) ¦\n}" : "\(verb) ¦"
    let wordless = ["runbook", "import", "scenario", "stop", "fail", "let", "for", "input", "procedure", "finally"]
    // These take a text, a name or a block of one's own.
    let free = wordless + ["within", "retry", "confirm"]
    let found = try labels(words)
    #expect(free.contains(verb) || !found.isEmpty, "\(verb)")
  }
}
