import RunbookDiagnostics
import RunbookSyntax
import Testing

/// SplitMix64: the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// What holds for every text: spans lie inside of it and of each other, in order; findings draw without harm; every
/// comment of a text without errors is in its tree once.
private func checkInvariants(_ bytes: [UInt8], _ seed: Testing.Comment) {
  let source = SourceText(name: "test", bytes: bytes)
  var end: UInt32 = 0
  for token in tokens(bytes) {
    #expect(token.span.start >= end && !token.span.isEmpty && source.span.contains(token.span), seed)
    end = token.span.end
  }
  let (file, diagnostics) = parse(source)
  for diagnostic in diagnostics {
    let spans = [diagnostic.subject] + diagnostic.notes.map(\.span)
    #expect(spans.allSatisfy(source.span.contains), seed)
    #expect(diagnostic.fixes.allSatisfy { $0.applied(to: source) != nil }, seed)
    #expect(!diagnostic.summary.isEmpty && !TextDiagnosticRenderer().render(diagnostic, in: source).isEmpty, seed)
  }
  checkNesting(TreeDump(file, in: source), within: source.span, seed)
  guard diagnostics.isEmpty else { return }
  let comments = tokens(bytes).filter { $0.kind == .comment }.map(\.span)
  #expect(
    comments.sorted { $0.start < $1.start } == commentSpans(TreeDump(file, in: source)).sorted { $0.start < $1.start },
    seed
  )
}

/// Comments stand outside of their statements.
private func checkNesting(_ node: TreeDump, within outer: SourceSpan, _ seed: Testing.Comment) {
  let span = node.span ?? outer
  #expect(outer.contains(span), seed)
  for child in node.children where child.label != "before" && child.label != "suffix" && child.label != "after" {
    checkNesting(child, within: span, seed)
  }
}

private func commentSpans(_ node: TreeDump) -> [SourceSpan] {
  (node.label == "comment" ? [node.span].compactMap(\.self) : []) + node.children.flatMap(commentSpans)
}

@Suite struct PropertyTests {
  private static let corpus = Corpus.texts

  private static let pieces: [[UInt8]] =
    (Keyword.allCases.map(\.rawValue) + [
      " ", " ", " ", "\n", "\r\n", ";", ",", "{", "}", "(", ")", "\"", "\"\"\"", "\\", "\"a\"", "api", "web", "30m",
      "v1.2.3", "7", "0.5%", "18:00", "#", "{{", "“", "'", "é", "\u{202E}", "-", "_", "+", "=", "<", "on failure {",
      "1.2", "[", "]", "==", "!=", "!", "&&", "<=", ">", "2026-12-24T18:00Z", "\"{version of api in staging}\"", "\"{",
      "}\"",
      "if a {", "} else {", "(a + b)", "elif", "\n)", "[a,\n",
    ]).map { Array($0.utf8) } + [[0xFF], [0xE2, 0x80], [0x00], [0x1B]]

  @Test func anyBytesAreRead() {
    for seed in UInt64(1)...300 {
      var generator = SeededGenerator(state: seed)
      let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      checkInvariants(bytes, "seed \(seed)")
    }
  }

  @Test func anySaladOfWordsIsRead() {
    for seed in UInt64(1)...1500 {
      var generator = SeededGenerator(state: seed)
      let count = Int.random(in: 0...60, using: &generator)
      var bytes: [UInt8] = []
      for _ in 0..<count { bytes += (Self.pieces.randomElement(using: &generator) ?? []) + [0x20] }
      checkInvariants(bytes, "seed \(seed)")
    }
  }

  @Test func everyPrefixIsRead() {
    for text in Self.corpus {
      // Long texts in steps that meet every kind of place.
      for length in stride(from: 0, through: text.count, by: text.count > 3000 ? 7 : 1) {
        checkInvariants(Array(text.prefix(length)), "prefix \(length)")
      }
    }
  }

  @Test func swappedAndDeletedTokensAreRead() {
    for seed in UInt64(1)...300 {
      var generator = SeededGenerator(state: seed)
      guard let text = Self.corpus.randomElement(using: &generator) else { return }
      var parts = tokens(text).map { Array(text[$0.span.range]) }
      for _ in 0..<Int.random(in: 1...6, using: &generator) where parts.count > 1 {
        let index = Int.random(in: parts.indices, using: &generator)
        if Bool.random(using: &generator) {
          parts.remove(at: index)
        } else {
          parts.swapAt(index, Int.random(in: parts.indices, using: &generator))
        }
      }
      checkInvariants(Array(parts.joined(separator: [0x20])), "seed \(seed)")
    }
  }

  /// Texts made to be slow: each ends in time that grows with it.
  @Test(arguments: [
    "{", "}", "\"", "(", "on failure\n", "„", "'", "\\", "a,", "promote ", "\"{", "on failure {", "# c\n", ";",
    "(\n", "if a\n", "if a {} else ", "let a = (\n", "a(", "[a,\n", "not ", "a + ", "} else {", "stop \"{(}\"\n",
    "x = (1\n",
    "else\n", "let a = [\n", "wait for the ", "\"{\"", "version of a in ", "let a = b is\n",
  ])
  func noTextIsSlow(_ piece: String) {
    let bytes = Array(repeating: Array(piece.utf8), count: 100_000 / piece.utf8.count).flatMap(\.self)
    let source = SourceText(name: "slow", bytes: bytes)
    let elapsed = ContinuousClock().measure { _ = parse(source) }
    #expect(elapsed < .seconds(20))
  }
}
