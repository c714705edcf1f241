public import PromotionModel
import Synchronization

/// The programs that a runbook names, run on this machine: in a session of their own, without a terminal and without input.
/// When they are cancelled, their whole process group is ended.
public struct LocalCommands: CommandRunning {
  private let programs: any ProgramRunner

  public init(programs: any ProgramRunner) { self.programs = programs }

  public func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32
  {
    let program: String
    let arguments: [String]
    switch command.form {
    case .words(let words):
      guard let first = words.first, !first.isEmpty else {
        throw WorldError(tool: "run", reason: .missing, message: "there is no program to run")
      }
      // A path that is written with a slash is one of this folder's, as a shell would have it.
      program = first
      arguments = Array(words.dropFirst())
    case .shell(let script, let values):
      program = "/bin/sh"
      // The word behind the script is `$0`.
      arguments = ["-c", script] + (values.isEmpty ? [] : ["sh"] + values)
    }
    let standardOutput = OutputLines(.output, output)
    let standardError = OutputLines(.error, output)
    var call = ProgramCall(
      program,
      arguments,
      workingDirectory: command.directory,
      timeout: nil,
      tool: "run",
      onOutput: { standardOutput.take($0) }
    )
    call.onErrorOutput = { standardError.take($0) }
    let result = try await programs.run(call)
    standardOutput.end()
    standardError.end()
    return result.status
  }
}

/// Lines out of pieces. A line is bounded: a program that never ends one does not fill the memory.
private final class OutputLines: Sendable {
  private static let longest = 4096

  private let stream: CommandOutput.Stream
  private let output: @Sendable (CommandOutput) -> Void
  private let pending = Mutex<[UInt8]>([])

  init(_ stream: CommandOutput.Stream, _ output: @escaping @Sendable (CommandOutput) -> Void) {
    (self.stream, self.output) = (stream, output)
  }

  func take(_ piece: [UInt8]) {
    let lines = pending.withLock { pending -> [[UInt8]] in
      var lines: [[UInt8]] = []
      for byte in piece {
        if byte == 0x0A {
          lines.append(pending)
          pending.removeAll(keepingCapacity: true)
        } else if pending.count < Self.longest {
          pending.append(byte)
        }
      }
      return lines
    }
    for line in lines { tell(line) }
  }

  func end() {
    let rest = pending.withLock { $0 }
    if !rest.isEmpty { tell(rest) }
  }

  /// Of a line that a program drew again and again (a progress bar) what was last there counts.
  private func tell(_ line: [UInt8]) {
    var line = line[...]
    while line.last == 0x0D { line.removeLast() }
    if let redrawn = line.lastIndex(of: 0x0D) { line = line[(redrawn + 1)...] }
    output(CommandOutput(stream, LocalPrograms.sanitize(Array(line), limit: 400)))
  }
}
