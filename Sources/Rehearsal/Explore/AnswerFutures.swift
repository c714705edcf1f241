import PromotionModel
import RunLog
import SimulatedWorld

/// A future in which something went wrong, and what the run did because of it.
struct Answer: Sendable {
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
/// that it can go wrong, and the death of the process at each write.
///
/// Many troubles are answered the same way. For each statement and each kind of call that only answers trouble, the first
/// trouble that comes to it stands for the others.
struct AnswerFutures {
  private var kinds: Set<Touch> = []
  private var statements: Set<StepPath> = []
  private(set) var all: [ExploredFuture] = []

  mutating func add(_ answer: Answer) {
    let isNew = !answer.statements.isSubset(of: statements)
    let calls = isNew ? answer.calls : answer.calls.filter { !kinds.contains($0.touch) }
    guard !calls.isEmpty else { return }
    all += calls.flatMap { CallFutures.of($0.touch, $0.occurrence) }.map(answer.future.with)
    if isNew { all += CallFutures.deaths(writes: answer.writes).map(answer.future.with) }
    statements.formUnion(answer.statements)
    kinds.formUnion(answer.calls.map(\.touch))
  }
}
