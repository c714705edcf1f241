import ArgumentParser
import Dispatch
import LiveWorld
import PromotionModel
import Rehearsal
import RunbookDiagnostics
import RunbookREPL

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct ReplCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl",
    abstract: "A prompt: statements are typed and done, one after the other.",
    usage: "slipway repl [<options>]",
    discussion: """
      Begins in the live world where a fleet is configured and a terminal is there, else in a rehearsal; the prompt \
      always says which. What changes a protected environment is shown first, and asked. From standard input that is no \
      terminal, reads statements and stops at the first that goes wrong. Exit status: as `slipway run`.
      """
  )

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(
    name: .long,
    help: ArgumentHelp("The world to begin in: rehearsal, dry-run or live.", valueName: "world")
  )
  var world: WorldKind?

  @Option(name: .long, help: "The seed of the simulated world.")
  var seed: UInt64 = 1

  @Flag(inversion: .prefixedNo, help: "Use colour or none, whatever NO_COLOR and the terminal say.")
  var color: Bool?

  func run() async throws {
    let host = Host()
    let screen = Screen(host: host, color: color)
    // What fails before the first statement changed nothing.
    try await exiting(screen, unforeseen: ExitStatus.refused) {
      let input = Input(host: host, screen: screen)
      let found = try input.configuration(configurationOptions.config)
      let source = found ?? SourceText(name: "the embedded fleet", text: Rehearsal.standardConfiguration)
      let fleet = try input.fleet(source)
      let worlds = Worlds(
        host: host,
        fleet: fleet,
        configuration: source,
        isConfigured: found != nil,
        seed: seed
      )
      if world == .live, let absence = worlds.absence {
        throw input.fail(ExitStatus.configurationWrong, "no live world: \(absence)")
      }
      let settings = ReplSettings(
        fleet: fleet,
        configuration: source,
        isConfigured: found != nil,
        // What is typed has no folder of its own: files are looked for in the working directory.
        imports: input.imports(of: SourceText(name: "typed", text: "")),
        place: input.place(of: source, fleet),
        worlds: worlds,
        clock: SystemClock(),
        identity: host.identity,
        stateFolder: host.stateDirectory,
        secrets: Self.secrets(of: host),
        files: HostFiles(input: input)
      )
      let runner = ReplRunner(settings)
      let (kind, hasColor) = (world, screen.hasColor)
      let isInteractive = isatty(0) == 1 && isatty(1) == 1
      // Lines are waited for on a thread of their own.
      let status = await withCheckedContinuation { (continuation: CheckedContinuation<Int32?, Never>) in
        DispatchQueue(label: "slipway.prompt").async {
          let status =
            isInteractive
            ? runner.runOnTerminal(kind, hasColor: hasColor) { Screen.write($0, to: 1) }
            : Self.runOnStream(runner, kind)
          continuation.resume(returning: status)
        }
      }
      guard let status else { throw input.fail(ExitStatus.usage, "no line can be edited on this terminal") }
      return status
    }
  }

  private static func runOnStream(_ runner: ReplRunner, _ kind: WorldKind?) -> Int32? {
    let lines = InputLines()
    var interrupts: Interrupts?
    let status = runner.runOnStream(
      kind,
      read: { lines.next() },
      write: { Screen.write($0, to: 1) },
      words: { Screen.write($0, to: 2) },
      started: { interrupt in interrupts = Interrupts(goingOn: "slipway runs") { _ in interrupt() } }
    )
    return interrupts?.exitStatus ?? status
  }

  /// The values of variables whose names say that they are nobody's business.
  private static func secrets(of host: Host) -> Set<String> {
    let words = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL"]
    let found = host.allVariables.filter { name, value in
      value.utf8.count >= 6 && words.contains { name.uppercased().contains($0) }
    }
    return Set(found.values)
  }
}

extension WorldKind: ExpressibleByArgument {}

/// Standard input, line by line.
private final class InputLines: @unchecked Sendable {
  // Read on the thread of the prompt, and on no other.
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  func next() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        defer { buffer.removeFirst(end + 1) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      guard !isAtEnd else {
        defer { buffer = [] }
        return buffer.isEmpty ? nil : String(decoding: buffer, as: UTF8.self)
      }
      var piece = [UInt8](repeating: 0, count: 65_536)
      let count = Input.read(0, into: &piece)
      if count <= 0 { isAtEnd = true } else { buffer += piece[..<count] }
    }
  }
}

/// The reason was said already.
private struct NotWritten: Error, CustomStringConvertible {
  let description = "nothing was written"
}

/// The files of this machine, for a session.
private struct HostFiles: SessionFiles {
  let input: Input

  func read(_ path: String) -> [UInt8]? { input.read(path: path) }

  func write(_ text: String, to path: String) throws {
    do {
      try input.write(text, to: path)
    } catch is EarlyExit {
      throw NotWritten()
    }
  }

  func append(_ line: String, to path: String) {
    if let slash = path.lastIndex(of: "/") { makeFolders(String(path[..<slash])) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    // One that others could read is made private before anything is added.
    _ = fchmod(descriptor, 0o600)
    Screen.write(line + "\n", to: descriptor)
    close(descriptor)
  }

  private func makeFolders(_ path: String) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      _ = mkdir(made, 0o700)
    }
  }
}
