public import PromotionModel

/// Files with days on which nothing is promoted: iCalendar (RFC 5545), or a line a day.
public enum HolidayCalendar {
  /// A line that is not understood. Nothing is passed over in silence: what is skipped would be a day that is not kept.
  public struct Problem: Error, Hashable, Sendable {
    /// From 1.
    public var line: Int
    public var message: String
  }

  public static func read(_ text: String) throws(Problem) -> [Blackout] {
    let text = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    return text.hasPrefix("BEGIN:VCALENDAR") ? try iCalendar(text) : try list(text)
  }

  // MARK: A line a day

  /// `2026-12-25 Christmas`, `12-25 Christmas` (every year), `2026-12-24 to 2026-12-27 the break`; `#` begins a comment.
  private static func list(_ text: String) throws(Problem) -> [Blackout] {
    var found: [Blackout] = []
    for (index, whole) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var words = whole.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)[...]
      guard let first = words.popFirst() else { continue }
      var last = first
      if words.first == "to", words.count > 1 {
        words.removeFirst()
        last = words.removeFirst()
      }
      guard let span = span(first, last) else {
        throw Problem(line: index + 1, message: "`\(first)` is no day such as 2026-12-25 or 12-25")
      }
      found.append(Blackout(span, reason: words.isEmpty ? "a holiday" : words.joined(separator: " ")))
    }
    return found
  }

  /// Two days of the calendar, or two of every year; nil for anything else, and for an end before the beginning.
  static func span(_ first: some StringProtocol, _ last: some StringProtocol) -> Blackout.Span? {
    if let first = CalendarDay(first), let last = CalendarDay(last) {
      return first <= last ? .days(first, through: last) : nil
    }
    guard let first = MonthDay(first), let last = MonthDay(last) else { return nil }
    return .yearly(first, through: last)
  }

  // MARK: iCalendar

  private struct Event {
    var line: Int
    var start: Moment?
    var end: Moment?
    var summary = "an event"
    var isYearly = false
    var isCancelled = false
  }

  private enum Moment {
    case day(CalendarDay)
    case time(Timestamp)
  }

  private static func iCalendar(_ text: String) throws(Problem) -> [Blackout] {
    var found: [Blackout] = []
    var event: Event?
    for (number, line) in unfolded(text) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = String(line[line.index(after: colon)...])
      let name = line[..<colon].split(separator: ";").first.map { $0.uppercased() } ?? ""
      switch name {
      case "BEGIN" where value == "VEVENT": event = Event(line: number)
      case "END" where value == "VEVENT":
        if let event, !event.isCancelled { found.append(try blackout(event)) }
        event = nil
      case "DTSTART": event?.start = try moment(value, number)
      case "DTEND": event?.end = try moment(value, number)
      case "SUMMARY": event?.summary = value.replacing("\\,", with: ",").replacing("\\;", with: ";")
      case "STATUS": event?.isCancelled = value == "CANCELLED"
      case "RRULE" where event != nil:
        guard value == "FREQ=YEARLY" else {
          throw Problem(line: number, message: "of rules, only `FREQ=YEARLY` is understood, not `\(value)`")
        }
        event?.isYearly = true
      case "RDATE" where event != nil, "EXDATE" where event != nil, "DURATION" where event != nil:
        throw Problem(line: number, message: "`\(name)` is not understood: give each event its DTSTART and DTEND")
      default: continue
      }
    }
    return found
  }

  private static func blackout(_ event: Event) throws(Problem) -> Blackout {
    switch (event.start, event.end) {
    case (.day(let day)?, nil): return Blackout(days(day, day, event), reason: event.summary)
    case (.day(let from)?, .day(let end)?):
      // The end of a whole day is the day after (RFC 5545, 3.6.1).
      let last = CalendarDay(daysSinceEpoch: max(from.daysSinceEpoch, end.daysSinceEpoch - 1))
      return Blackout(days(from, last, event), reason: event.summary)
    case (.time(let from)?, .time(let end)?) where !event.isYearly && from < end:
      return Blackout(.moments(from, until: end), reason: event.summary)
    case (nil, _), (.time, _), (.day, .time):
      throw Problem(
        line: event.line,
        message: "the event `\(event.summary)` has no beginning and end that are understood"
      )
    }
  }

  private static func days(_ from: CalendarDay, _ last: CalendarDay, _ event: Event) -> Blackout.Span {
    event.isYearly ? .yearly(from.monthDay, through: last.monthDay) : .days(from, through: last)
  }

  /// `20261225`, `20261225T180000Z`. What else a calendar can say of a time is refused.
  private static func moment(_ value: String, _ line: Int) throws(Problem) -> Moment {
    let digits = value.prefix(8)
    let day = "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.dropFirst(6))"
    guard let date = CalendarDay(day) else { throw Problem(line: line, message: "`\(value)` is no date") }
    guard value.utf8.count > 8 else { return .day(date) }
    let clock = value.dropFirst(9)
    let time = "\(clock.prefix(2)):\(clock.dropFirst(2).prefix(2)):\(clock.dropFirst(4).prefix(2))"
    guard value.utf8.count == 16, value.hasSuffix("Z"), let moment = Timestamp("\(day)T\(time)Z") else {
      throw Problem(line: line, message: "`\(value)`: times are understood in UTC (`…Z`), and whole days")
    }
    return .time(moment)
  }

  /// Long lines go on in the next one, after a space (RFC 5545, 3.1).
  private static func unfolded(_ text: String) -> [(number: Int, line: String)] {
    var lines: [(number: Int, line: String)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let first = line.first, first == " " || first == "\t", !lines.isEmpty {
        lines[lines.count - 1].line += line.dropFirst()
      } else {
        lines.append((index + 1, String(line)))
      }
    }
    return lines
  }
}
