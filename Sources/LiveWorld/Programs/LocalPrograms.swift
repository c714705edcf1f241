import PromotionModel
import Subprocess
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Runs programs on this machine.
///
/// Each gets a session of its own: it has no terminal to ask questions on, an interrupt typed at ours does not reach it
/// (the run decides what happens then), and its process group can be ended as a whole.
public struct LocalPrograms: ProgramRunner {
  public let counter: ProgramCounter
  /// Changes that hold for every program started, such as another `HOME`; a call's own come on top.
  private let environment: [String: String?]

  public init(counter: ProgramCounter = ProgramCounter(), environment: [String: String?] = [:]) {
    (self.counter, self.environment) = (counter, environment)
  }

  public func run(_ call: ProgramCall) async throws -> ProgramResult {
    _ = Self.brokenPipesAreErrors
    try Task.checkCancellation()
    counter.count(call.program)
    guard let timeout = call.timeout else { return try await perform(call) }
    // Whichever comes first ends the other: a cancelled program is torn down before the group is left.
    let result = try await withThrowingTaskGroup(of: ProgramResult?.self) { group in
      group.addTask { try await perform(call) }
      group.addTask {
        try await Task.sleep(for: timeout)
        return nil
      }
      let first = try await group.next() ?? nil
      group.cancelAll()
      return first
    }
    try Task.checkCancellation()
    guard let result else {
      throw WorldError(
        tool: call.tool,
        reason: .timedOut,
        message: "no answer within \(timeout.runbookText), so it was ended",
        advice: "Look whether the network and the server are up"
      )
    }
    return result
  }

  private func perform(_ call: ProgramCall) async throws -> ProgramResult {
    var platform = PlatformOptions()
    platform.createSession = true
    platform.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
    ]
    var variables: [Subprocess.Environment.Key: String?] = [:]
    for (name, value) in environment.merging(call.environment, uniquingKeysWith: { $1 }) {
      if let key = Subprocess.Environment.Key(rawValue: name) { variables.updateValue(value, forKey: key) }
    }
    let overflow = Mutex(false)
    let leader = Mutex<pid_t?>(nil)
    // One that was cut off is gone with all that it had started, also with what did not listen: its session is its own, so
    // nobody else is in the group.
    defer {
      if Task.isCancelled, let leader = leader.withLock({ $0 }) { kill(-leader, SIGKILL) }
    }
    do {
      let ended = try await Subprocess.run(
        call.program.contains("/") ? .path(.init(call.program)) : .name(call.program),
        arguments: Arguments(call.arguments),
        environment: .inherit.updating(variables),
        workingDirectory: call.workingDirectory.map { .init($0) },
        platformOptions: platform,
        input: .inputWriter,
        output: .sequence,
        error: .sequence
      ) { execution in
        leader.withLock { $0 = execution.processIdentifier.value }
        let (standardOutput, standardError) = (execution.standardOutput, execution.standardError)
        let writer = execution.standardInputWriter
        // One stream that overflows ends the program, or its other streams would stall.
        let end: @Sendable () -> Void = {
          overflow.withLock { $0 = true }
          try? execution.send(signal: .kill, toProcessGroup: true)
        }
        async let output = Self.collect(standardOutput, call, to: call.onOutput, overflow: end)
        async let error = Self.collect(standardError, call, to: call.onErrorOutput, overflow: end)
        // A program that ends without reading everything says why by its status, not by our broken pipe.
        if !call.input.isEmpty { _ = try? await writer.write(call.input) }
        // Cancelled when all output is there: the program has ended, or wants no more.
        async let _: Void = Self.feed(call.inputStream, to: writer)
        return (try await output, try await error)
      }
      try Task.checkCancellation()
      guard !overflow.withLock({ $0 }) else {
        throw WorldError(
          tool: call.tool,
          reason: .nonsense,
          message: "it wrote more than \(call.outputLimit) bytes, so it was ended"
        )
      }
      let status: Int32 =
        switch ended.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): -signal
        }
      let (output, error) = ended.closureResult
      return ProgramResult(status: status, stdout: output, stderr: error)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw Self.worldError(error, call)
    }
  }

  /// Writes what a stream brings, and ends the program's input.
  private static func feed(_ stream: AsyncStream<[UInt8]>?, to writer: StandardInputWriter) async {
    if let stream {
      for await piece in stream {
        guard (try? await writer.write(piece)) != nil else { break }
      }
    }
    try? await writer.finish()
  }

  private static func collect(
    _ stream: SubprocessOutputSequence,
    _ call: ProgramCall,
    to sink: (@Sendable ([UInt8]) -> Void)?,
    overflow: @Sendable () -> Void
  ) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await buffer in stream {
      let piece = buffer.withUnsafeBytes { Array($0) }
      if let sink {
        sink(piece)
      } else if bytes.count + piece.count > call.outputLimit {
        overflow()
        return []
      } else {
        bytes += piece
      }
    }
    return bytes
  }

  private static func worldError(_ error: SubprocessError, _ call: ProgramCall) -> WorldError {
    if error.code == .executableNotFound {
      return WorldError(
        tool: call.tool,
        reason: .missing,
        message: "there is no program \(call.program) in PATH",
        advice: "Install it (\(advice(call.program))) or put it in PATH"
      )
    }
    return WorldError(
      tool: call.tool,
      reason: .nonsense,
      message: "\(call.program) could not be run: \(sanitize(Array(error.description.utf8), limit: 300))"
    )
  }

  private static func advice(_ program: String) -> String {
    switch program {
    case "kubectl": "https://kubernetes.io/docs/tasks/tools/, or brew install kubernetes-cli"
    case "gh": "https://cli.github.com, apt install gh, or brew install gh"
    default: "apt install \(program), or brew install \(program)"
    }
  }

  /// Writing to a program that has ended must give an error (EPIPE), not end this process.
  private static let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
