import FleetConfiguration
import PromotionModel
import RunLog
import RunStore
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import RunbookSyntax
import SimulatedWorld
import Synchronization
import Testing

@testable import Rehearsal

/// A dry run begins with what was read of the real world, and with the journal of its former runs.
@Suite struct DryRunTests {
  private struct Deaf: RunLogSink { func emit(_ event: RunEvent) {} }

  private final class Marks: RunLogSink {
    private let all = Mutex<[String]>([])
    var marks: [String] { all.withLock { $0 } }
    func emit(_ event: RunEvent) {
      guard case .previewed(let mark) = event.body else { return }
      all.withLock { $0.append("line \(event.step?.line ?? 0) \(mark.rawValue)") }
    }
  }

  private let configuration = SourceText(name: "slipway.yaml", text: Rehearsal.standardConfiguration)

  private func checked(_ text: String, _ fleet: Fleet) throws -> (SourceText, CheckedRunbook) {
    let source = SourceText(name: "test.runbook", text: text)
    return (source, try #require(check(parse(source).file, source: source, fleet: fleet).runbook))
  }

  private func described(_ world: SimulatedWorld, _ fleet: Fleet) throws -> FleetDescription {
    let reading = world.world.reading
    return try world.time.run { try await FleetRecorder(reading: reading, fleet: fleet).record() }
  }

  /// What a dry run does not begin with is not said to be as a real run would see it.
  @Test func whatWasNotReadIsNotPreviewed() throws {
    let fleet = try #require(FleetConfiguration.load(configuration).0)
    let made = try SimulatedWorld(fleet: fleet, seed: 3, contents: SimulatedFleet.contents)
    let (text, looks) = try checked(
      "show versions\nshow pull requests\ndiagnose production api\nsync production api",
      fleet
    )
    let log = Marks()
    let preview = Rehearsal(
      runbook: looks,
      source: text,
      configuration: configuration,
      seed: 1,
      log: log,
      start: Rehearsal.Start(try described(made, fleet), dryRun: RunID("run-2"))
    )
    #expect(try preview.run().result.ending == .ok)
    #expect(
      log.marks == [
        "line 1 previewed", "line 2 cannot be previewed", "line 3 cannot be previewed", "line 4 simulated",
      ]
    )
  }

  /// What the tag of the version before names is known from the journal alone, once no pod runs it any more.
  @Test(arguments: ["", " by undo", " to v1.2.2"])
  func theWayBackIsPreviewedAsItWillGo(way: String) throws {
    let fleet = try #require(FleetConfiguration.load(configuration).0)
    let made = try SimulatedWorld(fleet: fleet, seed: 3, contents: SimulatedFleet.contents)
    var description = try described(made, fleet)
    let digest = try #require(ImageDigest(imageID: "sha256:" + String(repeating: "8", count: 64)))
    description.environments[production]?.services[api] = FleetDescription.Service(digest: digest)
    let real = try SimulatedWorld(fleet: fleet, seed: 4, description: description)
    let journal = MemoryJournal()
    let (source, runbook) = try checked("validate staging api; promote api by commit; monitor 10m", fleet)
    let record = RunRecord(
      id: try #require(RunID("run-1")),
      started: real.time.now,
      world: "rehearsal",
      source: source.name,
      text: source.text(source.span),
      configuration: Rehearsal.standardConfiguration
    )
    try journal.begin(record)
    let setup = RunSetup(
      run: record.id,
      runbook: runbook,
      world: real.world,
      journal: journal,
      log: Deaf(),
      identity: "ada@laptop",
      record: record
    )
    let promoted = try real.time.run { await Interpreter(setup).run() }
    #expect(promoted.ending == .ok, "\(promoted.message)")

    let (text, rollback) = try checked("rollback production api\(way)", fleet)
    let preview = Rehearsal(
      runbook: rollback,
      source: text,
      configuration: configuration,
      seed: 1,
      log: Deaf(),
      start: Rehearsal.Start(try described(real, fleet), dryRun: RunID("run-2"), journal: journal)
    )
    let outcome = try preview.run()
    #expect(outcome.result.ending == .ok, "\(outcome.result.message)")
    #expect(outcome.services.first { $0.name == api }?.running == "api-v1.2.2")
  }
}
