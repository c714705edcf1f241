import PromotionModel

/// A moment as clocks on a wall show it.
struct LocalTime: Hashable, CustomStringConvertible {
  /// 1 is Monday, 7 Sunday.
  var weekday: Int
  /// Minutes since midnight.
  var minutes: Int
  /// What a calendar shows.
  var day: CalendarDay
  var zone: String

  init(_ time: Timestamp, in zone: String, _ zones: any TimeZoneReading) throws {
    let offset = try zones.secondsAheadOfUTC(in: zone, at: time)
    let seconds = Self.floor(time.nanosecondsSinceEpoch, by: 1_000_000_000) + Int64(offset)
    let day = Self.floor(seconds, by: 86_400)
    // 1970-01-01 was a Thursday.
    weekday = Int(((day + 3) % 7 + 7) % 7) + 1
    minutes = Int(seconds - day * 86_400) / 60
    self.day = CalendarDay(daysSinceEpoch: day)
    self.zone = zone
  }

  static func floor(_ value: Int64, by divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }

  static let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  var description: String { "\(Self.names[weekday - 1]) \(Self.text(minutes)) in \(zone)" }

  /// `18:05`
  static func text(_ minutes: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(minutes / 60)):\(two(minutes % 60))"
  }

  /// The next moment from `start` on at which clocks in `zone` show a time of day. In the night in which clocks are put
  /// forward a time may not be shown at all; then it is the moment at which they are.
  static func next(_ minutes: Int, from start: Timestamp, in zone: String, _ zones: any TimeZoneReading) throws
    -> Timestamp
  {
    let startSeconds = floor(start.nanosecondsSinceEpoch, by: 1_000_000_000)
    let today = floor(startSeconds + Int64(try zones.secondsAheadOfUTC(in: zone, at: start)), by: 86_400)
    var found = start
    for day in today...(today + 2) {
      let local = day * 86_400 + Int64(minutes) * 60
      var moment = local - Int64(try zones.secondsAheadOfUTC(in: zone, at: start))
      for _ in 0..<2 {
        let guess = Timestamp(secondsSinceEpoch: moment)
        moment = local - Int64(try zones.secondsAheadOfUTC(in: zone, at: guess))
      }
      found = Timestamp(secondsSinceEpoch: moment)
      if try LocalTime(found, in: zone, zones).minutes != minutes { found = try change(near: moment, in: zone, zones) }
      if found >= start { break }
    }
    return found
  }

  /// The moment within half a day of `moment` (seconds since 1970) at which clocks are put forward.
  private static func change(near moment: Int64, in zone: String, _ zones: any TimeZoneReading) throws -> Timestamp {
    func ahead(_ seconds: Int64) throws -> Int {
      try zones.secondsAheadOfUTC(in: zone, at: Timestamp(secondsSinceEpoch: seconds))
    }
    var (before, after) = (moment - 43_200, moment + 43_200)
    let then = try ahead(after)
    while after - before > 1 {
      let middle = before + (after - before) / 2
      if try ahead(middle) == then { after = middle } else { before = middle }
    }
    return Timestamp(secondsSinceEpoch: after)
  }
}

/// `weekdays 18:00 to 22:00 "Europe/London"`.
struct WeeklyWindow: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The days on which it opens; 1 is Monday.
  var days: Set<Int>
  var from: Int
  /// Not after `from`: it closes on the next day.
  var to: Int
  var zone: String

  func contains(_ time: LocalTime) -> Bool {
    if from < to { return days.contains(time.weekday) && time.minutes >= from && time.minutes < to }
    let yesterday = time.weekday == 1 ? 7 : time.weekday - 1
    return days.contains(time.weekday) && time.minutes >= from || days.contains(yesterday) && time.minutes < to
  }

  var description: String {
    let named: String =
      switch days {
      case [1, 2, 3, 4, 5]: "weekdays"
      case [6, 7]: "weekends"
      case Set(1...7): "daily"
      default: days.sorted().map { LocalTime.names[$0 - 1] }.joined(separator: ", ")
      }
    return "\(named) \(LocalTime.text(from)) to \(LocalTime.text(to)) in \(zone)"
  }
}
