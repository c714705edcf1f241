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

let staging = EnvironmentName("staging")
let production = EnvironmentName("production")
let api = ServiceName("api")
let web = ServiceName("web")
let management = ServiceName("project-management")
let docs = ServiceName("docs")

/// The release of the guide, whole.
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

/// A runbook and what is to happen to it: `try Future(release).with(.networkLost(for: .seconds(60))).run()`.
///
/// The fleet is that of the guide: the api is to go from 1.2.2 to 1.3.0, web from 5.0.0 to 5.0.1, project-management from
/// 10.44.3 to 10.45.0; docs is disabled in production.
struct Future {
  var text: String
  var seed: UInt64
  var faults: [Fault] = []
  var configuration = SimulatedFleet.configurationText
  var contents = SimulatedFleet.contents
  var standIns = StandIns()
  /// As `--set` gives them.
  var inputs: [String] = []

  init(_ text: String, seed: UInt64 = 7) { (self.text, self.seed) = (text, seed) }

  func with(_ effect: Fault.Effect, _ start: Fault.Start = .after(.zero)) -> Future {
    var future = self
    future.faults.append(Fault(effect, start: start))
    return future
  }

  func with(_ service: ServiceName, _ behaviour: ImageFault.Behaviour) -> Future {
    with(.image(ImageFault(service, in: production, behaviour)))
  }

  /// Another configuration of the fleet: `replacing("copy: tag", "copy: file")`.
  func replacing(_ old: String, _ new: String) throws -> Future {
    var future = self
    try #require(configuration.contains(old))
    future.configuration = configuration.replacing(old, with: new)
    return future
  }

  /// One more section of the configuration.
  func configured(_ line: String) -> Future {
    var future = self
    future.configuration += line + "\n"
    return future
  }

  func containing(_ change: (inout FleetContents) -> Void) -> Future {
    var future = self
    change(&future.contents)
    return future
  }

  func standingIn(_ change: (inout StandIns) -> Void) -> Future {
    var future = self
    change(&future.standIns)
    return future
  }

  func set(_ inputs: String...) -> Future {
    var future = self
    future.inputs += inputs
    return future
  }

  func stage() throws -> Stage { try Stage(self) }

  func run() throws -> Told { try stage().run(text) }
}

/// A simulated world and a journal in which several runs can take place.
final class Stage: Sendable {
  let fleet: Fleet
  let configuration: String
  let simulated: SimulatedWorld
  let journal = MemoryJournal()
  private let inputs: [String]

  init(_ future: Future) throws {
    let source = SourceText(name: "slipway.yaml", text: future.configuration)
    let (fleet, findings) = FleetConfiguration.load(source)
    self.fleet = try #require(fleet, "\(findings)")
    configuration = future.configuration
    inputs = future.inputs
    simulated = try SimulatedWorld(
      fleet: self.fleet,
      seed: future.seed,
      faults: future.faults,
      contents: future.contents,
      standIns: future.standIns,
      limits: VirtualTime.Limits(elapsed: .seconds(10 * 86_400), hops: 5_000_000)
    )
  }

  func checked(_ text: String) throws -> CheckedRunbook {
    let source = SourceText(name: "test.runbook", text: text)
    let (file, mistakes) = parse(source)
    let result = check(file, source: source, fleet: fleet)
    let (runbook, findings) = (result.runbook, result.findings.map(\.diagnostic))
    return try #require(runbook, "\(mistakes) \(findings)")
  }

  /// How a process comes to its end before its run does.
  enum Death {
    /// Interrupted by a signal at that time of the run.
    case interrupted(after: Duration)
    /// Gone at once, so that nothing more is written, when it is about to store for that time, from 1.
    case atWrite(Int)
  }

  func run(
    _ text: String,
    as name: String = "run-1",
    by identity: String = "ada@laptop",
    in place: String = RunRecord.live,
    dying death: Death? = nil,
    world: World? = nil,
    journal: MemoryJournal? = nil,
    waiting patience: Duration = .zero,
    heartbeat: Duration? = nil,
    suspending: Bool = false,
    fullAfter lastWrite: Int? = nil,
    aborting abortion: Abortion? = nil
  ) throws -> Told {
    let recorder = Recorder()
    let journal = journal ?? self.journal
    var mortal: (any Journal)?
    let (deaths, dying) = AsyncStream.makeStream(of: Void.self)
    if case .atWrite(let number) = death {
      mortal = MortalJournal(journal, lastWrite: number) { dying.yield() }
    }
    let full: (any Journal)? = lastWrite.map { FullJournal(journal, lastWrite: $0) }
    var setup = try setup(text, name, identity, recorder, mortal ?? full ?? journal, world ?? simulated.world)
    (setup.lockPatience, setup.heartbeat, setup.abortion) = (patience, heartbeat, abortion)
    setup.suspends = suspending
    setup.record.world = place
    let start = simulated.time.now
    let interpreter = Interpreter(setup)
    let run = setup.run
    let clock = simulated.clock
    let result = try simulated.time.run { () async -> RunResult? in
      guard let death else { return await interpreter.run() }
      return await withTaskGroup(of: RunResult?.self) { group in
        group.addTask { await interpreter.run() }
        group.addTask {
          switch death {
          case .interrupted(let delay): try? await clock.sleep(for: delay)
          case .atWrite: for await _ in deaths { break }
          }
          return nil
        }
        var result: RunResult?
        for await next in group {
          if let next { result = next }
          group.cancelAll()
        }
        return result
      }
    }
    return Told(stage: self, run: run, result: try #require(result), events: recorder.events, start: start)
  }

  private func setup(
    _ text: String,
    _ name: String,
    _ identity: String,
    _ recorder: Recorder,
    _ journal: any Journal,
    _ world: World
  ) throws -> RunSetup {
    let id = try #require(RunID(name))
    let runbook = try checked(text)
    let known = try journal.run(id)
    let given = try RunInputs.read(inputs, for: runbook.inputs)
    let record =
      known
      ?? RunRecord(
        id: id,
        started: simulated.time.now,
        world: RunRecord.live,
        source: "test.runbook",
        text: text,
        configuration: configuration,
        inputs: given.texts
      )
    if known == nil { try journal.begin(record) }
    return RunSetup(
      run: id,
      runbook: runbook,
      world: world,
      journal: journal,
      log: recorder,
      identity: identity,
      record: record,
      inputs: try RunInputs.read(stored: record.inputs, for: runbook.inputs),
      url: "https://ci.example/runs/1",
      isResumed: known != nil
    )
  }

  /// Several runs of the same runbook, all at once.
  func runAtOnce(_ text: String, as names: [String]) throws -> [Told] {
    let recorders = names.map { _ in Recorder() }
    let setups = try zip(names, recorders).map { name, recorder in
      try setup(text, name, "\(name)@host", recorder, journal, simulated.world)
    }
    let start = simulated.time.now
    let results = try simulated.time.run { () async -> [Int: RunResult] in
      await withTaskGroup(of: (Int, RunResult).self) { group in
        for (index, setup) in setups.enumerated() {
          group.addTask { (index, await Interpreter(setup).run()) }
        }
        var results: [Int: RunResult] = [:]
        for await (index, result) in group { results[index] = result }
        return results
      }
    }
    return try setups.indices.map { index in
      Told(
        stage: self,
        run: setups[index].run,
        result: try #require(results[index]),
        events: recorders[index].events,
        start: start
      )
    }
  }

  /// Does something in the world between runs.
  func `do`<T: Sendable>(_ body: @escaping @Sendable (World) async throws -> T) throws -> T {
    let world = simulated.world
    return try simulated.time.run { try await body(world) }
  }

  /// Somebody commits another tag by hand.
  func commit(_ tag: String, of service: ServiceName, in environment: EnvironmentName) throws {
    let outcome = try self.do { world in
      let head = try await world.reading.repository.head().id
      let changes = try await world.reading.repository.planTags([service: tag], in: environment, at: head)
      let message = CommitMessage(subject: "by hand", trailers: [])
      return try await world.writing.repository.commit(changes, message: message, under: nil)
    }
    guard case .pushed = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  func pass(_ duration: Duration) throws { try self.do { try await $0.reading.clock.sleep(for: duration) } }

  // MARK: What stands in the end

  func tag(_ service: ServiceName, in environment: EnvironmentName = production) -> String? {
    simulated.tag(of: service, in: environment)
  }

  func running(_ service: ServiceName, in environment: EnvironmentName = production) -> String? {
    simulated.runningVersion(of: service, in: environment)?.description
  }

  var pullRequests: [PullRequest] { simulated.forge.pullRequests }
  var locks: [EnvironmentName: LockHolder] { simulated.repository.locks }
  var branches: Set<String> { Set(simulated.repository.branches.keys) }

  /// The commits that runs made, oldest first.
  var commitsOfRuns: [Commit] {
    simulated.repository.commits.filter { $0.trailer(Trailer.run).map { $0 != "rehearsal-history" } ?? false }
  }

  /// Whether a commit is on the configured branch.
  func isOnMain(_ commit: CommitID) throws -> Bool {
    try self.do { world in
      let head = try await world.reading.repository.head().id
      return try await world.reading.repository.contains(commit, in: head)
    }
  }

  /// Git and cluster of every service of production, for comparing: what it declares and what it runs.
  var whole: [String] {
    fleet.services.map { "\($0.name): \(tag($0.name) ?? "-") \(running($0.name) ?? "-")" }
  }
}

/// How a run went.
struct Told {
  let stage: Stage
  let run: RunID
  let result: RunResult
  let events: [RunEvent]
  let start: Timestamp

  var ending: Ending { result.ending }
  var exit: Int32 { result.exit }
  var message: String { result.message }
  var elapsed: Duration { stage.simulated.time.now - start }

  var names: [String] { events.map(\.name) }
  func has(_ name: String) -> Bool { names.contains(name) }

  /// How the step of a verb ended, the last one if there are several.
  func ending(of verb: String) -> Ending? { step(verb)?.ending }
  func message(of verb: String) -> String { step(verb)?.message ?? "" }

  private func step(_ verb: String) -> (ending: Ending, message: String)? {
    events.reversed().lazy.compactMap { event -> (Ending, String)? in
      guard event.step?.verb == verb, case .stepEnded(let ending, let message) = event.body else { return nil }
      return (ending, message)
    }.first
  }

  /// The values that were told, by name.
  var values: [String: String] {
    var found: [String: String] = [:]
    for event in events { if case .value(let name, _, let text) = event.body { found[name] = text } }
    return found
  }
  var output: [String] {
    events.compactMap { if case .programOutput(let line) = $0.body { line.text } else { nil } }
  }
  var tables: [Table] { events.compactMap { if case .shown(let table) = $0.body { table } else { nil } } }
  var logLines: [String] { events.compactMap { if case .logLine(_, _, let line) = $0.body { line } else { nil } } }
  /// The paths of the steps that were begun, in order.
  var begun: [String] {
    events.compactMap { if case .stepStarted = $0.body { $0.step?.path.description } else { nil } }
  }
  /// `1/branch-0/0 wait`: the leaves that were run, in order.
  var verbs: [String] {
    events.compactMap { if case .stepStarted = $0.body { $0.step?.verb } else { nil } }
  }

  var warnings: [String] { events.compactMap { if case .warning(let text) = $0.body { text } else { nil } } }
  var badSigns: [String] { events.compactMap { if case .badSign(let text) = $0.body { text } else { nil } } }
  var progress: [String] { events.compactMap { if case .progress(let text) = $0.body { text } else { nil } } }
  var waysBack: [String] {
    events.compactMap { if case .wayBack(let statement) = $0.body { statement } else { nil } }
  }
  var superseded: [Superseded] {
    events.compactMap { if case .superseded(let value) = $0.body { value } else { nil } }
  }
  var findings: [Finding] { events.compactMap { if case .finding(let finding) = $0.body { finding } else { nil } } }
  var commits: [Commit] { events.compactMap { if case .committed(let commit) = $0.body { commit } else { nil } } }
  var evidence: [Duration] {
    events.compactMap { if case .evidence(let gathered, _) = $0.body { gathered } else { nil } }
  }
  func first(_ name: String) -> RunEvent? { events.first { $0.name == name } }
  func last(_ name: String) -> RunEvent? { events.last { $0.name == name } }

  /// For the message of a failed expectation.
  var story: String {
    events.map { event in
      "\(event.time) \(event.step.map { "\($0.verb): " } ?? "")\(event.service.map { "\($0): " } ?? "")\(event.body)"
        .prefix(400)
    }.joined(separator: "\n")
  }

  /// Nothing of the run is left in the world: no branch, no open pull request, no lock, no commit on the branch.
  func expectUntouched(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(stage.locks.isEmpty, sourceLocation: sourceLocation)
    #expect(stage.branches == ["main"], sourceLocation: sourceLocation)
    #expect(stage.pullRequests.allSatisfy { $0.state != .open }, sourceLocation: sourceLocation)
    #expect(stage.tag(api) == "api-v1.2.2", sourceLocation: sourceLocation)
    #expect(stage.running(api) == "1.2.2", sourceLocation: sourceLocation)
  }
}

final class Recorder: RunLogSink {
  private let all = Mutex<[RunEvent]>([])
  var events: [RunEvent] { all.withLock { $0 } }
  func emit(_ event: RunEvent) { all.withLock { $0.append(event) } }
}
