import FoundationEssentials
import RunbookDiagnostics
import RunbookSyntax
import Testing

/// Right texts that say everything there is to say: the examples and the case files without errors.
enum Corpus {
  static let texts: [[UInt8]] = examples + CaseChunk.all.filter { $0.expected.isEmpty }.map { Array($0.text.utf8) }

  static let examples: [[UInt8]] = {
    let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/examples"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".runbook") }.sorted().compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)").map { Array($0) }
    }
  }()
}

/// One typo, one finding.
@Suite struct RecoveryTests {
  /// What came of one mistake after the other.
  private struct Count {
    var fine = 0
    var one = 0
    var several: [String] = []

    mutating func add(_ bytes: [UInt8], _ what: String) {
      let source = SourceText(name: "typo", bytes: bytes)
      let diagnostics = parse(source).diagnostics
      switch diagnostics.count {
      case 0: fine += 1
      case 1: one += 1
      default: several.append("\(what):\n" + TextDiagnosticRenderer().render(diagnostics, in: source))
      }
    }

    var rate: Double { Double(one) / Double(max(one + several.count, 1)) }

    var report: Testing.Comment {
      "\(one) of \(one + several.count) mistakes give one finding (\(fine) are none)\n\(several.joined(separator: "\n"))"
    }
  }

  private func count(_ mistakes: (_ text: [UInt8], _ token: Token) -> [UInt8]?) -> Count {
    var count = Count()
    for text in Corpus.texts {
      for token in tokens(text) where token.kind != .comment {
        guard let mistaken = mistakes(text, token) else { continue }
        count.add(mistaken, "`\(String(decoding: text[token.span.range], as: UTF8.self))` at \(token.span.start)")
      }
    }
    return count
  }

  @Test func thereAreExamples() {
    #expect(Corpus.examples.count >= 4)
  }

  @Test func aDeletedTokenGivesOneFinding() {
    let count = count { text, token in
      var text = text
      text.removeSubrange(token.span.range)
      return text
    }
    #expect(count.one > 800)
    #expect(count.rate >= 0.95, count.report)
    if !count.several.isEmpty { print(count.report.rawValue) }
  }

  @Test func aTokenTypedTwiceGivesOneFinding() {
    let count = count { text, token in
      var text = text
      text.insert(contentsOf: [0x20] + text[token.span.range], at: Int(token.span.end))
      return text
    }
    #expect(count.one > 800)
    #expect(count.rate >= 0.95, count.report)
    if !count.several.isEmpty { print(count.report.rawValue) }
  }

  /// The first letter of a word typed twice.
  @Test func aMistypedWordGivesOneFinding() {
    let count = count { text, token in
      guard token.kind == .name else { return nil }
      var text = text
      text.insert(text[Int(token.span.start)], at: Int(token.span.start))
      return text
    }
    #expect(count.rate >= 0.99, count.report)
    if !count.several.isEmpty { print(count.report.rawValue) }
  }
}
