import PromotionModel
import Synchronization

/// A line of a container's log.
struct LogLine: Hashable, Sendable {
  var time: Timestamp
  var text: String
}

/// The texts of logs that say nothing but that a container lives, written once for all worlds that begin at the same
/// ``SimulatedWorld/Beginning``: in most futures the same pods are asked for the same lines.
final class LogTexts: Sendable {
  /// What such a text follows from.
  struct Quiet: Hashable, Sendable {
    var image: String
    var start: Timestamp
    /// Which of its signs of life, counted from 1.
    var beats: Range<Int64>
    /// Whether its first line is among them.
    var isWhole: Bool
    var every: Duration

    fileprivate var lines: [LogLine] {
      var lines = isWhole ? [LogLine(time: start, text: "info starting \(image)")] : []
      for beat in beats { lines.append(LogLine(time: start + every * Int(beat), text: LogTexts.lifeSign)) }
      return lines
    }
  }

  static let lifeSign = "info serving requests"

  private let known = Mutex<[Quiet: [UInt8]]>([:])
  /// How many texts are kept: futures beyond number must not fill the memory.
  private static let limit = 512

  func text(_ quiet: Quiet) -> [UInt8] {
    guard quiet.isWhole || !quiet.beats.isEmpty else { return [] }
    if let found = known.withLock({ $0[quiet] }) { return found }
    let bytes = Self.write(quiet.lines)
    known.withLock { known in
      if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
      known[quiet] = bytes
    }
    return bytes
  }

  /// As the API server writes them with `timestamps=true`.
  static func write(_ lines: [LogLine]) -> [UInt8] {
    var bytes: [UInt8] = []
    for line in lines {
      line.time.append(to: &bytes)
      bytes.append(0x20)
      bytes += line.text.utf8
      bytes.append(0x0A)
    }
    return bytes
  }
}
