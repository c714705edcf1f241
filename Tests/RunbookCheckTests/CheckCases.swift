import FleetConfiguration
import FoundationEssentials
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Testing

/// The fleet that the case files speak of: the guide's.
enum CaseFleet {
  static let text = """
    gitops:
      repository: https://git.example.org/acme/cluster-gitops.git
      file: environments/{environment}/services/{service}.yaml
      tag: service.chartTag
    environments:
      staging: { namespace: staging }
      production: { namespace: production, promotes-from: staging, protected: true }
    services:
      api: { tag: "api-v{version}" }
      web: { tag: "web-v{version}" }
      project-management: { tag: "pm-v{version}" }
    pull-request: { repository: acme/cluster-gitops }
    policy: { window: { days: weekdays, from: "18:00", to: "22:00", zone: Europe/London } }
    """

  static func load(_ text: String = CaseFleet.text) throws -> Fleet {
    let (fleet, findings) = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: text))
    #expect(findings.filter { $0.severity == .error }.isEmpty)
    return try #require(fleet)
  }
}

/// A text with everything that is wrong with it.
struct Checked {
  let source: SourceText
  let syntax: [Diagnostic]
  let result: CheckResult

  /// - Parameter files: what can be imported, by path.
  init(_ text: String, named name: String = "test.runbook", fleet: Fleet, files: [String: String] = [:]) {
    source = SourceText(name: name, text: text)
    let (tree, syntax) = parse(source)
    self.syntax = syntax
    result = check(tree, source: source, fleet: fleet, imports: .stored(files))
  }

  var findings: [LocatedDiagnostic] { syntax.map { LocatedDiagnostic($0, in: source) } + result.findings }
  var codes: [String] { findings.map(\.diagnostic.code) }
  var rendered: String { findings.map { TextDiagnosticRenderer().render($0) }.joined() }
}

/// Case files: chunks separated by a line `---`; a finding that is due stands behind `###` on the line that it is about,
/// as a part of its summary in quotes. A chunk without any must check clean.
@Suite struct CheckCases {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases").path()

  static func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".runbook") }.sorted()
  }

  static func chunks(of file: String) throws -> [String] {
    let data = try #require(FileManager.default.contents(atPath: folder + "/" + file))
    return String(decoding: data, as: UTF8.self).split(separator: "\n---\n", omittingEmptySubsequences: true)
      .map(String.init)
  }

  @Test func thereAreCases() throws {
    #expect(try Self.files().count >= 10)
  }

  @Test(arguments: try CheckCases.files()) func findsWhatItMust(file: String) throws {
    let fleet = try CaseFleet.load()
    for (number, chunk) in try Self.chunks(of: file).enumerated() {
      let checked = Checked(chunk, named: "\(file)#\(number + 1)", fleet: fleet, files: ImportTests.files)
      let source = checked.source
      var due = Self.due(chunk)
      for finding in checked.findings {
        let line = finding.source.line(at: finding.diagnostic.subject.start)
        let index = due.firstIndex { $0.line == line && finding.diagnostic.summary.contains($0.text) }
        if let index {
          due.remove(at: index)
        } else {
          Issue.record(
            "\(finding.source.name):\(line): not expected: \(finding.diagnostic.summary) [\(finding.diagnostic.code)]"
          )
        }
      }
      for missing in due { Issue.record("\(source.name):\(missing.line): missing: \(missing.text)") }
      if checked.syntax.isEmpty {
        #expect((checked.result.runbook == nil) == checked.findings.contains(where: \.isError), "\(source.name)")
      }
    }
  }

  private static func due(_ chunk: String) -> [(line: Int, text: String)] {
    chunk.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
      line.split(separator: "###").dropFirst().map { part in
        let quoted = part.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        return (index + 1, quoted.count > 1 ? String(quoted[1]) : "###")
      }
    }
  }
}
