import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Windows and days without one, over changes of the clocks and of the year.
@Suite struct ReleaseTimesTests {
  /// Clocks of some zones as they go from 2026 to 2028: how far ahead of UTC each is first, and from when on it is how far.
  /// `TimeZoneTests.changesOfWindowsAreThoseOfTheSystemsDatabase` has the same from the system.
  struct Zones: TimeZoneReading {
    private static let hour = 3600
    static let changes: [String: (first: Int, changes: [(at: String, ahead: Int)])] = [
      "Europe/London": (
        0,
        [
          ("2026-03-29T01:00:00Z", hour), ("2026-10-25T01:00:00Z", 0), ("2027-03-28T01:00:00Z", hour),
          ("2027-10-31T01:00:00Z", 0), ("2028-03-26T01:00:00Z", hour), ("2028-10-29T01:00:00Z", 0),
        ]
      ),
      "America/New_York": (-5 * hour, [("2026-03-08T07:00:00Z", -4 * hour), ("2026-11-01T06:00:00Z", -5 * hour)]),
      "America/St_Johns": (-12_600, [("2026-03-08T05:30:00Z", -9000), ("2026-11-01T04:30:00Z", -12_600)]),
      // At midnight, so that a day begins at one o'clock, and another has its last hour twice.
      "America/Santiago": (-3 * hour, [("2026-04-05T03:00:00Z", -4 * hour), ("2026-09-06T04:00:00Z", -3 * hour)]),
      "Australia/Sydney": (11 * hour, [("2026-04-04T16:00:00Z", 10 * hour), ("2026-10-03T16:00:00Z", 11 * hour)]),
      // By half an hour.
      "Australia/Lord_Howe": (11 * hour, [("2026-04-04T15:00:00Z", 37_800), ("2026-10-03T15:30:00Z", 11 * hour)]),
      "Pacific/Auckland": (
        13 * hour,
        [
          ("2026-04-04T14:00:00Z", 12 * hour), ("2026-09-26T14:00:00Z", 13 * hour), ("2027-04-03T14:00:00Z", 12 * hour),
        ]
      ),
      "Asia/Kolkata": (19_800, []), "Pacific/Kiritimati": (14 * hour, []), "Pacific/Honolulu": (-10 * hour, []),
    ]

    func secondsAheadOfUTC(in zone: String, at time: Timestamp) throws -> Int {
      guard let known = Self.changes[zone] else {
        return try UniversalTimeOnly().secondsAheadOfUTC(in: zone, at: time)
      }
      return known.changes.last { change in Timestamp(change.at).map { $0 <= time } ?? false }?.ahead ?? known.first
    }
  }

  static let evenings = WeeklyWindow(days: [1, 2, 3, 4, 5], from: 1080, to: 1320, zone: "Europe/London")
  static let nights = WeeklyWindow(days: Set(1...7), from: 1380, to: 240, zone: "Europe/London")
  private static let lostHour = WeeklyWindow(days: [7], from: 60, to: 120, zone: "Europe/London")
  private static let twiceHour = WeeklyWindow(days: [7], from: 60, to: 120, zone: "America/New_York")
  static let yearEnd = Blackout(
    .yearly(MonthDay(month: 12, day: 20), through: MonthDay(month: 1, day: 3)),
    reason: "the year's end"
  )

  struct Case: Sendable, CustomTestStringConvertible {
    var what: String
    var at: String
    var window: WeeklyWindow
    var blackouts: [Blackout] = []
    /// nil: closed.
    var closes: String?
    var testDescription: String { what }
  }

  @Test(
    arguments: [
      Case(what: "winter evening opens", at: "2026-03-27T18:00:00Z", window: evenings, closes: "2026-03-27T22:00:00Z"),
      Case(
        what: "an hour earlier in UTC in summer",
        at: "2026-03-30T17:00:00Z",
        window: evenings,
        closes: "2026-03-30T21:00:00Z"
      ),
      Case(what: "winter's hour is too late in summer", at: "2026-03-30T21:00:00Z", window: evenings),
      Case(what: "not yet in winter", at: "2026-10-26T17:59:59Z", window: evenings),
      Case(
        what: "after the clocks went back",
        at: "2026-10-26T18:00:00Z",
        window: evenings,
        closes: "2026-10-26T22:00:00Z"
      ),
      Case(
        what: "the short night ends an hour earlier",
        at: "2026-03-28T23:30:00Z",
        window: nights,
        closes: "2026-03-29T03:00:00Z"
      ),
      Case(
        what: "the long night ends an hour later",
        at: "2026-10-24T22:30:00Z",
        window: nights,
        closes: "2026-10-25T04:00:00Z"
      ),
      Case(what: "an hour that clocks leave out never comes", at: "2026-03-29T01:00:00Z", window: lostHour),
      Case(what: "nor just before", at: "2026-03-29T00:59:59Z", window: lostHour),
      Case(
        what: "an hour that comes twice is open the first time",
        at: "2026-11-01T05:30:00Z",
        window: twiceHour,
        closes: "2026-11-01T07:00:00Z"
      ),
      Case(what: "and the second time", at: "2026-11-01T06:30:00Z", window: twiceHour, closes: "2026-11-01T07:00:00Z"),
      Case(
        what: "the window of New Year's Eve goes into the new year",
        at: "2027-01-01T01:00:00Z",
        window: nights,
        closes: "2027-01-01T04:00:00Z"
      ),
      Case(what: "New Year's Eve itself", at: "2026-12-31T23:30:00Z", window: nights, closes: "2027-01-01T04:00:00Z"),
      Case(
        what: "the year's end is blacked out before",
        at: "2026-12-31T18:30:00Z",
        window: evenings,
        blackouts: [yearEnd]
      ),
      Case(what: "and after it", at: "2027-01-01T18:30:00Z", window: evenings, blackouts: [yearEnd]),
      Case(what: "its last day counts", at: "2025-01-03T18:30:00Z", window: evenings, blackouts: [yearEnd]),
      Case(
        what: "the day after is free",
        at: "2027-01-04T18:30:00Z",
        window: evenings,
        blackouts: [yearEnd],
        closes: "2027-01-04T22:00:00Z"
      ),
      Case(
        what: "the day before is free",
        at: "2025-12-19T18:30:00Z",
        window: evenings,
        blackouts: [yearEnd],
        closes: "2025-12-19T22:00:00Z"
      ),
      Case(
        what: "a night closes where a blackout begins",
        at: "2026-12-19T23:30:00Z",
        window: nights,
        blackouts: [yearEnd],
        closes: "2026-12-20T00:00:00Z"
      ),
    ] as [Case]
  )
  func windowIsThatOfItsClock(_ example: Case) throws {
    let times = ReleaseTimes(windows: [example.window], blackouts: example.blackouts)
    let now = try #require(Timestamp(example.at))
    switch try times.verdict(at: now, Zones()) {
    case .open(_, _, let until): #expect(until?.description == example.closes)
    case .closed: #expect(example.closes == nil)
    }
  }

  @Test func windowsThatFollowOneAnotherAreOne() throws {
    let first = WeeklyWindow(days: [1], from: 1080, to: 1320, zone: "UTC")
    let second = WeeklyWindow(days: [1], from: 1320, to: 1380, zone: "UTC")
    let verdict = try ReleaseTimes(windows: [first, second], blackouts: [])
      .verdict(at: #require(Timestamp("2026-01-05T18:30:00Z")), UniversalTimeOnly())
    guard case .open(_, _, let until) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(until == Timestamp("2026-01-05T23:00:00Z"))
  }

  // MARK: In a run. The simulated clock starts on Monday 2026-01-05 at 18:00 UTC.

  @Test func anyConfiguredWindowLetsThrough() throws {
    let windows = "{ days: weekends, from: \"08:00\", to: \"12:00\", zone: UTC }"
    let more = "{ days: monday, from: \"17:00\", to: \"19:00\", zone: UTC }"
    let told = try Future("require window").configured("policy: { windows: [\(windows), \(more)] }").run()
    #expect(told.ending == .ok, "\(told.story)")
    let none = try Future("require window").configured("policy: { windows: [\(windows)] }").run()
    #expect(none.ending == .refused, "\(none.story)")
  }

  @Test func blackoutClosesWindowsOfTheRunbookToo() throws {
    let told = try Future("require window daily 00:00 to 23:59 \"UTC\"")
      .configured("policy: { blackouts: [{ from: 12-20, to: 01-06, reason: \"the year's end\" }] }").run()
    #expect(told.ending == .refused)
    #expect(told.message.contains("the year's end"), "\(told.message)")
  }

  @Test(arguments: [("45m", false), ("30m", true)])
  func runSaysAtItsStartWhetherItCanFinish(monitor: String, fits: Bool) throws {
    let text =
      "input soak = \(monitor)\nrequire window monday 17:00 to 18:40 \"UTC\"\nvalidate staging api\nmonitor (soak) staging api"
    let told = try Future(text).run()
    let first = try #require(told.events.first { $0.name == "progress" || $0.name == "warning" })
    #expect(first.step == nil)
    #expect(first.name == (fits ? "progress" : "warning"))
    #expect(told.story.contains(fits ? "and can finish in it" : "cannot finish in it"), "\(told.story)")
  }
}
