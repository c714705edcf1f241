public import PromotionModel
import RunLog
import RunReport
import RunbookDiagnostics
import SimulatedWorld

/// A future that breaks an invariant: its story, where to begin, and how to have it again.
public struct UnsafeFuture: Sendable {
  /// What went wrong.
  public var name: String
  public var harms: [Harm]
  public var exit: Int32?
  public var ending: Ending?
  /// What happened, in order.
  public var story: [Moment]
  /// The line of the statement to look at.
  public var line: Int
  /// That statement as it stands in the runbook.
  public var statement: String
  public var advice: String
  /// A scenario to paste, where the forms of `given` can say what went wrong; else nil.
  public var scenario: String?

  public struct Moment: Hashable, Sendable {
    /// Since the start.
    public var time: Duration
    public var words: String
  }

  init(_ account: Account, harms: [Harm], fleet: Fleet, source: SourceText) {
    (self.harms, name) = (harms, account.future.name)
    (exit, ending) = (account.result?.exit, account.result?.ending)
    story = Story(account).moments
    let step = Self.step(to: harms, account)
    (line, statement) = step ?? (1, source.name)
    advice = Advice(account, to: harms).text
    scenario = ScenarioText(account, fleet: fleet).text
  }

  /// Futures with the same key break the same thing in the same place.
  public var key: String { "\(harms.first?.invariant.rawValue ?? "") \(line)" }

  /// The statement that ended worst; else the last one.
  private static func step(to harms: [Harm], _ account: Account) -> (line: Int, statement: String)? {
    var texts: [StepPathKey: String] = [:]
    var worst: (ending: Ending, step: RunEvent.Step)?
    for event in account.events {
      guard let step = event.step else { continue }
      if case .stepStarted(let statement) = event.body { texts[StepPathKey(step)] = statement }
      if case .stepEnded(let ending, _) = event.body, ending != .interrupted, ending >= worst?.ending ?? .ok {
        worst = (ending, step)
      }
    }
    return worst.map { ($0.step.line, texts[StepPathKey($0.step)] ?? $0.step.verb) }
  }

  private struct StepPathKey: Hashable {
    var path: String
    init(_ step: RunEvent.Step) { path = step.path.description }
  }
}

/// The events of a run and what happened outside, merged.
struct Story {
  let moments: [UnsafeFuture.Moment]

  init(_ account: Account) {
    var all: [(time: Timestamp, words: String)] = []
    for event in account.events {
      if let words = Self.words(event) { all.append((event.time, words)) }
    }
    all += account.interruptions.map { ($0.time, "somebody presses Ctrl-C") }
    all += account.world.happenings.map { ($0.time, $0.words) }
    for (index, fault) in account.future.faults.enumerated() {
      guard case .call = fault.effect, let time = account.world.time(ofFault: index) else { continue }
      all.append((time, fault.effect.words))
    }
    for absence in account.absences {
      if absence.isDeath { all.append((absence.from, "the process of the run is gone")) }
      // In front of what the other process says at that moment.
      all.insert((absence.to, absence.isDeath ? "another process resumes the run" : "slipway resume"), at: 0)
    }
    let sorted = all.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    var moments: [UnsafeFuture.Moment] = []
    for moment in sorted {
      let time = moment.time - account.start
      // The same news of several pods in one second is one.
      if moments.contains(where: { $0.words == moment.words && time - $0.time < .seconds(60) }) { continue }
      moments.append(UnsafeFuture.Moment(time: time, words: moment.words))
    }
    self.moments = moments
  }

  /// What a reader wants to know of an event; nil for the rest.
  private static func words(_ event: RunEvent) -> String? {
    let verb = event.step.map { "`\($0.verb)`" } ?? "the run"
    let service = event.service.map { "\($0): " } ?? ""
    switch event.body {
    case .stepStarted(let statement): return "line \(event.step?.line ?? 0): \(statement)"
    case .stepEnded(let ending, let message): return "\(verb) ends \(ending.rawValue): \(message)"
    case .runEnded(let ending, let exit, let message):
      return "the run ends \(ending.rawValue), exit \(exit)" + (message.isEmpty ? "" : ": \(message)")
    case .committed, .pullRequestOpened, .pullRequestChanged, .badSign, .superseded, .sight, .warning, .lockTaken,
      .stepSkipped, .confirmed, .announced:
      return service + event.message
    case .runStarted, .finding, .sealed, .planned, .wayBack, .progress, .evidence, .previewed, .wouldWrite, .value,
      .programOutput, .shown, .logLine:
      return nil
    }
  }
}
