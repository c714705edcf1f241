import Testing

@testable import YAMLEdit

func replaced(_ text: String, _ path: String, _ value: String, inDocument index: Int = 0) throws -> String {
  let bytes = try document(text).replacing(YAMLPath(path), with: value, inDocument: index)
  return String(decoding: bytes, as: UTF8.self)
}

struct Replacement: Sendable, CustomTestStringConvertible {
  let before: String
  let path: String
  let value: String
  let after: String
  var document = 0

  init(_ before: String, _ path: String, _ value: String, _ after: String, document: Int = 0) {
    self.before = before
    self.path = path
    self.value = value
    self.after = after
    self.document = document
  }

  var testDescription: String { "\(before.debugDescription) \(path) ← \(value.debugDescription)" }

  func check() throws {
    let result = try replaced(before, path, value, inDocument: document)
    #expect(Array(result.utf8) == Array(after.utf8), "\(result.debugDescription)")
  }
}

@Suite struct ReplacingTests {
  @Test(arguments: [
    Replacement("a: api-v1", "a", "api-v2", "a: api-v2"),
    Replacement("a: x # note\nb: y\n", "a", "z", "a: z # note\nb: y\n"),
    Replacement("a: x\t# note\r\nb: y\r\n", "a", "zz", "a: zz\t# note\r\nb: y\r\n"),
    Replacement("a: x\rb: y\r", "b", "z", "a: x\rb: z\r"),
    Replacement("\u{FEFF}# 😀\na: x😀 # 😀\nb: '😀'\n", "b", "é", "\u{FEFF}# 😀\na: x😀 # 😀\nb: 'é'\n"),
    Replacement("a:   x   \nb: y", "a", "z", "a:   z   \nb: y"),
    Replacement("a: x\n  y\n  z\nb: y", "a", "w", "a: w\nb: y"),
    Replacement("s:\n  chartTag: api-v1\n", "s.chartTag", "api-v1.2.3", "s:\n  chartTag: api-v1.2.3\n"),
    Replacement("- a\n-   b\n", "[1]", "c", "- a\n-   c\n"),
    Replacement(
      "- n: api\n  t: 'v1'\n- n: web\n  t: v1\n",
      "[n=api].t",
      "v2",
      "- n: api\n  t: 'v2'\n- n: web\n  t: v1\n"
    ),
    Replacement(
      "--- # one\na: x\n...\n--- # two\na: y\n",
      "a",
      "z",
      "--- # one\na: x\n...\n--- # two\na: z\n",
      document: 1
    ),
    Replacement("old", ".", "new", "new"),
    Replacement("--- old\n", ".", "new", "--- new\n"),
    Replacement("? k\n: v\n", "k", "w", "? k\n: w\n"),
  ])
  func plain(_ replacement: Replacement) throws { try replacement.check() }

  @Test(arguments: [
    ("1.10", "\"1.10\""), ("true", "\"true\""), ("null", "\"null\""), ("0x1f", "\"0x1f\""), ("~", "\"~\""),
    ("", "\"\""),
    ("2024-01-02", "\"2024-01-02\""), ("yes", "\"yes\""), ("off", "\"off\""), ("1234567", "\"1234567\""),
    ("a: b", "\"a: b\""), ("a #b", "\"a #b\""), ("a:", "\"a:\""), ("- a", "\"- a\""), ("-a", "-a"), ("#a", "\"#a\""),
    ("*a", "\"*a\""), ("&a", "\"&a\""), ("!a", "\"!a\""), ("%a", "\"%a\""), ("@a", "\"@a\""), ("`a", "\"`a\""),
    ("{a", "\"{a\""), ("a{", "a{"), ("a,b", "a,b"), (" a", "\" a\""), ("a ", "\"a \""), ("a\nb", "\"a\\nb\""),
    ("a\tb", "\"a\\tb\""), ("---", "\"---\""), ("http://x:1/?a=b#c", "http://x:1/?a=b#c"), ("it's", "it's"),
    ("'a", "\"'a\""),
    ("\"a\\", "\"\\\"a\\\\\""), ("é😀", "é😀"), ("\u{2028}", "\"\\u2028\""), ("\u{FEFF}x", "\"\\uFEFFx\""),
    ("<<", "\"<<\""), ("\u{10FFFF}", "\u{10FFFF}"), ("\u{FFFE}", "\"\\uFFFE\""),
  ])
  func plainBecomesQuotedWhereItMust(_ value: String, _ written: String) throws {
    try Replacement("a: old # c\nb: 1\n", "a", value, "a: " + written + " # c\nb: 1\n").check()
  }

  @Test(arguments: [
    Replacement("a: 1", "a", "2", "a: 2"),
    Replacement("a: 1.10", "a", "1.11", "a: 1.11"),
    Replacement("a: 1", "a", "true", "a: \"true\""),
    Replacement("a: true", "a", "false", "a: false"),
    Replacement("a: 1", "a", "v1", "a: v1"),
    Replacement("a: ~", "a", "1", "a: \"1\""),
    Replacement("a: ~", "a", "null", "a: \"null\""),
    Replacement("a: null", "a", "null", "a: null"),
    Replacement("a: !!int 1", "a", "2", "a: !!int 2"),
    Replacement("a: !!str 1", "a", "2", "a: !!str 2"),
    Replacement("a: !Ref 1", "a", "true", "a: !Ref true"),
  ])
  func types(_ replacement: Replacement) throws { try replacement.check() }

  @Test(arguments: [
    Replacement("a: 'x' # c", "a", "it's", "a: 'it''s' # c"),
    Replacement("a: 'x'", "a", "true", "a: 'true'"),
    Replacement("a: 'x'", "a", "", "a: ''"),
    Replacement("a: 'x'", "a", "p\nq", "a: \"p\\nq\""),
    Replacement("a: \"x\" # c", "a", "say \"\\\"", "a: \"say \\\"\\\\\\\"\" # c"),
    Replacement("a: \"x\n  y\"\nb: 1", "a", "z", "a: \"z\"\nb: 1"),
    Replacement("a: {b: x, c: \"y\"}", "a.b", "z", "a: {b: z, c: \"y\"}"),
    Replacement("a: {b: x, c: y }", "a.c", "p,q", "a: {b: x, c: \"p,q\" }"),
    Replacement("[x,y,'z']", "[1]", "w]", "[x,\"w]\",'z']"),
    Replacement("[x,y]", "[1]", "http://h/", "[x,http://h/]"),
    Replacement("{\"a\":\"x\",\"b\":1}", "b", "2", "{\"a\":\"x\",\"b\":2}"),
    Replacement("a: !!str x # c\n", "a", "y", "a: !!str y # c\n"),
    Replacement("a: &n x # c\n", "a", "z", "a: &n z # c\n"),
    Replacement("a: &n !<tag:e.x,2000:t> 'x'\n", "a", "y", "a: &n !<tag:e.x,2000:t> 'y'\n"),
    Replacement("a: &n # c\n  x\nb: 1\n", "a", "z", "a: &n # c\n  z\nb: 1\n"),
    Replacement("[!!str x, &n y]", "[1]", "z", "[!!str x, &n z]"),
  ])
  func quotesFlowAndProperties(_ replacement: Replacement) throws { try replacement.check() }

  @Test(arguments: [
    Replacement("a:\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
    Replacement("a:   # c\r\nb: 1\r\n", "a", "x", "a: x   # c\r\nb: 1\r\n"),
    Replacement("a:", "a", "1.0", "a: \"1.0\""),
    Replacement("b:\n  a:\n", "b.a", "x", "b:\n  a: x\n"),
    Replacement("-\n- y\n", "[0]", "x", "- x\n- y\n"),
    Replacement("a: &n\nb: 1\n", "a", "x", "a: &n x\nb: 1\n"),
    Replacement("a: !!str # c\nb: 1\n", "a", "x", "a: !!str x # c\nb: 1\n"),
    Replacement("{a: , b: 1}", "a", "x", "{a: x, b: 1}"),
    Replacement("{a: }", "a", "x", "{a: x}"),
    Replacement("a:", "a", "", "a:"),
  ])
  func missingValues(_ replacement: Replacement) throws { try replacement.check() }

  @Test func severalAtOnce() throws {
    let document = try document("a: short\nb: [x, 'y']\nc:\n")
    let bytes = try document.replacing([
      (YAMLPath("c"), "1"), (YAMLPath("a"), "much longer than before"), (YAMLPath("b[1]"), "z"),
      (YAMLPath("b[0]"), ","),
    ])
    #expect(String(decoding: bytes, as: UTF8.self) == "a: much longer than before\nb: [\",\", 'z']\nc: \"1\"\n")
    #expect(try document.replacing([]) == document.bytes)
  }

  @Test func pathsAreThoseOfTheFileBeforeTheEdits() throws {
    let document = try document("- {n: a, t: 1}\n- {n: b, t: 1}\n")
    let bytes = try document.replacing([(YAMLPath("[n=a].n"), "c"), (YAMLPath("[n=a].t"), "2")])
    #expect(String(decoding: bytes, as: UTF8.self) == "- {n: c, t: 2}\n- {n: b, t: 1}\n")
  }

  @Test(
    arguments: [
      ("a: &x 1\nb: *x\n", "a", "2", .sharedByAlias("x")),
      ("a: &x {c: 1}\nb: *x\n", "a.c", "2", .sharedByAlias("x")),
      ("a: &x {c: 1}\nb: {<<: *x}\n", "a.c", "2", .sharedByAlias("x")),
      ("a: &x 1\nb: *x\n", "b", "2", .throughAlias("x", step: 1)),
      ("a: &x {c: 1}\nb: *x\n", "b.c", "2", .throughAlias("x", step: 1)),
      ("a: 1\na: 2\n", "a", "3", .duplicateKey("a", step: 0)),
      ("a: 1\na: 2\n", "[#0]", "3", .duplicateKey("a", step: 0)),
      ("a: {b: 1}\na: 2\n", "[#0].b", "3", .duplicateKey("a", step: 0)),
      ("a: {b: 1}\n", "a", "3", .notAScalar),
      ("a: 1\n", "b", "3", .missingKey("b", step: 0)),
      ("a: 1\n", "a", "x\u{0}", .controlCharacter(0)),
      ("a: 1\n", "a", "x\r", .controlCharacter(13)),
      ("a: 1\n", "a", "\u{1B}[31m", .controlCharacter(27)),
      ("a: 1\n", "a", "\u{85}", .controlCharacter(0x85)),
      ("a: !!int 1\n", "a", "x", .contradictsTag("tag:yaml.org,2002:int")),
      ("{a, b}", "a", "x", .unwritable),
    ] as [(String, String, String, YAMLError.Reason)]
  )
  func refusals(_ text: String, _ path: String, _ value: String, _ expected: YAMLError.Reason) throws {
    let document = try document(text)
    let path = try YAMLPath(path)
    #expect(reason { () throws(YAMLError) in try document.replacing(path, with: value) } == expected)
  }

  @Test func oneScalarTwice() throws {
    let document = try document("a: 1\n")
    let edits = [(path: try YAMLPath("a"), text: "2"), (path: try YAMLPath("[#0]"), text: "3")]
    #expect(reason { () throws(YAMLError) in try document.replacing(edits) } == .editedTwice)
  }

  @Test func anAnchorNobodyRefersToIsNoObstacle() throws {
    try Replacement("a: &x 1\n---\na: &x 1\nb: *x\n", "a", "2", "a: &x 2\n---\na: &x 1\nb: *x\n").check()
  }

  @Test func theLimitHoldsForTheResult() throws {
    let document = try document("a: 1\n", limits: YAMLLimits(bytes: 8))
    let path = try YAMLPath("a")
    #expect(
      reason { () throws(YAMLError) in try document.replacing(path, with: "long text") } == .tooLarge(limitBytes: 8)
    )
  }
}
