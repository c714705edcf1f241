import RunbookDiagnostics
import Testing

@Suite struct SourceTextTests {
  @Test func linesEndInLFAndCRLF() {
    let source = SourceText(name: "a", text: "one\r\ntwo\n\nthree")
    #expect(source.lineCount == 4)
    #expect((1...4).map { source.text(source.span(ofLine: $0)) } == ["one", "two", "", "three"])
    #expect(source.span(ofLine: 9).isEmpty)
  }

  @Test func columnsCountScalars() {
    let source = SourceText(name: "a", text: "é👍x\ny")
    #expect(source.position(at: 0) == .init(line: 1, column: 1))
    #expect(source.position(at: 2) == .init(line: 1, column: 2))
    #expect(source.position(at: 6) == .init(line: 1, column: 3))
    #expect(source.position(at: 8) == .init(line: 2, column: 1))
    #expect(source.position(at: 9) == .init(line: 2, column: 2))
    #expect(source.position(at: 4000) == .init(line: 2, column: 2))
  }

  @Test func anEmptyTextHasOneLine() {
    let source = SourceText(name: "a", bytes: [])
    #expect(source.lineCount == 1)
    #expect(source.position(at: 0) == .init(line: 1, column: 1))
  }

  @Test(arguments: [
    ([0x61, 0xFF], 1), ([0xC0, 0x80], 0), ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
    ([0x61, 0xE2, 0x82], 1),
    ([0xF0, 0x80, 0x80, 0x80], 0), ([0x80], 0),
  ])
  func whatIsNoUTF8IsFound(_ bytes: [UInt8], _ offset: Int) {
    #expect(SourceText(name: "a", bytes: bytes).invalidUTF8 == SourceSpan(offset..<offset + 1))
  }

  @Test func whatTheLibraryWritesIsUTF8() {
    var text = ""
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 37) {
      if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
    }
    #expect(SourceText(name: "a", text: text).invalidUTF8 == nil)
  }

  @Test func fixesAreAppliedTogetherOrNotAtAll() {
    let source = SourceText(name: "a", text: "rollback api v1.2.2")
    let fix = Diagnostic.Fix(
      "",
      [.init(SourceSpan(13..<13), with: "to "), .init(SourceSpan(9..<12), with: "web")]
    )
    #expect(fix.applied(to: source) == Array("rollback web to v1.2.2".utf8))
    let overlapping = Diagnostic.Fix("", [.init(SourceSpan(0..<5), with: ""), .init(SourceSpan(4..<6), with: "")])
    #expect(overlapping.applied(to: source) == nil)
    #expect(Diagnostic.Fix("", [.init(SourceSpan(0..<500), with: "")]).applied(to: source) == nil)
  }
}
