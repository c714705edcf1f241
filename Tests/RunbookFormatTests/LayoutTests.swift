import RunbookDiagnostics
import RunbookSyntax
import Testing

@testable import RunbookFormat

@Suite struct LayoutTests {
  private static func laidOut(_ text: String) -> String {
    let source = SourceText(name: "test", text: text)
    return format(parse(source).file, source: source)
  }

  @Test(arguments: [
    ("", ""),
    ("\n\n\n", ""),
    ("# only a comment", "# only a comment\n"),
    ("validate   staging\tapi,web", "validate staging api, web\n"),
    ("\u{FEFF}stop \"a\"", "stop \"a\"\n"),
    // A statement a line.
    ("wait 5m; stop \"a\";", "wait 5m\nstop \"a\"\n"),
    (";;wait 5m;;wait 1h", "wait 5m\nwait 1h\n"),
    // Blank lines: one at most, none at an end of the file or of a block.
    ("\n\nwait 1s\n\n\n\nwait 2s\nwait 3s\n\n", "wait 1s\n\nwait 2s\nwait 3s\n"),
    ("on failure {\n\n  stop \"a\"\n\n}", "on failure {\n  stop \"a\"\n}\n"),
    // Blocks.
    ("on failure {rollback promoted}", "on failure {\n  rollback promoted\n}\n"),
    ("on failure {\n}\nfinally{ }", "on failure {}\nfinally {}\n"),
    (
      "if a{wait 1s}else if b {wait 2s}\nelse\n{ wait 3s }".replacing("else\n{", with: "else {"),
      "if a {\n  wait 1s\n} else if b {\n  wait 2s\n} else {\n  wait 3s\n}\n"
    ),
    (
      "for s in all { retry 3 times { restart s; wait 1m } }",
      "for s in all {\n  retry 3 times {\n    restart s\n    wait 1m\n  }\n}\n"
    ),
    // Blanks.
    ("let  x=( a+1m )", "let x = (a + 1m)\n"),
    ("let x = [ api ,web , ]".replacing(" , ]", with: " ]"), "let x = [api, web]\n"),
    ("watch ( promoted ,hold=10m )", "watch(promoted, hold = 10m)\n"),
    ("procedure p ( a,b=1m ) {}", "procedure p(a, b = 1m) {}\n"),
    ("require env ( \"X\" )is\"y\"", "require env(\"X\") is \"y\"\n"),
    ("wait(soak)\nmonitor( soak )every(beat)", "wait (soak)\nmonitor (soak) every (beat)\n"),
    ("require not(a)and(b)", "require not (a) and (b)\n"),
    // Line ends; strings are kept as they are.
    ("wait 1s\r\nstop \"a  b\"\r\n", "wait 1s\nstop \"a  b\"\n"),
    ("stop \"\"\"\r\n    a\r\n  b\r\n  \"\"\"", "stop \"\"\"\n    a\n  b\n  \"\"\"\n"),
    ("stop \"\"\"\n  a\r\r\n  \"\"\"", "stop \"\"\"\n  a\r\r\n  \"\"\"\n"),
    ("stop \"{ a+b }\"", "stop \"{ a+b }\"\n"),
  ])
  func oneLayout(text: String, expected: String) {
    #expect(Self.laidOut(text) == expected)
    #expect(Self.laidOut(expected) == expected)
  }

  @Test(arguments: [
    ("wait 1s # a  ", "wait 1s  # a\n"),
    ("wait 1s; # a\nwait 2s", "wait 1s  # a\nwait 2s\n"),
    ("   # a\n\n\n  # b\nwait 1s", "# a\n\n# b\nwait 1s\n"),
    ("wait 1s\n# last\n", "wait 1s\n# last\n"),
    (
      "on failure { # why\n# a\nstop \"x\" # b\n# c\n} # d",
      "on failure {  # why\n  # a\n  stop \"x\"  # b\n  # c\n}  # d\n"
    ),
    ("finally {\n# nothing\n}", "finally {\n  # nothing\n}\n"),
    ("promote api, # a\n# b\nweb # c", "promote api,  # a\n    # b\n    web  # c\n"),
    ("watch( # a\n1m # b\n)", "watch(  # a\n    1m  # b\n    )\n"),
    (
      "if a { wait 1s } # a\n\n# b\nelse { wait 2s }",
      "if a {\n  wait 1s\n}  # a\n# b\nelse {\n  wait 2s\n}\n"
    ),
  ])
  func commentsStayWhereTheyAre(text: String, expected: String) {
    #expect(Self.laidOut(text) == expected)
    #expect(Self.laidOut(expected) == expected)
  }

  @Test func longLinesAreBrokenBehindCommasAndConnectives() {
    let names = (10...30).map { "service-\($0)" }
    let promotion = Self.laidOut("promote \(names.joined(separator: ",")) by pr because \"a\"")
    let lines = promotion.split(separator: "\n")
    #expect(lines.count == 3 && lines.allSatisfy { $0.count <= lineWidth })
    #expect(
      lines.dropFirst().allSatisfy { $0.hasPrefix("    service-") } && lines.dropLast().allSatisfy { $0.hasSuffix(",") }
    )

    let facts = names.map { "health of \($0) in production is healthy" }
    let condition = Self.laidOut("if \(facts.joined(separator: " and ")) {\nwait 1s\n}")
    #expect(condition.split(separator: "\n").allSatisfy { $0.count <= lineWidth })
    #expect(condition.hasSuffix("healthy {\n  wait 1s\n}\n") && condition.contains(" and\n    health of"))
  }

  @Test func theWordOfAStatementBeginsNoLine() {
    let names = (10...30).map { "service-\($0)" } + ["sync", "merge", "run"]
    for count in 1...20 {
      let text = "promote " + names.suffix(count).joined(separator: ", ")
      let source = SourceText(name: "test", text: Self.laidOut(text))
      #expect(parse(source).diagnostics.isEmpty, "\(source.text(source.span))")
    }
  }

  @Test func aTextThatCannotBeReadIsNotTouched() {
    for text in ["promote", "stop \"a", "validate staging  API", "wait 5m }", "on failure {"] {
      let source = SourceText(name: "test", text: text)
      #expect(keepsWords(of: source, in: SourceText(name: "after", text: format(parse(source).file, source: source))))
    }
    // The tree of another text.
    let other = parse(SourceText(name: "other", text: "on failure { stop \"a\" }")).file
    let source = SourceText(name: "test", text: "wait 5m ; wait  4m")
    #expect(keepsWords(of: source, in: SourceText(name: "after", text: format(other, source: source))))
  }

  @Test func wordsThatAreLostAreFound() {
    let text = SourceText(name: "before", text: "promote api, web # why\nwait 5m")
    for changed in [
      "promote api, web # why", "promote api web # why\nwait 5m", "promote api, web\nwait 5m",
      "promote api, web # wh\nwait 5m", "promote web, api # why\nwait 5m", "promote api, web # why\nwait 5m; wait 5m",
      "promote api, web # why\nwait 50m", "",
    ] {
      #expect(!keepsWords(of: text, in: SourceText(name: "after", text: changed)), "\(changed)")
    }
    #expect(keepsWords(of: text, in: SourceText(name: "after", text: "promote  api,web  # why  \n\nwait 5m\n")))
  }
}
