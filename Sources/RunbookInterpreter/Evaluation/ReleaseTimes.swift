import PromotionModel

/// When a run may go on: in any of some windows, and on no day that is blacked out.
struct ReleaseTimes {
  enum Verdict: Hashable {
    /// Until the window closes or a blackout begins; nil where that is more than a week away.
    case open(LocalTime, WeeklyWindow, until: Timestamp?)
    case closed(LocalTime, why: String)
  }

  var windows: [WeeklyWindow]
  var blackouts: [Blackout]

  init(windows: [WeeklyWindow], blackouts: [Blackout]) { (self.windows, self.blackouts) = (windows, blackouts) }

  /// The configured ones.
  init(_ policy: Policy) {
    windows = policy.windows.map { WeeklyWindow(days: $0.days, from: $0.from, to: $0.to, zone: $0.zone) }
    blackouts = policy.blackouts
  }

  /// - Throws: ``WorldError`` for a zone that is not known.
  func verdict(at time: Timestamp, _ zones: any TimeZoneReading) throws -> Verdict {
    var outside: LocalTime?
    for window in windows {
      let local = try LocalTime(time, in: window.zone, zones)
      guard window.contains(local) else {
        outside = outside ?? local
        continue
      }
      if let blackout = blackouts.first(where: { $0.covers(time, on: local.day) }) {
        return .closed(local, why: "it is a day of \(blackout.reason), on which no window is open")
      }
      return .open(local, window, until: try end(of: window, from: time, zones))
    }
    let local = try outside ?? LocalTime(time, in: "UTC", zones)
    let all = windows.map(\.description).joined(separator: ", and of ")
    return .closed(local, why: "this is outside of \(all)")
  }

  /// When the window that is open at `time` closes, by its own end or by a day that is blacked out. Windows that follow one
  /// another without a gap are one.
  private func end(of window: WeeklyWindow, from time: Timestamp, _ zones: any TimeZoneReading) throws -> Timestamp? {
    let horizon = time + .seconds(8 * 86_400)
    var end = time
    var window = window
    while end < horizon {
      let closing = try LocalTime.next(window.to, from: end + .seconds(1), in: window.zone, zones)
      if let midnight = try blackout(from: end, to: closing, in: window.zone, zones) { return midnight }
      end = closing
      let next = try windows.first { try $0.contains(LocalTime(closing, in: $0.zone, zones)) }
      guard let next else { return end }
      let local = try LocalTime(end, in: next.zone, zones)
      if blackouts.contains(where: { $0.covers(end, on: local.day) }) { return end }
      window = next
    }
    return nil
  }

  /// When the first blackout between two moments begins.
  private func blackout(
    from: Timestamp,
    to: Timestamp,
    in zone: String,
    _ zones: any TimeZoneReading
  ) throws -> Timestamp? {
    var candidates = [try LocalTime.next(0, from: from + .seconds(1), in: zone, zones)]
    for blackout in blackouts { if case .moments(let begin, _) = blackout.span { candidates.append(begin) } }
    return try candidates.sorted().first { moment in
      guard moment > from, moment < to else { return false }
      let day = try LocalTime(moment, in: zone, zones).day
      return blackouts.contains { $0.covers(moment, on: day) }
    }
  }
}
