import FoundationEssentials
import PromotionModel
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0),
    ("1969-12-31T23:59:59Z", -1),
    ("2000-02-29T12:00:00Z", 951_825_600),
    ("2024-02-29T23:59:59Z", 1_709_251_199),
    ("2024-03-01T00:00:00Z", 1_709_251_200),
    ("2026-11-23T22:30:00Z", 1_795_473_000),
    ("1900-03-01T00:00:00Z", -2_203_891_200),
    ("2100-03-01T00:00:00Z", 4_107_542_400),
  ])
  func `a known time is read and written as it stands`(text: String, seconds: Int64) throws {
    let time = try #require(Timestamp(text))
    #expect(time == Timestamp(secondsSinceEpoch: seconds))
    #expect(time.description == text)
  }

  @Test(arguments: [
    ("2026-11-23T23:30:00+01:00", "2026-11-23T22:30:00Z"),
    ("2026-11-23T17:00:00-05:30", "2026-11-23T22:30:00Z"),
    ("2024-02-29T00:15:00+00:30", "2024-02-28T23:45:00Z"),
    ("2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00Z"),
    ("2026-11-23t22:30:00z", "2026-11-23T22:30:00Z"),
    ("2026-11-23 22:30:00Z", "2026-11-23T22:30:00Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ("2026-11-23T22:30:00.5Z", "2026-11-23T22:30:00.500Z"),
    ("2026-11-23T22:30:00.000001Z", "2026-11-23T22:30:00.000001Z"),
    ("2026-11-23T22:30:00.1234567891234Z", "2026-11-23T22:30:00.123456789Z"),
  ])
  func `offsets, fractions and leap seconds of RFC 3339 come down to one form`(text: String, normal: String) throws {
    #expect(try #require(Timestamp(text)).description == normal)
  }

  @Test(arguments: [
    "", "2026", "2026-11-23", "2026-11-23T22:30Z", "2026-11-23T22:30:00", "2026-11-23T22:30:00+0100",
    "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T22:60:00Z",
    "2026-11-23T22:30:61Z", "2026-11-23T22:30:00.Z", "2026-11-23T22:30:00Z ", " 2026-11-23T22:30:00Z",
    "2026-11-23T22:30:00+24:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "٢٠٢٦-11-23T22:30:00Z",
    "+026-11-23T22:30:00Z", "2026-11-23T22:30:00Z\0",
  ])
  func `what is not RFC 3339 is not read`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `random times survive being written and read`() throws {
    let seed: UInt64 = 20_261_123
    var random = SeededGenerator(seed: seed)
    // 1678-01-01 to 2261-12-31, the years that are read.
    let range: ClosedRange<Int64> = -9_214_560_000_000_000_000...9_214_646_399_000_000_000
    for _ in 0..<20_000 {
      var nanoseconds = Int64.random(in: range, using: &random)
      let unit = ([1, 1000, 1_000_000, 1_000_000_000] as [Int64]).randomElement(using: &random) ?? 1
      nanoseconds -= nanoseconds % unit
      let time = Timestamp(nanosecondsSinceEpoch: nanoseconds)
      #expect(Timestamp(time.description) == time, "seed \(seed): \(time)")
      let data = try JSONEncoder().encode([time])
      #expect(try JSONDecoder().decode([Timestamp].self, from: data) == [time], "seed \(seed): \(time)")
    }
  }

  @Test func `the same moment is equal at every offset`() throws {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let time = Timestamp(secondsSinceEpoch: Int64.random(in: 0...4_000_000_000, using: &random))
      let minutes = Int64.random(in: -1439...1439, using: &random)
      let local = (time + .seconds(minutes * 60)).description.dropLast()
      let (hour, minute) = (minutes.magnitude / 60, minutes.magnitude % 60)
      let text = "\(local)\(minutes < 0 ? "-" : "+")\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
      #expect(Timestamp(text) == time, "seed \(seed): \(text)")
    }
  }

  @Test func `the order of texts is the order of times`() throws {
    let early = try #require(Timestamp("1999-12-31T23:59:59.999999999Z"))
    let late = try #require(Timestamp("2000-01-01T00:00:00Z"))
    #expect(early < late)
    #expect(late - early == .nanoseconds(1))
    #expect(early + .nanoseconds(1) == late)
    #expect(late - .nanoseconds(1) == early)
  }

  @Test func `absurd durations end at the end of time, not in a crash`() {
    let now = Timestamp(secondsSinceEpoch: 1_795_473_000)
    let (first, last) = (Timestamp(nanosecondsSinceEpoch: .min), Timestamp(nanosecondsSinceEpoch: .max))
    #expect(now + .seconds(Int64.max) == last)
    #expect(now - .seconds(Int64.max) == first + .nanoseconds(now.nanosecondsSinceEpoch) + .nanoseconds(1))
    #expect(first - .seconds(1) == first)
    #expect(last - .seconds(-1) == last)
    #expect(first + .seconds(-1) == first)
    #expect(last - first == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
    #expect(Timestamp(secondsSinceEpoch: .max) == last)
    #expect(Timestamp(secondsSinceEpoch: .min) == first)
    #expect(first.description == "1677-09-21T00:12:43.145224192Z")
  }

  @Test(arguments: [
    (Duration.zero, "0s"), (.milliseconds(250), "250ms"), (.seconds(90), "1m30s"), (.seconds(5400), "1h30m"),
    (.seconds(2 * 86_400), "2d"), (.seconds(90_061), "1d1h1m1s"), (.seconds(-90), "-1m30s"), (.nanoseconds(10), "0s"),
  ])
  func `durations are written as a runbook writes them`(duration: Duration, text: String) {
    #expect(duration.runbookText == text)
  }
}
