import FleetConfiguration
import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import SimulatedWorld
import Synchronization
import Testing

@testable import Rehearsal

@Suite struct FleetFileTests {
  private let staging = EnvironmentName("staging")
  private let api = ServiceName("api")

  private func read(_ text: String) -> (description: FleetDescription?, findings: [Diagnostic]) {
    FleetFile.read(SourceText(name: "fleet.yaml", text: text))
  }

  private static let short = """
    # Two services, written by hand.
    time: 2026-11-26T18:00:00Z
    repository:
      files:
        a/staging.yaml: |
          service:
            chartTag: "api-v1.3.0" # 🚀
    environments:
      staging:
        services:
          api: { running: api-v1.3.0, replicas: 3, sync: OutOfSync, endpoint: 503, healsItself: true }
          web: {}
    """

  @Test func aFileWrittenByHandIsRead() throws {
    let (found, findings) = read(Self.short)
    #expect(findings.isEmpty)
    let description = try #require(found)
    #expect(description.time == Timestamp("2026-11-26T18:00:00Z"))
    #expect(description.repository.files["a/staging.yaml"] == "service:\n  chartTag: \"api-v1.3.0\" # 🚀\n")
    let service = try #require(description.environments[staging]?.services[api])
    #expect(service.running == "api-v1.3.0")
    #expect(service.replicas == 3)
    #expect(service.sync == .outOfSync)
    #expect(service.endpoint == 503)
    #expect(service.healsItself == true)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    var description = try #require(read(Self.short).description)
    description.repository.files["b.yaml"] = "a: \"\\u0001\"\r\nb: \u{1}\u{7F}é\u{2028}\"\\ \t\n"
    description.environments[staging]?.services[api]?.logs = [
      FleetDescription.Log(
        pod: "api-1",
        container: "api",
        isPrevious: false,
        lines: ["T info secret=1", "T ERROR no database", "T terror", "T fine"]
      )
    ]
    let text = try FleetFile.text(description, keepingLinesWith: ["error"])
    let (found, findings) = read(text)
    #expect(findings.isEmpty, "\(findings)")
    // Of logs, only what may count.
    description.environments[staging]?.services[api]?.logs?[0].lines = ["T ERROR no database", "T terror"]
    #expect(found == description)
    #expect(!text.contains("secret"))
  }

  @Test(arguments: [
    ("", "SW2202", 1),
    ("- a\n", "SW2202", 1),
    ("repository: [\n", "SW2201", 2),
    ("repository: { files: {} }\nrepository: { files: {} }\nenvironments: {}\n", "SW2203", 2),
    ("repository: { files: {} }\nenvironments: {}\nreposiory: 1\n", "SW2204", 3),
    ("repository:\n  files: {}\nenvironments:\n  staging:\n    services:\n      api: { runing: x }\n", "SW2204", 6),
    ("environments: {}\n", "SW2205", 1),
    ("repository:\n  files: {}\nenvironments:\n  staging: { services: { api: { replicas: three } } }\n", "SW2205", 4),
    ("repository:\n  files: {}\nenvironments:\n  staging: { services: { api: { sync: synced } } }\n", "SW2205", 4),
    ("repository: &x\n  files: {}\nenvironments: *x\n", "SW2205", 3),
  ])
  func whatIsWrongIsSaidWithItsPlace(text: String, code: String, line: Int) throws {
    let source = SourceText(name: "fleet.yaml", text: text)
    let (found, findings) = FleetFile.read(source)
    #expect(found == nil)
    let finding = try #require(findings.first)
    #expect(finding.code == code, "\(finding)")
    #expect(source.line(at: finding.subject.start) == line, "\(finding)")
  }

  private static let guide = SourceText(name: "slipway.yaml", text: Rehearsal.standardConfiguration)

  /// Findings of a description as a line each, with the configuration of the embedded fleet.
  private func findings(_ text: String) throws -> [String] {
    let source = SourceText(name: "fleet.yaml", text: text)
    let fleet = try #require(FleetConfiguration.load(Self.guide).0)
    let (description, findings) = FleetFile.read(source, for: fleet)
    #expect((description == nil) == findings.contains { $0.severity == .error })
    return findings.map { "\(source.line(at: $0.subject.start)): \($0.code) \($0.summary)" }
  }

  @Test(arguments: [
    ("replicas: -3", "a number of replicas from 0 to 1000 is due"),
    ("replicas: 100000000", "a number of replicas from 0 to 1000 is due"),
    ("endpoint: 99999", "an HTTP status from 100 to 599 is due"),
    ("endpoint: -1", "an HTTP status from 100 to 599 is due"),
    ("running: latest", "`latest` is none of the tags of api: api-v1.2.3 is one"),
    (
      "sync: Sinced",
      "environments.production.services.api.sync: one of these is due: Synced, OutOfSync, Unknown"
    ),
    (
      "health: Bad",
      "environments.production.services.api.health: one of these is due: Healthy, Progressing, Degraded, Suspended, "
        + "Missing, Unknown"
    ),
    ("digest: abc", "environments.production.services.api.digest: `sha256:` and 64 hexadecimal digits are due"),
    (
      "logs: [ { pod: p, container: app, isPrevious: false, lines: [] } ]",
      "the container is named like its service, `api`, where `seen` says nothing else"
    ),
  ])
  func valuesThatCannotBeAreFoundInTheirPlace(entry: String, finding: String) throws {
    let text = "repository:\n  files: {}\nenvironments:\n  production:\n    services:\n      api: { \(entry) }\n"
    #expect(try findings(text) == ["6: SW2205 \(finding)"])
  }

  @Test func namesThatTheConfigurationDoesNotHaveAreFound() throws {
    let text = """
      repository:
        files:
          environments/staging/apu/config.yaml: "x: 1"
        history: { production: { aip: [] } }
        freezes:
        - { environment: prod, until: 2026-11-27T00:00:00Z, reason: x, holder: ada, run: run-1, step: "1" }
      environments:
        stagin: { services: {} }
        staging:
          services:
            apu: {}

      """
    let found = try findings(text)
    #expect(
      found.filter { !$0.contains("SW2206") } == [
        "4: SW2204 the configuration has no service `aip`; did you mean `api`?",
        "6: SW2204 the configuration has no environment `prod`; did you mean `production`?",
        "8: SW2204 the configuration has no environment `stagin`; did you mean `staging`?",
        "11: SW2204 the configuration has no service `apu`; did you mean `api`?",
      ]
    )
    #expect(found.contains("3: SW2206 no service has its file at `environments/staging/apu/config.yaml`"))
  }

  @Test func aLogOfMorePodsThanThereAreIsFound() throws {
    func logs(_ pods: [String], _ more: String = "") throws -> [String] {
      let logs = pods.map { "{ pod: \($0), container: api, isPrevious: false, lines: [] }" }.joined(separator: ", ")
      return try findings(
        "repository: { files: {} }\nenvironments:\n  production:\n    services:\n      api: { logs: [\(logs)]\(more) }\n"
      )
    }
    #expect(try logs(["a", "b", "a"]).isEmpty)
    #expect(try logs(["a", "b", "c"]) == ["5: SW2205 api has 2 pods, and this is the log of one more"])
    #expect(try logs(["a", "b"], ", replicas: 1") == ["5: SW2205 api has 1 pod, and this is the log of one more"])
    let seen = ", seen: { workloads: [], unknownKinds: [], jobs: [] }"
    #expect(try logs(["a"], seen) == ["5: SW2205 there is no pod `a` in `seen`"])
  }

  @Test func aLogWrittenByHandIsRead() throws {
    let fleet = try #require(FleetConfiguration.load(Self.guide).0)
    let tags = ["staging": "api-v1.3.0", "production": "api-v1.2.2"]
    var files: [String: String] = [:]
    for (environment, tag) in tags {
      files[fleet.repository.file(of: api, in: EnvironmentName(environment))] =
        "envName: \(environment)\nservice:\n  enabled: true\n  chartTag: \(tag)\n"
    }
    let written = files.sorted { $0.key < $1.key }.map { path, text in
      "    \(path): |\n" + text.split(separator: "\n").map { "      \($0)\n" }.joined()
    }.joined()
    func text(_ isPrevious: Bool) -> String {
      """
      time: 2026-11-26T18:00:00Z
      repository:
        files:
      \(written)environments:
        staging:
          services:
            api: { logs: [ { pod: p, container: api, isPrevious: \(isPrevious), lines: ["2026-11-26T17:59:00Z ERROR boom"] } ] }

      """
    }
    for isPrevious in [false, true] {
      let source = SourceText(name: "fleet.yaml", text: text(isPrevious))
      let (description, findings) = FleetFile.read(source, for: fleet)
      #expect(findings.isEmpty, "\(findings)")
      let told = try rehearsed("validate staging api", fleet, try #require(description))
      #expect(told.contains("1 error line"), "\(told)")
    }
  }

  /// What a runbook says of a described fleet.
  private func rehearsed(_ text: String, _ fleet: Fleet, _ description: FleetDescription) throws -> String {
    let source = SourceText(name: "test.runbook", text: text)
    let runbook = try #require(check(parse(source).file, source: source, fleet: fleet).runbook)
    let log = Log()
    _ = try Rehearsal(
      runbook: runbook,
      source: source,
      configuration: Self.guide,
      seed: 1,
      log: log,
      start: Rehearsal.Start(description)
    ).run()
    return log.text
  }

  private final class Log: RunLogSink {
    private let findings = Mutex<[String]>([])
    var text: String { findings.withLock { $0.joined(separator: "\n") } }
    func emit(_ event: RunEvent) {
      if case .finding(let finding) = event.body { findings.withLock { $0.append("\(finding)") } }
    }
  }
}
