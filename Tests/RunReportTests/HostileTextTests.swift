import FoundationEssentials
import PromotionModel
import RunLog
import Testing

@testable import RunReport

/// Nothing from outside steers a terminal or hides what stands in the log.
@Suite struct HostileTextTests {
  static let hostile = [
    "\u{1B}[2J\u{1B}]0;owned\u{07}", "ok\nfailed: exit 1", "a\rb", "\u{9B}31m", "\u{202E}drowssap", "\u{2066}x\u{2069}",
    "a\u{2028}b\u{2029}c", "\0", "\u{7F}", "\u{200B}\u{FEFF}", "\u{E0041}\u{E007F}", "\"\\/\u{8}\u{C}\t", "\u{85}",
  ]

  static func events(_ text: String) throws -> [RunEvent] {
    let sample = try SampleEvents()
    var (request, commit, lock, seal) = (sample.request, sample.commit, sample.lock, sample.seal)
    (request.url, request.title, request.mergedBy, request.labels) = (text, text, text, [text])
    (commit.subject, commit.author) = (text, text)
    (lock.holder, lock.reason, lock.pullRequest) = (text, text, text)
    seal.tag = text
    let change = ServiceChange(service: ServiceName(text), file: text, fromTag: text, toTag: text, edits: [])
    let changes = ChangeSet(environment: EnvironmentName(text), base: commit.id, services: [change])
    let superseded = Superseded(service: ServiceName(text), expected: text, found: text, by: commit)
    let bodies: [RunEvent.Body] = [
      .runStarted(source: text, world: text, isResumed: false), .stepStarted(statement: text), .stepSkipped(.ok),
      .finding(Finding(check: text, service: ServiceName(text), result: .bad, message: text)), .sealed(seal),
      .planned(changes, [FileDiff(file: text, unified: text)]), .wayBack(statement: text), .lockTaken(lock, from: lock),
      .pullRequestOpened(request), .pullRequestChanged(request), .committed(commit), .progress(text),
      .evidence(gathered: .zero, needed: .seconds(1)), .badSign(text), .superseded(superseded),
      .sight(isLost: true, message: text), .warning(text), .value(name: text, type: text, text: text),
      .confirmed(question: text, answer: true, by: text), .programOutput(CommandOutput(.output, text)),
      .shown(Table(title: text, columns: [text], rows: [[text]])), .logLine(pod: text, container: text, line: text),
      .announced(place: text, text: text),
      .previewed(.simulated),
      .wouldWrite(.pullRequest(PullRequestDraft(branch: text, base: text, title: text, body: text, labels: [text]))),
      .stepEnded(.failed, message: text),
      .runEnded(.failed, exit: 1, message: text),
    ]
    #expect(bodies.count == RunEvent.Body.kinds)
    return bodies.map { body in
      sample.event(1, 0, text, in: EnvironmentName(text), of: ServiceName(text), body)
    }
  }

  @Test(arguments: hostile) func `the console shows it written out`(text: String) throws {
    for event in try Self.events(text) {
      let shown = Transcript.console([event])
      let unsafe = shown.unicodeScalars.filter { $0 != "\n" && TerminalText.isUnsafe($0) }
      #expect(unsafe.isEmpty, "\(event.name): \(Array(unsafe))")
      // A line feed in a diff starts a line of the diff; nowhere else does it start a line.
      let lines = shown.split(separator: "\n").filter { !$0.hasPrefix("    ") }
      // A table has a line for its heading and one for its row.
      let expected = if case .shown = event.body { 2 } else { 1 }
      #expect(lines.count == expected, "\(event.name)")
    }
  }

  @Test(arguments: hostile) func `the terminal is given our own sequences and no others`(text: String) throws {
    let style = ConsoleReport.Style(isTerminal: true) { 60 }
    let shown = Transcript.console(try Self.events(text), style)
    let rest = shown.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false).joined()
    #expect(!rest.unicodeScalars.contains { $0 != "\n" && TerminalText.isUnsafe($0) })
  }

  @Test(arguments: hostile) func `JSON carries it escaped, and gives it back whole`(text: String) throws {
    struct Line: Decodable {
      var event: String
      var message: String
      var verb: String
      var service: String
    }
    for event in try Self.events(text) {
      let line = Transcript.json([event])
      #expect(line.utf8.last == 0x0A)
      #expect(!line.unicodeScalars.dropLast().contains(where: TerminalText.isUnsafe), "\(event.name)")
      let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      #expect(decoded.event == event.name)
      #expect(decoded.message == event.message)
      #expect(decoded.verb == text)
      #expect(decoded.service == text)
    }
  }

  @Test func `harmless text passes as it is`() {
    for text in ["api-v1.2.2 → v1.3.0", "Zoë", "日本語", "👩‍👩‍👧", "C:\\path", "\u{301}"] {
      #expect(TerminalText.escaped(text) == text)
    }
    #expect(TerminalText.escaped("a\u{1B}[31mb\tc\r\n") == "a\\u{1b}[31mb\\tc\\r\\n")
  }

  @Test func `widths are those of a terminal`() {
    #expect(TerminalText.columns("abc") == 3)
    #expect(TerminalText.columns("日本") == 4)
    #expect(TerminalText.columns("e\u{301}") == 1)
    #expect(TerminalText.columns("👩‍👩‍👧") == 2)
    #expect(TerminalText.columns("→…") == 2)
    #expect(TerminalText.truncated("日本語", to: 5) == "日本…")
    #expect(TerminalText.truncated("日本語", to: 4) == "日…")
    #expect(TerminalText.truncated("abc", to: 3) == "abc")
    #expect(TerminalText.truncated("abc", to: 0) == "")
  }

  @Test func `numbers are written without going through binary`() {
    for (value, text) in [(0, "0"), (1800, "1.8"), (-1, "-0.001"), (30_000, "30"), (1050, "1.05")] as [(Int64, String)]
    {
      #expect(JSONText.thousandths(value).text == text)
    }
    #expect(
      JSONText.array([.bool(true), .integer(-1), .object([("b", .string("")), ("a", .array([]))])]).text
        == #"[true,-1,{"b":"","a":[]}]"#
    )
  }
}
