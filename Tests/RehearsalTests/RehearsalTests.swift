import FleetConfiguration
import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
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

  @Test func refusedRehearsalChangesNothing() throws {
    let (outcome, _) = try rehearse("promote api by commit; monitor 30m", seed: 1)
    #expect(outcome.result.ending == .refused)
    #expect(outcome.services.allSatisfy { $0.before == $0.running })
  }
}
