import PromotionModel
import RunLog
public import RunbookCheck
public import RunbookDiagnostics
import RunbookInterpreter
public import SimulatedWorld

/// Runs a runbook once for everything that can go wrong, and looks each time whether what the run said is what really is.
///
/// First nothing goes wrong; then each call that this run made goes wrong in every way it can; then what may go wrong
/// outside by itself; then two things at once, as many as are asked for, drawn from the seed. The same seed gives the same
/// futures, in the same order.
public struct Exploration: Sendable {
  public let runbook: CheckedRunbook
  private let trial: Trial
  private let source: SourceText
  private let seed: UInt64

  /// - Parameters:
  ///   - seed: decides latencies, and which pairs are tried.
  ///   - inputs: the values of the runbook's inputs, by name.
  ///   - standIns: who stands in for people, programs and variables.
  /// - Throws: ``WorldError`` when no simulated world can be made of the configuration.
  public init(
    runbook: CheckedRunbook,
    source: SourceText,
    configuration: SourceText,
    seed: UInt64,
    inputs: [String: Value] = [:],
    standIns: StandIns = StandIns()
  ) throws {
    (self.runbook, self.source, self.seed) = (runbook, source, seed)
    guard let run = RunID("explored-\(seed)") else { throw RehearsalError.seed(seed) }
    let isStandard = configuration.text(configuration.span) == Rehearsal.standardConfiguration
    let beginning = try SimulatedWorld.Beginning(
      fleet: runbook.fleet,
      contents: isStandard ? SimulatedFleet.contents : nil
    )
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
      standIns: standIns
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
    /// Futures in which a single call went wrong, or the process died.
    public var callFutures = 0
    /// Futures in which something outside went wrong.
    public var domainFutures = 0
    /// Futures in which two things went wrong.
    public var pairs = 0
    public var unsafe = 0
    /// How often each exit status came.
    public var exits: [Int32: Int] = [:]

    public var total: Int { 1 + callFutures + domainFutures + pairs }
  }

  /// Every future in which a single thing goes wrong, in order.
  public func singles() throws -> [ExploredFuture] {
    let undisturbed = try trial.run(ExploredFuture())
    return callFutures(undisturbed) + DomainFutures(fleet: runbook.fleet, undisturbed: undisturbed).all
  }

  /// Explores.
  /// - Parameters:
  ///   - pairs: how many futures to try in which two things go wrong.
  ///   - isWanted: whether a future is tried, by its name.
  ///   - found: told every future that breaks an invariant, as it is found.
  /// - Throws: ``WorldError`` when a world cannot be made.
  public func run(
    pairs: Int,
    isWanted: (String) -> Bool = { _ in true },
    found: (UnsafeFuture) throws -> Void
  ) throws -> Summary {
    var summary = Summary()
    let undisturbed = try trial.run(ExploredFuture())
    summary.counts = undisturbed.world.calls
    summary.writes = undisturbed.writes
    try judge(undisturbed, &summary, found)
    for future in callFutures(undisturbed) where isWanted(future.name) {
      try judge(try trial.run(future), &summary, found)
      summary.callFutures += 1
    }
    let domain = DomainFutures(fleet: runbook.fleet, undisturbed: undisturbed).all
    var drawn = PairDraw(seed: seed, calls: undisturbed.world.calls)
    for future in domain {
      let wanted = isWanted(future.name)
      guard wanted || pairs > 0 else { continue }
      let account = try trial.run(future)
      drawn.add(future, account.world.touches.map { ($0.touch, $0.occurrence) })
      guard wanted else { continue }
      try judge(account, &summary, found)
      summary.domainFutures += 1
    }
    for future in drawn.pairs(pairs) where isWanted(future.name) {
      try judge(try trial.run(future), &summary, found)
      summary.pairs += 1
    }
    return summary
  }

  /// Runs one future.
  public func explore(_ future: ExploredFuture) throws -> (exit: Int32?, unsafe: UnsafeFuture?) {
    let account = try trial.run(future)
    return (account.exit, unsafe(account))
  }

  /// How a future goes, whole.
  func account(of future: ExploredFuture) throws -> Account {
    try trial.run(future)
  }

  private func callFutures(_ undisturbed: Account) -> [ExploredFuture] {
    undisturbed.world.touches.flatMap { CallFutures.of($0.touch, $0.occurrence) }
      + (1...max(1, undisturbed.writes)).map { ExploredFuture(dyingWrite: $0) }
  }

  private func judge(_ account: Account, _ summary: inout Summary, _ found: (UnsafeFuture) throws -> Void) throws {
    summary.exits[account.exit ?? -1, default: 0] += 1
    guard let unsafe = unsafe(account) else { return }
    summary.unsafe += 1
    try found(unsafe)
  }

  private func unsafe(_ account: Account) -> UnsafeFuture? {
    let harms = Inspection(account: account, fleet: runbook.fleet, run: trial.record.id).harms
    return harms.isEmpty ? nil : UnsafeFuture(account, harms: harms, fleet: runbook.fleet, source: source)
  }
}

extension Exploration.Summary {
  public static func == (a: Self, b: Self) -> Bool {
    a.counts == b.counts && a.writes == b.writes && a.callFutures == b.callFutures
      && a.domainFutures == b.domainFutures && a.pairs == b.pairs && a.unsafe == b.unsafe && a.exits == b.exits
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(total) }
}

/// Draws pairs: something that goes wrong outside, and a call that goes wrong in the run that answers it, or another such
/// thing.
struct PairDraw {
  private var chance: SplitMix64
  private let usual: [Touch: Int]
  private var bases: [(future: ExploredFuture, touches: [(Touch, Int)])] = []

  init(seed: UInt64, calls: [Touch: Int]) {
    chance = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 1)
    usual = calls
  }

  /// - Parameter touches: the calls of the run in which only that went wrong.
  mutating func add(_ future: ExploredFuture, _ touches: [(Touch, Int)]) {
    // What the undisturbed run does not call for is what answers the trouble: it was in no single future.
    let answering = touches.filter { $0.1 > usual[$0.0, default: 0] || $0.0 == .deliveryTerminate }
    bases.append((future, answering))
  }

  mutating func pairs(_ count: Int) -> [ExploredFuture] {
    guard bases.count > 1, count > 0 else { return [] }
    var found: [ExploredFuture] = []
    var known: Set<String> = []
    var attempts = 0
    while found.count < count, attempts < count * 4 {
      attempts += 1
      let base = bases[Int.random(in: 0..<bases.count, using: &chance)]
      let other: ExploredFuture
      if base.touches.isEmpty || Int.random(in: 0..<4, using: &chance) == 0 {
        other = bases[Int.random(in: 0..<bases.count, using: &chance)].future
      } else {
        let (touch, occurrence) = base.touches[Int.random(in: 0..<base.touches.count, using: &chance)]
        let futures = CallFutures.of(touch, occurrence)
        other = futures[Int.random(in: 0..<futures.count, using: &chance)]
      }
      guard other != base.future else { continue }
      let pair = base.future.with(other)
      if known.insert(pair.name).inserted { found.append(pair) }
    }
    return found
  }
}
