import FoundationEssentials
import PromotionModel
import RunLog
import RunStore
import Testing

@testable import RunReport

/// A journal with one run in it, told as a live run tells it.
struct StoredRun {
  let journal = MemoryJournal()
  let sample: SampleEvents
  let record: RunRecord

  init(source: String = "release.runbook", text: String = "validate staging api\npromote api\n") throws {
    sample = try SampleEvents()
    record = RunRecord(
      id: sample.run,
      started: sample.start,
      world: "live",
      source: source,
      text: text,
      configuration: "",
      inputs: ["ticket": "OPS-17"]
    )
    try journal.begin(record)
  }

  /// One process: the events, with the steps that the interpreter stores around them.
  func tell(_ events: [RunEvent], by: String = "ada@laptop") throws {
    let chronicle = Chronicle(journal: journal, by: by, url: "https://ci.example/runs/7")
    for event in events {
      if case .stepStarted(let statement) = event.body, let step = event.step {
        try journal.intend(
          StepRecord(run: record.id, step: step.path, verb: step.verb, statement: statement, begun: event.time)
        )
      }
      if case .stepEnded(let ending, let message) = event.body, let step = event.step {
        try journal.settle(
          record.id,
          step: step.path,
          outcome: StepOutcome(ending: ending, message: message, time: event.time)
        )
      }
      if case .runEnded(let ending, let exit, _) = event.body {
        try journal.end(record.id, ending: ending, exit: exit, at: event.time)
      }
      chronicle.emit(event)
    }
  }

  func paper(_ redactor: Redactor = Redactor()) throws -> RunPaper {
    let stored = try #require(try journal.run(record.id))
    return try RunPaper(stored, journal: journal, life: .notHere, redactor: redactor)
  }

  /// A promotion that a monitor finds bad, in the words of one process.
  func failedRelease() -> [RunEvent] {
    let s = sample
    let finding = Finding(check: "pods", service: s.api, result: .good, message: "2 of 2 ready")
    let unchecked = Finding(check: "health", service: s.api, result: .notChecked, message: "no endpoint is configured")
    var merged = s.request
    (merged.state, merged.mergedBy) = (.merged, "grace")
    return [
      s.event(0, 0, "validate", .runStarted(source: "release.runbook", world: "live", isResumed: false)).ofRun,
      s.event(0, 0, "validate", in: s.staging, .stepStarted(statement: "validate staging api")),
      s.event(1, 0, "validate", in: s.staging, .finding(finding)),
      s.event(1, 0, "validate", in: s.staging, .finding(unchecked)),
      s.event(1, 0, "validate", .sealed(s.seal)), s.event(2, 0, "validate", .stepEnded(.ok, message: "1 sealed")),
      s.event(2, 1, "promote", .stepStarted(statement: "promote api")),
      s.event(3, 1, "promote", .planned(s.changes, [s.diff])),
      s.event(3, 1, "promote", .wayBack(statement: "rollback production api")),
      s.event(4, 1, "promote", .pullRequestOpened(s.request)), s.event(4, 1, "promote", .stepEnded(.ok, message: "")),
      s.event(4, 2, "wait merge", .stepStarted(statement: "wait merge")),
      s.event(600, 2, "wait merge", .pullRequestChanged(merged)),
      s.event(600, 2, "wait merge", .stepEnded(.ok, message: "")),
      s.event(600, 3, "monitor", .stepStarted(statement: "monitor 30m")),
      s.event(700, 3, "monitor", .evidence(gathered: .seconds(60), needed: .seconds(1800))),
      s.event(760, 3, "monitor", .evidence(gathered: .seconds(120), needed: .seconds(1800))),
      s.event(800, 3, "monitor", in: s.production, of: s.api, .badSign("3 restarts")),
      s.event(801, 3, "monitor", .announced(place: "team", text: "api is in trouble")),
      s.event(801, 3, "monitor", .stepEnded(.failed, message: "api restarts")),
      s.event(802, 3, "monitor", .runEnded(.failed, exit: 1, message: "api restarts")).ofRun,
    ]
  }
}

extension RunEvent {
  /// The same about the run as a whole.
  fileprivate var ofRun: RunEvent { RunEvent(run: run, time: time, body: body) }
}

@Suite("The papers of a run")
struct PaperTests {
  @Test("what a run leaves to people, the most pressing first")
  func leftToPeople() throws {
    let stored = try StoredRun()
    try stored.tell(stored.failedRelease())
    #expect(
      try stored.paper().leftToPeople.map(\.description) == [
        "Take back what was changed with `rollback production api`.",
        "Not checked: health of staging/api: no endpoint is configured",
      ]
    )
  }

  @Test("a run that was cut off says how it goes on, and which pull request is open")
  func cutOff() throws {
    let stored = try StoredRun()
    try stored.tell(Array(stored.failedRelease().prefix(10)))
    let paper = try stored.paper()
    #expect(paper.word == "open")
    #expect(paper.leftToPeople.first?.description.hasPrefix("Go on with `slipway resume \(stored.record.id)`") == true)
    #expect(
      paper.leftToPeople.map(\.description).contains(
        "Pull request #12 is still open: https://forge.example/acme/gitops/pull/12"
      )
    )
    // A killed process has stored what it changed, although the step has no end.
    #expect(paper.changes.map(\.road) == ["pull request #12, open"])
    #expect(paper.parts[1].word == "open")
  }

  @Test("events of several processes stand in the order in which they happened, none lost and none twice")
  func resumed() throws {
    let stored = try StoredRun()
    let events = stored.failedRelease()
    try stored.tell(Array(events.prefix(10)))
    let again = stored.sample.event(
      5,
      0,
      "validate",
      .runStarted(source: "release.runbook", world: "live", isResumed: true)
    )
    let skipped = stored.sample.event(5, 0, "validate", .stepSkipped(.ok))
    try stored.tell(
      [RunEvent(run: again.run, time: again.time, body: again.body), skipped] + events.suffix(from: 10),
      by: "bob@ci"
    )
    let paper = try stored.paper()
    #expect(paper.people == ["ada@laptop", "bob@ci"])
    #expect(paper.whole.map(\.event) == ["process", "run.started", "process", "run.started", "run.ended"])
    #expect(paper.events.map(\.time) == paper.events.map(\.time).sorted())
    #expect(paper.parts[1].entries.map(\.event).count { $0 == "planned" } == 1)
    // Two evidences of a monitor: only the last is kept.
    #expect(paper.parts[3].entries.map(\.event).count { $0 == "evidence" } == 1)
    let lines = paper.jsonLines.split(separator: "\n").map(String.init)
    #expect(lines.count == paper.events.count)
    for line in lines { #expect(try LogEntry.list("[\(line)]").count == 1) }
  }

  @Test(
    "a statement that says very much is stored in part, and the report says so; what changes something is never left out"
  )
  func limit() throws {
    let stored = try StoredRun()
    let s = stored.sample
    var events = [s.event(0, 0, "run", .stepStarted(statement: "run \"noise\""))]
    for number in 0..<(Chronicle.limit + 10) {
      events.append(s.event(1, 0, "run", .programOutput(CommandOutput(.output, "line \(number)"))))
    }
    for number in 0..<50 { events.append(s.event(2, 0, "run", .progress("waiting \(number)"))) }
    events += [s.event(3, 0, "run", .committed(s.commit)), s.event(3, 0, "run", .stepEnded(.ok, message: ""))]
    try stored.tell(events)
    let entries = try stored.paper().parts[0].entries
    #expect(entries.count { $0.event == "program.output" } == Chronicle.limit - 1)
    #expect(entries.count { $0.event == "progress" } == Chronicle.passingLimit)
    #expect(entries.last { $0.event == "progress" }?.message == "waiting 49")
    #expect(entries.contains { $0.event == "committed" })
    #expect(entries.first { $0.event == "omitted" }?.count == 11)
    #expect(PageReport(try stored.paper()).html.contains("11 more events of this statement were not stored"))
  }

  @Test("a run from before events were stored still has its statements")
  func withoutEvents() throws {
    let stored = try StoredRun()
    let step = StepPath([.statement(0)])
    try stored.journal.intend(
      StepRecord(
        run: stored.record.id,
        step: step,
        verb: "validate",
        statement: "validate staging api",
        begun: stored.record.started
      )
    )
    let page = PageReport(try stored.paper()).html
    #expect(page.contains("<span class=\"statement\">validate staging api</span>"))
    #expect(MarkdownReport(try stored.paper()).text.contains("`validate staging api`"))
  }

  @Test(
    "times in words",
    arguments: [
      (0.0, "0 s"), (0.25, "0.2 s"), (9.99, "9.9 s"), (42, "42 s"), (60, "1 min"), (243, "4 min 3 s"),
      (7500, "2 h 5 min"),
      (90_000, "1 d 1 h"),
    ]
  )
  func span(seconds: Double, words: String) {
    #expect(RunPaper.span(.milliseconds(Int64(seconds * 1000))) == words)
  }
}
