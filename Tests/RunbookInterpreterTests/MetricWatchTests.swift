import PromotionModel
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct MetricWatchTests {
  static let configuration = """
    metrics:
      address: http://prometheus.example:9090
      queries:
        error-rate:
          query: sum(rate(errors_total{app="{service}",namespace="{namespace}"}[{window}]))
          at-most-times-before: 1.5
          tolerate: 0.1%
    """

  private func future(_ text: String = quickRelease, before: Double? = 0.01) -> Future {
    Future(text).configured(Self.configuration).with(.metric("error-rate", api, production, before))
  }

  @Test func errorRateThatDoublesIsTakenBack() throws {
    let told = try future().with(api, .metric("error-rate", 0.02, after: .seconds(300))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.ending(of: "monitor") == .failed)
    #expect(
      told.message.contains(
        "metric \"error-rate\" is 0.02, and it was 0.01 before the promotion: at most 1.5 times that, 3 times running"
      )
    )
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func errorRateAsBeforeIsWell() throws {
    let told = try future().with(api, .metric("error-rate", 0.012, after: .seconds(60))).run()
    #expect(told.ending == .ok, "\(told.story)")
    // The evidence has the numbers, and so has the end.
    #expect(told.values["metric \"error-rate\" of api in production"] == "0.012 (0.01 before)")
    let ended = told.events.last { $0.step?.verb == "monitor" && $0.name == "step.ended" }
    #expect("\(String(describing: ended))".contains("error-rate of api 0.012 (0.01 before)"))
  }

  @Test func metricWithoutDataIsUndeterminedAndNeverHealthy() throws {
    let told = try future().with(api, .metric("error-rate", nil, after: .seconds(60))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.ending(of: "monitor") == .undetermined)
    #expect(told.message.contains("metric \"error-rate\" cannot be told: it has no data"))
    // In ignorance nothing is taken back (rule 5).
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func noAnswerForARoundOnlyStopsTheClock() throws {
    // The first reading is the one before the promotion.
    let faults: [CallFault] = [.fails(.unreachable), .hangs(for: .seconds(60)), .late(by: .seconds(90))]
    for fault in faults {
      let told = try future().with(.call(.metricsRead, occurrence: 20, fault)).run()
      #expect(told.ending == .ok, "\(told.story)")
    }
  }

  @Test func outsideOfItsLimitsOnceIsNoBadSign() throws {
    let short = try future().with(.metric("error-rate", api, production, 0.5), .afterPromotion(.seconds(300)))
      .with(.metric("error-rate", api, production, 0.01), .afterPromotion(.seconds(318))).run()
    #expect(short.ending == .ok, "\(short.story)")
  }

  @Test func withoutATimeBeforeNothingIsCompared() throws {
    let told = try future(before: nil).with(api, .metric("error-rate", 0.01, after: .zero)).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("what it was before is not known"))
    #expect(told.has("warning"))
    // What this run did not promote has no time before: its other limits count.
    let watched = try future("monitor 30m production api").run()
    #expect(watched.ending == .ok, "\(watched.story)")
  }

  @Test func verifyLooksAtMetricsToo() throws {
    let text = "validate staging api; promote api by commit; wait rollout; verify production api"
    let good = try future(text).run()
    #expect(good.ending == .ok, "\(good.story)")
    let bad = try future(text).with(api, .metric("error-rate", 0.02, after: .zero)).run()
    #expect(bad.ending(of: "verify") == .failed, "\(bad.story)")
    let dark = try future(text).with(api, .metric("error-rate", nil, after: .zero)).run()
    #expect(dark.ending(of: "verify") == .undetermined, "\(dark.story)")
  }

  @Test func trafficThatDoesNotComeIsABadSign() throws {
    let told = try Future(quickRelease).configured(
      """
      metrics:
        address: http://prometheus.example:9090
        queries: { requests: { query: "sum(rate(requests_total[{window}]))", at-least: 10, at-least-times-before: 50% } }
      """
    )
    .with(.metric("requests", api, production, 100)).with(api, .metric("requests", 20, after: .zero)).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.message.contains("metric \"requests\" is 20, and it was 100 before the promotion"))
  }

  @Test func resumedMonitorStillKnowsTheTimeBefore() throws {
    let stage = try future().with(api, .metric("error-rate", 0.02, after: .seconds(900))).stage()
    _ = try stage.run(quickRelease, dying: .interrupted(after: .seconds(600)))
    let told = try stage.run(quickRelease)
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.message.contains("it was 0.01 before the promotion"))
  }
}
