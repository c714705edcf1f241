internal import PromotionModel
public import RunLog
internal import Synchronization

/// A workflow command of GitHub Actions that puts a note beside a line of a file.
public struct WorkflowAnnotation: Hashable, Sendable {
  public enum Level: String, Hashable, Sendable { case error, warning, notice }

  public var level: Level
  public var title: String
  public var message: String
  /// From the root of the repository; nil for what has no file.
  public var file: String?
  /// From 1.
  public var line: Int?

  public init(
    _ level: Level,
    title: String,
    message: String,
    file: String? = nil,
    line: Int? = nil
  ) {
    (self.level, self.title, self.message) = (level, title, message)
    (self.file, self.line) = (file, line)
  }

  /// One line, as GitHub's toolkit writes it: no text ends the command or begins another.
  public var command: String {
    var properties: [String] = []
    func add(_ key: String, _ value: String) { properties.append("\(key)=\(Self.escaped(value, isProperty: true))") }
    if let file {
      add("file", file)
      if let line { add("line", "\(line)") }
    }
    add("title", title)
    return "::\(level.rawValue) \(properties.joined(separator: ","))::\(Self.escaped(message, isProperty: false))"
  }

  /// What steers a terminal is spelled out first; line feeds of a message become lines of the note.
  static func escaped(_ text: String, isProperty: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\n": result += "%0A"
      case "\r": result += "%0D"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      case _ where TerminalText.isUnsafe(scalar): result += TerminalText.escaped(String(scalar))
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Collects what went wrong in a run as notes on the lines of its runbook.
public final class RunAnnotations: RunLogSink {
  /// GitHub shows so many of a level; the rest would push the first ones out of sight.
  static let limit = 10

  private struct State {
    var found: [WorkflowAnnotation] = []
    var failed: [StepPath] = []
  }

  private let file: String?
  private let state = Mutex(State())

  /// - Parameter file: the runbook, from the root of the repository; nil for one that is no file.
  public init(file: String?) { self.file = file }

  public func emit(_ event: RunEvent) {
    switch event.body {
    case .stepEnded(let ending, let message):
      guard let step = event.step, let level = Self.level(of: ending) else { return }
      state.withLock { state in
        // A block ends as its worst statement, which has its note already.
        guard !state.failed.contains(where: { $0.isInside(step.path) }) else { return }
        state.failed.append(step.path)
        Self.add(note(level, "\(step.verb): \(ending.rawValue)", message, step), to: &state)
      }
    case .warning(let message):
      state.withLock {
        Self.add(note(.warning, "\(event.step?.verb ?? "slipway"): warning", message, event.step), to: &$0)
      }
    case .superseded(let superseded):
      state.withLock { Self.add(note(.warning, "changed by somebody else", superseded.message, event.step), to: &$0) }
    case .runEnded(let ending, let exit, let message):
      guard ending != .ok else { return }
      let title = "run \(event.run): \(ending.rawValue), exit \(exit)"
      state.withLock { $0.found.append(note(.notice, title, message.isEmpty ? ending.rawValue : message, nil)) }
    case .runStarted, .stepStarted, .stepSkipped, .finding, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .progress, .evidence, .badSign, .sight, .previewed, .wouldWrite, .value,
      .confirmed, .programOutput, .shown, .logLine, .announced:
      break
    }
  }

  /// All of them, a command a line.
  public var commands: String { state.withLock { $0.found }.map { $0.command + "\n" }.joined() }

  private func note(
    _ level: WorkflowAnnotation.Level,
    _ title: String,
    _ message: String,
    _ step: RunEvent.Step?
  ) -> WorkflowAnnotation {
    WorkflowAnnotation(level, title: title, message: message, file: step == nil ? nil : file, line: step?.line)
  }

  private static func add(_ note: WorkflowAnnotation, to state: inout State) {
    guard state.found.count(where: { $0.level == note.level }) < limit, !state.found.contains(note) else { return }
    state.found.append(note)
  }

  private static func level(of ending: Ending) -> WorkflowAnnotation.Level? {
    switch ending {
    case .ok, .suspended: nil
    case .failed, .refused, .undetermined, .timedOut: .error
    case .interrupted: .warning
    }
  }
}
