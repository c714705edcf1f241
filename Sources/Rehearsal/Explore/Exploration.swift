import PromotionModel
import RunLog
public import RunbookCheck
public import RunbookDiagnostics
import RunbookInterpreter
public import SimulatedWorld

/// Runs a runbook once for everything that can go wrong, and looks each time whether what the run said is what really is.
///
/// First nothing goes wrong; then each call that this run made goes wrong in every way it can; then what may go wrong
/// outside by itself; then two things at once, as many as are asked for, drawn from the seed. Each run that has ended and
/// could not tell is then resumed, in a future of its own. The same seed gives the same futures, in the same order.
public struct Exploration: Sendable {
  public let runbook: CheckedRunbook
  private let trial: Trial
  private let source: SourceText
  private let seed: UInt64

  /// - Parameters:
  ///   - seed: decides latencies, and which pairs are tried.
  ///   - inputs: the values of the runbook's inputs, by name.
  ///   - standIns: who stands in for people, programs and variables.
  ///   - description: the fleet that each world begins with; nil: one that fits the configuration.
  /// - Throws: ``WorldError`` when no simulated world can be made of the configuration or the description.
  public init(
    runbook: CheckedRunbook,
    source: SourceText,
    configuration: SourceText,
    seed: UInt64,
    inputs: [String: Value] = [:],
    standIns: StandIns = StandIns(),
    description: FleetDescription? = nil
  ) throws {
    (self.runbook, self.source, self.seed) = (runbook, source, seed)
    guard let run = RunID("explored-\(seed)") else { throw RehearsalError.seed(seed) }
    let isStandard = configuration.text(configuration.span) == Rehearsal.standardConfiguration
    let contents = isStandard ? SimulatedFleet.contents : nil
    let beginning =
      try description.map { try SimulatedWorld.Beginning(fleet: runbook.fleet, description: $0) }
      ?? SimulatedWorld.Beginning(fleet: runbook.fleet, contents: contents)
    trial = Trial(
      runbook: runbook,
      record: RunRecord(
        id: run,
        started: VirtualTime.usualStart,
        world: "rehearsal",
        source: source.name,
        text: source.text(source.span),
        configuration: configuration.text(configuration.span),
        imports: runbook.imports
      ),
      beginning: beginning,
      seed: seed,
      inputs: inputs,
      standIns: standIns,
      environments: Trial.environments(of: runbook)
    )
  }

  /// What was tried and what came of it.
  public struct Summary: Hashable, Sendable {
    /// The calls that the undisturbed run makes, by kind.
    public var touches: [(touch: Touch, count: Int)] {
      counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }
    var counts: [Touch: Int] = [:]
    /// The writes of the undisturbed run to its journal.
    public var writes = 0
    /// How the run ends when nothing goes wrong: exit status and words. What stands behind the statement that ends it otherwise
    /// than well is in no future.
    public var undisturbed: (exit: Int32?, words: String) = (nil, "")
    /// Futures in which a single call went wrong, or the process died.
    public var callFutures = 0
    /// Futures in which the process that resumed a run died too.
    public var secondDeaths = 0
    /// Futures in which something outside went wrong.
    public var domainFutures = 0
    /// Futures in which something went wrong with what answers such a trouble.
    public var answerFutures = 0
    /// Futures in which two things went wrong, drawn from the seed.
    public var pairs = 0
    /// How many more were asked for than there are.
    public var missingPairs = 0
    /// How often a run that had ended and could not tell was resumed.
    public var resumed = 0
    /// The statements that no future came to: nothing is known of them.
    public var unreached: [Coverage.Statement] = []
    public var unsafe = 0
    /// How often each exit status came.
    public var exits: [Int32: Int] = [:]

    public var total: Int { 1 + callFutures + secondDeaths + domainFutures + answerFutures + pairs + resumed }
  }

  /// Every future in which a single thing goes wrong, in order.
  public func singles() throws -> [ExploredFuture] {
    let undisturbed = try trial.run(ExploredFuture())
    return callFutures(undisturbed) + DomainFutures(fleet: runbook.fleet, undisturbed: undisturbed).all
  }

  /// Explores.
  /// - Parameters:
  ///   - pairs: how many futures to try in which two things go wrong.
  ///   - jobs: how many futures run at a time. It changes nothing of what is told, nor its order.
  ///   - isWanted: whether a future is tried, by its name; nil: each is.
  ///   - found: told every future that breaks an invariant, in the order of the futures.
  /// - Throws: ``WorldError`` when a world cannot be made.
  public func run(
    pairs: Int,
    jobs: Int = 1,
    isWanted: (@Sendable (String) -> Bool)? = nil,
    found: (UnsafeFuture) throws -> Void
  ) async throws -> Summary {
    var summary = Summary()
    let (undisturbed, milestones) = try trial.undisturbed()
    let course = Course(milestones: milestones, jobs: jobs, only: isWanted)
    course.reached.add(undisturbed)
    summary.counts = undisturbed.world.calls
    summary.writes = undisturbed.writes
    summary.undisturbed = (undisturbed.exit, Self.ending(undisturbed))
    try count(undisturbed.exit, unsafe(undisturbed), &summary, found)
    var secondDeaths: [ExploredFuture] = []
    try await judge(callFutures(undisturbed), course) { future, verdict in
      secondDeaths += CallFutures.secondDeaths(after: future, writes: verdict.laterWrites)
      try count(verdict, of: future, as: \.callFutures, course, &summary, found)
    }
    try await judge(secondDeaths, course) { future, verdict in
      try count(verdict, of: future, as: \.secondDeaths, course, &summary, found)
    }
    let domain = DomainFutures(fleet: runbook.fleet, undisturbed: undisturbed).all
    var drawn = PairDraw(seed: seed, count: pairs)
    var answers = AnswerFutures()
    // What is not wanted itself may have an answer in which something that is wanted goes wrong.
    try await judge(domain, course, usual: Answer.Usual(undisturbed)) { future, verdict in
      if let answer = verdict.answer {
        drawn.add(answer)
        answers.add(answer)
      }
      try count(verdict, of: future, as: \.domainFutures, course, &summary, found)
    }
    for future in answers.all { drawn.leaveOut(future) }
    try await judge(answers.all, course) { future, verdict in
      try count(verdict, of: future, as: \.answerFutures, course, &summary, found)
    }
    try await judge(AnyIterator { drawn.next() }, course) { future, verdict in
      try count(verdict, of: future, as: \.pairs, course, &summary, found)
    }
    summary.missingPairs = drawn.missing
    summary.unreached = course.reached.missed(of: runbook, named: source.name)
    return summary
  }

  /// How a run ended, and where, in words.
  private static func ending(_ account: Account) -> String {
    guard let result = account.result else { return "does not end" }
    for event in account.events {
      guard case .stepEnded(let ending, let message) = event.body, ending != .ok, let step = event.step else {
        continue
      }
      return "ends *\(result.ending.rawValue)*: line \(step.line), `\(step.verb)`: \(message)"
    }
    return "ends *\(result.ending.rawValue)*"
  }

  /// What all futures of an exploration have in common.
  private struct Course: Sendable {
    var milestones: [Milestone]
    var jobs: Int
    /// Whether a future is wanted, by its name; nil: each is.
    var only: (@Sendable (String) -> Bool)?
    let reached = ReachedStatements()

    func isWanted(_ name: @autoclosure () -> String) -> Bool { only?(name()) ?? true }

    /// Whether a future is run: itself, or one that it leads to, is wanted.
    func isTried(_ future: ExploredFuture) -> Bool {
      if isWanted(future.name) || isWanted(future.goingOn.name) { return true }
      return CallFutures.isDeathAtWrite(future)
        && CallFutures.secondDeaths(after: future, writes: .max).contains {
          isWanted($0.name) || isWanted($0.goingOn.name)
        }
    }
  }

  /// What is kept of a future: its world is not.
  private struct Verdict: Sendable {
    var exit: Int32?
    var unsafe: UnsafeFuture?
    var answer: Answer?
    /// The journal writes of the process that resumed the run.
    var laterWrites: Int
    /// How it went on, where it could not tell and was resumed.
    var resumed: (exit: Int32?, unsafe: UnsafeFuture?)?

    init(_ account: Account, _ unsafe: UnsafeFuture?) {
      (exit, self.unsafe, laterWrites) = (account.exit, unsafe, account.laterWrites)
    }
  }

  /// Runs futures, several at a time, and hands over what came of them in their order.
  /// - Parameter usual: what the undisturbed run does, where it is asked what each run does beyond it, wanted or not.
  private func judge(
    _ all: some Sequence<ExploredFuture>,
    _ course: Course,
    usual: Answer.Usual? = nil,
    _ take: (ExploredFuture, Verdict) throws -> Void
  ) async throws {
    let futures = all.lazy.filter { usual != nil || course.isTried($0) }
    @Sendable func verdict(_ account: Account) -> Verdict {
      var verdict = Verdict(account, unsafe(account))
      verdict.answer = usual.map { Answer(account, undisturbed: $0) }
      return verdict
    }
    @Sendable func verdict(_ future: ExploredFuture) throws -> Verdict {
      var first: Verdict?
      let account = try trial.run(future, from: course.milestones) { ended in
        guard course.isWanted(future.goingOn.name) else { return false }
        first = verdict(ended)
        return true
      }
      course.reached.add(account)
      guard var verdict = first else { return verdict(account) }
      verdict.resumed = (account.exit, unsafe(account))
      return verdict
    }
    let jobs = course.jobs
    guard jobs > 1 else {
      for future in futures { try take(future, try verdict(future)) }
      return
    }
    try await withThrowingTaskGroup(of: (number: Int, future: ExploredFuture, verdict: Verdict).self) { group in
      var (coming, begun, taken) = (futures.makeIterator(), 0, 0)
      var early: [Int: (ExploredFuture, Verdict)] = [:]
      func begin() {
        guard let future = coming.next() else { return }
        let number = begun
        begun += 1
        group.addTask { (number, future, try verdict(future)) }
      }
      for _ in 0..<jobs { begin() }
      while let next = try await group.next() {
        early[next.number] = (next.future, next.verdict)
        while let (future, verdict) = early.removeValue(forKey: taken) {
          try take(future, verdict)
          taken += 1
        }
        begin()
      }
    }
  }

  /// Runs one future.
  public func explore(_ future: ExploredFuture) throws -> (exit: Int32?, unsafe: UnsafeFuture?) {
    let account = try trial.run(future)
    return (account.exit, unsafe(account))
  }

  /// How a future goes, whole.
  /// - Parameters:
  ///   - milestones: where it may go on, instead of beginning anew (``milestones()``).
  ///   - events: what a scenario supposes of programs and persons; the rest of it is in the future.
  func account(
    of future: ExploredFuture,
    from milestones: [Milestone] = [],
    supposing events: [CheckedEvent] = []
  ) throws -> Account {
    var trial = trial
    trial.standIns = trial.standIns.supposing(events)
    return try trial.run(future, from: milestones)
  }

  /// Where futures may go on that share their beginnings with the undisturbed one.
  func milestones() throws -> [Milestone] { try trial.undisturbed().1 }

  private func callFutures(_ undisturbed: Account) -> [ExploredFuture] {
    undisturbed.world.touches.flatMap { CallFutures.of($0.touch, $0.occurrence) }
      + CallFutures.deaths(writes: undisturbed.writes)
  }

  private func count(
    _ verdict: Verdict,
    of future: ExploredFuture,
    as kind: WritableKeyPath<Summary, Int>,
    _ course: Course,
    _ summary: inout Summary,
    _ found: (UnsafeFuture) throws -> Void
  ) throws {
    if course.isWanted(future.name) {
      summary[keyPath: kind] += 1
      try count(verdict.exit, verdict.unsafe, &summary, found)
    }
    guard let resumed = verdict.resumed else { return }
    summary.resumed += 1
    try count(resumed.exit, resumed.unsafe, &summary, found)
  }

  private func count(
    _ exit: Int32?,
    _ broken: UnsafeFuture?,
    _ summary: inout Summary,
    _ found: (UnsafeFuture) throws -> Void
  ) throws {
    summary.exits[exit ?? -1, default: 0] += 1
    guard let broken else { return }
    summary.unsafe += 1
    try found(broken)
  }

  /// What a run of this runbook breaks.
  func harms(of account: Account) -> [Harm] {
    Inspection(account: account, fleet: runbook.fleet, run: trial.record.id).harms
  }

  private func unsafe(_ account: Account) -> UnsafeFuture? {
    let harms = harms(of: account)
    return harms.isEmpty ? nil : UnsafeFuture(account, harms: harms, fleet: runbook.fleet, source: source)
  }
}

extension Exploration.Summary {
  public static func == (a: Self, b: Self) -> Bool {
    a.counts == b.counts && a.writes == b.writes && a.callFutures == b.callFutures
      && a.domainFutures == b.domainFutures && a.answerFutures == b.answerFutures && a.pairs == b.pairs
      && a.secondDeaths == b.secondDeaths && a.resumed == b.resumed && a.unreached == b.unreached
      && a.missingPairs == b.missingPairs && a.unsafe == b.unsafe && a.exits == b.exits
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(total) }
}
