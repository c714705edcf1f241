import Dispatch
public import PromotionModel
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The person at the terminal of this process. Without one nobody is asked, and nothing hangs.
public struct TerminalPerson: PersonAsking {
  private let name: String
  private let input: Int32
  private let output: Int32

  /// - Parameters:
  ///   - name: who sits there, `ada@laptop`.
  ///   - input: where answers come from, standard input.
  ///   - output: where questions go, standard error.
  public init(name: String, input: Int32 = 0, output: Int32 = 2) {
    (self.name, self.input, self.output) = (name, input, output)
  }

  public var absence: String? {
    isatty(input) == 1 && isatty(output) == 1 ? nil : "there is no terminal to ask on"
  }

  public func ask(_ question: String) async throws -> PersonAnswer {
    if let absence { return .nobody(absence) }
    // What was typed before the question was there is no answer to it.
    tcflush(input, TCIFLUSH)
    var prompt = "\r\u{1B}[K\(LocalPrograms.sanitize(line: question, limit: 1000)) [y/N] "
    while true {
      write(prompt)
      switch try await line().lowercased() {
      case "y", "yes": return .yes(by: name)
      case "", "n", "no": return .no(by: name)
      default: prompt = "Please answer y or n: "
      }
    }
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { pointer in
        #if canImport(Darwin)
        Darwin.write(output, pointer.baseAddress?.advanced(by: start), bytes.count - start)
        #elseif canImport(Glibc)
        Glibc.write(output, pointer.baseAddress?.advanced(by: start), bytes.count - start)
        #elseif canImport(Musl)
        Musl.write(output, pointer.baseAddress?.advanced(by: start), bytes.count - start)
        #endif
      }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return }
      start += count
    }
  }

  /// A line as it is typed; empty at the end of the input. Looks ten times a second whether the task was cancelled, on a
  /// thread of its own.
  private func line() async throws -> String {
    let isCancelled = Atomic(false)
    let descriptor = input
    let text: String? = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "slipway.terminal").async {
          continuation.resume(returning: Self.read(descriptor) { isCancelled.load(ordering: .relaxed) })
        }
      }
    } onCancel: {
      isCancelled.store(true, ordering: .relaxed)
    }
    guard let text else { throw CancellationError() }
    return text
  }

  /// nil when it was cancelled first.
  private static func read(_ descriptor: Int32, _ isCancelled: () -> Bool) -> String? {
    var bytes: [UInt8] = []
    while !isCancelled() {
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 100) > 0 else { continue }
      var byte: UInt8 = 0
      #if canImport(Darwin)
      let count = Darwin.read(descriptor, &byte, 1)
      #elseif canImport(Glibc)
      let count = Glibc.read(descriptor, &byte, 1)
      #elseif canImport(Musl)
      let count = Musl.read(descriptor, &byte, 1)
      #endif
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count <= 0 || byte == 0x0A || bytes.count >= 1000 { break }
      bytes.append(byte)
    }
    if isCancelled() { return nil }
    while let last = bytes.last, last == 0x0D || last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes.drop { $0 == 0x20 }, as: UTF8.self)
  }
}
