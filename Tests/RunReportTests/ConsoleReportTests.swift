import PromotionModel
import RunLog
import Testing

@testable import RunReport

@Suite struct ConsoleReportTests {
  let sample: SampleEvents

  init() throws { sample = try SampleEvents() }

  private func ending(_ ending: Ending, _ exit: Int32, after events: [RunEvent] = [], _ message: String = "") -> String
  {
    let text = Transcript.console(events + [sample.event(3723, .runEnded(ending, exit: exit, message: message))])
    return text.split(separator: "\n").last.map(String.init) ?? ""
  }

  @Test func `the first word of the last line says how it is`() {
    for value in Ending.allCases {
      let line = ending(value, ExitStatus.of(value, takenBack: false), after: sample.beginning, "why")
      #expect(line.hasPrefix("\(value.rawValue): exit \(ExitStatus.of(value, takenBack: false)) after 1:02:03; why"))
    }
  }

  @Test(arguments: [Ending.suspended, .undetermined, .timedOut, .interrupted])
  func `the last line says how an open run goes on, once`(value: Ending) {
    let command = "slipway resume 20261123-223000-7f3a"
    #expect(ending(value, 4).hasSuffix("; go on with: \(command)"))
    #expect(
      ending(value, 4, "stopped; go on with: \(command)").split(separator: command, omittingEmptySubsequences: false)
        .count == 2
    )
  }

  @Test func `the last line gives the way back when something was changed, and only then`() {
    let command = "take it back with: slipway run -c 'rollback production api to v1.2.2'"
    #expect(ending(.failed, 1, after: sample.beginning).hasSuffix(command))
    #expect(ending(.undetermined, 4, after: sample.beginning).hasSuffix(command))
    // One way back is enough: what the run itself says of what is left.
    let message = "bad; production/api stays; to take it back: rollback production api"
    let said = ending(.failed, 1, after: sample.beginning, message)
    #expect(said.hasSuffix("to take it back: rollback production api"))
    let unchanged = Array(sample.beginning.prefix(12))
    #expect(!ending(.failed, 1, after: unchanged).contains("take it back"))
    #expect(ending(.refused, 2, after: unchanged).hasSuffix("nothing was changed"))
    #expect(ending(.failed, 3, after: sample.takenBack).hasSuffix("what was done was taken back, and seen to be so"))
    #expect(!ending(.ok, 0, after: sample.beginning).contains("rollback"))
  }

  @Test(arguments: ["rehearsal", "dry run"])
  func `what is not real is neither gone on with nor taken back`(world: String) {
    let begun = sample.event(0, .runStarted(source: "x.runbook", world: world, isResumed: false))
    let line = ending(.undetermined, 4, after: [begun] + sample.beginning.dropFirst(), "why")
    #expect(line.hasSuffix("; why"), "\(line)")
    #expect(!ending(.failed, 1, after: [begun] + sample.beginning.dropFirst(), "why").contains("take it back"))
  }

  @Test func `nothing was changed is not said of a freeze`() {
    let frozen = sample.event(1, 1, "freeze", .stepEnded(.ok, message: "production is frozen"))
    #expect(ending(.refused, 2, after: [frozen], "no").hasSuffix("; no"))
  }

  @Test func `no way back is advised that would take what somebody else changed`() {
    #expect(!ending(.undetermined, 4, after: sample.unknown).contains("take it back"))
  }

  @Test func `the last line takes back every service that was promoted, as the newest statement printed it`() {
    func way(_ statement: Int64, _ text: String) -> RunEvent {
      sample.event(statement, Int(statement), "promote", .wayBack(statement: text))
    }
    let events = [
      way(1, "rollback production docs to v1.0.0"),
      way(2, "rollback production api to v1.2.2"), way(2, "rollback production web to v5.0.0"),
      // Printed again by the process that resumed the run.
      way(2, "rollback production api to v1.2.2"),
      sample.event(3, .committed(sample.commit)),
    ]
    let line = ending(.failed, 1, after: events)
    let statements = "rollback production api to v1.2.2; rollback production web to v5.0.0"
    #expect(line.hasSuffix("take it back with: slipway run -c '\(statements)'"))
    #expect(!line.contains("docs"))
  }

  @Test func `a way back that a shell would misread is not shown as a command`() {
    let events = [
      sample.event(0, .wayBack(statement: "rollback production api because \"it's bad\"")),
      sample.event(1, .committed(sample.commit)),
    ]
    let line = ending(.failed, 1, after: events)
    #expect(line.hasSuffix("take it back with: rollback production api because \"it's bad\""))
  }

  @Test func `times count from the run's start`() {
    #expect(ConsoleReport.elapsed(.seconds(151)) == "+02:31")
    #expect(ConsoleReport.elapsed(.milliseconds(59_999)) == "+00:59")
    #expect(ConsoleReport.elapsed(.seconds(3600)) == "+1:00:00")
    #expect(ConsoleReport.elapsed(.seconds(-5)) == "+00:00")
  }

  @Test func `without colour the same words stand there`() {
    let plain = Transcript.console(sample.all)
    let colored = Transcript.console(sample.all, .init(color: true))
    #expect(!plain.contains("\u{1B}"))
    #expect(colored.contains("\u{1B}[32mgood\u{1B}[0m"))
    var stripped = colored
    for code in ["0", "2", "32", "33", "1;31"] {
      stripped = stripped.split(separator: "\u{1B}[\(code)m", omittingEmptySubsequences: false).joined()
    }
    #expect(stripped == plain)
  }

  @Test(arguments: [nil, 0, 1, 20, 72] as [Int?])
  func `a line that is redrawn never fills the terminal's width`(width: Int?) {
    let recording = Recording()
    let report = ConsoleReport(style: .init(isTerminal: true) { width }, write: recording.write)
    for text in ["short", String(repeating: "long ", count: 50), String(repeating: "長", count: 100), "🚢"] {
      report.emit(sample.event(1, 0, "monitor", .progress(text)))
    }
    let drawn = recording.written.map { $0.split(separator: "\u{1B}[K").last.map(String.init) ?? "" }
    for line in drawn where line != "\r" { #expect(TerminalText.columns(line) < max(1, width ?? 80)) }
    #expect(!recording.text.contains("\n"))
    report.emit(sample.event(2, 0, "monitor", .stepEnded(.ok, message: "done")))
    #expect(recording.written.last?.hasPrefix("\r\u{1B}[K+00:01  ok") == true)
    report.emit(sample.event(3, 0, "monitor", .warning("w")))
    #expect(recording.written.last?.hasPrefix("+00:02  warning") == true)
  }

  @Test func `away from a terminal every event is a line of its own`() {
    let lines = Transcript.console(sample.good).split(separator: "\n")
    let blocks = lines.filter { $0.hasPrefix("    ") }
    #expect(lines.count - blocks.count == sample.good.count)
    #expect(blocks.contains("    +  chartTag: api-v1.3.0\\r"))
  }

  @Test func `every sink of a tee gets every event in order`() {
    let (first, second) = (Recording(), Recording())
    let tee = Tee([JSONLines(write: first.write), JSONLines(write: second.write)])
    for event in sample.good { tee.emit(event) }
    #expect(first.text == Transcript.json(sample.good))
    #expect(second.text == first.text)
  }
}
