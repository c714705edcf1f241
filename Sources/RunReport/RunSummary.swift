public import PromotionModel
public import RunLog

/// What the journal knows of one run: for `slipway status RUN`.
public struct RunSummary: Sendable {
  /// What is known of a run that has no ending.
  public enum Life: Sendable {
    /// Another process of this machine is at work on it.
    case running
    /// None is, on this machine.
    case notHere
  }

  private let record: RunRecord
  private let steps: [StepRecord]
  private let life: Life
  private let options: String

  /// - Parameters:
  ///   - steps: in the order in which they were intended.
  ///   - options: what a command needs besides to go on with it: ` --store git`.
  public init(_ record: RunRecord, steps: [StepRecord], life: Life, options: String = "") {
    (self.record, self.steps, self.life, self.options) = (record, steps, life, options)
  }

  /// A heading, a line a step, and what can be done now; whatever came from outside is on one line and steers nothing.
  public var text: String {
    var lines = ["run \(record.id)  \(TerminalText.escaped(record.source))  \(record.world)", "\(span)  \(standing)"]
    let width = steps.map { Self.word($0).count }.max() ?? 0
    for step in steps {
      let depth = String(repeating: "  ", count: max(0, step.step.components.count - 1))
      let word = TerminalText.padded(Self.word(step), to: width)
      lines.append("  \(word)  \(depth)\(TerminalText.escaped(step.statement))" + Self.time(step))
      if let outcome = step.outcome, outcome.ending != .ok, !outcome.message.isEmpty {
        lines.append("  \(String(repeating: " ", count: width))  \(depth)  \(TerminalText.escaped(outcome.message))")
      }
    }
    lines += next
    return lines.joined(separator: "\n") + "\n"
  }

  /// One object: the run, and its steps in order.
  public var json: String {
    var members: [(key: String, value: JSONText)] = [
      ("run", .string(record.id.text)), ("started", .string(record.started.description)),
      ("world", .string(record.world)), ("source", .string(record.source)), ("running", .bool(isRunning)),
      ("resumable", .bool(isResumable)),
    ]
    if let ended = record.ended { members.append(("ended", .string(ended.description))) }
    if let ending = record.ending { members.append(("ending", .string(ending.rawValue))) }
    if let exit = record.exit { members.append(("exit", .integer(Int64(exit)))) }
    members.append(("steps", .array(steps.map(Self.json))))
    return JSONText.object(members).text + "\n"
  }

  private static func json(_ step: StepRecord) -> JSONText {
    var members: [(key: String, value: JSONText)] = [
      ("step", .string(step.step.description)), ("verb", .string(step.verb)),
      ("statement", .string(step.statement)), ("begun", .string(step.begun.description)),
    ]
    if let outcome = step.outcome {
      members.append(("ending", .string(outcome.ending.rawValue)))
      members.append(("message", .string(outcome.message)))
      members.append(("settled", .string(outcome.time.description)))
    }
    return .object(members)
  }

  private var isRunning: Bool {
    guard record.ending == nil else { return false }
    switch life {
    case .running: return true
    case .notHere: return false
    }
  }

  private var isResumable: Bool { !isRunning && record.ending?.isResumable ?? true }

  private var span: String {
    let started = "started \(Self.whole(record.started))"
    guard let ended = record.ended else { return started }
    return "\(started), ended \(Self.whole(ended)) (\(Self.whole(ended - record.started)))"
  }

  private var standing: String {
    if let ending = record.ending { return "\(ending.rawValue)\(record.exit.map { " (exit \($0))" } ?? "")" }
    return isRunning
      ? "running in another process of this machine" : "open: no process of this machine is at work on it"
  }

  private var next: [String] {
    guard isResumable else { return [] }
    return [
      "go on with: slipway resume \(record.id)\(options); give it up with: slipway abort \(record.id)\(options)"
    ]
  }

  private static func word(_ step: StepRecord) -> String { step.outcome?.ending.rawValue ?? "open" }

  private static func time(_ step: StepRecord) -> String {
    guard let outcome = step.outcome, outcome.time - step.begun >= .seconds(1) else { return "" }
    return "  (\(whole(outcome.time - step.begun)))"
  }

  /// Fractions of a second help nobody; JSON has them.
  private static func whole(_ time: Timestamp) -> String {
    Timestamp(secondsSinceEpoch: time.nanosecondsSinceEpoch / 1_000_000_000).description
  }

  private static func whole(_ duration: Duration) -> String {
    Duration.seconds(duration.components.seconds).runbookText
  }
}

extension Ending {
  /// Whether a run that ended so can be gone on with.
  public var isResumable: Bool {
    switch self {
    case .interrupted, .undetermined, .timedOut, .suspended: true
    case .ok, .refused, .failed: false
    }
  }
}
