import LogSearch
import PromotionModel
import Testing

@testable import RunbookInterpreter

@Suite struct LogScanTests {
  private let scan = LogScan(words: ["error", "Panic"])

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(arguments: [
    ("2026-01-05T18:00:00Z an ERROR here\n", 1), ("2026-01-05T18:00:00Z nothing\n", 0), ("error without a time", 1),
    ("2026-01-05T18:00:00Z PANIC\n2026-01-05T18:00:01Z error error error\n", 2), ("", 0), ("\n\n\n", 0),
    ("2026-01-05T18:00:00Z erro\n2026-01-05T18:00:00Z r\n", 0), ("2026-01-05T18:00:00Z stderrors\r\n", 1),
    ("2026-01-05T18:00:00Z eerror", 1), ("2026-01-05T18:00:00Z errerror", 1), ("err", 0),
  ])
  func linesWithAWordCountOnce(log: String, lines: Int) { #expect(scan.scan(bytes(log)).count == lines) }

  @Test func theTimeInFrontIsNoPartOfTheLine() {
    // A word is sought in what the program wrote, not in the server's time.
    #expect(LogScan(words: ["2026"]).scan(bytes("2026-01-05T18:00:00Z fine\n")).count == 0)
  }

  @Test func linesThatWereCountedBeforeArePassedOver() throws {
    let log = bytes("2026-01-05T18:00:00Z error 1\n2026-01-05T18:00:01.5Z error 2\n2026-01-05T18:00:02Z fine\n")
    let first = scan.scan(log)
    #expect(first.count == 2)
    #expect(first.newest == Timestamp("2026-01-05T18:00:02Z"))
    #expect(first.times.count == 2)
    let again = scan.scan(log, after: Timestamp("2026-01-05T18:00:00Z"))
    #expect(again.count == 1)
    #expect(again.summary == "error 2")
    #expect(scan.scan(log, after: first.newest).count == 0)
  }

  @Test func whatIsShownIsHarmlessAndShort() {
    let hostile = "2026-01-05T18:00:00Z error \u{1B}[2J\u{202E}\u{7}" + String(repeating: "x", count: 500)
    let example = scan.scan(bytes(hostile)).summary
    #expect(example.unicodeScalars.count == 160)
    #expect(example.hasPrefix("error ·[2J··xxx"))
    let broken = scan.scan([0x65, 0x72, 0x72, 0x6F, 0x72, 0x20, 0xFF, 0xFE, 0x0A])
    #expect(broken.count == 1)
    #expect(broken.summary.hasPrefix("error "))
  }

  @Test func noWordsFindNothing() {
    #expect(LogScan(words: []).scan(bytes("error\n")).count == 0)
    #expect(LogScan(words: [""]).scan(bytes("error\n")).count == 0)
  }

  // MARK: Windows

  private func judge(_ rounds: [[Int]], allowing count: Int, baseline: Double = 0) -> [Int] {
    var judge = ProbeJudge(
      allowance: (count, .seconds(60)),
      baseline: [ServiceName("api"): baseline],
      healthFailures: 3
    )
    return rounds.map { seconds in
      let times = seconds.map { Timestamp(secondsSinceEpoch: 1_767_636_000 + Int64($0)) }
      let reading = ProbeReading(errors: times.isEmpty ? [:] : [ServiceName("api"): (times, ErrorLines())])
      return judge.judge(reading, arrived: []).signs.count
    }
  }

  @Test func linesAreCountedInAnyMinuteOfTheirTimes() {
    #expect(judge([[0, 10, 20]], allowing: 2) == [1])
    #expect(judge([[0, 30, 60]], allowing: 2) == [0])
    #expect(judge([[0], [10], [20]], allowing: 2) == [0, 0, 1])
    #expect(judge([[0], [], [70], [80]], allowing: 2) == [0, 0, 0, 0])
    // A burst that is read late is a burst all the same, and so is one that comes out of order.
    #expect(judge([[0, 1, 2, 600, 700, 800]], allowing: 2) == [1])
    #expect(judge([[50], [0, 10]], allowing: 2) == [0, 1])
  }

  @Test func whatWasUsualBeforeIsNoSign() {
    #expect(judge([[0, 10, 20, 30]], allowing: 2, baseline: 4) == [0])
    #expect(judge([[0, 10, 20, 30, 40]], allowing: 2, baseline: 4) == [1])
  }
}
