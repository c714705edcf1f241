import PromotionModel
import Synchronization

/// The server's clock as this process can know it: the newest `Date` it sent, moved on by a clock of this machine that
/// nobody sets (rule 8 of the language).
final class ServerTime: Sendable {
  private struct Reading {
    var server: Timestamp
    var local: ContinuousClock.Instant
  }
  private let reading = Mutex<Reading?>(nil)

  /// Takes in the value of a `Date` header. It is cut to seconds, so of several the one that is furthest ahead is the
  /// nearest; one that is far behind means that the server's clock was set back.
  func note(_ date: String?, at local: ContinuousClock.Instant = .now) {
    guard let date, let server = Self.time(ofDate: date) else { return }
    reading.withLock { known in
      if let known {
        let expected = known.server + (local - known.local)
        guard server > expected || expected - server > .seconds(2) else { return }
      }
      known = Reading(server: server, local: local)
    }
  }

  /// nil before the first answer.
  func now(at local: ContinuousClock.Instant = .now) -> Timestamp? {
    reading.withLock { known in known.map { $0.server + (local - $0.local) } }
  }

  /// `Mon, 23 Nov 2026 22:30:00 GMT`, the one form that HTTP allows servers to send (RFC 9110, 5.6.7).
  static func time(ofDate text: String) -> Timestamp? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", words[1].utf8.count == 2,
      let month = months.firstIndex(where: { $0 == words[2] })
    else { return nil }
    return Timestamp("\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
  }
}
