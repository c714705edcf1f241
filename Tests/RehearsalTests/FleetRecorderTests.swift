import FleetConfiguration
import PromotionModel
import RunbookDiagnostics
import SimulatedWorld
import Testing

@testable import Rehearsal

@Suite struct FleetRecorderTests {
  private let staging = EnvironmentName("staging")
  private let production = EnvironmentName("production")
  private let api = ServiceName("api")

  private func world(_ faults: [Fault] = []) throws -> (SimulatedWorld, Fleet) {
    let source = SourceText(name: "slipway.yaml", text: Rehearsal.standardConfiguration)
    let fleet = try #require(FleetConfiguration.load(source).0)
    return (try SimulatedWorld(fleet: fleet, seed: 3, faults: faults, contents: SimulatedFleet.contents), fleet)
  }

  /// A world that is recorded, and a second one that begins as the recording says, after it was a file.
  private func recorded(_ faults: [Fault] = []) throws -> (first: SimulatedWorld, second: SimulatedWorld, fleet: Fleet)
  {
    let (first, fleet) = try world(faults)
    let reading = first.world.reading
    let description = try first.time.run { try await FleetRecorder(reading: reading, fleet: fleet).record() }
    let text = try FleetFile.text(description, keepingLinesWith: ["error"])
    let (found, findings) = FleetFile.read(SourceText(name: "fleet.json", text: text))
    #expect(findings.isEmpty)
    let second = try SimulatedWorld(fleet: fleet, seed: 4, description: try #require(found))
    return (first, second, fleet)
  }

  /// What a world says of an environment.
  private struct Answers: Sendable {
    var head: Commit
    var files: [String: [UInt8]]
    var declared: DeclaredEnvironment
    var history: [ServiceName: [DeclaredChange]]
    var cluster: String
    var services: [ServiceName: ServiceSnapshot]
  }

  private func answers(_ world: SimulatedWorld, _ fleet: Fleet, _ environment: EnvironmentName) throws -> Answers {
    try world.time.run {
      let head = try await world.repository.head()
      let services = fleet.services.map(\.name)
      return Answers(
        head: head,
        files: try await world.repository.files(at: head.id),
        declared: try await world.repository.declared(environment, at: head.id),
        history: try await world.repository.history(of: services, in: environment, limit: 50),
        cluster: try await world.cluster.identify(environment),
        services: try await world.cluster.snapshot(of: environment).services
      )
    }
  }

  @Test func aRecordedWorldAnswersAsTheFirstOne() throws {
    let (first, second, fleet) = try recorded()
    for environment in fleet.environments.map(\.name) {
      let a = try answers(first, fleet, environment)
      let b = try answers(second, fleet, environment)
      #expect(a.head == b.head)
      #expect(a.files == b.files)
      #expect(a.declared == b.declared)
      #expect(a.history == b.history)
      #expect(a.cluster == b.cluster)
      #expect(a.services == b.services)
      #expect(!a.services.isEmpty)
    }
  }

  @Test func theSamePromotionMakesTheSameDiff() throws {
    let (first, second, _) = try recorded()
    func diffs(_ world: SimulatedWorld) throws -> [FileDiff] {
      let (staging, production, api) = (staging, production, api)
      return try world.time.run {
        let head = try await world.repository.head().id
        let changes = try await world.repository.plan(
          PromotionRequest(source: staging, target: production, tags: [api: "api-v1.3.0"]),
          at: head
        )
        return try await world.repository.preview(changes)
      }
    }
    let predicted = try diffs(second)
    #expect(predicted.count == 1)
    #expect(predicted == (try diffs(first)))
  }

  @Test func whoHealsItselfDoesSoInTheRehearsal() throws {
    let (_, second, _) = try recorded([Fault(.selfHeal(staging, services: [api]))])
    #expect(second.snapshot(of: staging).services[api]?.application?.healsItself == true)
    let (staging, api) = (staging, api)
    try second.time.run {
      _ = try await second.delivery.carryOut(.undo(toTag: "api-v1.2.0"), for: api, in: staging)
      try await second.clock.sleep(for: .seconds(120))
    }
    #expect(second.runningVersion(of: api, in: staging) == Version("1.3.0"))
  }

  @Test func whatWasBadIsBadInTheRehearsal() throws {
    let fault = Fault(.image(ImageFault(api, in: staging, versions: .any, .health(.status(500), after: .zero))))
    let (_, second, fleet) = try recorded([fault])
    let url = try #require(fleet.service(api)?.health[staging])
    let api = api
    let answers = try second.time.run { try await second.probes.probe([ProbeTarget(service: api, url: url)]) }
    #expect(answers.map(\.answer) == [.status(500)])
  }
}
