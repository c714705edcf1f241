import Dispatch
import PromotionModel
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// SIGINT, SIGTERM and, but for `nohup`, SIGHUP (a dropped connection, a closed terminal), made into the cancellation of a run. A run stops within two seconds, or is stopped.
final class Interrupts: Sendable {
  private let received = Mutex<Int32?>(nil)
  // Only held, to keep them alive.
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

  /// - Parameters:
  ///   - command: what goes on with what was stopped; said when it did not stop by itself.
  ///   - handler: called once, at the first signal.
  init(goingOn command: String, _ handler: @escaping @Sendable (Int32) -> Void) {
    let queue = DispatchQueue(label: "slipway.interrupts")
    var sources: [any DispatchSourceSignal] = []
    // `nohup` has it ignored already.
    let former = signal(SIGHUP, SIG_IGN)
    let isKeptFromHangUps = unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    let numbers = [SIGINT, SIGTERM] + (isKeptFromHangUps ? [] : [SIGHUP])
    for number in numbers {
      signal(number, SIG_IGN)
      sources.append(DispatchSource.makeSignalSource(signal: number, queue: queue))
    }
    self.sources = sources
    for (source, number) in zip(sources, numbers) {
      source.setEventHandler { [weak self] in
        let isFirst = self?.received.withLock { first in
          defer { first = first ?? number }
          return first == nil
        }
        guard isFirst == true else { return }
        handler(number)
        queue.asyncAfter(deadline: .now() + .seconds(2)) {
          Screen.write("slipway: stopped hard; go on with: \(command)\n", to: 2)
          _exit(128 + number)
        }
      }
      source.resume()
    }
  }

  /// 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP; nil when none came.
  var exitStatus: Int32? { received.withLock { $0 }.map { 128 + $0 } }
}
