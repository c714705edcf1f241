import PromotionModel
import RunLog
import Testing

@testable import RunReport

@Suite("The measures of delivery")
struct DeliveryStatisticsTests {
  private let start = Timestamp(secondsSinceEpoch: 1_795_000_000)
  private let production = EnvironmentName("production")

  private func deployment(
    day: Int64,
    in environment: EnvironmentName? = nil,
    leadHours: [Int64] = [],
    _ fate: Deployment.Fate = .good
  ) throws -> Deployment {
    Deployment(
      run: try #require(RunID("20261123-223000-7f3a")),
      environment: environment ?? production,
      tags: [ServiceName("api"): "v1"],
      reached: start + .seconds(day * 86_400),
      leadTimes: leadHours.map { .seconds($0 * 3600) },
      fate: fate
    )
  }

  private func month(_ deployments: [Deployment]) -> [DeliveryStatistics] {
    DeliveryStatistics.all(deployments, since: start, until: start + .seconds(28 * 86_400))
  }

  @Test("each measure as docs/reports.md defines it")
  func measures() throws {
    let failed = start + .seconds(3 * 86_400)
    let statistics = try #require(
      month([
        try deployment(day: 1, leadHours: [2, 30]), try deployment(day: 2, leadHours: [4]),
        try deployment(day: 3, .failed(at: failed, restored: failed + .seconds(720))),
        try deployment(day: 4, .failed(at: failed, restored: nil)), try deployment(day: 5, .unknown),
        try deployment(day: 40), try deployment(day: -1),
      ]).first
    )
    #expect(
      statistics.json == """
        {"environment":"production","since":"\(start)","until":"\(statistics.until)","deployments":5,\
        "deploymentsPerWeek":1.25,"leadTimeSeconds":14400,"changeFailures":2,"changeFailureRate":0.5,"undetermined":1,\
        "timeToRestoreSeconds":720,"notRestored":1}

        """
    )
    let lines = statistics.text.split(separator: "\n").map(String.init)
    #expect(
      lines[1...] == [
        "  deployments          5, 1.3 a week", "  lead time            median 4 h (of 3), slowest 1 d 6 h",
        "  change failure rate  50.0 % (2 of 4); of 1 it could not be told",
        "  time to restore      median 12 min; 1 not restored yet",
      ]
    )
  }

  @Test("what is not known is left out, not zero")
  func unknown() throws {
    let statistics = try #require(month([try deployment(day: 1, .unknown)]).first)
    for key in ["leadTimeSeconds", "changeFailureRate", "timeToRestoreSeconds"] {
      #expect(!statistics.json.contains(key), "\(key)")
    }
    #expect(statistics.text.contains("change failure rate  not known; of 1 it could not be told"))
    #expect(month([]).isEmpty)
  }

  @Test("an environment's figures are its own; a hostile name stands in them harmlessly")
  func environments() throws {
    let other = EnvironmentName("a\u{1B}[31m")
    let all = month([try deployment(day: 1), try deployment(day: 2, in: other), try deployment(day: 3, in: other)])
    #expect(all.map(\.environment) == [other, production])
    #expect(all[0].text.contains("a\\u{1b}[31m, "))
    #expect(all[0].json.contains("\"deployments\":2"))
  }
}
