import PromotionModel
import RunLog
import Testing

@testable import RunStore

/// What every journal keeps to.
@Suite struct JournalContractTests {
  enum Kind: String, CaseIterable { case memory, sqlite }

  /// A journal of each kind; the folder lives as long as the value.
  struct Subject {
    let journal: any Journal
    let folder: TemporaryFolder

    init(_ kind: Kind) throws {
      folder = try TemporaryFolder()
      switch kind {
      case .memory: journal = MemoryJournal()
      case .sqlite: journal = try SQLiteJournal(path: folder.file("journal.sqlite"))
      }
    }
  }

  @Test(arguments: Kind.allCases) func `an empty journal knows nothing`(_ kind: Kind) throws {
    let journal = try Subject(kind).journal
    #expect(try journal.run(Sample.id("none")) == nil)
    #expect(try journal.runs(limit: 10).isEmpty)
    #expect(try journal.steps(of: Sample.id("none")).isEmpty)
    #expect(try journal.notes(of: Sample.id("none"), step: Sample.first).isEmpty)
    #expect(try journal.notes(key: "promotion", limit: 10).isEmpty)
  }

  @Test(arguments: Kind.allCases) func `a run is kept whole`(_ kind: Kind) throws {
    let subject = try Subject(kind)
    var run = try Sample.run("a", text: "promote api # ünï 🚢\r\n\0\u{1B}[31m'; DROP TABLE runs; --\n")
    run.started = Timestamp(nanosecondsSinceEpoch: 1_795_473_000_123_456_789)
    run.configuration = ""
    run.inputs = ["ticket": "OPS-17 \"quoted\" ünï \u{1B}", "soak": "45m", "": ""]
    run.imports = ["common.runbook": "procedure watch(s) { monitor 30m (s) }\n"]
    try subject.journal.begin(run)
    #expect(try subject.journal.run(run.id) == run)
    try subject.journal.end(run.id, ending: .timedOut, exit: 4, at: Sample.time(60))
    (run.ended, run.ending, run.exit) = (Sample.time(60), .timedOut, 4)
    #expect(try subject.journal.run(run.id) == run)
    try subject.journal.end(run.id, ending: .ok, exit: 0, at: Sample.time(90))
    (run.ended, run.ending, run.exit) = (Sample.time(90), .ok, 0)
    #expect(try subject.journal.runs(limit: 1) == [run])
  }

  @Test(arguments: Kind.allCases) func `a run that is typed grows, and nothing else of it changes`(_ kind: Kind) throws
  {
    let subject = try Subject(kind)
    var run = try Sample.run("a", text: "validate staging api\n")
    try subject.journal.begin(run)
    (run.text, run.imports) = ("validate staging api\npromote api\n", ["a.runbook": "procedure a() { }\n"])
    try subject.journal.extend(run.id, text: run.text, imports: run.imports)
    #expect(try subject.journal.run(run.id) == run)
    #expect(throws: JournalError.self) { try subject.journal.extend(Sample.id("none"), text: "", imports: [:]) }
  }

  @Test(arguments: Kind.allCases) func `a run that has ended can be stored at once`(_ kind: Kind) throws {
    let subject = try Subject(kind)
    var run = try Sample.run("a")
    (run.ended, run.ending, run.exit) = (Sample.time(1), .failed, 3)
    try subject.journal.begin(run)
    #expect(try subject.journal.run(run.id) == run)
  }

  @Test(arguments: Kind.allCases) func `runs are newest first, and the last begun where times are equal`(_ kind: Kind)
    throws
  {
    let subject = try Subject(kind)
    for (name, seconds) in [("b", Int64(5)), ("a", 9), ("d", 1), ("c", 5)] {
      try subject.journal.begin(Sample.run(name, at: seconds))
    }
    #expect(try subject.journal.runs(limit: 10).map(\.id.text) == ["a", "c", "b", "d"])
    #expect(try subject.journal.runs(limit: 2).map(\.id.text) == ["a", "c"])
    #expect(try subject.journal.runs(limit: 0).isEmpty)
    #expect(try subject.journal.runs(limit: -1).isEmpty)
  }

  @Test(arguments: Kind.allCases) func `a run is begun once, and nothing belongs to no run`(_ kind: Kind) throws {
    let subject = try Subject(kind)
    let (journal, run, other) = (subject.journal, try Sample.run("a"), try Sample.run("b"))
    try journal.begin(run)
    var again = run
    again.text = "stop"
    #expect(throws: JournalError("the run a has been begun already")) { try journal.begin(again) }
    #expect(try journal.run(run.id) == run)
    let unknown = JournalError("there is no run b")
    #expect(throws: unknown) { try journal.end(other.id, ending: .ok, exit: 0, at: Sample.time(1)) }
    #expect(throws: unknown) { try journal.intend(Sample.step(other, Sample.first)) }
    #expect(throws: unknown) { try journal.note(Sample.note(other, Sample.first, "k", "1")) }
    let outcome = StepOutcome(ending: .ok, message: "", time: Sample.time(1))
    for id in [run.id, other.id] {
      #expect(throws: JournalError.self) { try journal.settle(id, step: Sample.first, outcome: outcome) }
    }
    #expect(try journal.steps(of: other.id).isEmpty)
  }

  @Test(arguments: Kind.allCases) func `steps keep the order of their first intent, and their outcomes`(_ kind: Kind)
    throws
  {
    let subject = try Subject(kind)
    let (journal, run) = (subject.journal, try Sample.run("a"))
    try journal.begin(run)
    var steps = [Sample.second, Sample.first, Sample.handler].map { Sample.step(run, $0) }
    for step in steps { try journal.intend(step) }
    #expect(try journal.steps(of: run.id) == steps)
    steps[1].outcome = StepOutcome(ending: .failed, message: "", time: Sample.time(3))
    try journal.settle(run.id, step: Sample.first, outcome: try #require(steps[1].outcome))
    #expect(try journal.steps(of: run.id) == steps)
    // A resumed run intends the unfinished step again.
    steps[1] = Sample.step(run, Sample.first, verb: "monitor", at: 7)
    try journal.intend(steps[1])
    #expect(try journal.steps(of: run.id) == steps)
  }

  @Test(arguments: Kind.allCases) func `a note replaces the one before, and is kept when its step is intended again`(
    _ kind: Kind
  ) throws {
    let subject = try Subject(kind)
    let (journal, run) = (subject.journal, try Sample.run("a"))
    try journal.begin(run)
    try journal.intend(Sample.step(run, Sample.first))
    try journal.note(Sample.note(run, Sample.first, "plan", "1"))
    try journal.note(Sample.note(run, Sample.first, "evidence", ""))
    try journal.note(Sample.note(run, Sample.first, "plan", "{\"a\":\"é\\n\"}", at: 5))
    try journal.note(Sample.note(run, StepPath(), "plan", "of the run"))
    try journal.intend(Sample.step(run, Sample.first))
    #expect(try journal.notes(of: run.id, step: Sample.first) == ["plan": "{\"a\":\"é\\n\"}", "evidence": ""])
    #expect(try journal.notes(of: run.id, step: StepPath()) == ["plan": "of the run"])
    #expect(try journal.notes(of: run.id, step: Sample.second).isEmpty)
  }

  @Test(arguments: Kind.allCases) func `notes of a key come from the newest run first`(_ kind: Kind) throws {
    let subject = try Subject(kind)
    let journal = subject.journal
    let (new, old) = (try Sample.run("new", at: 100), try Sample.run("old", at: 1))
    for run in [new, old] { try journal.begin(run) }
    try journal.note(Sample.note(new, Sample.first, "promotion", "1"))
    try journal.note(Sample.note(old, Sample.first, "promotion", "2"))
    try journal.note(Sample.note(new, Sample.second, "promotion", "3"))
    try journal.note(Sample.note(new, Sample.second, "other", "4"))
    let changed = Sample.note(new, Sample.first, "promotion", "5", at: 50)
    try journal.note(changed)
    let all = try journal.notes(key: "promotion", limit: 10)
    #expect(all.map(\.value) == ["3", "5", "2"])
    #expect(all[1] == changed)
    #expect(try journal.notes(key: "promotion", limit: 2).map(\.value) == ["3", "5"])
    #expect(try journal.notes(key: "promotion", limit: 0).isEmpty)
  }

  @Test(arguments: Kind.allCases) func `it is used from many tasks at once`(_ kind: Kind) async throws {
    let subject = try Subject(kind)
    let (journal, run) = (subject.journal, try Sample.run("a"))
    try journal.begin(run)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for ordinal in 0..<50 {
        group.addTask {
          let path = StepPath([.statement(ordinal)])
          try journal.intend(Sample.step(run, path))
          try journal.note(Sample.note(run, path, "k", "\(ordinal)"))
          try journal.settle(run.id, step: path, outcome: StepOutcome(ending: .ok, message: "", time: Sample.time(1)))
        }
      }
      try await group.waitForAll()
    }
    let steps = try journal.steps(of: run.id)
    #expect(steps.count == 50)
    #expect(steps.allSatisfy { $0.outcome?.ending == .ok })
    #expect(Set(try journal.notes(key: "k", limit: 100).map(\.value)).count == 50)
  }
}
