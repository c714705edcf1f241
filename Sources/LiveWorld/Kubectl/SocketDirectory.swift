import PromotionModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A directory that only this user can enter, for one unix socket, and the sign of life that the program which serves
/// it looks for: a named pipe that this process holds open and that ends with it, however it ends.
final class SocketDirectory: Sendable {
  let path: String
  var socket: String { "\(path)/s" }
  /// At its end of file this process is gone.
  var lifeline: String { "\(path)/alive" }
  private let descriptor: Int32

  init() throws {
    let created = Self.parents().lazy.compactMap(Self.make).first
    guard let created else { throw Self.failure("making a directory for a socket", errno) }
    path = created
    guard mkfifo("\(created)/alive", 0o600) == 0 else { throw Self.failure("making a pipe in \(created)", errno) }
    // Read and write: opening for writing alone would wait for the reader.
    descriptor = open("\(created)/alive", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("opening a pipe in \(created)", errno) }
  }

  deinit {
    close(descriptor)
    unlink(socket)
    unlink(lifeline)
    rmdir(path)
  }

  /// A socket's path has room for about a hundred bytes only, so a long temporary directory is passed over.
  private static func parents() -> [String] {
    let variables: [String] = ["XDG_RUNTIME_DIR", "TMPDIR"]
    let named = variables.compactMap { name in getenv(name).map { String(cString: $0) } }
    return named.filter { $0.hasPrefix("/") && $0.utf8.count < 60 } + ["/tmp"]
  }

  /// `mkdtemp` gives mode 0700 and a name that nobody has yet.
  private static func make(in parent: String) -> String? {
    var template = Array("\(parent)/slipway-XXXXXX".utf8CString)
    return template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
  }

  private static func failure(_ what: String, _ code: Int32) -> WorldError {
    WorldError(
      tool: "kubectl",
      reason: .refused,
      message: "\(what): \(String(cString: strerror(code)))",
      advice: "TMPDIR must name a directory that can be written to"
    )
  }
}
