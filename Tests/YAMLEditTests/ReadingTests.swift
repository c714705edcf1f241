import Testing

@testable import YAMLEdit

func document(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLDocument {
  try YAMLDocument(bytes: Array(text.utf8), limits: limits)
}

/// The reason an action is refused for; nil when it is not.
func reason<Result>(_ action: () throws(YAMLError) -> Result) -> YAMLError.Reason? {
  do throws(YAMLError) {
    _ = try action()
    return nil
  } catch {
    return error.reason
  }
}

@Suite struct ReadingTests {
  @Test func nodesStandWhereTheyAreWritten() throws {
    let text = "# head 😀\r\nservice: # note\r\n  chartTag: &t !!str api-v1 # 😀\r\n  \"é\": [a, 'b']\r\nempty:\r\n"
    let document = try document(text)
    let bytes = Array(text.utf8)
    func content(_ path: String) throws -> String {
      String(decoding: bytes[try document.node(at: YAMLPath(path)).contentSpan], as: UTF8.self)
    }
    func whole(_ path: String) throws -> String {
      String(decoding: bytes[try document.node(at: YAMLPath(path)).span], as: UTF8.self)
    }
    #expect(try content("service.chartTag") == "api-v1")
    #expect(try whole("service.chartTag") == "&t !!str api-v1")
    #expect(try content("service.é[1]") == "'b'")
    #expect(try whole("service.é") == "[a, 'b']")
    #expect(try whole("service") == "chartTag: &t !!str api-v1 # 😀\r\n  \"é\": [a, 'b']")
    #expect(try content("empty") == "")
    let tag = try document.node(at: YAMLPath("service.chartTag"))
    #expect(tag.place.line == 3 && tag.place.column == 13)
    #expect(tag.tag == "tag:yaml.org,2002:str" && tag.anchor == "t" && tag.text == "api-v1")
    let second = try document.node(at: YAMLPath("service.é[1]"))
    #expect(second.place.line == 4 && second.place.column == 12)
    #expect(try document.node(at: YAMLPath("empty")).isNull)
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func linesAndByteOrderMark(_ lineEnd: String) throws {
    let text = "\u{FEFF}a: 1" + lineEnd + "b: 2" + lineEnd + "---" + lineEnd + "c: 3"
    let document = try document(text)
    #expect(document.roots.count == 2)
    #expect(document.root?.place == YAMLPlace(offset: 3, line: 1, column: 1))
    #expect(try document.node(at: YAMLPath("b")).place.line == 2)
    #expect(try document.node(at: YAMLPath("c"), inDocument: 1).place.line == 4)
    #expect(try document.text(at: YAMLPath("c"), inDocument: 1) == "3")
  }

  @Test func editorsLinesNotLibYAMLs() throws {
    let document = try document("a: \"x\u{2028}y\u{85}z\"\nb: 1\n")
    #expect(try document.node(at: YAMLPath("b")).place.line == 2)
  }

  @Test(arguments: ["", "\n", "# only a comment\n", "\u{FEFF}"])
  func nothingInIt(_ text: String) throws {
    let document = try document(text)
    #expect(document.root == nil && document.roots.isEmpty && document.leaves().isEmpty)
    #expect(reason { () throws(YAMLError) in try document.node(at: .root) } == .noSuchDocument(0))
  }

  @Test func stylesAreTold() throws {
    let document = try document("- a\n- 'b'\n- \"c\"\n- |\n  d\n- >\n  e\n- {f: g}\n- &h [i]\n- *h\n")
    let elements = try #require(document.root?.elements)
    let styles = elements.compactMap { node -> YAMLScalarStyle? in
      if case .scalar(_, let style) = node.content { style } else { nil }
    }
    #expect(styles == [.plain, .singleQuoted, .doubleQuoted, .literal, .folded])
    #expect(
      elements.map(\.kindName) == [
        "a string", "a string", "a string", "a string", "a string", "a mapping", "a sequence", "an alias",
      ]
    )
  }

  @Test func duplicatesAreReported() throws {
    let document = try document("a: 1\nb: {c: 1, c: 2}\na: 3\n---\na: 4\n'a': 5\n")
    #expect(document.duplicates.map(\.key) == ["c", "a", "a"])
    #expect(document.duplicates.map(\.document) == [0, 0, 1])
    #expect(document.duplicates.map(\.first.line) == [2, 1, 5])
    #expect(document.duplicates.map(\.repeated.line) == [2, 3, 6])
  }

  @Test func charactersAreComparedByTheirBytes() throws {
    let document = try document("\u{E9}: composed\ne\u{301}: decomposed\n")
    #expect(document.duplicates.isEmpty)
    #expect(try document.text(at: YAMLPath([.key("e\u{301}")])) == "decomposed")
    #expect(Set(document.leaves().map(\.path)).count == 2)
  }

  @Test func billionLaughsAreHarmless() throws {
    var text = "a0: &a0 [lol]\n"
    for level in 1...60 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",") + "]\n"
    }
    let document = try document(text)
    #expect(document.leaves().count == 601)
    #expect(document.scalars().count == 1)
  }

  @Test func limitsHold() {
    #expect(reason { () throws(YAMLError) in try document("abc", limits: .init(bytes: 2)) } == .tooLarge(limitBytes: 2))
    #expect(
      reason { () throws(YAMLError) in try document("[a, b]", limits: .init(nodes: 2)) } == .tooManyNodes(limit: 2)
    )
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(reason { () throws(YAMLError) in try document(deep) } == nil)
    #expect(reason { () throws(YAMLError) in try document("[" + deep + "]") } == .tooDeep(limit: 64))
    let open = String(repeating: "[", count: 1_000_000)
    #expect(reason { () throws(YAMLError) in try document(open) } == .tooDeep(limit: 64))
    let many = String(repeating: "- a\n", count: 200_000)
    #expect(reason { () throws(YAMLError) in try document(many) } == .tooManyNodes(limit: 200_000))
  }

  @Test(arguments: [
    (Array("a: é\nb: ".utf8) + [0xFF], YAMLError.Reason.invalidUTF8, 9, 2, 4),
    ([0x61, 0xC0, 0x80], .invalidUTF8, 1, 1, 2),
    ([0xED, 0xA0, 0x80], .invalidUTF8, 0, 1, 1),
    ([0xF0, 0x9F, 0x98], .invalidUTF8, 0, 1, 1),
    ([0xFF, 0xFE, 0x61, 0x00], .invalidUTF8, 0, 1, 1),
    (Array("a: *nobody".utf8), .undefinedAlias("nobody"), 3, 1, 4),
    (Array("a: [1\n".utf8), .syntax, 6, 2, 1),
    (Array("\u{FEFF}é: \u{1B}[31m".utf8), .syntax, 7, 1, 4),
    (Array("a:\n\t- b".utf8), .syntax, 3, 2, 1),
    (Array("a: &x b\n---\nc: *x\n".utf8), .undefinedAlias("x"), 15, 3, 4),
  ])
  func errorsHaveTheirPlace(
    _ bytes: [UInt8],
    _ reason: YAMLError.Reason,
    _ offset: Int,
    _ line: Int,
    _ column: Int
  ) throws {
    let error = try #require(throws: YAMLError.self) { try YAMLDocument(bytes: bytes) }
    #expect(error.reason == reason)
    #expect(error.place == YAMLPlace(offset: offset, line: line, column: column))
    #expect(!error.message.isEmpty)
    #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }

  @Test func messagesEscapeWhatTheFileSays() throws {
    let document = try document("\"\\e[31m\": {}\n")
    let error = try #require(throws: YAMLError.self) {
      try document.node(at: YAMLPath([.key("\u{1B}[31m"), .key("x\u{202E}")]))
    }
    #expect(error.message == "`\"\\u{1b}[31m\"` has no key `x\\u{202e}`")
  }

  @Test func leavesAreFoundAgain() throws {
    let document = try document("a: {b: [1, {}], b: 2}\n? [x]\n: c\n\"d.e\": *f\n".replacingAlias())
    let leaves = document.leaves()
    #expect(leaves.map(\.path.description) == ["f", "a[#0][0]", "a[#0][1]", "a[#1]", "[#2]", "\"d.e\""])
    for leaf in leaves {
      #expect(try document.node(at: leaf.path).span == leaf.node.span)
      #expect(try document.node(at: YAMLPath(leaf.path.description)).span == leaf.node.span)
    }
    #expect(document.scalars().map(\.node.text) == ["1", "1", "2", "c"])
  }
}

extension String {
  fileprivate func replacingAlias() -> String { "f: &f 1\n" + self }
}
