import PromotionModel
import Testing

@testable import LogSearch

/// Error lines that are let pass as long as they are few.
@Suite struct LineAllowanceTests {
  private static func line(_ second: Int, _ text: String) -> String {
    let (minute, rest) = (second / 60, second % 60)
    return "2026-01-05T18:\(minute < 10 ? "0" : "")\(minute):\(rest < 10 ? "0" : "")\(rest)Z \(text)\n"
  }

  private func settled(_ logs: [String], _ allowances: [LineAllowance], _ budget: inout LineBudget) -> ErrorLines {
    let search = LogSearch(words: ["error"], allowances: allowances.map(\.pattern))
    var found = ErrorLines()
    for log in logs { found.merge(search.scan(Array(log.utf8))) }
    found.settle(allowances, &budget)
    return found
  }

  private func settled(_ logs: [String], _ allowances: [LineAllowance]) -> ErrorLines {
    var budget = LineBudget()
    return settled(logs, allowances, &budget)
  }

  private func timeouts(_ count: Int, per seconds: Int64 = 60) throws -> LineAllowance {
    LineAllowance(try LinePattern("timed out"), count: count, per: .seconds(seconds))
  }

  @Test func soManyInEachWindowAreLetPass() throws {
    let log = [0, 10, 20, 61, 62].map { Self.line($0, "error: upstream timed out (\($0))") }.joined()
    // At 62 those of 10, 20 and 61 are within the minute.
    #expect(try settled([log], [timeouts(4)]).count == 0)
    #expect(try settled([log], [timeouts(3)]).count == 1)
    let two = try settled([log], [timeouts(2)])
    // At 20 two were let pass within the minute; at 61 the first of them is past, at 62 only one more is.
    #expect(two.count == 2 && two.tolerated == 3)
    #expect(two.kinds.map(\.count) == [2])
    #expect(two.kinds[0].first == Timestamp("2026-01-05T18:00:20Z"))
    #expect(two.kinds[0].last == Timestamp("2026-01-05T18:01:02Z"))
    #expect(two.times.count == 2)
  }

  @Test func linesOfOtherSortsAreNotLetPass() throws {
    let log = Self.line(0, "error: disk full") + Self.line(1, "error: timed out") + Self.line(2, "timed out, no matter")
    let found = try settled([log], [timeouts(5)])
    #expect(found.count == 1 && found.tolerated == 1)
    #expect(String(decoding: found.kinds[0].example, as: UTF8.self) == "error: disk full")
  }

  @Test func containersOfAServiceShareAnAllowance() throws {
    let (one, other) = (Self.line(0, "error: timed out"), Self.line(30, "error: timed out"))
    #expect(try settled([other, one], [timeouts(1)]).count == 1)
    #expect(try settled([other, one], [timeouts(1, per: 30)]).count == 0)
  }

  @Test func aWatchKeepsWhatItLetPass() throws {
    var budget = LineBudget()
    let allowance = try timeouts(1)
    #expect(settled([Self.line(0, "error: timed out")], [allowance], &budget).count == 0)
    #expect(settled([Self.line(30, "error: timed out")], [allowance], &budget).count == 1)
    #expect(settled([Self.line(61, "error: timed out")], [allowance], &budget).count == 0)
  }

  @Test func theFirstOfSeveralCounts() throws {
    let strict = LineAllowance(try LinePattern("db timed out"), count: 1)
    let log = Self.line(0, "error: db timed out") + Self.line(1, "error: db timed out")
    #expect(try settled([log], [strict, timeouts(9)]).count == 1)
    #expect(try settled([log], [timeouts(9), strict]).count == 0)
  }

  @Test func linesWithoutATimeCountTogether() throws {
    #expect(try settled(["error: timed out\nerror: timed out\n"], [timeouts(1)]).count == 1)
  }

  @Test func nothingIsLostOrCountedTwice() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let count = Int.random(in: 0...60, using: &random)
      let log = (0..<count).map { _ in
        Self.line(
          Int.random(in: 0..<600, using: &random),
          ["error: timed out", "error: other", "all is well"].randomElement(using: &random) ?? ""
        )
      }.joined()
      let plain = LogSearch(words: ["error"]).scan(Array(log.utf8)).count
      let found = try settled([log], [timeouts(Int.random(in: 1...5, using: &random))])
      #expect(found.count + found.tolerated == plain, "seed \(seed)")
      #expect(found.kinds.reduce(0) { $0 + $1.count } == found.count, "seed \(seed)")
    }
  }
}
