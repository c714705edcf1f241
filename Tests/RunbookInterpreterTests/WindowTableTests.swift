import PromotionModel
import Testing

@testable import RunbookInterpreter

extension ReleaseTimesTests {
  private static func window(_ days: Set<Int>, _ from: Int, _ to: Int, _ zone: String) -> WeeklyWindow {
    WeeklyWindow(days: days, from: from * 60, to: to * 60, zone: zone)
  }

  private static func black(_ month: Int, _ day: Int) -> Blackout {
    Blackout(.yearly(MonthDay(month: month, day: day), through: MonthDay(month: month, day: day)), reason: "a holiday")
  }

  private static let weekdays: Set<Int> = [1, 2, 3, 4, 5]
  private static let daily = Set(1...7)

  /// South of the equator, half hours, the date line, leap days, and hours that are left out or come twice. The closings were
  /// found by another program, minute by minute.
  @Test(
    arguments: [
      Case(
        what: "a southern evening in summer",
        at: "2026-01-05T07:30:00Z",
        window: window(weekdays, 18, 22, "Australia/Sydney"),
        closes: "2026-01-05T11:00:00Z"
      ),
      Case(
        what: "an hour later in UTC in winter",
        at: "2026-07-06T08:30:00Z",
        window: window(weekdays, 18, 22, "Australia/Sydney"),
        closes: "2026-07-06T12:00:00Z"
      ),
      Case(
        what: "summer's hour is too early in winter",
        at: "2026-07-06T07:30:00Z",
        window: window(weekdays, 18, 22, "Australia/Sydney")
      ),
      Case(
        what: "the long night is in April there",
        at: "2026-04-04T13:00:00Z",
        window: window(daily, 23, 4, "Australia/Sydney"),
        closes: "2026-04-04T18:00:00Z"
      ),
      Case(
        what: "and the short one in October",
        at: "2026-10-03T13:30:00Z",
        window: window(daily, 23, 4, "Australia/Sydney"),
        closes: "2026-10-03T17:00:00Z"
      ),
      Case(
        what: "longer by half an hour",
        at: "2026-04-04T12:30:00Z",
        window: window(daily, 23, 4, "Australia/Lord_Howe"),
        closes: "2026-04-04T17:30:00Z"
      ),
      Case(
        what: "shorter by half an hour",
        at: "2026-10-03T13:00:00Z",
        window: window(daily, 23, 4, "Australia/Lord_Howe"),
        closes: "2026-10-03T17:00:00Z"
      ),
      Case(
        what: "the half hour that comes twice, the second time",
        at: "2026-04-04T15:10:00Z",
        window: WeeklyWindow(days: [7], from: 90, to: 120, zone: "Australia/Lord_Howe"),
        closes: "2026-04-04T15:30:00Z"
      ),
      Case(
        what: "half an hour east of the full hour",
        at: "2026-05-04T12:30:00Z",
        window: window(weekdays, 18, 22, "Asia/Kolkata"),
        closes: "2026-05-04T16:30:00Z"
      ),
      Case(
        what: "a second too early there",
        at: "2026-05-04T12:29:59Z",
        window: window(weekdays, 18, 22, "Asia/Kolkata")
      ),
      Case(
        what: "half an hour west of it",
        at: "2026-01-05T21:30:00Z",
        window: window(weekdays, 18, 22, "America/St_Johns"),
        closes: "2026-01-06T01:30:00Z"
      ),
      Case(
        what: "Monday morning while it is Sunday in UTC",
        at: "2026-05-03T18:30:00Z",
        window: window(weekdays, 8, 10, "Pacific/Kiritimati"),
        closes: "2026-05-03T20:00:00Z"
      ),
      Case(
        what: "Saturday morning while it is Friday in UTC",
        at: "2026-05-08T18:30:00Z",
        window: window(weekdays, 8, 10, "Pacific/Kiritimati")
      ),
      Case(
        what: "Friday evening while it is Saturday in UTC",
        at: "2026-05-09T04:00:00Z",
        window: window(weekdays, 18, 22, "Pacific/Honolulu"),
        closes: "2026-05-09T08:00:00Z"
      ),
      Case(
        what: "the night into a leap day",
        at: "2028-02-28T23:30:00Z",
        window: nights,
        closes: "2028-02-29T04:00:00Z"
      ),
      Case(what: "a leap day", at: "2028-02-29T18:30:00Z", window: evenings, closes: "2028-02-29T22:00:00Z"),
      Case(
        what: "a leap day that is blacked out",
        at: "2028-02-29T18:30:00Z",
        window: evenings,
        blackouts: [black(2, 29)]
      ),
      Case(
        what: "the night before it ends with it",
        at: "2028-02-28T23:30:00Z",
        window: nights,
        blackouts: [black(2, 29)],
        closes: "2028-02-29T00:00:00Z"
      ),
      Case(
        what: "the day after it is free",
        at: "2028-03-01T18:30:00Z",
        window: evenings,
        blackouts: [black(2, 29)],
        closes: "2028-03-01T22:00:00Z"
      ),
      Case(
        what: "a year without it is free",
        at: "2027-02-28T23:30:00Z",
        window: nights,
        blackouts: [black(2, 29)],
        closes: "2027-03-01T04:00:00Z"
      ),
      Case(
        what: "the new year has begun in Auckland",
        at: "2026-12-31T11:30:00Z",
        window: window(daily, 0, 4, "Pacific/Auckland"),
        blackouts: [black(12, 31)],
        closes: "2026-12-31T15:00:00Z"
      ),
      Case(
        what: "and not in London",
        at: "2026-12-31T11:30:00Z",
        window: window(daily, 11, 12, "Europe/London"),
        blackouts: [black(12, 31)]
      ),
      Case(
        what: "the year's end is over in Auckland",
        at: "2027-01-03T12:30:00Z",
        window: window(daily, 0, 4, "Pacific/Auckland"),
        blackouts: [yearEnd],
        closes: "2027-01-03T15:00:00Z"
      ),
      Case(
        what: "and not in London, at the same moment",
        at: "2027-01-03T12:30:00Z",
        window: window(daily, 12, 14, "Europe/London"),
        blackouts: [yearEnd]
      ),
      Case(
        what: "what would close in the hour left out closes as that begins",
        at: "2026-03-29T00:30:00Z",
        window: WeeklyWindow(days: [7], from: 0, to: 90, zone: "Europe/London"),
        closes: "2026-03-29T01:00:00Z"
      ),
      Case(
        what: "what would open in it opens as it is over",
        at: "2026-03-29T01:00:00Z",
        window: WeeklyWindow(days: [7], from: 90, to: 300, zone: "Europe/London"),
        closes: "2026-03-29T04:00:00Z"
      ),
      Case(
        what: "what closes in the hour that comes twice closes the first time",
        at: "2026-10-25T00:10:00Z",
        window: WeeklyWindow(days: [7], from: 0, to: 90, zone: "Europe/London"),
        closes: "2026-10-25T00:30:00Z"
      ),
      Case(
        what: "opens again as the hour does",
        at: "2026-10-25T01:10:00Z",
        window: WeeklyWindow(days: [7], from: 0, to: 90, zone: "Europe/London"),
        closes: "2026-10-25T01:30:00Z"
      ),
      Case(
        what: "and is closed between",
        at: "2026-10-25T00:45:00Z",
        window: WeeklyWindow(days: [7], from: 0, to: 90, zone: "Europe/London")
      ),
      Case(
        what: "a day without a midnight begins as its first hour does",
        at: "2026-09-06T03:30:00Z",
        window: window(daily, 23, 4, "America/Santiago"),
        blackouts: [black(9, 6)],
        closes: "2026-09-06T04:00:00Z"
      ),
      Case(
        what: "what opens at the midnight left out opens then",
        at: "2026-09-06T04:00:00Z",
        window: window([7], 0, 2, "America/Santiago"),
        closes: "2026-09-06T05:00:00Z"
      ),
      Case(
        what: "a day after one that has its last hour twice begins late",
        at: "2026-04-05T02:30:00Z",
        window: window(daily, 23, 4, "America/Santiago"),
        blackouts: [black(4, 5)],
        closes: "2026-04-05T04:00:00Z"
      ),
    ] as [Case]
  )
  func windowsHoldWhereverClocksGoOtherwise(_ example: Case) throws { try windowIsThatOfItsClock(example) }
}
