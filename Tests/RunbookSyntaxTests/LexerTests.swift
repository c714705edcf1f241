import RunbookDiagnostics
import RunbookSyntax
import Testing

/// All tokens of a text, the end of the file left out.
func tokens(_ bytes: [UInt8]) -> [Token] { tokens(of: SourceText(name: "test", bytes: bytes)) }

@Suite struct LexerTests {
  private func kinds(_ text: String) -> [TokenKind] { tokens(Array(text.utf8)).map(\.kind) }

  @Test(
    arguments: [
      ("90s", .duration), ("250ms", .duration), ("1h30m", .duration), ("2d", .duration), ("1d2h3m4s5ms", .duration),
      ("30m1h", .name), ("1m1m", .name), ("1234567890s", .name), ("5ms5m", .name), ("30x", .name),
      ("5M", .malformedWord),
      ("v1.2.2", .version), ("1.2.2-rc.1+b7", .version), ("v0.0.0", .version), ("1.0.0--", .version),
      ("1.2.2+001", .version), ("1.0.0-0a", .version), ("01.2.3", .name), ("1.2.3-01", .name),
      ("1.2.3-", .malformedWord),
      ("1.2.3+", .version), ("v1.2", .name), ("vv1", .name), ("1.2.3.4", .name), ("V1.2.3", .malformedWord),
      ("42", .integer), ("1.2", .decimal), ("0.5%", .percentage), ("5%", .percentage), ("1.", .malformedWord),
      ("18:00", .clockTime), ("24:00", .malformedWord), ("2026-12-24T18:00+00:00", .dateTime),
      ("2026-12-24T18:00:59Z", .dateTime), ("2026-13-24T18:00Z", .malformedWord), ("2026-12-24", .name),
      ("api", .name), ("team.api", .name), ("a-b.c-1", .name), ("4all", .name), ("api-", .malformedWord),
      ("a..b", .malformedWord), ("API", .malformedWord), ("a_b", .malformedWord), ("-x", .malformedWord),
      ("ärger", .malformedWord), ("-", .minus), ("promote", .name),
    ] as [(String, TokenKind)]
  )
  func theLongestRunIsTakenThenClassed(_ text: String, _ kind: TokenKind) throws {
    let first = try #require(tokens(Array(text.utf8)).first)
    #expect(first.kind == kind)
    // Build metadata needs something behind its plus.
    #expect(Int(first.span.end) == (text.hasSuffix("+") ? text.utf8.count - 1 : text.utf8.count))
  }

  @Test func aNameHasNoLabelOver63Characters() {
    #expect(kinds(String(repeating: "a", count: 63) + ".b") == [.name])
    #expect(kinds(String(repeating: "a", count: 64)) == [.malformedWord])
  }

  @Test func punctuationAndLines() {
    #expect(
      kinds("( ) [ ] { } , ; = < <= > >= + # c\r\n\n")
        == [
          .leftParenthesis, .rightParenthesis, .leftBracket, .rightBracket, .leftBrace, .rightBrace, .comma, .semicolon,
          .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .comment, .newline, .newline,
        ]
    )
  }

  @Test func operatorsOfOtherLanguagesAreOneToken() {
    #expect(
      kinds("== != ! && || <> => =< === a==b") == Array(repeating: .foreignOperator, count: 9) + [
        .name, .foreignOperator, .name,
      ]
    )
    #expect(kinds("= < & |") == [.equals, .less, .stray, .stray])
  }

  @Test func stringsEndAtTheirQuotesOrTheirLine() {
    #expect(kinds(#""a \" b" "c""#) == [.string, .string])
    #expect(kinds(#""{version of "api" in staging}" x"#) == [.string, .name])
    #expect(kinds(#""{"{"a"}"}" x"#) == [.string, .name])
    #expect(kinds(#""{{" x"#) == [.string, .name])
    #expect(kinds("\"open\nx") == [.unterminatedString, .newline, .name])
    #expect(kinds("\"open\r\nx") == [.unterminatedString, .newline, .name])
    #expect(kinds("\"open\\") == [.unterminatedString])
    #expect(kinds("\"\" \"\"\"\na \"b\"\n\"\"\" x") == [.string, .stringBlock, .name])
    #expect(kinds("\"\"\"\nopen\n\nx") == [.unterminatedString])
    #expect(kinds("'a' “b” «c» x") == [.wronglyQuoted, .wronglyQuoted, .wronglyQuoted, .name])
  }

  @Test func aCommentEndsInFrontOfItsLineBreak() {
    let found = tokens(Array("a # b\r\n#c".utf8))
    #expect(found.map(\.kind) == [.name, .comment, .newline, .comment])
    #expect(found[1].span == SourceSpan(2..<5))
  }

  @Test func everyKeywordIsFoundByItsBytes() {
    for keyword in Keyword.allCases {
      #expect(tokens(Array(keyword.rawValue.utf8)).map(\.keyword) == [keyword])
      #expect(tokens(Array("\(keyword.rawValue)x".utf8)).map(\.keyword) == [nil])
    }
    #expect(tokens([]).isEmpty)
  }

  @Test func aTokenIsSmall() {
    #expect(MemoryLayout<Token>.size <= 12)
  }

  @Test func aByteOrderMarkMeansNothing() {
    #expect(kinds("\u{FEFF}api") == [.name])
    #expect(parse(SourceText(name: "a", text: "\u{FEFF}validate api\n")).diagnostics.isEmpty)
  }
}
