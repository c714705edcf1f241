import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Both ends of a terminal: a program has ``side``, and a test sits at the other.
final class PseudoTerminal: Sendable {
  let side: Int32
  private let seat: Int32

  init() throws {
    seat = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(seat >= 0)
    #if canImport(Darwin)
    try #require(grantpt(seat) == 0 && unlockpt(seat) == 0)
    let name = String(cString: try #require(ptsname(seat)))
    #else
    // TIOCSPTLCK and TIOCGPTN, which C has as macros that Swift does not see.
    var (locked, number): (Int32, Int32) = (0, 0)
    try #require(ioctl(seat, UInt(0x4004_5431), &locked) == 0 && ioctl(seat, UInt(0x8004_5430), &number) == 0)
    let name = "/dev/pts/\(number)"
    #endif
    side = open(name, O_RDWR | O_NOCTTY)
    try #require(side >= 0)
    _ = fcntl(seat, F_SETFL, fcntl(seat, F_GETFL) | O_NONBLOCK)
  }

  deinit {
    close(side)
    close(seat)
  }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    #if canImport(Darwin)
    _ = Darwin.write(seat, bytes, bytes.count)
    #elseif canImport(Glibc)
    _ = Glibc.write(seat, bytes, bytes.count)
    #elseif canImport(Musl)
    _ = Musl.write(seat, bytes, bytes.count)
    #endif
  }

  /// What was written to the terminal, up to a text; gives up after ten seconds.
  func read(until end: String) async throws -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<500 {
      #if canImport(Darwin)
      let count = Darwin.read(seat, &buffer, buffer.count)
      #elseif canImport(Glibc)
      let count = Glibc.read(seat, &buffer, buffer.count)
      #elseif canImport(Musl)
      let count = Musl.read(seat, &buffer, buffer.count)
      #endif
      if count > 0 { bytes += buffer[..<count] }
      let text = String(decoding: bytes, as: UTF8.self)
      if text.contains(end) { return text }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("\(end) did not come: \(String(decoding: bytes, as: UTF8.self))")
    return ""
  }
}
