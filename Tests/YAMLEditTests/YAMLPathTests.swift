import Testing

@testable import YAMLEdit

@Suite struct YAMLPathTests {
  @Test(
    arguments: [
      ("service.chartTag", [.key("service"), .key("chartTag")]),
      ("images[name=api].newTag", [.key("images"), .match(key: "name", value: "api"), .key("newTag")]),
      (
        "images[name=ghcr.io/acme/api:1].x",
        [.key("images"), .match(key: "name", value: "ghcr.io/acme/api:1"), .key("x")]
      ),
      ("a[0].b", [.key("a"), .index(0), .key("b")]),
      ("a[0][12]", [.key("a"), .index(0), .index(12)]),
      ("[3]", [.index(3)]),
      ("a.\"b.c\"", [.key("a"), .key("b.c")]),
      ("a[\"b.c\"].d", [.key("a"), .key("b.c"), .key("d")]),
      ("a[\"k]\"=\"v=]\"]", [.key("a"), .match(key: "k]", value: "v=]")]),
      ("a[#2]", [.key("a"), .entry(2)]),
      ("\"\\u{1F600}\\\"\\\\\"", [.key("😀\"\\")]),
      ("0.{service}", [.key("0"), .key("{service}")]),
      ("\"\"", [.key("")]),
      (".", []),
    ] as [(String, [YAMLPath.Step])]
  )
  func texts(_ text: String, _ steps: [YAMLPath.Step]) throws {
    #expect(try YAMLPath(text).steps == steps)
    #expect(try YAMLPath(YAMLPath(steps).description).steps == steps)
  }

  @Test(arguments: [
    ("", 1), ("a.", 3), (".a", 1), ("a..b", 3), ("a b", 2), ("a]", 2), ("a[", 3), ("a[]", 3), ("a[x]", 5), ("a[0", 4),
    ("a[99999999999999999999]", 24), ("a[k=]", 5), ("a[k=v", 6), ("a\"b\"", 2), ("\"a", 3), ("\"\\x\"", 3),
    ("a[0]b", 5),
    ("\"\\u{D800}\"", 9), ("a[#x]", 5), ("a\u{1B}", 2),
  ])
  func malformed(_ text: String, _ column: Int) throws {
    let error = try #require(throws: YAMLError.self) { try YAMLPath(text) }
    #expect(error.reason == .malformedPath)
    #expect(error.place.column == column, "\(error)")
    #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }

  @Test func anyKeyHasAText() throws {
    var random = SplitMix64(seed: 7)
    let pieces = ["a", ".", "[", "]", "\"", "\\", "=", "#", " ", "\n", "\u{0}", "😀", "\u{202E}", "e\u{301}", "0", "{"]
    for _ in 0..<2_000 {
      func word() -> String { (0..<Int.random(in: 0...4, using: &random)).map { _ in random.pick(pieces) }.joined() }
      let steps: [YAMLPath.Step] = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        switch Int.random(in: 0...3, using: &random) {
        case 0: .key(word())
        case 1: .match(key: word(), value: word())
        case 2: .index(Int.random(in: 0...99, using: &random))
        default: .entry(Int.random(in: 0...99, using: &random))
        }
      }
      let path = YAMLPath(steps)
      #expect(try YAMLPath(path.description) == path)
    }
  }

  @Test func whatIsPutInIsNoSyntax() throws {
    let template = try YAMLPath("images[name={service}].newTag")
    let path = template.mapTexts { $0 == "{service}" ? "x].y[0" : $0 }
    #expect(path.steps == [.key("images"), .match(key: "name", value: "x].y[0"), .key("newTag")])
    #expect(path.description == "images[name=\"x].y[0\"].newTag")
  }

  @Test(
    arguments: [
      ("a.b", .missingKey("b", step: 1)),
      ("x", .missingKey("x", step: 0)),
      ("list[3]", .missingIndex(3, step: 1)),
      ("a[#9]", .missingIndex(9, step: 1)),
      ("list[name=c]", .noMatch(step: 1)),
      ("list[name=b]", .matchedTwice(step: 1)),
      ("list.x", .notAMapping(step: 1)),
      ("a[0]", .notASequence(step: 1)),
      ("a.c.d", .notAMapping(step: 2)),
      ("twice.k", .duplicateKey("k", step: 1)),
      ("alias.c", .throughAlias("anchor", step: 1)),
      ("merged.c", .throughMerge("c", step: 1)),
      ("vague[name=a]", .throughAlias("anchor", step: 1)),
      ("inherited[name=a]", .throughMerge("name", step: 1)),
    ] as [(String, YAMLError.Reason)]
  )
  func deadEnds(_ path: String, _ expected: YAMLError.Reason) throws {
    let document = try document(
      """
      a: &anchor {c: 1}
      list: [{name: a}, {name: b}, {name: b}]
      twice: {k: 1, k: 2}
      alias: *anchor
      merged: {<<: *anchor, d: 2}
      vague: [{name: a}, *anchor]
      inherited: [{<<: *anchor}]
      """
    )
    let path = try YAMLPath(path)
    #expect(reason { () throws(YAMLError) in try document.node(at: path) } == expected)
  }

  @Test func scalarsOnly() throws {
    let document = try document("a: &x {b: 1}\nc: *x\n")
    #expect(reason { () throws(YAMLError) in try document.text(at: YAMLPath("a")) } == .notAScalar)
    #expect(reason { () throws(YAMLError) in try document.text(at: YAMLPath("c")) } == .throughAlias("x", step: 1))
    #expect(try document.text(at: YAMLPath("a.b")) == "1")
  }
}
