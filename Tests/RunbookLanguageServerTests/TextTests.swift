import PromotionModel
import Testing

@testable import RunbookLanguageServer

@Suite("Language server: texts and positions")
struct TextTests {
  @Test("columns count UTF-16 units or bytes, and never point into a character")
  func columns() {
    let text = DocumentText("a😀é\r\nz\rq\n")
    #expect(text.lineCount == 4)
    let utf16 = PositionEncoding.utf16
    let utf8 = PositionEncoding.utf8
    for (offset, first, second) in [(0, 0, 0), (1, 1, 1), (5, 3, 5), (7, 4, 7)] {
      #expect(utf16.position(of: offset, in: text) == Position(line: 0, character: first))
      #expect(utf8.position(of: offset, in: text) == Position(line: 0, character: second))
      #expect(utf16.offset(of: Position(line: 0, character: first), in: text) == offset)
      #expect(utf8.offset(of: Position(line: 0, character: second), in: text) == offset)
    }
    #expect(utf16.offset(of: Position(line: 0, character: 2), in: text) == 1)
    #expect(utf8.offset(of: Position(line: 0, character: 3), in: text) == 1)
    #expect(utf16.offset(of: Position(line: 0, character: 99), in: text) == 7)
    #expect(utf16.offset(of: Position(line: 2, character: 1), in: text) == 12)
    #expect(utf16.offset(of: Position(line: 99, character: 0), in: text) == text.bytes.count)
    #expect(utf16.offset(of: Position(line: -1, character: -1), in: text) == text.bytes.count)
  }

  @Test("a text that is changed piece by piece has the lines of one that is read anew", arguments: [1, 2, 3, 4, 5])
  func changes(seed: UInt64) {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let pieces = ["", "a", "\n", "\r", "\r\n", "\n\n", "b\r", "\nc", "é\r\nd"]
    var text = DocumentText("one\r\ntwo\rthree\n")
    for step in 0..<2000 {
      let start = random(text.bytes.count + 1)
      let end = start + random(min(4, text.bytes.count - start) + 1)
      text.replace(start..<end, with: Array(pieces[random(pieces.count)].utf8))
      let fresh = DocumentText(bytes: text.bytes)
      #expect(text.lineCount == fresh.lineCount, "seed \(seed), step \(step)")
      for line in 0..<fresh.lineCount where text.line(line) != fresh.line(line) {
        Issue.record("seed \(seed), step \(step), line \(line)")
      }
      if text.bytes.count > 200 { text = DocumentText("x") }
    }
  }

  @Test("URIs and paths")
  func paths() {
    #expect(DocumentPath.path(ofURI: "file:///a%20b/%C3%A9.runbook") == "/a b/é.runbook")
    #expect(DocumentPath.path(ofURI: "file://localhost/x") == "/x")
    #expect(DocumentPath.path(ofURI: "FILE:///x?y#z") == "/x")
    for uri in ["untitled:1", "file://host/x", "file:///%", "file:///%zz", "file:///%00", "file:///%ff", "file:x"] {
      #expect(DocumentPath.path(ofURI: uri) == nil, "\(uri)")
    }
    #expect(DocumentPath.uri(ofPath: "/a b/é.runbook") == "file:///a%20b/%C3%A9.runbook")
    #expect(DocumentPath.resolved("../x/./y", from: "/a/b") == "/a/x/y")
    #expect(DocumentPath.folder(ofPath: "/x") == "/" && DocumentPath.folder(ofPath: "/a/b") == "/a")
  }
}
