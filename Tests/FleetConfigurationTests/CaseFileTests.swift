import FleetConfiguration
import FoundationEssentials
import RunbookDiagnostics
import Testing

/// Configurations whose expected findings stand on the offending line: `### "SW2006 has no key"`. Every finding must be
/// expected on its line, by its code and a part of its summary, and every expectation must be met.
@Suite struct CaseFileTests {
  static let folder = #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/Cases"
  static let files = ["environments", "gitops", "keys", "metrics", "policy", "services", "text"]

  static let defaults = [
    "gitops:": """
    gitops: { repository: "git@example.org:acme/gitops.git", file: "{environment}/{service}.yaml", tag: service.chartTag }
    """,
    "environments:": """
    environments: { staging: { namespace: staging }, production: { namespace: production, protected: true } }
    """,
    "services:": """
    services: { api: { tag: "api-v{version}" } }
    """,
  ]

  @Test(arguments: files) func findsWhatIsExpected(file: String) throws {
    let content = try String(contentsOfFile: "\(Self.folder)/\(file).yaml", encoding: .utf8)
    let chunks = content.split(separator: "---\n")
    #expect(chunks.count >= 3)
    for (index, chunk) in chunks.enumerated() { try check(String(chunk), "\(file).yaml, part \(index + 1)") }
  }

  @Test func everyCaseFileIsRun() throws {
    let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(found.sorted() == Self.files.map { "\($0).yaml" })
  }

  private func check(_ chunk: String, _ name: String) throws {
    var text = chunk
    let lines = chunk.split(separator: "\n", omittingEmptySubsequences: false)
    for (section, filling) in Self.defaults.sorted(by: { $0.key < $1.key })
    where !lines.contains(where: { $0.hasPrefix(section) }) {
      text += filling + "\n"
    }
    let source = SourceText(name: name, text: text)
    let (fleet, findings) = FleetConfiguration.load(source)
    #expect((fleet == nil) == findings.contains { $0.severity == .error }, "\(name)")
    var expected: [(line: Int, text: String)] = []
    for (index, line) in lines.enumerated() {
      guard let mark = line.firstRange(of: "### ") else { continue }
      expected += Self.strings(line[mark.upperBound...]).map { (index + 1, $0) }
    }
    #expect(!expected.isEmpty, "\(name) expects nothing")
    for finding in findings {
      let place = source.position(at: finding.subject.start)
      let shown = "\(finding.code) \(finding.summary)"
      let met = expected.firstIndex { item in
        let parts = item.text.split(separator: " ", maxSplits: 1)
        return item.line == place.line && shown.hasPrefix(parts[0]) && (parts.count < 2 || shown.contains(parts[1]))
      }
      if let met {
        expected.remove(at: met)
      } else {
        Issue.record("\(name):\(place.line):\(place.column): unexpected: \(shown)")
      }
    }
    for item in expected { Issue.record("\(name):\(item.line): not found: \(item.text)") }
  }

  /// The strings in quotes; `\"` is a quote.
  private static func strings(_ text: Substring) -> [String] {
    var result: [String] = []
    var current: String?
    var isEscaped = false
    for character in text {
      if isEscaped {
        current?.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        if let done = current { result.append(done) }
        current = current == nil ? "" : nil
      } else {
        current?.append(character)
      }
    }
    return result
  }
}
