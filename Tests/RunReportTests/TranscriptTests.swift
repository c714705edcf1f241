import PromotionModel
import RunLog
import RunReport
import Testing

@Suite struct TranscriptTests {
  let sample: SampleEvents

  init() throws { sample = try SampleEvents() }

  @Test func `a good release`() throws {
    try Transcript.check(Transcript.console(sample.good), "good.txt")
    try Transcript.check(Transcript.json(sample.good), "good.jsonl")
  }

  @Test func `a release that was taken back`() throws {
    try Transcript.check(Transcript.console(sample.takenBack), "taken-back.txt")
    try Transcript.check(Transcript.json(sample.takenBack), "taken-back.jsonl")
  }

  @Test func `a release that nobody can be sure of`() throws {
    try Transcript.check(Transcript.console(sample.unknown), "unknown.txt")
    try Transcript.check(Transcript.json(sample.unknown), "unknown.jsonl")
  }

  @Test func `a resumed run that is interrupted`() throws {
    try Transcript.check(Transcript.console(sample.resumed), "resumed.txt")
    try Transcript.check(Transcript.json(sample.resumed), "resumed.jsonl")
  }

  @Test func `a dry run`() throws {
    try Transcript.check(Transcript.console(sample.previewed), "dry-run.txt")
    try Transcript.check(Transcript.json(sample.previewed), "dry-run.jsonl")
  }

  @Test func `a run that asks, runs and shows`() throws {
    try Transcript.check(Transcript.console(sample.looked), "looked.txt")
    try Transcript.check(Transcript.json(sample.looked), "looked.jsonl")
  }

  @Test func `on a terminal what is waited for is one line, redrawn in place`() throws {
    let style = ConsoleReport.Style(color: true, isTerminal: true) { 72 }
    try Transcript.check(Transcript.visible(Transcript.console(sample.good, style)), "good-terminal.txt")
    try Transcript.check(Transcript.visible(Transcript.console(sample.takenBack, style)), "taken-back-terminal.txt")
  }

  @Test func `every kind of event has a sample`() {
    #expect(Set(sample.all.map(\.body.kind)).count == RunEvent.Body.kinds)
  }
}
