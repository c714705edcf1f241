import PromotionModel
import RunLog
import RunbookCheck
import Synchronization

/// `run "…"`: a program, with the words as the runbook writes them; no shell unless it says `shell`. Ends *failed* when the
/// exit status is not 0.
///
/// Nobody can know what a program had done when it was cut off, so a resumed run starts it again, and says so.
struct RunProgram {
  let action: ProgramAction
  let step: StepContext

  func run() async throws -> String {
    let limit = try await step.resolve(action.within) ?? step.fleet.policy.deadlines.run
    let form: OutsideCommand.Form
    switch action.command {
    case .words(let settings):
      var words: [String] = []
      for setting in settings { words.append(try await step.resolve(setting)) }
      guard let program = words.first, !program.isEmpty else { throw RunProgramMessages.noProgram }
      form = .words(words)
    case .shell(.constant(let line)): form = .shell(line)
    case .shell(.computed(let expression)): form = try await shell(expression)
    }
    let command = OutsideCommand(form, directory: try await step.resolve(action.directory))
    if step.wasCutOff { step.emit(.warning(RunProgramMessages.again)) }
    let lines = OutputLines(step)
    let commands = step.writing.commands
    let status: Int32
    do {
      // One that is started again has all of its time again.
      status = try await step.limited(to: limit) {
        try await commands.run(command) { lines.take($0) }
      }
    } catch let halt as Halt where halt.ending == .timedOut {
      throw Halt(.timedOut, RunProgramMessages.late(limit, lines.last))
    }
    lines.close()
    guard status == 0 else { throw Halt(.failed, RunProgramMessages.failed(status, lines.last)) }
    return step.setup.record.isSimulated ? RunProgramMessages.simulated : "ended with status 0"
  }
}

extension RunProgram {
  /// The values in a line for the shell are its parameters: a message, a log line or a commit's subject that others wrote must
  /// not become a part of what the shell reads.
  private func shell(_ expression: CheckedExpression) async throws -> OutsideCommand.Form {
    guard case .interpolated(let segments) = expression.kind else {
      return .shell(try await step.resolve(Setting<String>.computed(expression)))
    }
    var text = ShellText()
    for segment in segments {
      switch segment {
      case .text(let piece): text.add(piece)
      case .value(let value): try text.add(value: await step.resolve(Setting<String>.computed(value)))
      }
    }
    return .shell(text.script, values: text.values)
  }
}

/// What a program writes, on its way to the run log: a bounded number of lines, and the last ones for the message of a
/// failure.
final class OutputLines: Sendable {
  /// More would bury the log of the run.
  private static let mostLines = 500
  private static let keptLines = 5
  private static let mostCharacters = 400

  private struct State {
    var count = 0
    var last: [String] = []
  }

  private let step: StepContext
  private let state = Mutex(State())

  private let environment: EnvironmentName?
  private let service: ServiceName?

  init(_ step: StepContext, environment: EnvironmentName? = nil, service: ServiceName? = nil) {
    (self.step, self.environment, self.service) = (step, environment, service)
  }

  var last: [String] { state.withLock { $0.last } }

  func take(_ line: CommandOutput) {
    var line = line
    line.text = step.memory.withoutSecrets(line.text)
    if line.text.count > Self.mostCharacters { line.text = line.text.prefix(Self.mostCharacters) + "…" }
    let isShown = state.withLock { state in
      state.count += 1
      if !line.text.allSatisfy(\.isWhitespace) { state.last = state.last.suffix(Self.keptLines - 1) + [line.text] }
      return state.count <= Self.mostLines
    }
    if isShown { step.emit(.programOutput(line), environment: environment, service: service) }
  }

  func close() {
    let rest = state.withLock { $0.count - Self.mostLines }
    if rest > 0 { step.emit(.progress("\(rest) more lines are not shown")) }
  }
}

/// All wording of `run`.
enum RunProgramMessages {
  static let noProgram = Halt(.refused, "there is no program to run: the first word is empty")
  static let escapedValue = Halt(.refused, "a backslash stands in front of a value: take it away, values need none")
  static let again = "it was cut off before it ended, and is started again from its beginning"

  static let simulated = "simulated: not run, and taken to end with status 0"

  static func late(_ limit: Duration, _ last: [String]) -> String {
    "it had not ended after \(limit.runbookText), and was ended with all that it had started" + tail(last)
  }

  static func failed(_ status: Int32, _ last: [String]) -> String {
    (status < 0 ? "it was ended by signal \(-status)" : "it ended with status \(status)") + tail(last)
  }

  private static func tail(_ last: [String]) -> String {
    last.isEmpty ? "; it wrote nothing" : "; its last lines: " + last.joined(separator: " / ")
  }
}
