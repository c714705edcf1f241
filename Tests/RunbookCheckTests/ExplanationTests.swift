import FleetConfiguration
import FoundationEssentials
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Testing

/// Every page is true: its wrong example gives its finding and no other, its right one none.
@Suite struct ExplanationTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources").path()

  /// The codes that stand in the sources as literals, pages and comments aside.
  private static func codesOfSources() throws -> Set<String> {
    var codes: Set<String> = []
    let rooms = try FileManager.default.contentsOfDirectory(atPath: sources)
    let names = try rooms.flatMap { room in
      try FileManager.default.subpathsOfDirectory(atPath: "\(sources)/\(room)/.").map { "\(sources)/\(room)/\($0)" }
    }
    for name in names where name.hasSuffix(".swift") && !name.contains("/Explanations/") {
      guard let data = FileManager.default.contents(atPath: name) else { continue }
      for match in String(decoding: data, as: UTF8.self).matches(of: /case \w+ = "(SW\d{4})"/) {
        codes.insert(String(match.output.1))
      }
    }
    return codes
  }

  @Test func everyCodeHasAPageAndEveryPageACode() throws {
    let codes = try Self.codesOfSources()
    let pages = Explanation.all.map(\.code)
    #expect(codes.count > 100)
    #expect(Set(pages).count == pages.count)
    #expect(codes.subtracting(pages).sorted() == [])
    #expect(Set(pages).subtracting(codes).sorted() == [])
    #expect(Set(CheckCode.allCases.map(\.rawValue) + SyntaxCode.allCases.map(\.rawValue)).isSubset(of: codes))
  }

  @Test func onlyWhatCannotBeShownHasNoExample() {
    let without = Explanation.all.filter { $0.example == .none }.map(\.code)
    #expect(without == ["SW1013", "SW1021"])
    let bytes = Array("stop \"caf".utf8) + [0xE9] + Array("\"".utf8)
    #expect(parse(SourceText(name: "test", bytes: bytes)).diagnostics.map(\.code) == ["SW1013"])
  }

  @Test(arguments: Explanation.all) func saysWhatIsTrue(page: Explanation) throws {
    switch page.example {
    case .runbook(let wrong, let right):
      let fleet = try CaseFleet.load(Explanation.configuration(with: page.configuration ?? ""))
      let bad = Checked(wrong, fleet: fleet, files: page.files)
      let severities = bad.findings.filter { $0.diagnostic.code == page.code }.map(\.diagnostic.severity)
      let others = bad.findings.filter { $0.diagnostic.code != page.code }
      #expect(Set(severities) == [page.severity], "\(page.code):\n\(bad.rendered)")
      let isAlone = page.severity == .error ? !others.contains(where: \.isError) : others.isEmpty
      #expect(isAlone, "\(page.code):\n\(bad.rendered)")
      let good = Checked(right, fleet: fleet, files: page.files)
      #expect(good.findings.isEmpty && good.result.runbook != nil, "\(page.code), right:\n\(good.rendered)")
    case .configuration(let wrong, let right):
      try configurations(page, Explanation.configuration(with: wrong), Explanation.configuration(with: right))
    case .wholeConfiguration(let wrong, let right): try configurations(page, wrong, right)
    case .none: break
    }
  }

  private func configurations(_ page: Explanation, _ wrong: String, _ right: String) throws {
    let bad = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: wrong))
    let codes = Set(bad.1.filter { page.severity == .warning || $0.severity == .error }.map(\.code))
    #expect(codes == [page.code], "\(page.code): \(bad.1)")
    #expect(bad.1.allSatisfy { $0.code != page.code || $0.severity == page.severity }, "\(page.code)")
    #expect((bad.0 == nil) == (page.severity == .error), "\(page.code)")
    let good = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: right))
    #expect(good.0 != nil && good.1.isEmpty, "\(page.code), right: \(good.1)")
  }

  @Test func pagesAreShown() throws {
    let page = try #require(Explanation.of("SW3001"))
    #expect(page.page.hasPrefix("SW3001  unknown service  (error)\n\n"))
    #expect(page.page.contains("Wrong:\n\n    validate staging apy\n"))
    #expect(page.page.hasSuffix("Right:\n\n    validate staging api\n"))
    #expect(page.listed == "SW3001  error    unknown service\n")
    #expect(page.json.hasPrefix("{\"code\":\"SW3001\",\"severity\":\"error\",\"title\":\"unknown service\","))
    for page in Explanation.all {
      #expect(page.page.split(separator: "\n").allSatisfy { $0.count <= 130 }, "\(page.code)")
      #expect(!page.text.isEmpty && !page.title.hasSuffix("."), "\(page.code)")
    }
    #expect(Explanation.of("SW9999") == nil)
    #expect(Explanation.nearestCode(to: "SW301") != nil)
  }
}
