/// Running the programs that a runbook names (`run "npm run smoke"`). They may do anything, so this is a part of the
/// writing half.
public protocol CommandRunning: Sendable {
  /// Runs a program to its end, without a terminal and without input.
  ///
  /// - Parameter output: given each line as it comes, fit for a terminal and without known secrets; called from any task.
  /// - Returns: the exit status; the negative number of the signal that ended it.
  /// - Throws: ``WorldError`` when it is not there or could not be started; `CancellationError` when the task was cancelled.
  ///   Then it and everything that it had started are gone.
  func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32
}

/// A program, as a runbook asks for it.
public struct OutsideCommand: Hashable, Sendable {
  public enum Form: Hashable, Sendable {
    /// The program and its arguments, which reach it as they are; no shell is involved.
    case words([String])
    /// A text for `sh`, and its parameters `$1`, `$2` …: what was written elsewhere reaches it as values, never as text.
    case shell(String, values: [String] = [])
  }

  public var form: Form
  /// Where it runs; relative to the directory of this process. nil: there.
  public var directory: String?

  public init(_ form: Form, directory: String? = nil) { (self.form, self.directory) = (form, directory) }
}

/// A line that a program wrote.
public struct CommandOutput: Hashable, Sendable {
  public enum Stream: String, Hashable, Sendable { case output, error }

  public var stream: Stream
  /// Without its line break.
  public var text: String

  public init(_ stream: Stream, _ text: String) { (self.stream, self.text) = (stream, text) }
}

/// Where no program is run: each ends with an error that says so.
public struct NoCommands: CommandRunning {
  public init() {}

  public func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32
  {
    throw WorldError(tool: "run", reason: .missing, message: "no program can be run here")
  }
}
