import RunbookDiagnostics
import RunbookSyntax
import Testing

@Suite struct ParserTests {
  private func dump(_ text: String) -> String {
    let source = SourceText(name: "test", text: text)
    let (file, diagnostics) = parse(source)
    #expect(diagnostics.isEmpty)
    return TreeDump(file, in: source).description
  }

  @Test func oneBareNameIsATarget() {
    #expect(dump("validate staging") == "(runbook-file (validate (targets (name staging))))")
    #expect(
      dump("validate staging api, web")
        == "(runbook-file\n  (validate\n    (in (name staging))\n    (targets (name api) (name web))))"
    )
    #expect(dump("wait sync production all") == "(runbook-file (wait (sync) (in (name production)) (all)))")
    #expect(dump("validate \"all\"") == "(runbook-file (validate (targets (name \"all\"))))")
  }

  @Test func clausesComeInAnyOrder() {
    let one = dump("promote all except docs from staging to production at v1.2.3 by pr because \"x\"")
    let other = dump("promote all because \"x\" by pr to production at 1.2.3 from staging except docs")
    #expect(one == other)
    #expect(one.contains("(at (version 1.2.3))") && one.contains("(by pr)") && one.contains("(except (name docs))"))
  }

  @Test func everyReasonHasItsClause() {
    let text = dump(
      """
      promote api without validation because "a" allowing downgrade because "b" allowing unstaged because "c" because "d"
      """
    )
    #expect(
      text.contains("(without-validation (string \"a\"))") && text.contains("(allowing-downgrade (string \"b\"))")
    )
    #expect(text.contains("(allowing-unstaged (string \"c\"))") && text.contains("(because (string \"d\"))"))
  }

  @Test func monitorKeepsItsAllowances() throws {
    let source = SourceText(name: "a", text: "monitor 1h30m allowing 2 restarts every 10s allowing 5 errors per 1m")
    let file = parse(source).file
    guard case .monitor(let monitor) = try #require(file.statements.first).kind else {
      Issue.record("not a monitor")
      return
    }
    #expect(monitor.duration.kind == .duration(.seconds(5400)))
    #expect(monitor.every?.kind == .duration(.seconds(10)))
    #expect(monitor.allowedRestarts?.kind == .integer(2))
    #expect(monitor.allowedErrors?.count.kind == .integer(5))
    #expect(monitor.allowedErrors?.per.kind == .duration(.seconds(60)))
    #expect(monitor.scope == ScopeNode())
  }

  @Test func escapesAndBlocksGiveTheirText() throws {
    let text =
      "stop \"a\\tb\\n\\\"\\\\\\u{e9}{{}}\"; fail \"\"\"\r\n    one\r\n      two \"quoted\"\r\n\r\n    \"\"\"\r\n"
    let source = SourceText(name: "a", text: text)
    let (file, diagnostics) = parse(source)
    #expect(diagnostics.isEmpty)
    guard case .stop(let stop) = file.statements[0].kind, case .fail(let fail) = file.statements[1].kind else {
      Issue.record("not stop and fail")
      return
    }
    #expect(stop.reason.value(in: source) == "a\tb\n\"\\é{}")
    #expect(fail.reason.value(in: source) == "one\n  two \"quoted\"\n")
    #expect(fail.reason.isBlock)
  }

  @Test func interpolationsAreRead() throws {
    let source = SourceText(name: "a", text: "stop \"at {version of \"api\" in staging} \\t{{now}}\"")
    let (file, diagnostics) = parse(source)
    #expect(diagnostics.isEmpty)
    guard case .stop(let stop) = try #require(file.statements.first).kind else {
      Issue.record("not a stop")
      return
    }
    let interpolation = try #require(stop.reason.interpolations.first)
    #expect(source.text(interpolation.span) == "{version of \"api\" in staging}")
    #expect(source.text(interpolation.expression.span) == "version of \"api\" in staging")
    #expect(
      stop.reason.segments(in: source)
        == [.text("at "), .interpolation(interpolation.expression), .text(" \t{now}")]
    )
    #expect(stop.reason.value(in: source) == "at {version of \"api\" in staging} \t{now}")
  }

  @Test func commentsStandWhereTheyWere() throws {
    let source = SourceText(
      name: "a",
      text: """
        # 1
        promote api, # 2
          web # 3
        stop "a"; # 4
        on failure { # 5
          # 6
          stop "b" # 7
          # 8
        } # 9
        # 10
        """
    )
    let (file, diagnostics) = parse(source)
    #expect(diagnostics.isEmpty)
    func texts(_ comments: [RunbookSyntax.Comment]) -> [String] { comments.map { source.text($0.span) } }
    #expect(texts(file.statements[0].comments.before) == ["# 1"])
    #expect(texts(file.statements[0].comments.suffix) == ["# 2", "# 3"])
    #expect(texts(file.statements[1].comments.suffix) == ["# 4"])
    guard case .onFailure(let handler) = file.statements[2].kind else {
      Issue.record("not a handler")
      return
    }
    #expect(texts(handler.body.comments.suffix) == ["# 5"])
    #expect(texts(handler.body.statements[0].comments.before) == ["# 6"])
    #expect(texts(handler.body.statements[0].comments.suffix) == ["# 7"])
    #expect(texts(handler.body.comments.after) == ["# 8"])
    #expect(texts(file.statements[2].comments.suffix) == ["# 9"])
    #expect(texts(file.comments.after) == ["# 10"])
  }

  @Test func theFixShowsTheWholeStatement() {
    func helps(_ text: String) -> [String] {
      parse(SourceText(name: "a", text: text)).diagnostics.flatMap(\.fixes).map(\.message)
    }
    #expect(helps("rollback api v1.2.2 # now") == ["write `rollback api to v1.2.2`"])
    #expect(helps("rollback\tapi v1.2.2") == ["write `rollback api to v1.2.2`"])
    #expect(helps("rollback api to previous") == ["write `rollback api`"])
    #expect(helps("undo") == ["write `rollback promoted`"])
    #expect(helps("undo api v1.2.2") == ["write `rollback api to v1.2.2`"])
    #expect(helps("revert api") == ["write `rollback api`"])
    #expect(helps("wait for merge within 4h") == ["write `wait merge within 4h`"])
  }

  @Test func aNoteStandsAtTheFirstOfTwoClauses() throws {
    let source = SourceText(name: "a", text: "promote api by pr by commit")
    let diagnostic = try #require(parse(source).diagnostics.first)
    #expect(diagnostic.notes.map(\.span) == [SourceSpan(12..<14)])
    #expect(diagnostic.subject == SourceSpan(18..<20))
  }

  @Test func nestingTooDeepIsOneError() {
    for depth in [65, 10_000, 200_000] {
      let open = String(repeating: "on failure {\n", count: depth)
      let text = open + String(repeating: "}\n", count: depth)
      #expect(parse(SourceText(name: "a", text: text)).diagnostics.map(\.code) == ["SW1014"])
      #expect(parse(SourceText(name: "a", text: open)).diagnostics.map(\.code) == ["SW1014"])
    }
    let fine = String(repeating: "on failure {", count: 64) + String(repeating: "}", count: 64)
    #expect(parse(SourceText(name: "a", text: fine)).diagnostics.isEmpty)
  }

  @Test func bytesThatAreNoTextAreReportedOnce() {
    let bytes = Array("validate a".utf8) + [0xFF] + Array("pi\nvalidate web\n".utf8)
    #expect(parse(SourceText(name: "a", bytes: bytes)).diagnostics.map(\.code) == ["SW1013"])
  }

  @Test func aBlockIsUnclosedOnce() {
    let source = SourceText(name: "a", text: "on failure {\n on failure {\n stop \"x\"\n")
    #expect(parse(source).diagnostics.map(\.code) == ["SW1015"])
  }

  @Test func theUnclosedBraceIsTheOneWhoseLinesAreAskew() throws {
    let text = "procedure watch(a) {\n  if a {\n    verify\n  for b in all {\n    verify\n  }\n}\nwait merge\n"
    let source = SourceText(name: "a", text: text)
    let diagnostic = try #require(parse(source).diagnostics.first)
    #expect(diagnostic.code == "SW1015")
    #expect(diagnostic.notes.map { source.line(at: $0.span.start) } == [2])
  }

  @Test func everyCodeIsItsOwn() {
    #expect(Set(SyntaxCode.allCases.map(\.rawValue)).count == SyntaxCode.allCases.count)
    #expect(SyntaxCode.allCases.allSatisfy { $0.rawValue.hasPrefix("SW1") && $0.rawValue.count == 6 })
  }
}
