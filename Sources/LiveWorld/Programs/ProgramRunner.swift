import PromotionModel

/// Running programs: the one way by which this process starts another.
///
/// A seam, so that a test can answer in a program's place. ``LocalPrograms`` is the real one.
public protocol ProgramRunner: Sendable {
  /// Runs a program to its end. No shell is involved: `arguments` reach it as they are.
  ///
  /// - Returns: how it ended and what it wrote, whatever its exit status.
  /// - Throws: ``WorldError`` when the program is missing, could not be started, ran into its timeout or wrote more than
  ///   its limit; `CancellationError` when the task was cancelled. In each case the program and what it had started are
  ///   gone.
  func run(_ call: ProgramCall) async throws -> ProgramResult
}

/// One call of a program.
public struct ProgramCall: Sendable {
  /// A name that is looked up in `PATH`, or an absolute path.
  public var program: String
  public var arguments: [String]
  /// What it reads on its standard input.
  public var input: [UInt8]
  /// What it reads after ``input``, piece by piece until the stream ends; nil: nothing. For programs that answer what
  /// they are asked as they go (see ``onOutput``).
  public var inputStream: AsyncStream<[UInt8]>?
  /// Added to this process's environment; nil takes a variable away.
  public var environment: [String: String?]
  public var workingDirectory: String?
  /// nil: until it ends by itself or the task is cancelled; only for programs that serve.
  public var timeout: Duration?
  /// The most bytes that are taken from standard output, and from standard error.
  public var outputLimit: Int
  /// What ``WorldError/tool`` names.
  public var tool: String
  /// Given each piece of standard output as it comes, which is then not kept and not limited.
  public var onOutput: (@Sendable ([UInt8]) -> Void)?
  /// The same for standard error.
  public var onErrorOutput: (@Sendable ([UInt8]) -> Void)?

  public static let usualOutputLimit = 16 << 20

  public init(
    _ program: String,
    _ arguments: [String],
    input: [UInt8] = [],
    inputStream: AsyncStream<[UInt8]>? = nil,
    environment: [String: String?] = [:],
    workingDirectory: String? = nil,
    timeout: Duration?,
    outputLimit: Int = ProgramCall.usualOutputLimit,
    tool: String,
    onOutput: (@Sendable ([UInt8]) -> Void)? = nil
  ) {
    (self.program, self.arguments, self.environment) = (program, arguments, environment)
    (self.input, self.inputStream) = (input, inputStream)
    (self.workingDirectory, self.timeout, self.outputLimit) = (workingDirectory, timeout, outputLimit)
    (self.tool, self.onOutput) = (tool, onOutput)
  }
}

public struct ProgramResult: Hashable, Sendable {
  /// The exit status; the negative number of the signal that ended it.
  public var status: Int32
  public var stdout: [UInt8]
  public var stderr: [UInt8]

  public init(status: Int32, stdout: [UInt8] = [], stderr: [UInt8] = []) {
    (self.status, self.stdout, self.stderr) = (status, stdout, stderr)
  }

  public var isSuccess: Bool { status == 0 }
}

extension ProgramRunner {
  /// Runs a program to its end; see ``run(_:)`` and ``ProgramCall``.
  public func run(
    _ program: String,
    _ arguments: [String],
    input: [UInt8] = [],
    environment: [String: String?] = [:],
    workingDirectory: String? = nil,
    timeout: Duration,
    outputLimit: Int = ProgramCall.usualOutputLimit,
    tool: String
  ) async throws -> ProgramResult {
    try await run(
      ProgramCall(
        program,
        arguments,
        input: input,
        environment: environment,
        workingDirectory: workingDirectory,
        timeout: timeout,
        outputLimit: outputLimit,
        tool: tool
      )
    )
  }
}
