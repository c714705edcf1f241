import Testing

@testable import YAMLEdit

struct Insertion: Sendable, CustomTestStringConvertible {
  let before: String
  let path: String
  let value: String
  let after: String

  init(_ before: String, _ path: String, _ value: String, _ after: String) {
    self.before = before
    self.path = path
    self.value = value
    self.after = after
  }

  var testDescription: String { "\(before.debugDescription) \(path) + \(value.debugDescription)" }
}

@Suite struct InsertingTests {
  @Test(arguments: [
    Insertion("a: 1\n", "envName", "production", "a: 1\nenvName: production\n"),
    Insertion("a: 1", "b", "x", "a: 1\nb: x"),
    Insertion("a: 1 # c\r\n# end\r\n", "b", "x", "a: 1 # c\r\nb: x\r\n# end\r\n"),
    Insertion("a: 1\r", "b", "x", "a: 1\rb: x\r"),
    Insertion("\u{FEFF}a: 😀 # 😀\n", "b", "x", "\u{FEFF}a: 😀 # 😀\nb: x\n"),
    Insertion("a:\n    b: 1\nc: 2\n", "a.d", "x", "a:\n    b: 1\n    d: x\nc: 2\n"),
    Insertion("a:\n  b:\n    - 1\nc: 2\n", "a.d", "x", "a:\n  b:\n    - 1\n  d: x\nc: 2\n"),
    Insertion("a:\n- 1\n- 2\n", "b", "x", "a:\n- 1\n- 2\nb: x\n"),
    Insertion("- n: a\n- n: b\n", "[n=a].t", "x", "- n: a\n  t: x\n- n: b\n"),
    Insertion("a:\n  b: &n\nc: 2\n", "a.d", "x", "a:\n  b: &n\n  d: x\nc: 2\n"),
    Insertion("a:\n  b: |\n    t\n\n\nc: 2\n", "a.d", "x", "a:\n  b: |\n    t\n  d: x\n\n\nc: 2\n"),
    Insertion("a:\n  b: |+\n    t\n\nc: 2\n", "a.d", "x", "a:\n  b: |+\n    t\n\n  d: x\nc: 2\n"),
    Insertion("a: |-\n  t", "b", "x", "a: |-\n  t\nb: x"),
    Insertion("a: \"p\n  q\"\n", "b", "x", "a: \"p\n  q\"\nb: x\n"),
    Insertion("a: 1\n...\n", "b", "x", "a: 1\nb: x\n...\n"),
    Insertion("a: {b: 1}\n", "a.c", "x", "a: {b: 1, c: x}\n"),
    Insertion("a: {}\n", "a.c", "x,y", "a: {c: \"x,y\"}\n"),
    Insertion("a: { b: 1, }\n", "a.c", "x", "a: { b: 1, c: x, }\n"),
    Insertion("a: 1\n", "b", "1.10", "a: 1\nb: \"1.10\"\n"),
    Insertion("a: 1\n", "b", "", "a: 1\nb: \"\"\n"),
    Insertion("a: 1\n", "\"b.c: d\"", "p\nq", "a: 1\n\"b.c: d\": \"p\\nq\"\n"),
    Insertion("a: 1\n", "yes", "x", "a: 1\n\"yes\": x\n"),
  ])
  func afterTheLast(_ insertion: Insertion) throws {
    let path = try YAMLPath(insertion.path)
    let bytes = try document(insertion.before).inserting(path, text: insertion.value)
    #expect(bytes == Array(insertion.after.utf8), "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
    #expect(try document(insertion.before).setting(path, to: insertion.value) == bytes)
    #expect(try YAMLDocument(bytes: bytes).text(at: path) == insertion.value)
  }

  @Test(
    arguments: [
      ("a: 1\n", "a", .keyExists("a")),
      ("a: 1\n", "a.b", .notAMapping(step: 1)),
      ("a:\n", "a.b", .notAMapping(step: 1)),
      ("a: 1\n", "b.c", .missingKey("b", step: 0)),
      ("a: [1]\n", "a[1]", .notAKey),
      ("a: {b: 1,\n  c: 2}\n", "a.d", .unwritable),
      ("a: &x {b: 1}\nc: *x\n", "a.d", .sharedByAlias("x")),
      ("a: &x {b: 1}\nc: *x\n", "c.d", .throughAlias("x", step: 1)),
      ("a: {b: 1}\na: {b: 1}\n", "[#0].c", .duplicateKey("a", step: 0)),
      ("a: |+\n  t", "b", .unwritable),
    ] as [(String, String, YAMLError.Reason)]
  )
  func refusals(_ text: String, _ path: String, _ expected: YAMLError.Reason) throws {
    let document = try document(text)
    let path = try YAMLPath(path)
    #expect(reason { () throws(YAMLError) in try document.inserting(path, text: "x") } == expected)
  }

  @Test func controlCharactersInTheKey() throws {
    let document = try document("a: 1\n")
    #expect(
      reason { () throws(YAMLError) in try document.inserting(YAMLPath([.key("b\r")]), text: "x") }
        == .controlCharacter(13)
    )
  }

  @Test func settingReplacesWhatIsThere() throws {
    #expect(try document("a: 1\n").setting(YAMLPath("a"), to: "2") == Array("a: 2\n".utf8))
    let missing = try document("a: 1\n")
    #expect(
      reason { () throws(YAMLError) in try missing.setting(YAMLPath("b.c"), to: "2") } == .missingKey("b", step: 0)
    )
  }
}
