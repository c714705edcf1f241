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
    """

  static func load(_ text: String = CaseFleet.text) throws -> Fleet {
    let (fleet, findings) = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: text))
    #expect(findings.filter { $0.severity == .error }.isEmpty)
    return try #require(fleet)
  }
}

/// Case files: chunks separated by a line `---`; a finding that is due stands behind `###` on the line that it is about,
/// as a part of its summary in quotes. A chunk without any must check clean.
@Suite struct CheckCases {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases").path()

  static func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".runbook") }.sorted()
  }

  @Test func thereAreCases() throws {
    #expect(try Self.files().count >= 3)
  }

  @Test(arguments: try CheckCases.files()) func findsWhatItMust(file: String) throws {
    let data = try #require(FileManager.default.contents(atPath: Self.folder + "/" + file))
    let fleet = try CaseFleet.load()
    let chunks = String(decoding: data, as: UTF8.self).split(separator: "\n---\n", omittingEmptySubsequences: true)
    for (number, chunk) in chunks.enumerated() {
      let source = SourceText(name: "\(file)#\(number + 1)", text: String(chunk))
      let (tree, syntax) = parse(source)
      let (checked, findings) = check(tree, source: source, fleet: fleet)
      var due = Self.due(String(chunk))
      for finding in syntax + findings {
        let line = source.line(at: finding.subject.start)
        let index = due.firstIndex { $0.line == line && finding.summary.contains($0.text) }
        if let index {
          due.remove(at: index)
        } else {
          Issue.record("\(source.name):\(line): not expected: \(finding.summary) [\(finding.code)]")
        }
      }
      for missing in due { Issue.record("\(source.name):\(missing.line): missing: \(missing.text)") }
      let hasError = (syntax + findings).contains { $0.severity == .error }
      #expect((checked == nil) == findings.contains { $0.severity == .error }, "\(source.name)")
      if !hasError { #expect(checked != nil) }
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
