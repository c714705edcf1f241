import LiveWorld
import PromotionModel

/// Waiting for real servers, which have no virtual clock.
enum SystemClockSleep {
  static func seconds(_ count: Int64) async throws { try await SystemClock().sleep(for: .seconds(count)) }
  static func now() -> Timestamp { SystemClock().now() }
}
