/// Days, or a span of time, in which nothing is promoted, whatever the windows say.
public struct Blackout: Sendable, Hashable {
  public enum Span: Sendable, Hashable {
    /// Both days counted, as calendars show them where the window is.
    case days(CalendarDay, through: CalendarDay)
    /// The same in every year. One that begins later in the year than it ends goes over the end of the year.
    case yearly(MonthDay, through: MonthDay)
    /// From one moment up to another.
    case moments(Timestamp, until: Timestamp)
  }

  public var span: Span
  /// For people: `Christmas`.
  public var reason: String

  public init(_ span: Span, reason: String) { (self.span, self.reason) = (span, reason) }

  /// - Parameter day: the day that calendars show at `time` where the window is.
  public func covers(_ time: Timestamp, on day: CalendarDay) -> Bool {
    switch span {
    case .days(let from, let through): return (from...max(from, through)).contains(day)
    case .moments(let from, let until): return from <= time && time < until
    case .yearly(let from, let through):
      let today = day.monthDay
      return from <= through ? from <= today && today <= through : today >= from || today <= through
    }
  }
}

/// A day of the Gregorian calendar.
public struct CalendarDay: Sendable, Hashable, Comparable {
  /// 1970-01-01 is 0.
  public var daysSinceEpoch: Int64

  public init(daysSinceEpoch: Int64) { self.daysSinceEpoch = daysSinceEpoch }

  /// `2026-12-24`; nil for anything else, and for days that no calendar has.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 10, let midnight = Timestamp("\(text)T00:00:00Z") else { return nil }
    daysSinceEpoch = midnight.nanosecondsSinceEpoch / 86_400_000_000_000
    // What falls before 1970 is no day for a release.
    guard midnight.nanosecondsSinceEpoch >= 0 else { return nil }
  }

  public static func < (a: CalendarDay, b: CalendarDay) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }

  /// `2026-12-24`
  public var text: String { String(Timestamp(secondsSinceEpoch: daysSinceEpoch * 86_400).description.prefix(10)) }

  public var monthDay: MonthDay {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    return MonthDay(month: parts.count == 3 ? parts[1] : 1, day: parts.count == 3 ? parts[2] : 1)
  }
}

/// A day of every year. The 29th of February is there in leap years only.
public struct MonthDay: Sendable, Hashable, Comparable {
  public var month: Int
  public var day: Int

  public init(month: Int, day: Int) { (self.month, self.day) = (month, day) }

  /// `12-24`
  public init?(_ text: some StringProtocol) {
    // A leap year has every day that a year can have.
    guard text.utf8.count == 5, let day = CalendarDay("2028-\(text)") else { return nil }
    self = day.monthDay
  }

  public static func < (a: MonthDay, b: MonthDay) -> Bool { (a.month, a.day) < (b.month, b.day) }
}
