import FleetConfiguration
import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import SimulatedWorld
import Synchronization
import Testing

@testable import Rehearsal

@Suite struct RehearsalTests {
  private final class Recorder: RunLogSink {
    private let all = Mutex<[RunEvent]>([])
    var events: [RunEvent] { all.withLock { $0 } }
    func emit(_ event: RunEvent) { all.withLock { $0.append(event) } }
  }

  private func rehearse(_ text: String, seed: UInt64) throws -> (Rehearsal.Outcome, [RunEvent]) {
    let configuration = SourceText(name: "slipway.yaml", text: Rehearsal.standardConfiguration)
    let fleet = try #require(FleetConfiguration.load(configuration).0)
    let source = SourceText(name: "test.runbook", text: text)
    let runbook = try #require(check(parse(source).file, source: source, fleet: fleet).runbook)
    let recorder = Recorder()
    let rehearsal = Rehearsal(
      runbook: runbook,
      source: source,
      configuration: configuration,
      seed: seed,
      log: recorder
    )
    return (try rehearsal.run(), recorder.events)
  }

  private let release = "validate staging all; promote all; wait merge; monitor 30m; on failure { rollback promoted }"

  @Test(arguments: [1, 2, 3] as [UInt64])
  func releaseGoesWellAndTakesSimulatedTimeAlone(seed: UInt64) throws {
    let (outcome, _) = try rehearse(release, seed: seed)
    #expect(outcome.result.ending == .ok, "\(outcome.result.message)")
    #expect(outcome.result.exit == 0)
    #expect(outcome.elapsed > .seconds(30 * 60))
    let api = try #require(outcome.services.first { $0.name == ServiceName("api") })
    #expect(api.before == "api-v1.2.2")
    #expect(api.running == "api-v1.3.0")
    #expect(api.declared == "api-v1.3.0")
    #expect(outcome.summary.contains("(before: api-v1.2.2)"))
    #expect(outcome.summary.hasSuffix("Nothing real was touched."))
  }

  @Test func theSameSeedGivesTheSameEvents() throws {
    let first = try rehearse(release, seed: 11)
    let second = try rehearse(release, seed: 11)
    #expect(first.1 == second.1)
    #expect(first.0.summary == second.0.summary)
    #expect(try rehearse(release, seed: 12).1 != first.1)
  }

  /// What is typed behind `--fail` is no line of the runbook: it is shown as it was typed.
  @Test func whatIsWrongInAnEventStandsAtItsPlaceThere() throws {
    let source = SourceText(name: "release.runbook", text: "validate staging api\n")
    let events = ["production api crashes after 3m", "production apo crashes after 3m", "production api crahses"]
    let whole = Rehearsal.source(source, given: events)
    let (file, syntax) = parse(whole)
    let (fleet, _) = FleetConfiguration.load(SourceText(name: "fleet", text: Rehearsal.standardConfiguration))
    let found =
      syntax.map { LocatedDiagnostic($0, in: whole) }
      + check(file, source: whole, fleet: try #require(fleet)).findings.filter(\.isError)
    let located = found.compactMap { Rehearsal.located($0, behind: source, given: events) }
    try #require(located.count == 2, "\(found)")
    #expect(located.allSatisfy { $0.source.name == "--fail" && $0.source.lineCount == 1 })
    let words = Set(located.map { $0.source.text($0.diagnostic.subject) })
    #expect(words == ["apo", "crahses"], "\(located)")
    let own = LocatedDiagnostic(Diagnostic(code: "SW1", summary: "x", subject: SourceSpan(0..<3)), in: whole)
    #expect(Rehearsal.located(own, behind: source, given: events) == nil)
  }

  /// The real run will have another name and another time: what a dry run shows does not make them up.
  @Test func aDryRunsRecordSaysWhereTheRealRunHasItsOwn() throws {
    let text = Rehearsal.standardConfiguration.replacing(
      "copy: tag",
      with: "copy: tag\n  records: releases/{environment}/{date}-{run}.md"
    )
    let configuration = SourceText(name: "slipway.yaml", text: text)
    let fleet = try #require(FleetConfiguration.load(configuration).0)
    let world = try SimulatedWorld(fleet: fleet, seed: 3, contents: SimulatedFleet.contents)
    let reading = world.world.reading
    let description = try world.time.run { try await FleetRecorder(reading: reading, fleet: fleet).record() }
    let source = SourceText(name: "r.runbook", text: "validate staging api\npromote api by commit\nmonitor 30m\n")
    let checked = try #require(check(parse(source).file, source: source, fleet: fleet).runbook)
    let recorder = Recorder()
    let run = try #require(RunID("20260105-180000-0001"))
    let rehearsal = Rehearsal(
      runbook: checked,
      source: source,
      configuration: configuration,
      seed: 1,
      log: recorder,
      start: Rehearsal.Start(description, dryRun: run)
    )
    #expect(try rehearsal.run().result.exit == 0)
    let diffs = recorder.events.flatMap { event in
      if case .planned(_, let diffs) = event.body { diffs } else { [] as [FileDiff] }
    }
    let entry = try #require(diffs.first { $0.file.hasPrefix("releases/") })
    #expect(entry.file == "releases/production/DATE-RUN-1.md")
    #expect(entry.unified.contains("# DATE TIME UTC: promotion, production"), "\(entry.unified)")
    #expect(entry.unified.contains("Run: `RUN`") && !entry.unified.contains(run.text), "\(entry.unified)")
  }

  @Test func refusedRehearsalChangesNothing() throws {
    let (outcome, _) = try rehearse("promote api by commit; monitor 30m", seed: 1)
    #expect(outcome.result.ending == .refused)
    #expect(outcome.services.allSatisfy { $0.before == $0.running })
  }
}
