public import PromotionModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// This machine's clock: times are its real time, and waiting goes on while it is suspended.
public struct SystemClock: WorldClock {
  /// The longest single sleep. A clock that is set forward, or a machine that wakes, is noticed within it.
  private static let slice = Duration.seconds(30)

  public init() {}

  public func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanosecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  public func sleep(until deadline: Timestamp) async throws {
    try Task.checkCancellation()
    while true {
      let left = deadline - now()
      guard left > .zero else { return }
      try await Task.sleep(for: min(left, Self.slice), clock: .continuous)
    }
  }
}
