public import PromotionModel
public import RunLog
import RunReport
public import RunbookCheck
public import RunbookDiagnostics
public import RunbookInterpreter
import RunbookSyntax
public import SimulatedWorld

/// One run of a runbook in the simulated world: the real interpreter and verbs, a simulated outside, virtual time.
public struct Rehearsal: Sendable {
  /// The configuration of the fleet that stands in where a user has none.
  public static var standardConfiguration: String { SimulatedFleet.configurationText }

  let runbook: CheckedRunbook
  let source: SourceText
  let configuration: SourceText
  let seed: UInt64
  let inputs: [String: Value]
  let standIns: StandIns
  let events: [CheckedEvent]
  let log: any RunLogSink
  /// Where the world begins; nil: with a fleet of the simulation's own.
  let start: Start?
  /// Whether what is told is kept in ``Outcome/journal``, for a report.
  let keepsLog: Bool

  /// A world that was described.
  public struct Start: Sendable {
    public var description: FleetDescription
    /// A dry run: each statement is marked, and the run is named as a real one would be.
    public var dryRun: RunID?
    /// What former runs did; only read.
    public var journal: (any Journal)?

    public init(_ description: FleetDescription, dryRun: RunID? = nil, journal: (any Journal)? = nil) {
      (self.description, self.dryRun, self.journal) = (description, dryRun, journal)
    }
  }

  /// - Parameters:
  ///   - seed: the same seed gives the same run, to the byte.
  ///   - inputs: the values of the runbook's inputs, by name; see ``RunInputs``.
  ///   - standIns: who stands in for people, programs and variables.
  ///   - events: what happens outside, as a scenario's `given` says it.
  ///   - start: where the world begins; nil: with a fleet of the simulation's own.
  ///   - keepsLog: what is told is kept in ``Outcome/journal``, for a report.
  public init(
    runbook: CheckedRunbook,
    source: SourceText,
    configuration: SourceText,
    seed: UInt64,
    inputs: [String: Value] = [:],
    standIns: StandIns = StandIns(),
    events: [CheckedEvent] = [],
    log: any RunLogSink,
    start: Start? = nil,
    keepsLog: Bool = false
  ) {
    self.keepsLog = keepsLog
    (self.runbook, self.source, self.configuration) = (runbook, source, configuration)
    (self.seed, self.inputs, self.standIns) = (seed, inputs, standIns)
    (self.events, self.log, self.start) = (events, log, start)
  }

  /// The title of the scenario that ``source(_:given:)`` adds.
  private static let givenTitle = "what --fail says"

  /// A runbook with a scenario behind it in which that happens: so it is read and checked like any `given`.
  /// - Parameter events: each as it may stand behind `given`: `production api crashes after 3m`.
  public static func source(_ source: SourceText, given events: [String]) -> SourceText {
    guard !events.isEmpty else { return source }
    let lines = events.map { "  given \($0)\n" }.joined()
    let scenario = "\nscenario \"\(givenTitle)\" {\n\(lines)  expect ok\n}\n"
    return SourceText(name: source.name, text: source.text(source.span) + scenario)
  }

  /// Whether a text is an event, right or wrong, and nothing besides: no second statement, and no end of the scenario that it is put
  /// into.
  public static func isOneEvent(_ text: String) -> Bool {
    guard !text.contains(where: \.isNewline) else { return false }
    let file = parse(SourceText(name: "--fail", text: "scenario \"x\" {\n  given \(text)\n}\n")).file
    guard file.statements.count == 1, case .scenario(let scenario) = file.statements[0].kind else { return false }
    return scenario.body.statements.count == 1
  }

  /// A finding about what ``source(_:given:)`` put behind a runbook, at its place in the event that it is about.
  /// - Returns: nil for what is found in the runbook itself, and in other files.
  public static func located(
    _ finding: LocatedDiagnostic,
    behind source: SourceText,
    given events: [String]
  ) -> LocatedDiagnostic? {
    let found = finding.diagnostic
    guard finding.source.name == source.name, Int(found.subject.start) >= source.bytes.count else { return nil }
    var start = source.bytes.count + "\nscenario \"\(givenTitle)\" {\n".utf8.count
    var place = (start: start, text: events.last ?? "")
    for event in events {
      start += "  given ".utf8.count
      place = (start, event)
      if Int(found.subject.start) <= start + event.utf8.count { break }
      start += event.utf8.count + 1
    }
    func moved(_ span: SourceSpan) -> SourceSpan {
      func offset(_ place: UInt32, from start: Int, _ length: Int) -> Int { min(max(Int(place) - start, 0), length) }
      let length = place.text.utf8.count
      return SourceSpan(offset(span.start, from: place.start, length)..<offset(span.end, from: place.start, length))
    }
    return LocatedDiagnostic(
      Diagnostic(
        code: found.code,
        severity: found.severity,
        summary: found.summary,
        detail: found.detail,
        subject: moved(found.subject),
        fixes: found.fixes.map { fix in
          Diagnostic.Fix(
            fix.message,
            fix.replacements.map { .init(moved($0.span), with: $0.text) },
            isCertain: fix.isCertain
          )
        }
      ),
      in: SourceText(name: "--fail", text: place.text)
    )
  }

  /// What happens in a runbook that ``source(_:given:)`` made.
  public static func events(of runbook: CheckedRunbook) -> [CheckedEvent] {
    runbook.scenarios.last { $0.title == givenTitle }?.events ?? []
  }

  public struct Outcome: Sendable {
    public var result: RunResult
    /// How much simulated time passed.
    public var elapsed: Duration
    /// What each protected environment runs in the end.
    public var services: [Service]
    /// The name of the run, and the journal that has it.
    public var run: RunID
    public var journal: any Journal

    public struct Service: Hashable, Sendable {
      public var name: ServiceName
      public var environment: EnvironmentName
      public var before: String?
      public var declared: String?
      public var running: String?
    }

    /// For people: what stands where after the run, and how long it would have taken.
    public var summary: String {
      let width = services.map(\.name.text.count).max() ?? 0
      let lines = services.map { service in
        let name = service.name.text + String(repeating: " ", count: width - service.name.text.count)
        let from = service.before == service.running ? "" : "  (before: \(service.before ?? "nothing"))"
        let drift = service.running == service.declared ? "" : "  (git says \(service.declared ?? "nothing"))"
        return "  \(service.environment)  \(name)  runs \(service.running ?? "nothing")\(from)\(drift)"
      }
      return "In the simulated world, after \(elapsed.runbookText):\n" + lines.joined(separator: "\n")
        + "\nNothing real was touched."
    }
  }

  private static let person = "you@rehearsal"

  /// - Throws: when the simulated world cannot come to an end, which is a mistake of slipway's own.
  public func run() throws -> Outcome {
    let simulated = try world()
    let began = simulated.time.now
    guard let id = start?.dryRun ?? RunID("rehearsal-\(seed)") else { throw RehearsalError.seed(seed) }
    let journal = LayeredJournal(former: start?.journal)
    let record = RunRecord(
      id: id,
      started: began,
      world: start?.dryRun == nil ? "rehearsal" : RunRecord.dryRun,
      source: source.name,
      text: source.text(source.span),
      configuration: configuration.text(configuration.span),
      imports: runbook.imports
    )
    try journal.begin(record)
    let told: any RunLogSink =
      keepsLog ? Tee([log, Chronicle(journal: journal, by: Self.person, url: "")]) : log
    let log = PreviewLog(told, kinds: start?.dryRun == nil ? nil : runbook.previewKinds)
    let clock = simulated.clock
    var world = simulated.world
    world.writing = ToldWriting { log.wouldWrite($0, at: clock.now(), run: id) }
      .writing(world.writing, branch: runbook.fleet.repository.branch)
    let setup = RunSetup(
      run: id,
      runbook: runbook,
      world: world,
      journal: journal,
      log: log,
      identity: Self.person,
      record: record,
      inputs: inputs
    )
    let before = services(simulated, before: [:])
    let known = Dictionary(before.map { (Key($0), $0.running) }, uniquingKeysWith: { first, _ in first })
    let result = try simulated.time.run { await Interpreter(setup).run() }
    return Outcome(
      result: result,
      elapsed: Self.wholeSeconds(simulated.time.now - began),
      services: services(simulated, before: known),
      run: id,
      journal: journal
    )
  }

  private func world() throws -> SimulatedWorld {
    let faults = events.compactMap { $0.fault(in: runbook.fleet) }
    let standIns = standIns.supposing(events)
    if let start {
      var description = start.description
      // What former runs saw to run is what a rollback of theirs looks for.
      if let journal = start.journal { description.formerDigests = try FormerDigests.known(to: journal) }
      return try SimulatedWorld(
        fleet: runbook.fleet,
        seed: seed,
        faults: faults,
        description: description,
        standIns: standIns
      )
    }
    let isStandard = configuration.text(configuration.span) == Self.standardConfiguration
    return try SimulatedWorld(
      fleet: runbook.fleet,
      seed: seed,
      faults: faults,
      contents: isStandard ? SimulatedFleet.contents : nil,
      standIns: standIns
    )
  }

  private struct Key: Hashable {
    var name: ServiceName
    var environment: EnvironmentName
    init(_ service: Outcome.Service) { (name, environment) = (service.name, service.environment) }
  }

  private func services(_ simulated: SimulatedWorld, before: [Key: String?]) -> [Outcome.Service] {
    var found: [Outcome.Service] = []
    for environment in runbook.fleet.protectedEnvironments {
      let truth = simulated.truth(of: environment.name)
      for service in runbook.fleet.services {
        let running = truth[service.name]?.running.sorted() ?? []
        var entry = Outcome.Service(
          name: service.name,
          environment: environment.name,
          before: nil,
          declared: simulated.tag(of: service.name, in: environment.name),
          running: running.isEmpty ? nil : running.joined(separator: " and ")
        )
        entry.before = before[Key(entry)] ?? entry.running
        found.append(entry)
      }
    }
    return found
  }

  private static func wholeSeconds(_ duration: Duration) -> Duration { .seconds(duration.components.seconds) }
}

public enum RehearsalError: Error, CustomStringConvertible {
  case seed(UInt64)

  public var description: String {
    switch self {
    case .seed(let seed): "no run can be named after the seed \(seed)"
    }
  }
}
