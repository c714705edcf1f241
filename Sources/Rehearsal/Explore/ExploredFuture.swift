import PromotionModel
public import SimulatedWorld

/// One way in which a run may go: what goes wrong in it, and when.
public struct ExploredFuture: Hashable, Sendable {
  public var faults: [Fault]
  /// The process dies when it is about to write to the journal for that time, from 1: the write is lost.
  public var dyingWrite: Int?
  /// The same of the process that resumes the run then.
  public var secondDyingWrite: Int?
  /// When the run has ended and could not tell, nothing goes wrong any more, and it is resumed once.
  public var goesOn = false
  /// After the end of a process, how long until another one resumes the run.
  public var pause: Duration

  public init(_ faults: [Fault] = [], dyingWrite: Int? = nil, pause: Duration = Self.shortPause) {
    (self.faults, self.dyingWrite, self.pause) = (faults, dyingWrite, pause)
  }

  /// Somebody looks after it at once.
  public static let shortPause = Duration.seconds(60)
  /// Somebody looks after it the next day, when seals and locks have expired.
  public static let longPause = Duration.seconds(25 * 3600)

  /// What is different, in one line, the same in every process: `slipway explore --only` finds a future by it.
  public var name: String {
    var parts = faults.map(\.words)
    if let dyingWrite { parts.append("the process dies at write #\(dyingWrite) of its journal") }
    guard !parts.isEmpty else { return "nothing goes wrong" }
    var name = parts.joined(separator: ", and ") + (mayBeCutOff ? "; resumed after \(pause.runbookText)" : "")
    if let secondDyingWrite { name += "; then the process dies at write #\(secondDyingWrite) of its journal" }
    return name + (goesOn ? "; resumed once the trouble is over" : "")
  }

  /// Whether a process of the run may end before the run does.
  var mayBeCutOff: Bool { dyingWrite != nil || faults.contains(where: \.endsProcess) }

  /// The same, and where the run could not tell it is resumed.
  var goingOn: ExploredFuture {
    var future = self
    future.goesOn = true
    return future
  }

  /// The same, and the process that resumes the run dies too.
  func dyingAgain(at write: Int) -> ExploredFuture {
    var future = self
    future.secondDyingWrite = write
    return future
  }

  /// The same with something else gone wrong too.
  func with(_ other: ExploredFuture) -> ExploredFuture {
    ExploredFuture(
      faults + other.faults,
      dyingWrite: dyingWrite ?? other.dyingWrite,
      pause: max(pause, other.pause)
    )
  }
}

extension Fault {
  var endsProcess: Bool { if case .call(_, _, let fault) = effect { fault.endsProcess } else { false } }

  var words: String {
    switch start {
    case .after(let delay) where delay <= .zero: effect.words
    case .after(let delay): "\(effect.words), \(delay.runbookText) after the start"
    case .afterPromotion(let delay): "\(effect.words), \(delay.runbookText) after the promotion"
    case .before(let touch, let occurrence): "\(effect.words), right before \(touch.rawValue) #\(occurrence)"
    }
  }
}
