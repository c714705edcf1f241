import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import Testing

/// SplitMix64: the same numbers from the same seed.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Whatever the parser makes of a text, the checker ends, and what it says is about that text.
@Suite struct HostileTextTests {
  private static let corpus: [[UInt8]] =
    (try? CheckCases.files().flatMap(CheckCases.chunks).map { Array($0.utf8) }) ?? []

  private func verify(_ bytes: [UInt8], _ fleet: Fleet, _ seed: Testing.Comment) {
    let source = SourceText(name: "test.runbook", bytes: bytes)
    let (tree, syntax) = parse(source)
    let result = check(tree, source: source, fleet: fleet, imports: .stored(ImportTests.files))
    for finding in result.findings {
      let spans = [finding.diagnostic.subject] + finding.diagnostic.notes.map(\.span)
      #expect(spans.allSatisfy(finding.source.span.contains), seed)
      #expect(finding.diagnostic.fixes.allSatisfy { $0.applied(to: finding.source) != nil }, seed)
      #expect(!TextDiagnosticRenderer().render(finding).isEmpty, seed)
      #expect(Explanation.of(finding.diagnostic.code) != nil, seed)
    }
    let isWrong = result.findings.contains(where: \.isError)
    #expect(!isWrong || result.runbook == nil, seed)
    if !isWrong, !syntax.contains(where: { $0.severity == .error }) { #expect(result.runbook != nil, seed) }
    for use in result.names.uses where use.file == nil { #expect(source.span.contains(use.span), seed) }
  }

  @Test func anyBytesAreChecked() throws {
    let fleet = try CaseFleet.load()
    for seed in UInt64(1)...200 {
      var generator = SeededGenerator(state: seed)
      let count = Int.random(in: 0...200, using: &generator)
      verify((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }, fleet, "seed \(seed)")
    }
  }

  @Test func mutatedRunbooksAreChecked() throws {
    let fleet = try CaseFleet.load()
    #expect(Self.corpus.count > 100)
    for seed in UInt64(1)...800 {
      var generator = SeededGenerator(state: seed)
      guard let text = Self.corpus.randomElement(using: &generator) else { return }
      var lines = text.split(separator: 0x0A).map(Array.init)
      for _ in 0..<Int.random(in: 1...4, using: &generator) where lines.count > 0 {
        let index = Int.random(in: lines.indices, using: &generator)
        switch Int.random(in: 0...4, using: &generator) {
        case 0: lines.remove(at: index)
        case 1: lines.swapAt(index, Int.random(in: lines.indices, using: &generator))
        case 2:
          guard let other = Self.corpus.randomElement(using: &generator) else { continue }
          lines.insert(contentsOf: other.split(separator: 0x0A).map(Array.init), at: index)
        case 3:
          var words = lines[index].split(separator: 0x20).map(Array.init)
          guard words.count > 1 else { continue }
          words.swapAt(0, Int.random(in: words.indices, using: &generator))
          lines[index] = Array(words.joined(separator: [0x20]))
        default:
          guard !lines[index].isEmpty else { continue }
          lines[index].remove(at: Int.random(in: lines[index].indices, using: &generator))
        }
      }
      verify(Array(lines.joined(separator: [0x0A])), fleet, "seed \(seed)")
    }
  }

  /// Texts made to be slow or deep: each ends in time that grows with it.
  @Test(arguments: [
    "for s in staging all {\n", "finally {\n", "on failure {\n", "within 1h {\n", "retry 2 times {\n",
    "if true {\n", "for s in staging all { finally {\n",
  ]) func deepBlocksEnd(piece: String) throws {
    let fleet = try CaseFleet.load()
    let depth = 190 / piece.count { $0 == "{" }
    let closing = String(repeating: "}\n", count: depth * piece.count { $0 == "{" })
    let text = String(repeating: piece, count: depth) + "validate staging api\n" + closing
    let elapsed = ContinuousClock().measure { verify(Array(text.utf8), fleet, "deep") }
    #expect(elapsed < .seconds(20))
  }

  @Test(arguments: [
    "validate staging all\n", "promote api\n", "let x = 1\n", "wait (x)\n", "# allow SW3104: no\n", "p()\n",
    "procedure p() { p() }\n", "import \"common.runbook\"\n", "announce \"{[api, web]}\"\n", "stop \"x\"\n",
    "if true { promote api }\n",
  ]) func longTextsEnd(piece: String) throws {
    let fleet = try CaseFleet.load()
    let text = String(repeating: piece, count: 4000)
    let elapsed = ContinuousClock().measure { verify(Array(text.utf8), fleet, "long") }
    #expect(elapsed < .seconds(60))
  }

  @Test func longExpressionsEnd() throws {
    let fleet = try CaseFleet.load()
    let sum = "let x = " + Array(repeating: "1m", count: 20_000).joined(separator: " + ") + "\nwait (x)"
    verify(Array(sum.utf8), fleet, "sum")
    let list = "let x = [" + Array(repeating: "api", count: 20_000).joined(separator: ", ") + "]\nvalidate staging x"
    verify(Array(list.utf8), fleet, "list")
  }

  /// Each wrong name could be compared with each variable.
  @Test func manyUnknownNamesEnd() throws {
    let fleet = try CaseFleet.load()
    let declared = (0..<1500).map { "let x\($0) = \($0 + 1)m\n" }.joined()
    let used = (0..<1500).map { "wait (y\($0))\n" }.joined()
    let elapsed = ContinuousClock().measure { verify(Array((declared + used).utf8), fleet, "names") }
    #expect(elapsed < .seconds(60))
  }

  /// Each procedure calls the next twice: without a limit, more statements than there is time.
  @Test func multiplyingCallsEnd() throws {
    let fleet = try CaseFleet.load()
    let procedures = (0..<40).map { "procedure p\($0)() { p\($0 + 1)(); p\($0 + 1)() }\n" }.joined()
    let checked = Checked(procedures + "procedure p40() { validate staging api }\np0()", fleet: fleet)
    #expect(checked.codes == ["SW3040"])
  }
}
