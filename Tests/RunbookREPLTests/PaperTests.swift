import PromotionModel
import RunbookCheck
import Testing

@testable import RunbookREPL

@Suite("Prompt: from session to paper")
struct PaperTests {
  private static let release = [
    "validate staging api", "require false", "promote api by commit", "show versions", "wait rollout", "monitor 30m",
    ":save night.runbook",
  ]

  @Test("what was done is a runbook that checks, is laid out, and has what was observed as requirements")
  func saved() async throws {
    let session = try await PromptSession(Self.release)
    let text = try #require(session.files.text("night.runbook"))
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("runbook \"Session 20260105-180000-0001"))
    #expect(lines.contains("require version of api in production is v1.2.2") && !lines.contains("require false"))
    #expect(lines.suffix(3) == ["on failure {", "  rollback promoted", "}"], "\(text)")
    // Typed again in another session, it does the same.
    let again = try await PromptSession([":load night.runbook"], files: session.files)
    #expect(again.production["api"] == "api-v1.3.0", "\(again.text)")
  }

  @Test("a file of others is not written over; one of the session's own is")
  func foreign() async throws {
    let files = MemoryFiles(["mine.runbook": "wait 1m\n"])
    let lines = [
      "validate staging api", ":save mine.runbook", ":timeline mine.runbook", ":save a.runbook", ":save a.runbook",
    ]
    let session = try await PromptSession(lines, files: files)
    #expect(files.text("mine.runbook") == "wait 1m\n" && files.text("a.runbook") != nil)
    #expect(session.text.ranges(of: "is there already").count == 2, "\(session.text)")
  }

  @Test("a session in which nothing was done makes no runbook")
  func empty() async throws {
    let session = try await PromptSession(["require false", ":save x.runbook"])
    #expect(session.files.text("x.runbook") == nil && session.text.contains("Nothing was done"))
  }

  @Test("the timeline has what happened, in UTC and to the second, and no text of others can break its table")
  func timeline() async throws {
    let session = try await PromptSession([
      "wait 90s", "fail \"a | b <i>\"", "rollback api to v1.2.1", ":timeline t.md",
    ])
    let text = try #require(session.files.text("t.md"))
    #expect(text.contains("| 2026-01-05T18:00:00Z | > `wait 90s` |"), "\(text)")
    #expect(text.contains("| 2026-01-05T18:01:30Z | > `fail \"a \\| b &lt;i>\"` |"))
    #expect(text.contains("| 2026-01-05T18:01:30Z | fail: failed, a \\| b &lt;i> |"))
    #expect(text.contains("planned: production/api api-v1.2.2 -> api-v1.2.1") && text.contains("In a rehearsal"))
    let times = text.matches(of: /\| (2026-[^ ]+) \|/).map { String($0.output.1) }
    #expect(times == times.sorted() && times.count > 6)
  }

  @Test("the history keeps what was typed, on one line each, without what may be secret")
  func history() async throws {
    let session = try await PromptSession([
      "show versions", "for s in api {\n  show pods s\n}", " show status", "run \"curl -H 'Authorization: abc'\"",
      "run \"x --token=abc\"", "run \"echo hunter2hunter2\"", "run \"echo ghp_abcdefgh\"", "fail \"a \\\\ b\"",
      "announce \"the token is gone\"",
    ])
    let text = try #require(session.files.text("/state/history"))
    #expect(
      text.split(separator: "\n").map(String.init) == [
        "show versions", "for s in api {\\n  show pods s\\n}", "fail \"a \\\\\\\\ b\"",
        "announce \"the token is gone\"",
      ],
      "\(text)"
    )
    for line in ["a\nb", "a\\nb", "\\", "é\n\\"] { #expect(HistoryFile.decoded(HistoryFile.encoded(line)) == line) }
  }
}
