import FleetConfiguration
import PromotionModel
import RunLog
import RunbookCompletion
import RunbookDiagnostics
import RunbookInterpreter
import SimulatedWorld
import Synchronization
import Testing

@testable import RunbookREPL

@Suite("Prompt: what is looked at")
struct LookingTests {
  private let fleet: Fleet
  private let api = ServiceName("api")
  private let production = EnvironmentName("production")

  init() throws {
    let source = SourceText(name: "slipway.yaml", text: SimulatedFleet.configurationText)
    fleet = try #require(FleetConfiguration.load(source).0)
  }

  private func world(_ faults: [Fault] = []) throws -> SimulatedWorld {
    try SimulatedWorld(fleet: fleet, seed: 1, faults: faults, contents: SimulatedFleet.contents)
  }

  @Test("a glance has what git, Argo CD, the cluster, probes and logs say of every service")
  func glance() throws {
    let image = ImageFault(api, in: production, versions: .any, .logsErrors(perMinute: 60, after: .zero))
    let world = try world([Fault(.image(image))])
    let look = FleetLook(reading: world.world.reading, fleet: fleet)
    let entries = try world.time.run {
      try await world.clock.sleep(for: .seconds(120))
      return try await look.look(in: EnvironmentName("production"))
    }
    #expect(entries.map(\.service) == fleet.services.map(\.name))
    let first = try #require(entries.first)
    #expect(first.declared == "api-v1.2.2" && first.running == ["api-v1.2.2"] && !first.drifts)
    #expect(first.ready == 2 && first.desired == 2 && first.isHealthy == true && first.sync == .synced)
    #expect((first.errors ?? 0) > 50 && !first.isWell)
    #expect(entries[1].isWell && entries[3].isDisabled && entries[3].isWell)
    var board = StatusBoard(hasColor: false, fleet: fleet)
    let text = board.text(entries)
    #expect(text.contains("disabled") && board.verdict == "1 of 4 need a look\n")
    #expect(!board.text(entries).contains("SERVICE") && board.verdict == "2 of 8 need a look\n")
  }

  @Test("what could not be seen is an error, and says nothing good")
  func unseen() throws {
    let world = try world([Fault(.networkLost(for: .seconds(600)))])
    let look = FleetLook(reading: world.world.reading, fleet: fleet)
    #expect(throws: WorldError.self) { try world.time.run { try await look.look(in: EnvironmentName("production")) } }
  }

  @Test("git and the cluster saying different things is drift")
  func drift() throws {
    let version = try #require(Version("9.9.9"))
    let world = try world([Fault(.liveImage(api, production, version))])
    let look = FleetLook(reading: world.world.reading, fleet: fleet)
    let entry = try world.time.run {
      try await world.clock.sleep(for: .seconds(20))
      return try await look.look(at: [ServiceName("api")], in: EnvironmentName("production"))[0]
    }
    #expect(entry.drifts && !entry.isWell)
    var board = StatusBoard(hasColor: false, fleet: fleet)
    #expect(board.text([entry]).contains("git says api-v1.2.2"), "\(entry)")
  }

  @Test("the lookout tells what changes, and nothing at its first look")
  func lookout() throws {
    let crash = ImageFault(api, in: production, versions: .any, .crashes(after: .seconds(60)))
    let world = try world([Fault(.image(crash))])
    var standings = Lookout.Standings(fleet: fleet)
    var told: [String] = []
    #expect(standings.take(world.snapshot(of: production)).isEmpty)
    for _ in 0..<40 {
      try world.time.run { try await world.clock.sleep(for: .seconds(10)) }
      told += standings.take(world.snapshot(of: production)).map(\.text)
    }
    #expect(told.contains { $0.hasPrefix("api: CrashLoopBackOff") || $0.hasPrefix("api: ") }, "\(told)")
    #expect(!told.contains { $0.contains("web") })
  }

  @Test("the lookout tells a new version once, when it runs alone")
  func newVersion() throws {
    let version = try #require(Version("1.2.9"))
    let world = try world([Fault(.foreignTag(api, production, version), start: .after(.seconds(30)))])
    var standings = Lookout.Standings(fleet: fleet)
    var told: [String] = []
    for _ in 0..<60 {
      told += standings.take(world.snapshot(of: production)).map(\.text)
      try world.time.run { try await world.clock.sleep(for: .seconds(5)) }
    }
    #expect(told.filter { $0.contains("runs") } == ["api runs api-v1.2.9 now, and ran api-v1.2.2"], "\(told)")
  }

  @Test("a monitor's screen says how it is in a word, how long, and each service; it fits its window")
  func monitorScreen() throws {
    let shown = Mutex("")
    let screen = MonitorScreen(hasColor: false, columns: { 60 }, write: { text in shown.withLock { $0 = text } })
    let run = try #require(RunID("a"))
    func emit(_ body: RunEvent.Body) {
      screen.emit(RunEvent(run: run, time: VirtualTime.usualStart, environment: production, service: api, body: body))
    }
    emit(.evidence(gathered: .seconds(754), needed: .seconds(1800)))
    var entry = FleetLook.Entry(environment: production, service: api)
    (entry.running, entry.ready, entry.desired, entry.errors, entry.health) = (["api-v1.2.2"], 2, 2, 0, "200")
    screen.take([entry])
    let lines = shown.withLock { $0 }.split(separator: "\r\n").map { $0.replacing("\u{1B}[K", with: "") }
    #expect(lines.allSatisfy { $0.replacing("\u{1B}[H", with: "").count <= 60 }, "\(lines)")
    #expect(lines.contains { $0.contains("api   api-v1.2.2   2/2 ready   0 restarts   0 errors   200") })
    #expect(lines.contains { $0.contains("█░") } && lines.contains { $0.contains("monitor production") })
    emit(.badSign("CrashLoopBackOff\u{1B}[2J"))
    #expect(shown.withLock { $0 }.contains("api: CrashLoopBackOff") && !shown.withLock { $0 }.contains("\u{1B}[2J"))
    screen.close()
    #expect(shown.withLock { $0 }.contains("\u{1B}[?1049l") && shown.withLock { $0 }.contains("CrashLoopBackOff"))
    emit(.evidence(gathered: .seconds(800), needed: .seconds(1800)))
    #expect(shown.withLock { $0 }.contains("\u{1B}[?1049l"), "nothing is drawn once the terminal was given back")
    #expect(MonitorScreen.clock(.seconds(3754)) == "1:02:34" && MonitorScreen.clock(.seconds(62)) == "01:02")
    for character in "0123456789:/ GOODBADWAITBLIND" {
      #expect(BigLetters.rows(String(character)).allSatisfy { !$0.isEmpty }, "\(character)")
    }
  }

  @Test("a scope is an environment, services, or both")
  func scope() {
    #expect(LookScope("", fleet: fleet)?.environments.map(\.text) == ["staging", "production"])
    #expect(LookScope("production all", fleet: fleet)?.services == nil)
    #expect(LookScope("\"api\", web", fleet: fleet)?.services == [api, ServiceName("web")])
    for wrong in ["api production", "nowhere", "production nothing"] { #expect(LookScope(wrong, fleet: fleet) == nil) }
  }

  @Test("completion puts in what is common, then lists; one alone is put in whole")
  func completionList() {
    func list(_ texts: [String], _ stem: String) -> LineCompletion {
      CompletionList(found: texts.map { .init($0, .keyword, documentation: "about \($0)") }, stem: stem).result(
        width: 40
      )
    }
    #expect(list(["rollback", "run"], "ro") == LineCompletion(removed: 2, inserted: "rollback "))
    #expect(list(["v1.2.1", "v1.2.2"], "v") == LineCompletion(removed: 1, inserted: "v1.2."))
    #expect(list(["v1.2.1", "v1.2.2"], "v1.2.").listing == "  v1.2.1  about v1.2.1\n  v1.2.2  about v1.2.2\n")
    #expect(list(["a"], "x") == LineCompletion() && list(["look("], "l").inserted == "look(")
  }
}
