import PromotionModel
import RunLog
import Testing

@testable import RunReport

@Suite("What build servers read")
struct BuildTests {
  static let hostile = HostileTextTests.hostile + ["::error::x", "a,b:c%", "x\r\n::set-output name=a::b", "100%"]

  @Test("a workflow command is one line, and its properties end where they should", arguments: hostile)
  func commands(text: String) {
    let command = WorkflowAnnotation(.error, title: text, message: text, file: text, line: 3).command
    #expect(!command.contains("\n") && !command.contains("\r"))
    #expect(command.unicodeScalars.allSatisfy { !TerminalText.isUnsafe($0) })
    let properties = command.dropFirst("::error ".count).split(separator: "::", maxSplits: 1)[0]
    #expect(properties.split(separator: ",").map { $0.prefix { $0 != "=" } } == ["file", "line", "title"])
  }

  @Test("escapes are those of GitHub's toolkit")
  func escapes() {
    let note = WorkflowAnnotation(.warning, title: "a: b, c", message: "100%\nnext", file: "x/y.runbook", line: 7)
    #expect(note.command == "::warning file=x/y.runbook,line=7,title=a%3A b%2C c::100%25%0Anext")
    #expect(WorkflowAnnotation(.notice, title: "t", message: "m", line: 7).command == "::notice title=t::m")
  }

  @Test("the statement that failed has a note at its line; the blocks around it have none")
  func innermost() throws {
    let s = try SampleEvents()
    let notes = RunAnnotations(file: "release.runbook")
    func ended(_ path: [StepPath.Component], line: Int, _ verb: String, _ ending: Ending, _ message: String) -> RunEvent
    {
      let step = RunEvent.Step(path: StepPath(path), verb: verb, line: line)
      return RunEvent(run: s.run, time: s.start, step: step, body: .stepEnded(ending, message: message))
    }
    notes.emit(ended([.statement(0)], line: 3, "validate", .ok, ""))
    notes.emit(ended([.statement(1), .branch(0), .statement(0)], line: 5, "monitor", .failed, "3 restarts"))
    notes.emit(ended([.statement(1)], line: 4, "if", .failed, "3 restarts"))
    notes.emit(s.event(1, 2, "promote", .warning("the status could not be set")))
    notes.emit(
      RunEvent(run: s.run, time: s.start, body: .runEnded(.failed, exit: 1, message: "3 restarts; take it back"))
    )
    #expect(
      notes.commands == """
        ::error file=release.runbook,line=5,title=monitor%3A failed::3 restarts
        ::warning file=release.runbook,line=5,title=promote%3A warning::the status could not be set
        ::notice title=run \(s.run)%3A failed%2C exit 1::3 restarts; take it back

        """
    )
  }

  @Test("as many of a level as GitHub shows, and a run that ended well has none")
  func limit() throws {
    let s = try SampleEvents()
    let notes = RunAnnotations(file: nil)
    notes.emit(RunEvent(run: s.run, time: s.start, body: .runEnded(.ok, exit: 0, message: "")))
    #expect(notes.commands.isEmpty)
    for number in 0..<30 { notes.emit(s.event(1, 2, "promote", .warning("warning \(number)"))) }
    #expect(notes.commands.split(separator: "\n").count == RunAnnotations.limit)
  }

  @Test("JUnit: a case a statement; what failed says what was seen")
  func junit() throws {
    let stored = try StoredRun()
    try stored.tell(stored.failedRelease())
    let text = JUnitRun(try stored.paper()).text
    #expect(text.contains("<testsuites tests=\"4\" failures=\"1\">"))
    #expect(
      text.contains(
        "<testcase name=\"wait merge\" classname=\"release.runbook\" file=\"release.runbook\" line=\"5\" time=\"596.000\"/>"
      )
    )
    #expect(text.contains("<failure message=\"api restarts\">"))
    #expect(text.contains("production/api: bad-sign: 3 restarts"))
  }

  @Test("JUnit: a statement that was cut off, or could not tell, is an error and not a failure")
  func undetermined() throws {
    let stored = try StoredRun()
    try stored.tell([
      stored.sample.event(0, 0, "verify", .stepStarted(statement: "verify")),
      stored.sample.event(1, 0, "verify", .stepEnded(.undetermined, message: "no answer <&>\u{1B}")),
      stored.sample.event(2, 1, "monitor", .stepStarted(statement: "monitor 30m")),
    ])
    let text = JUnitRun(try stored.paper()).text
    #expect(text.contains("<testsuites tests=\"2\" failures=\"0\" errors=\"2\">"))
    #expect(text.contains("<error message=\"no answer &lt;&amp;&gt;\u{FFFD}\">"))
    #expect(text.contains("<error message=\"it has no ending\">"))
  }

  @Test("a step's outputs, each on one line")
  func outputs() throws {
    let stored = try StoredRun()
    try stored.tell(stored.failedRelease())
    let outputs = try stored.paper().outputs
    #expect(
      outputs.map { "\($0.name)=\($0.value)" } == [
        "run=20261123-223000-7f3a", "ending=failed", "exit=1", "pull-request=12",
        "pull-request-url=https://forge.example/acme/gitops/pull/12",
      ]
    )
    let other = try StoredRun()
    var request = other.sample.request
    request.url = "https://forge.example\nending=ok"
    try other.tell([
      other.sample.event(0, 0, "promote", .stepStarted(statement: "promote api")),
      other.sample.event(1, 0, "promote", .pullRequestOpened(request)),
    ])
    #expect(try other.paper().outputs.allSatisfy { !$0.value.contains("\n") })
  }
}
