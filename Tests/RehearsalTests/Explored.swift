import FleetConfiguration
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import RunbookSyntax
import SimulatedWorld
import Testing

@testable import Rehearsal

let production = EnvironmentName("production")
let staging = EnvironmentName("staging")
let api = ServiceName("api")
let web = ServiceName("web")

/// The fleet of the guide with a place for announcements.
let announcing = Rehearsal.standardConfiguration + "announce: { places: { chat: { command: [./tell.sh] } } }\n"

/// The release of the guide.
let release = """
  validate staging all
  promote all
  wait merge within 4h
  monitor 30m
  on failure { rollback promoted }
  """

/// The same for the api alone, without a pull request.
let quickRelease = """
  validate staging api
  promote api by commit
  monitor 30m
  on failure { rollback promoted }
  """

/// An exploration of a runbook for the fleet of the guide.
func exploration(
  _ text: String,
  seed: UInt64 = 1,
  _ configuration: String = Rehearsal.standardConfiguration
) throws -> Exploration {
  let configuration = SourceText(name: "slipway.yaml", text: configuration)
  let (fleet, mistakes) = FleetConfiguration.load(configuration)
  let source = SourceText(name: "test.runbook", text: text)
  let (file, syntax) = parse(source)
  let result = check(file, source: source, fleet: try #require(fleet, "\(mistakes)"))
  return try Exploration(
    runbook: try #require(result.runbook, "\(syntax) \(result.findings)"),
    source: source,
    configuration: configuration,
    seed: seed
  )
}

extension Exploration {
  /// What a future of this runbook breaks, with one of the ten rules left out.
  func invariants(_ future: ExploredFuture, without rule: SafetyRule? = nil) throws -> Set<Invariant> {
    let unsafe = try SafetyRule.$disabled.withValue(rule) { try explore(future).unsafe }
    return Set(unsafe?.harms.map(\.invariant) ?? [])
  }
}

extension ExploredFuture {
  init(_ effect: Fault.Effect, _ start: Fault.Start = .after(.zero), pause: Duration = ExploredFuture.shortPause) {
    self.init([Fault(effect, start: start)], pause: pause)
  }
}
