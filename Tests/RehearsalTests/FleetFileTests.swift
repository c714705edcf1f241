import PromotionModel
import RunbookDiagnostics
import SimulatedWorld
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
        container: "app",
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
}
