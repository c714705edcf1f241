import FleetConfiguration
import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import RunbookSyntax
import SimulatedWorld
import Testing

@testable import RunbookREPL

@Suite("Prompt: a session whose process died")
struct ResumedSessionTests {
  /// What is left when the process dies in the last statement: the text has it, the journal its intent and no outcome.
  @Test("is resumed at the statement in which it died, whatever became of those before")
  func resumed() async throws {
    let session = try await PromptSession([
      "require false", "validate staging api", "stop \"a moment\"", "promote api by commit",
    ])
    var record = try #require(try session.journal.run(session.run))
    record.text += "wait rollout\n"
    try session.journal.extend(session.run, text: record.text, imports: [:])
    let last = StepPath([.statement(5)])
    try session.journal.intend(
      StepRecord(
        run: session.run,
        step: last,
        verb: "wait rollout",
        statement: "wait rollout",
        begun: session.world.time.now
      )
    )
    (record.ended, record.ending, record.exit) = (nil, nil, nil)

    let fleet = try #require(
      FleetConfiguration.load(SourceText(name: "", text: SimulatedFleet.configurationText)).0
    )
    let source = SourceText(name: record.source, text: record.text)
    let runbook = try #require(check(parse(source).file, source: source, fleet: fleet).runbook)
    let setup = RunSetup(
      run: session.run,
      runbook: runbook,
      world: session.world.world,
      journal: session.journal,
      log: SessionLog(),
      identity: "ada@laptop",
      record: record,
      isResumed: true
    )
    let result = try session.world.time.run { await Interpreter(setup).run() }
    #expect(result.ending == .ok, "\(result.message)")
    let steps = try session.journal.steps(of: session.run)
    #expect(steps.last?.step == last && steps.last?.outcome?.ending == .ok)
    #expect(
      steps.map(\.verb) == ["require", "validate", "stop", "promote", "wait rollout"]
        && session.world.runningVersion(of: ServiceName("api"), in: EnvironmentName("production")) == Version("1.3.0")
    )
  }
}
