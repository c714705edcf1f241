import LiveWorld
import PromotionModel
import RunbookDiagnostics
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Standard output for data, standard error for words.
struct Screen: Sendable {
  let isTerminal: Bool
  let hasColor: Bool

  private static let mostFindings = 100
  /// Why standard output did not take what was written, as `errno`; 0: it did. A reader that has gone away had what it wanted.
  private static let outputError = Atomic<Int32>(0)

  /// - Parameter color: nil asks `NO_COLOR`, then the terminal.
  init(host: Host, color: Bool?) {
    isTerminal = isatty(2) == 1
    hasColor = color ?? (host.variable("NO_COLOR") == nil && host.variable("TERM") != "dumb" && isatty(2) == 1)
  }

  /// The width of the terminal in columns, which can change at any time; nil off one.
  static func width() -> Int? {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  func say(_ text: String) { Self.write(text + "\n", to: 2) }

  func show(_ findings: [LocatedDiagnostic]) {
    guard !findings.isEmpty else { return }
    let renderer = TextDiagnosticRenderer(color: hasColor)
    // A file that is no runbook at all has thousands.
    for finding in findings.prefix(Self.mostFindings) { Self.write(renderer.render(finding), to: 2) }
    if findings.count > Self.mostFindings {
      say("\(findings.count - Self.mostFindings) more findings are not shown; `slipway check --json` shows all")
    }
  }

  /// The status to exit with: what was asked for and is not whole is no *ok*.
  func status(_ status: Int32) -> Int32 {
    let error = Self.outputError.load(ordering: .relaxed)
    guard error != 0 else { return status }
    say("slipway: standard output could not be written: \(String(cString: strerror(error)))")
    return status == ExitStatus.ok ? ExitStatus.outputLost : status
  }

  /// Writes all of it, or gives up when the reader is gone.
  static func write(_ text: String, to descriptor: Int32) { _ = write(Array(text.utf8), to: descriptor) }

  /// - Returns: whether all of it was written.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var start = 0
    while start < bytes.count {
      let size = bytes.count - start
      let count = bytes.withUnsafeBytes { pointer in
        #if canImport(Darwin)
        Darwin.write(descriptor, pointer.baseAddress?.advanced(by: start), size)
        #elseif canImport(Glibc)
        Glibc.write(descriptor, pointer.baseAddress?.advanced(by: start), size)
        #elseif canImport(Musl)
        Musl.write(descriptor, pointer.baseAddress?.advanced(by: start), size)
        #endif
      }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else {
        if descriptor == 1, errno != EPIPE { outputError.store(errno, ordering: .relaxed) }
        return false
      }
      start += count
    }
    return true
  }
}
