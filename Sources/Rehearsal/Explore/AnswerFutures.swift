import PromotionModel
import RunLog
import SimulatedWorld

/// A future in which something went wrong, and what the run did because of it.
struct Answer: Sendable {
  /// What can go wrong outside at any stage of a run, of this future: nil where it is bound to its own.
  var wanderer: Fault.Effect? {
    guard future.faults.count == 1, let fault = future.faults.first, case .before = fault.start else { return nil }
    return fault.effect
  }
  /// The stages of the answer: right before each of its effects.
  var starts: [Fault.Start] {
    calls.filter { $0.touch.isWrite && $0.touch != .repositoryRenewLock }
      .map { .before($0.touch, occurrence: $0.occurrence) }
  }

  var future: ExploredFuture
  /// The calls that the undisturbed run does not make: they were in no future of single calls.
  var calls: [(touch: Touch, occurrence: Int)]
  /// The statements that the undisturbed run does not come to.
  var statements: Set<StepPath>
  /// How often the first process wrote to its journal.
  var writes: Int

  init(_ future: ExploredFuture, calls: [(touch: Touch, occurrence: Int)], statements: Set<StepPath>, writes: Int) {
    (self.future, self.calls, self.statements, self.writes) = (future, calls, statements, writes)
  }

  init(_ account: Account, undisturbed: Usual) {
    self.init(
      account.future,
      calls: account.world.touches.filter {
        $0.occurrence > undisturbed.calls[$0.touch, default: 0] || $0.touch == .deliveryTerminate
      }.map { ($0.touch, $0.occurrence) },
      statements: Self.statements(account).subtracting(undisturbed.statements),
      writes: account.writes
    )
  }

  /// What the undisturbed run does.
  struct Usual: Sendable {
    var calls: [Touch: Int]
    var statements: Set<StepPath>

    init(_ account: Account) {
      calls = account.world.calls
      statements = Answer.statements(account)
    }
  }

  private static func statements(_ account: Account) -> Set<StepPath> {
    var found: Set<StepPath> = []
    for event in account.events {
      if case .stepStarted = event.body, let path = event.step?.path { found.insert(path) }
    }
    return found
  }
}

/// The futures in which something goes wrong with the answer to a trouble: each call that only an answer makes, in every way
/// that it can go wrong, the death of the process at each write, and trouble outside right before each of its effects.
///
/// Many troubles are answered the same way. For each statement and each kind of call that only answers trouble, the first
/// trouble that comes to it stands for the others.
struct AnswerFutures {
  private var kinds: Set<Touch> = []
  private var statements: Set<StepPath> = []
  private var chosen: [ExploredFuture] = []
  private var stages: [(future: ExploredFuture, starts: [Fault.Start])] = []
  private(set) var wanderers: [Fault.Effect] = []

  /// All of them, once every trouble was added.
  var all: [ExploredFuture] {
    chosen
      + stages.flatMap { future, starts in
        wanderers.flatMap { effect in starts.map { future.with(ExploredFuture([Fault(effect, start: $0)])) } }
      }
  }

  mutating func add(_ answer: Answer) {
    if let effect = answer.wanderer, !wanderers.contains(effect) { wanderers.append(effect) }
    let isNew = !answer.statements.isSubset(of: statements)
    let calls = isNew ? answer.calls : answer.calls.filter { !kinds.contains($0.touch) }
    guard !calls.isEmpty else { return }
    chosen += calls.flatMap { CallFutures.of($0.touch, $0.occurrence) }.map(answer.future.with)
    if isNew {
      chosen += CallFutures.deaths(writes: answer.writes).map(answer.future.with)
      stages.append((answer.future, answer.starts))
    }
    statements.formUnion(answer.statements)
    kinds.formUnion(answer.calls.map(\.touch))
  }
}
