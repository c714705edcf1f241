import FoundationEssentials
import RunbookDiagnostics
import Testing

@Suite struct RendererTests {
  private let source = SourceText(name: "release.runbook", text: "# first\nrollback api v1.2.2\n")
  private let diagnostic = Diagnostic(
    code: "SW1019",
    summary: "expected `to` before the version",
    detail: "The rest.",
    subject: SourceSpan(21..<27),
    notes: [.init("the service is here", at: SourceSpan(17..<20))],
    fixes: [.init("write `rollback api to v1.2.2`", [.init(SourceSpan(21..<21), with: "to ")])]
  )

  private func excerpt(_ text: String, _ span: Range<Int>) -> [Substring] {
    let diagnostic = Diagnostic(code: "SW1", summary: "s", subject: SourceSpan(span))
    let rendered = TextDiagnosticRenderer().render(diagnostic, in: SourceText(name: "a", text: text))
    return rendered.split(separator: "\n").dropFirst().map { $0.dropFirst(6) }
  }

  @Test func textShowsPlaceLineCaretNoteAndHelp() {
    #expect(
      TextDiagnosticRenderer().render(diagnostic, in: source) == """
        release.runbook:2:14: error: expected `to` before the version [SW1019]
          2 | rollback api v1.2.2
            |              ^^^^^^
          The rest.
        release.runbook:2:10: note: the service is here
          2 | rollback api v1.2.2
            |          ^^^
        help: write `rollback api to v1.2.2`

        """
    )
  }

  @Test func colourOnlyWhereAskedFor() {
    #expect(!TextDiagnosticRenderer().render(diagnostic, in: source).contains("\u{1B}"))
    let colored = TextDiagnosticRenderer(color: true).render(diagnostic, in: source)
    #expect(colored.contains("\u{1B}[1;31merror:\u{1B}[0m"))
    #expect(colored.contains("\u{1B}[1;31m^^^^^^\u{1B}[0m"))
  }

  @Test func caretsStandUnderTabsAndWideCharacters() {
    #expect(excerpt("\tab\tcd", 4..<6) == ["    ab  cd", "        ^^"])
    #expect(excerpt("日本 x", 7..<8) == ["日本 x", "     ^"])
    #expect(excerpt("日本 x", 0..<6) == ["日本 x", "^^^^"])
    #expect(excerpt("e\u{301}x", 3..<4) == ["e\u{301}x", " ^"])
    #expect(excerpt("ab", 2..<2) == ["ab", "  ^"])
    #expect(excerpt("ab\ncd", 1..<4) == ["ab", " ^"])
  }

  @Test func whatATerminalObeysIsEscaped() {
    let excerpt = excerpt("a\u{1B}[31m\u{202E}b", 0..<1)
    #expect(excerpt.first == "a\\u{1B}[31m\\u{202E}b")
    let diagnostic = Diagnostic(code: "SW1", summary: "x\u{1B}[2J\ny", subject: SourceSpan(0..<0))
    let source = SourceText(name: "a\u{7}\n", text: "")
    for rendered in [
      TextDiagnosticRenderer().render(diagnostic, in: source), JSONDiagnosticRenderer().render(diagnostic, in: source),
      GitHubDiagnosticRenderer().render(diagnostic, in: source),
    ] {
      #expect(!rendered.contains("\u{1B}") && !rendered.contains("\u{7}"))
      #expect(!rendered.dropLast().contains("\ny"))
    }
  }

  @Test func longLinesAreShownAroundTheSpan() {
    let text = String(repeating: "é", count: 5000) + "wrong" + String(repeating: "é", count: 5000)
    let lines = excerpt(text, 10000..<10005)
    #expect(lines.first.map { $0.count < 300 && $0.hasPrefix("…") && $0.hasSuffix("…") } == true)
    let caret = lines.last.flatMap { $0.firstIndex(of: "^") }.map {
      lines.last!.distance(from: lines.last!.startIndex, to: $0)
    }
    let word = lines.first.flatMap { $0.firstIndex(of: "w") }.map {
      lines[0].distance(from: lines[0].startIndex, to: $0)
    }
    #expect(caret != nil && caret == word)
  }

  @Test func jsonIsOneObjectALine() throws {
    struct Finding: Decodable {
      struct Fix: Decodable {
        struct Replacement: Decodable {
          let start: Int
          let end: Int
          let text: String
        }
        let message: String
        let replacements: [Replacement]
      }
      let code: String
      let severity: String
      let summary: String
      let detail: String?
      let file: String
      let line: Int
      let column: Int
      let endColumn: Int
      let fixes: [Fix]
    }
    let hostile = SourceText(name: "a\"\\\u{1}.runbook", text: "x")
    let lines = JSONDiagnosticRenderer().render([diagnostic, diagnostic], in: source).split(separator: "\n")
    #expect(lines.count == 2)
    let finding = try JSONDecoder().decode(Finding.self, from: Data(lines[0].utf8))
    #expect(finding.code == "SW1019" && finding.severity == "error" && finding.detail == "The rest.")
    #expect((finding.line, finding.column, finding.endColumn) == (2, 14, 20))
    #expect(finding.fixes.first?.replacements.first?.text == "to ")
    let other = JSONDiagnosticRenderer().render(diagnostic, in: hostile)
    #expect(try JSONDecoder().decode(Finding.self, from: Data(other.utf8)).file == hostile.name)
  }

  @Test func githubGetsItsEscapes() {
    let source = SourceText(name: "a,b:c%.runbook", text: "x")
    let diagnostic = Diagnostic(
      code: "SW1",
      severity: .note,
      summary: "50% of, all: it",
      detail: "More.",
      subject: SourceSpan(0..<1)
    )
    #expect(
      GitHubDiagnosticRenderer().render(diagnostic, in: source)
        == "::notice file=a%2Cb%3Ac%25.runbook,line=1,endLine=1,col=1,endColumn=2,title=SW1::50%25 of, all: it%0AMore.\n"
    )
  }
}
