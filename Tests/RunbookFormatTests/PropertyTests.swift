import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax
import Testing

/// What holds for the layout of every right runbook.
@Suite struct PropertyTests {
  /// The tree without places, the comments, and the layout laid out again.
  private static func check(_ text: String, _ comment: Testing.Comment, _ location: SourceLocation = #_sourceLocation) {
    let source = SourceText(name: "before", text: text)
    let (file, findings) = parse(source)
    guard findings.isEmpty else {
      Issue.record("wrong runbook: \(text)", sourceLocation: location)
      return
    }
    let result = SourceText(name: "after", text: format(file, source: source))
    let after = parse(result)
    let shown: Testing.Comment = "\(comment)\n\(text)\n--- became\n\(result.text(result.span))"
    #expect(after.diagnostics.isEmpty, shown, sourceLocation: location)
    #expect(
      Self.words(TreeDump(file, in: source)) == Self.words(TreeDump(after.file, in: result)),
      shown,
      sourceLocation: location
    )
    #expect(comments(source) == comments(result), shown, sourceLocation: location)
    #expect(format(after.file, source: result) == result.text(result.span), shown, sourceLocation: location)
    checkLines(result, shown, location)
  }

  /// The dump shows some words as they are written, with the blanks between them.
  private static func words(_ dump: TreeDump) -> [Substring] { dump.description.split(whereSeparator: \.isWhitespace) }

  private static func comments(_ source: SourceText) -> [String] {
    tokens(of: source).filter { $0.kind == .comment }.map { token in
      var text = source.text(token.span)
      while let last = text.unicodeScalars.last, " \t\r".unicodeScalars.contains(last) {
        text.unicodeScalars.removeLast()
      }
      return text
    }
  }

  /// LF, one at the end, at most one blank line, no blanks at an end; what stands in strings is left out.
  private static func checkLines(_ source: SourceText, _ comment: Testing.Comment, _ location: SourceLocation) {
    var bytes = source.bytes
    for token in tokens(of: source) where token.kind == .string || token.kind == .stringBlock {
      for index in token.span.range { bytes[index] = UInt8(ascii: "x") }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(
      !text.contains("\r") && !text.contains("\n\n\n") && !text.contains(" \n"),
      comment,
      sourceLocation: location
    )
    #expect(!text.hasPrefix("\n") && !text.hasSuffix("\n\n"), comment, sourceLocation: location)
    #expect(text.isEmpty || text.hasSuffix("\n"), comment, sourceLocation: location)
  }

  @Test func theCorpusIsThere() {
    #expect(Corpus.texts.count >= 40)
  }

  @Test(arguments: Corpus.texts)
  func everyRightRunbookKeepsItsMeaning(text: String) {
    Self.check(text, "corpus")
  }

  @Test func otherBlanksAndCommentsGiveTheSameMeaning() {
    var tried = 0
    for seed in UInt64(1)...4000 {
      var generator = SeededGenerator(state: seed)
      guard let text = Corpus.texts.randomElement(using: &generator) else { return }
      let other = respaced(text, using: &generator)
      guard Corpus.isRight(other) else { continue }
      tried += 1
      Self.check(other, "seed \(seed)")
    }
    #expect(tried > 1000, "of 4000 only \(tried) were right runbooks")
  }
}
