import PromotionModel
import Testing

@Suite struct MetricTests {
  let production = Environment(name: EnvironmentName("production"), namespace: "prod")

  @Test func placeholdersAreFilledInAndBracesOfPromQLStay() {
    let metric = Metric(
      "errors",
      queries: [production.name: #"sum(rate(e{app="{service}",ns="{namespace}",env=~"{environment}|x{2}"}[{window}]))"#]
    )
    #expect(
      metric.query(service: ServiceName("team.api"), in: production, over: nil)
        == #"sum(rate(e{app="team.api",ns="prod",env=~"production|x{2}"}[300s]))"#
    )
    #expect(
      metric.query(service: ServiceName("a"), in: production, over: .milliseconds(1500))?.hasSuffix("[1500ms]))")
        == true
    )
    let staging = Environment(name: EnvironmentName("staging"), namespace: "s")
    #expect(metric.query(service: ServiceName("a"), in: staging, over: nil) == nil)
  }

  @Test func limitsSayWhatIsWrong() {
    let limits = MetricLimits(atMost: 0.05, atMostTimesBefore: 1.5, tolerated: 0.001)
    #expect(limits.problem(of: 0.06, before: nil) == "0.06, at most 0.05")
    #expect(
      limits.problem(of: 0.02, before: 0.01) == "0.02, and it was 0.01 before the promotion: at most 1.5 times that"
    )
    #expect(limits.problem(of: 0.015, before: 0.01) == nil)
    // Twice next to nothing is next to nothing, and so is anything more than nothing.
    #expect(limits.problem(of: 0.001, before: 0) == nil)
    #expect(limits.problem(of: 0.0011, before: 0) != nil)
    #expect(limits.problem(of: 0.04, before: nil) == nil)
    let traffic = MetricLimits(atLeast: 1, atLeastTimesBefore: 0.5)
    #expect(traffic.problem(of: 0.5, before: 100) == "0.5, at least 1")
    #expect(traffic.problem(of: 49, before: 100) == "49, and it was 100 before the promotion: at least 0.5 times that")
    #expect(traffic.problem(of: 50, before: 100) == nil)
  }

  @Test(arguments: [
    MetricLimits(atMost: 0.05), MetricLimits(atMost: 0), MetricLimits(atMost: -3), MetricLimits(atLeast: 7),
    MetricLimits(atLeast: -7), MetricLimits(atMost: 9, atLeast: 3), MetricLimits(atMostTimesBefore: 1.5),
    MetricLimits(atLeastTimesBefore: 0.5), MetricLimits(atMostTimesBefore: 2, tolerated: 0.01),
    MetricLimits(atMost: 1, atMostTimesBefore: 1, atLeastTimesBefore: 1),
  ])
  func whatARehearsalMeasuresIsWellOrIsNot(limits: MetricLimits) throws {
    #expect(limits.problem(of: limits.usualValue, before: limits.usualValue) == nil)
    let bad = try #require(limits.badValue)
    #expect(limits.problem(of: bad, before: limits.usualValue) != nil)
  }

  @Test(arguments: [
    (0.02134567, "0.02135"), (150, "150"), (0, "0"), (1234.5678, "1235"), (-2.5, "-2.5"), (0.1, "0.1"), (1e20, "1e+20"),
  ])
  func numbersAreShort(value: Double, text: String) { #expect(MetricLimits.text(value) == text) }

  @Test func aServicesOwnMetricStandsInForTheFleets() {
    var api = Service(name: ServiceName("api"), tag: TagPattern(prefix: "api-v"))
    let common = Metric("rate", queries: [production.name: "a"], limits: MetricLimits(atMost: 1))
    let own = Metric("rate", queries: [production.name: "b"], limits: MetricLimits(atMost: 2))
    api.metrics = [own, Metric("rps", queries: [production.name: "c"])]
    var fleet = Fleet(
      repository: RepositorySettings(url: "x", filePattern: "{environment}/{service}", tagPath: "t"),
      environments: [production],
      services: [api, Service(name: ServiceName("web"), tag: TagPattern(prefix: ""))],
      argocd: ArgoCDSettings(),
      pullRequest: nil,
      policy: Policy(),
      metrics: MetricSettings(metrics: [common])
    )
    #expect(fleet.metric("rate", of: api.name) == own)
    #expect(fleet.metric("rate", of: ServiceName("web")) == common)
    #expect(fleet.metricNames == ["rate", "rps"])
    #expect(fleet.watchedMetrics(of: api.name, in: production.name).isEmpty)
    fleet.metrics.sources = [production.name: .address("http://p")]
    #expect(fleet.watchedMetrics(of: api.name, in: production.name) == [own])
  }
}
