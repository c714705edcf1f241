import ArgumentParser
import LiveWorld
import RunbookLanguageServer

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct LanguageServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp",
    abstract: "Serves an editor: the Language Server Protocol over standard input and output.",
    discussion: """
      Findings while you type with their fixes, completion of statements, clauses, services, environments and variables, \
      help under the pointer, go to definition, renaming, formatting. It reads runbooks and the slipway.yaml above them, \
      and touches neither servers nor files. Exit status: 0 after a proper shutdown, else 1.
      """
  )

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Flag(name: .long, help: "Accepted, since many editors add it; there is no other way to talk.")
  var stdio = false

  func run() async throws {
    let host = Host()
    let input = Input(host: host, screen: Screen(host: host, color: false))
    var server = LanguageServer(
      Surroundings(
        file: { input.read(path: $0) },
        configuration: (configurationOptions.config ?? host.variable("SLIPWAY_CONFIG")).map { path in
          path.hasPrefix("/") ? path : "\(host.workingDirectory)/\(path)"
        }
      )
    )
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let status = server.serve(
      read: { waits in
        if !waits, !Self.hasInput() { return .nothing }
        let count = Input.read(0, into: &buffer)
        return count > 0 ? .bytes(Array(buffer[..<count])) : .end
      },
      write: { Screen.write($0, to: 1) }
    )
    throw ExitCode(status)
  }

  /// Whether standard input has bytes, or has ended.
  private static func hasInput() -> Bool {
    var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) != 0
  }
}
