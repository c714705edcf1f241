import FoundationEssentials
import PromotionModel
import RunLog
import Testing

@testable import RunReport

@Suite("The report page")
struct PageReportTests {
  static let hostile =
    HostileTextTests.hostile + [
      "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</style><b>",
      "</pre></details>",
      "javascript:alert(1)", "&lt;", "`id`", "]]>", "<!--", "--><svg/onload=alert(1)>", "data:text/html,<script>",
    ]

  /// The elements of the page in order, and their attributes: everything but texts.
  private static func skeleton(_ html: String) -> [String] {
    var tags: [String] = []
    var rest = html[...]
    while let open = rest.firstIndex(of: "<") {
      guard let close = rest[open...].firstIndex(of: ">") else { break }
      var tag = ""
      var isValue = false
      for character in rest[open...close] {
        if character == "\"" { isValue.toggle() }
        if !isValue { tag.append(character) }
      }
      tags.append(tag)
      rest = rest[rest.index(after: close)...]
    }
    return tags
  }

  private static func page(_ text: String) throws -> String {
    let stored = try StoredRun(source: text, text: "say \(text)")
    let events = try HostileTextTests.events(text)
    let first = events.filter { if case .stepEnded = $0.body { false } else { true } }
    // The order in which a run tells them: a statement's beginning before what belongs to it.
    let started = first.filter { if case .stepStarted = $0.body { true } else { false } }
    try stored.tell(started + first + events.filter { if case .stepEnded = $0.body { true } else { false } })
    return PageReport(try stored.paper()).html
  }

  @Test("no text from outside becomes markup, wherever it stands", arguments: hostile)
  func hostileTexts(text: String) throws {
    let page = try Self.page(text)
    // As many elements of the same kinds as for a harmless text on as many lines.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
    let harmless = try Self.page((0..<lines).map { "word\($0)" }.joined(separator: "\n"))
    #expect(Self.skeleton(page) == Self.skeleton(harmless))
    let unsafe = page.unicodeScalars.filter { $0 != "\n" && $0 != "\t" && TerminalText.isUnsafe($0) }
    #expect(unsafe.isEmpty, "\(Array(unsafe))")
    #expect(!page.contains("<script"))
  }

  @Test("the one function that escapes")
  func escape() {
    #expect(
      Pen.escaped("<a href=\"x\" id='y'>`&", keepsLines: false)
        == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&#96;&amp;"
    )
    #expect(Pen.escaped("a\nb\tc\u{1B}[0m\u{202E}", keepsLines: true) == "a\nb\tc\\u{1b}[0m\\u{202e}")
    #expect(Pen.escaped("a\nb", keepsLines: false) == "a\\nb")
  }

  @Test(
    "only addresses of the web become links",
    arguments: [
      ("https://forge.example/pull/1?a=1&b=2", true), ("http://forge.example", true), ("javascript:alert(1)", false),
      (" javascript:alert(1)", false), ("JaVaScRiPt:alert(1)", false), ("data:text/html,x", false),
      ("//forge.example", false),
    ]
  )
  func links(address: String, isLink: Bool) {
    #expect(Pen(redactor: Redactor()).link(address, "label").source.hasPrefix("<a ") == isLink)
  }

  @Test("nothing is fetched: no script, no address outside of links, and a policy that forbids both")
  func selfContained() throws {
    let stored = try StoredRun()
    try stored.tell(stored.failedRelease())
    let page = PageReport(try stored.paper()).html
    #expect(page.contains("default-src 'none'"))
    for word in ["<script", " src=", "@import", "url(", "<iframe", "<object", "<embed", "<form"] {
      #expect(!page.contains(word), "\(word)")
    }
    let withoutLinks = page.replacing(/<a href="https:[^"]*"/, with: "").replacing(/>[^<]*</, with: "")
    #expect(!withoutLinks.contains("https:"))
  }

  @Test("secrets do not stand in it, whatever road they came by")
  func secrets() throws {
    let stored = try StoredRun(text: "announce \"the key is hunter2hunter2\"\n# https://ada:pw@git.example/x\n")
    let events =
      stored.failedRelease() + [stored.sample.event(803, 3, "monitor", .warning("hunter2hunter2 <&> leaked"))]
    try stored.tell(events)
    let redactor = Redactor()
    redactor.keep("hunter2hunter2")
    redactor.keep("OPS-17")
    let paper = try stored.paper(redactor)
    for text in [PageReport(paper).html, MarkdownReport(paper).text] {
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("OPS-17"))
      #expect(!text.contains("ada:pw"))
    }
    #expect(PageReport(paper).html.contains("the key is ***"))
  }

  @Test("timeline, evidence, diff, pull request and message are there")
  func content() throws {
    let stored = try StoredRun()
    try stored.tell(stored.failedRelease())
    let page = PageReport(try stored.paper()).html
    for text in [
      "<svg class=\"timeline\"", "line added\">+  chartTag: api-v1.3.0", "line taken\">-  chartTag: api-v1.2.2",
      "<a href=\"https://forge.example/acme/gitops/pull/12\"", "merged by grace", "<blockquote>api is in trouble",
      "2m of 30m of evidence gathered", "<code>rollback production api</code>", "ticket = OPS-17", "ada@laptop",
      "<a href=\"https://ci.example/runs/7\"",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test("where bars stand in the picture")
  func layout() throws {
    let stored = try StoredRun()
    try stored.tell(stored.failedRelease())
    let layout = TimelineLayout(try stored.paper())
    #expect(layout.bars.map(\.word) == ["ok", "ok", "ok", "failed"])
    // 802 seconds; the wait for the merge went from the 4th to the 600th.
    #expect(abs(layout.bars[2].start - 4 / 802.0 * 100) < 0.001)
    #expect(abs(layout.bars[2].width - 596 / 802.0 * 100) < 0.001)
    #expect(layout.bars[3].marks.map(\.kind) == [.badSign, .message])
    #expect(layout.ticks.map(\.label) == ["0", "5 min", "10 min"])
    #expect(layout.resumed.isEmpty && layout.hidden == 0)
  }

  @Test("Markdown: nothing formats, closes its fence, or ends its cell", arguments: hostile)
  func markdown(text: String) throws {
    #expect(!MarkdownReport.harmless(text).contains("<"))
    #expect(!MarkdownReport.harmless(text).contains("\n"))
    let code = MarkdownReport.code("a|b``" + text)
    #expect(code.hasPrefix("```") && code.hasSuffix("```") && !code.contains("\n"))
    let stored = try StoredRun()
    try stored.tell([
      stored.sample.event(0, 0, "say", .stepStarted(statement: text)),
      stored.sample.event(1, 0, "say", .stepEnded(.failed, message: text)),
    ])
    let rows = MarkdownReport(try stored.paper()).text.split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.count == 3)
    for row in rows { #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 6, "\(row)") }
  }
}
