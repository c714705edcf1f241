import PromotionModel
import RunbookDiagnostics
import Testing

@testable import FleetConfiguration

@Suite struct HolidayCalendarTests {
  private func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

  @Test func linesAreDays() throws {
    let found = try HolidayCalendar.read(
      "# ours\n2026-12-25 Christmas Day\n12-26\n\n2026-04-03 to 2026-04-06 Easter # long\r\n12-30 to 01-02 the turn\n"
    )
    #expect(
      found == [
        Blackout(.days(try day("2026-12-25"), through: try day("2026-12-25")), reason: "Christmas Day"),
        Blackout(.yearly(MonthDay(month: 12, day: 26), through: MonthDay(month: 12, day: 26)), reason: "a holiday"),
        Blackout(.days(try day("2026-04-03"), through: try day("2026-04-06")), reason: "Easter"),
        Blackout(.yearly(MonthDay(month: 12, day: 30), through: MonthDay(month: 1, day: 2)), reason: "the turn"),
      ]
    )
  }

  @Test func eventsOfACalendarAreSpans() throws {
    let found = try HolidayCalendar.read(
      """
      BEGIN:VCALENDAR\r
      BEGIN:VEVENT\r
      DTSTART;VALUE=DATE:20261224\r
      DTEND;VALUE=DATE:20261227\r
      SUMMARY:The long
        break\\, all of it\r
      END:VEVENT\r
      BEGIN:VEVENT\r
      DTSTART:20261130T080000Z\r
      DTEND:20261130T200000Z\r
      SUMMARY:Sale\r
      END:VEVENT\r
      BEGIN:VEVENT\r
      DTSTART;VALUE=DATE:20260101\r
      RRULE:FREQ=YEARLY\r
      END:VEVENT\r
      BEGIN:VEVENT\r
      DTSTART;VALUE=DATE:20260701\r
      STATUS:CANCELLED\r
      END:VEVENT\r
      END:VCALENDAR\r
      """
    )
    try #require(found.count == 3)
    #expect(found[0].span == .days(try day("2026-12-24"), through: try day("2026-12-26")))
    #expect(found[0].reason == "The long break, all of it")
    #expect(
      found[1].span
        == .moments(
          try #require(Timestamp("2026-11-30T08:00:00Z")),
          until: try #require(Timestamp("2026-11-30T20:00:00Z"))
        )
    )
    #expect(found[2].span == .yearly(MonthDay(month: 1, day: 1), through: MonthDay(month: 1, day: 1)))
  }

  @Test(
    arguments: [
      ("2026-02-30 no day", 1), ("2026-12-25\nChristmas", 2), ("2026-12-25 to 2026-12-24", 1),
      ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261130T080000\nEND:VEVENT", 3),
      ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261130\nRRULE:FREQ=WEEKLY\nEND:VEVENT", 4),
      ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT", 2),
    ]
  )
  func whatIsNotUnderstoodIsNotPassedOver(text: String, line: Int) {
    let problem = #expect(throws: HolidayCalendar.Problem.self) { try HolidayCalendar.read(text) }
    #expect(problem?.line == line)
  }

  @Test func blackoutsOfTheConfigurationAreRead() throws {
    func findings(_ blackout: String) -> [Diagnostic] {
      let text = """
        gitops: { repository: /r, file: "{environment}/{service}.yaml", tag: tag }
        environments: { production: { namespace: p, protected: true } }
        services: { api: { tag: "v{version}" } }
        policy: { blackouts: [\(blackout)] }
        """
      return FleetConfiguration.load(SourceText(name: "slipway.yaml", text: text)).1
    }
    #expect(findings("{ from: 2026-12-20, to: 2027-01-03, reason: year }").isEmpty)
    #expect(findings("{ from: 12-20, to: 01-03, reason: year }").isEmpty)
    #expect(findings("{ from: 12-20, to: 2027-01-03, reason: year }").count == 1)
    #expect(findings("{ from: 2026-13-20, to: 2027-01-03, reason: year }").count == 1)
    #expect(findings("{ from: 2027-01-03, to: 2026-12-20, reason: year }").count == 1)
    #expect(findings("{ from: 2026-12-20, to: 2027-01-03 }").count == 1)
  }
}
