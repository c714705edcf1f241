import FoundationEssentials
import RunbookDiagnostics
import RunbookSyntax
import Testing

/// The case files beside this one: chunks between lines of `---`, each a text of its own; an error is expected where
/// `### "pattern"` stands on its line. The pattern is a regular expression, or its very text.
struct CaseChunk: Sendable, CustomTestStringConvertible {
  struct Expected: Sendable {
    let line: Int
    let pattern: String
  }

  let file: String
  let firstLine: Int
  let text: String
  let expected: [Expected]

  var testDescription: String { "\(file):\(firstLine)" }

  static let all: [CaseChunk] = load()

  private static func load() -> [CaseChunk] {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/Cases"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return files.filter { $0.hasSuffix(".runbook") }.sorted().flatMap { file -> [CaseChunk] in
      guard let data = FileManager.default.contents(atPath: "\(path)/\(file)") else { return [] }
      return chunks(of: String(decoding: data, as: UTF8.self), file: file)
    }
  }

  private static func chunks(of text: String, file: String) -> [CaseChunk] {
    var chunks: [CaseChunk] = []
    var lines: [String] = []
    var expected: [Expected] = []
    var firstLine = 1
    var number = 0
    for line: Substring in text.split(separator: "\n", omittingEmptySubsequences: false) + ["---"] {
      number += 1
      if line == "---" {
        let text = lines.joined(separator: "\n") + "\n"
        chunks.append(CaseChunk(file: file, firstLine: firstLine, text: text, expected: expected))
        (lines, expected, firstLine) = ([], [], number + 1)
        continue
      }
      var pieces: [Substring] = line.split(separator: "###", omittingEmptySubsequences: false)
      let code: Substring = pieces.removeFirst()
      lines.append(trimmed(code))
      for piece in pieces {
        let pattern = piece.drop { $0 != "\"" }.dropFirst()
        let end = pattern.lastIndex(of: "\"") ?? pattern.endIndex
        expected.append(Expected(line: lines.count, pattern: String(pattern[..<end])))
      }
    }
    return chunks
  }

  private static func trimmed(_ line: Substring) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}

extension CaseChunk.Expected {
  func matches(_ summary: String) -> Bool {
    if summary.contains(pattern) { return true }
    guard let regex = try? Regex(pattern) else { return false }
    return summary.contains(regex)
  }
}

@Suite struct CaseFileTests {
  @Test func thereAreCases() {
    #expect(CaseChunk.all.count > 40)
    #expect(CaseChunk.all.filter { $0.expected.isEmpty }.count >= 5)
  }

  @Test(arguments: CaseChunk.all)
  func errorsStandWhereTheyAreExpected(_ chunk: CaseChunk) {
    let source = SourceText(name: chunk.file, text: chunk.text)
    let diagnostics = parse(source).diagnostics
    let rendered = Testing.Comment(rawValue: TextDiagnosticRenderer().render(diagnostics, in: source))
    #expect(diagnostics.count == chunk.expected.count, rendered)
    for (diagnostic, expected) in zip(diagnostics, chunk.expected) {
      #expect(source.line(at: diagnostic.subject.start) == expected.line, rendered)
      #expect(expected.matches(diagnostic.summary), rendered)
    }
  }

  /// A fix is offered only where it is certain, so the text with all fixes made has no error but those without.
  @Test(arguments: CaseChunk.all)
  func fixesPutTheTextRight(_ chunk: CaseChunk) throws {
    let source = SourceText(name: chunk.file, text: chunk.text)
    let diagnostics = parse(source).diagnostics
    let fixes = diagnostics.compactMap(\.fixes.first)
    let fix = Diagnostic.Fix("all", fixes.flatMap(\.replacements))
    let fixed = SourceText(name: chunk.file, bytes: try #require(fix.applied(to: source)))
    let left = parse(fixed).diagnostics
    #expect(
      left.count == diagnostics.count - fixes.count,
      Testing.Comment(rawValue: TextDiagnosticRenderer().render(left, in: fixed))
    )
  }
}
