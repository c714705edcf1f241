import FoundationEssentials
import LiveWorld
import PromotionModel
import Synchronization
import Testing

/// A Prometheus of its own that scrapes, each second, counters of the api in production: of a hundred requests a second one
/// is an error, and with version 1.3.0 `bad` of them.
private struct ScrapedService {
  let address: String
  private final class Said: Sendable {
    let bytes = Mutex<[UInt8]>([])
  }

  private let tasks: [Task<Void, Never>]
  private let prometheus: Task<Void, Never>

  /// Fires when more than one and a half of a hundred requests are errors.
  private static let rules = """
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: sum by (app) (increase(http_errors_total[4s])) / sum by (app) (increase(http_requests_total[4s])) > 0.015
            annotations: { summary: "{{ $labels.app }} fails too often" }
    """

  static func start(_ fleet: RigFleet, bad: Double) async throws -> ScrapedService {
    let state = try #require(Rig.state)
    let said = Said()
    let exporter = Task {
      _ = try? await Rig.programs.run(
        ProgramCall(
          "/usr/bin/python3",
          [
            "\(Rig.root)/Tests/Rig/exporter.py", "\(state)/kubelet.log", "\(fleet.name)-production", "api",
            "api-v1.3.0", "0.01", "\(bad)",
          ],
          timeout: nil,
          tool: "exporter",
          onOutput: { piece in said.bytes.withLock { $0 += piece } }
        )
      )
    }
    func ports() -> [Int] {
      String(decoding: said.bytes.withLock { $0 }, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
        Int($0)
      }
    }
    for _ in 0..<200 where ports().count < 2 { try await SystemClock().sleep(for: .milliseconds(50)) }
    let known = ports()
    try #require(known.count == 2, "the exporter did not start")
    let folder = "\(fleet.folder)/prometheus"
    try FileManager.default.createDirectory(at: URL(filePath: folder), withIntermediateDirectories: true)
    let configuration = """
      global: { scrape_interval: 1s, evaluation_interval: 1s }
      rule_files: ["\(folder)/rules.yml"]
      scrape_configs:
        - job_name: api
          static_configs: [{ targets: ["127.0.0.1:\(known[0])"] }]
      """
    try Data(Self.rules.utf8).write(to: URL(filePath: "\(folder)/rules.yml"))
    try Data(configuration.utf8).write(to: URL(filePath: "\(folder)/prometheus.yml"))
    let prometheus = Task {
      _ = try? await Rig.programs.run(
        ProgramCall(
          "prometheus",
          [
            "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
            "--web.listen-address=127.0.0.1:\(known[1])", "--log.level=error",
          ],
          timeout: nil,
          tool: "prometheus"
        )
      )
    }
    let service = ScrapedService(
      address: "http://127.0.0.1:\(known[1])",
      tasks: [exporter],
      prometheus: prometheus
    )
    try await service.waitForData(of: fleet)
    return service
  }

  /// A window full of samples, as a service that has run for a while has.
  private func waitForData(of fleet: RigFleet) async throws {
    let uri = "\(address)/api/v1/query?query=count_over_time(http_errors_total%5B5s%5D)"
    for _ in 0..<200 {
      let text = try await Rig.run("curl", ["-s", uri], mayFail: true)
      if text.contains("\"5\"]") { return }
      try await SystemClock().sleep(for: .milliseconds(200))
    }
    Issue.record("Prometheus has no data")
  }

  /// Prometheus is gone; what it measured goes on.
  func killPrometheus() async {
    prometheus.cancel()
    await prometheus.value
  }

  func stop() async {
    for task in tasks { task.cancel() }
    await killPrometheus()
    for task in tasks { await task.value }
  }
}

extension OnTheRig {
  private static let watched = """
    validate staging api
    promote api by commit
    monitor MONITOR every 1s
    on failure { rollback promoted }
    """

  /// The fleet's configuration is written before the port of its Prometheus is known, so it goes in afterwards.
  private func configure(_ fleet: RigFleet, _ service: ScrapedService, alertsOnly: Bool) throws {
    let path = fleet.folder + "/slipway.yaml"
    let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    let queries = """

        queries:
          error-rate:
            query: >-
              sum(increase(http_errors_total{app="{service}",kubernetes_namespace="{namespace}"}[{window}]))
              / sum(increase(http_requests_total{app="{service}",kubernetes_namespace="{namespace}"}[{window}]))
            over: 4s
            at-most-times-before: 1.5

      """
    let alerts = "  alerts: { app: \"{service}\" }\n"
    let section = "\nmetrics:\n  address: \"\(service.address)\"\n" + (alertsOnly ? alerts : queries)
    try Data((text + section).utf8).write(to: URL(filePath: path))
  }

  private func run(_ name: String, monitor: String, bad: Double, whenEvidence: Bool, alertsOnly: Bool = false)
    async throws
    -> (RigFleet, SlipwayRun.Outcome, SlipwayRun)
  {
    let fleet = try await RigFleet.create(name)
    let service = try await ScrapedService.start(fleet, bad: bad)
    try configure(fleet, service, alertsOnly: alertsOnly)
    let run = SlipwayRun(fleet)
    async let ending = run.runbook(Self.watched.replacing("MONITOR", with: monitor))
    if whenEvidence {
      _ = try await run.wait { $0.event == "evidence" }
      await service.killPrometheus()
    }
    let outcome = try await ending
    await service.stop()
    return (fleet, outcome, run)
  }

  @Test func releaseWhoseErrorRateDoublesIsRolledBack() async throws {
    let (fleet, outcome, run) = try await run("metrics-doubled", monitor: "30s", bad: 0.02, whenEvidence: false)
    #expect(outcome.status == 3, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "monitor") == "failed")
    #expect(outcome.ending(of: "rollback") == "ok")
    let sign = outcome.events.first { $0.event == "bad-sign" }?.message ?? ""
    #expect(sign.contains("metric \"error-rate\" is 0.0"), "\(sign)")
    #expect(sign.contains("before the promotion: at most 1.5 times that, 3 times running"), "\(sign)")
    #expect(try await fleet.declared("api") == "api-v1.2.2")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
  }

  @Test func prometheusThatDiesInTheMiddleGivesUndetermined() async throws {
    // Nothing is wrong with the release: as long as Prometheus lives there is evidence.
    let (fleet, outcome, run) = try await run("metrics-dead", monitor: "8s", bad: 0.01, whenEvidence: true)
    #expect(outcome.status == 4, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "monitor") == "undetermined")
    let ended = outcome.events.last { $0.event == "step.ended" && $0.verb == "monitor" }?.message ?? ""
    #expect(
      ended.contains("metric \"error-rate\" cannot be told: Prometheus does not answer: connection refused"),
      "\(ended)"
    )
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.3.0")
  }

  @Test func releaseWithTheErrorRateOfBeforeEndsWell() async throws {
    let (_, outcome, run) = try await run("metrics-good", monitor: "6s", bad: 0.01, whenEvidence: false)
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    let ended = outcome.events.last { $0.event == "step.ended" && $0.verb == "monitor" }?.message ?? ""
    #expect(ended.contains("error-rate of api 0.0"), "\(ended)")
  }

  @Test func alertThatBeginsToFireIsRolledBack() async throws {
    let (fleet, outcome, run) = try await run(
      "alerts",
      monitor: "30s",
      bad: 0.03,
      whenEvidence: false,
      alertsOnly: true
    )
    #expect(outcome.status == 3, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    let sign = outcome.events.first { $0.event == "bad-sign" }?.message ?? ""
    #expect(sign.contains("the alert HighErrorRate fires: api fails too often"), "\(sign)")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
  }
}
