import PromotionModel
import RunLog
public import RunbookCheck
public import RunbookDiagnostics
public import SimulatedWorld

/// Runs the scenarios of a runbook: each in a simulated world of its own, in which what it supposes happens.
public struct ScenarioRun: Sendable {
  private let runbook: CheckedRunbook
  private let exploration: Exploration

  /// - Parameters:
  ///   - inputs: the values of the runbook's inputs, by name.
  ///   - standIns: who stands in for people, programs and variables.
  ///   - description: the fleet that each scenario begins with; nil: one that fits the configuration.
  /// - Throws: ``WorldError`` when no simulated world can be made of the configuration.
  public init(
    runbook: CheckedRunbook,
    source: SourceText,
    configuration: SourceText,
    seed: UInt64,
    inputs: [String: Value] = [:],
    standIns: StandIns = StandIns(),
    description: FleetDescription? = nil
  ) throws {
    self.runbook = runbook
    exploration = try Exploration(
      runbook: runbook,
      source: source,
      configuration: configuration,
      seed: seed,
      inputs: inputs,
      standIns: standIns,
      description: description
    )
  }

  public func run(_ scenario: CheckedScenario) throws -> ScenarioOutcome {
    let account = try exploration.account(
      of: ExploredFuture(scenario.events.compactMap { $0.fault(in: runbook.fleet) }),
      supposing: scenario.events
    )
    return ScenarioOutcome(scenario, of: runbook, account, harms: exploration.harms(of: account))
  }
}

/// What came of a scenario.
public struct ScenarioOutcome: Sendable {
  public var title: String
  /// Its line in the runbook.
  public var line: Int
  /// What was expected and is not so, in the order of the text.
  public var unmet: [Unmet]
  /// What happened, in order.
  public var story: [UnsafeFuture.Moment]
  /// How long the run took in simulated time.
  public var elapsed: Duration
  /// The statements that were begun.
  var begun: Set<StatementPlace>

  public struct Unmet: Hashable, Sendable {
    public var line: Int
    /// As it stands in the runbook: `expect failed at monitor`.
    public var expectation: String
    /// What is so instead.
    public var found: String
  }

  /// - Parameter harms: what the run breaks.
  init(_ scenario: CheckedScenario, of runbook: CheckedRunbook, _ account: Account, harms: @autoclosure () -> [Harm]) {
    (title, line) = (scenario.title, scenario.line)
    story = Story(account).moments
    elapsed = (account.events.last?.time ?? account.start) - account.start
    begun = Set(
      account.events.compactMap { event in
        guard case .stepStarted = event.body, let step = event.step else { return nil }
        return StatementPlace(step.path, in: runbook)
      }
    )
    let harms = scenario.expectations.contains { $0.kind == .safe } ? harms() : []
    let expecting = Expecting(runbook: runbook, account: account, elapsed: elapsed, harms: harms)
    unmet = scenario.expectations.compactMap { expectation in
      let found = expecting.difference(from: expectation.kind)
      return found.map { Unmet(line: expectation.line, expectation: expectation.text, found: $0) }
    }
  }
}

/// Compares what a scenario expects with how its run went.
private struct Expecting {
  let runbook: CheckedRunbook
  let account: Account
  let elapsed: Duration
  let harms: [Harm]

  /// What is so instead; nil when it is as expected.
  func difference(from expected: CheckedExpectation.Kind) -> String? {
    guard let result = account.result else { return "the run never ended: \(account.failure ?? "")" }
    switch expected {
    case .ending(let ending, let verb):
      guard result.ending == ending else { return "it ended \(result.ending.rawValue): \(result.message)" }
      guard let verb, let ended = firstVerb(that: ending), ended != verb else { return nil }
      return "it was `\(ended)` that ended \(ending.rawValue)"
    case .version(let place, let version): return difference(place, version)
    case .pullRequest(let state): return difference(pullRequest: state)
    case .announced(let announcement): return announced(announcement)
    case .exit(let status): return Int(result.exit) == status ? nil : "the exit status is \(result.exit)"
    case .within(let limit): return elapsed <= limit ? nil : "it took \(elapsed.runbookText)"
    case .safe: return harms.isEmpty ? nil : harms.map(\.words).joined(separator: "; ")
    }
  }

  /// The verb of the first statement that ended so.
  private func firstVerb(that ending: Ending) -> String? {
    account.events.lazy.compactMap { event -> String? in
      guard case .stepEnded(ending, _) = event.body else { return nil }
      return event.step?.verb
    }.first
  }

  /// A message of that kind that reached a place: what its text says counts for nothing.
  private func announced(_ announcement: CheckedExpectation.Announcement) -> String? {
    var wasBegun = false
    for event in account.events {
      guard let step = event.step, case .announce(let action)? = runbook.statement(at: step.path)?.action,
        CheckedExpectation.Announcement(action.message) == announcement
      else { continue }
      if case .announced = event.body { return nil }
      wasBegun = true
    }
    let name = "`\(announcement.rawValue)`"
    return wasBegun ? "\(name) reached nobody" : "\(name) was not announced"
  }

  private func difference(_ place: ScenarioPlace, _ version: Version) -> String? {
    let running = account.world.runningVersion(of: place.service, in: place.environment)
    let truth = account.world.truth(of: place.environment)[place.service]
    // Both: what the pods still run proves nothing where git says otherwise.
    if running == version, truth?.declared == runbook.fleet.service(place.service)?.tag.tag(version) { return nil }
    return "it \(truth?.words ?? "is not there")"
  }

  private func difference(pullRequest state: String?) -> String? {
    let pulls = account.world.forge.pullRequests
    guard let state else { return pulls.isEmpty ? nil : "#\(pulls[0].number) was opened" }
    guard let last = pulls.last else { return "no pull request was opened" }
    return last.state.rawValue == state ? nil : "#\(last.number) is \(last.state.rawValue)"
  }
}

extension CheckedExpectation.Announcement {
  /// nil for a text of the runbook's own.
  fileprivate init?(_ message: AnnounceAction.Message) {
    switch message {
    case .text: return nil
    case .planned: self = .planned
    case .complete: self = .complete
    case .rolledBack: self = .rolledBack
    }
  }
}
