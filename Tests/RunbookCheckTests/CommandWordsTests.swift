import Testing

@testable import RunbookCheck

@Suite struct CommandWordsTests {
  private static let value = CheckedExpression.Segment.value(CheckedExpression(.runValue(.runID), .string))

  /// Words with `·` for a value.
  private func words(_ segments: [CheckedExpression.Segment]) throws -> [String] {
    try CommandWords.split(segments).get().map { word in
      word.segments.map { segment in
        switch segment {
        case .text(let text): text
        case .value: "·"
        }
      }.joined()
    }
  }

  @Test func splitsAsWritten() throws {
    #expect(try words([.text("npm run smoke")]) == ["npm", "run", "smoke"])
    #expect(try words([.text("  a\t b\nc  ")]) == ["a", "b", "c"])
    #expect(
      try words([.text("echo 'one word' \"and \\\"more\\\"\" it\\'s")]) == ["echo", "one word", "and \"more\"", "it's"]
    )
    #expect(try words([.text("a'b c'd \"\" ''")]) == ["ab cd", "", ""])
    #expect(try words([.text("'a\\b' \"a\\b\" a\\b")]) == ["a\\b", "a\\b", "ab"])
    #expect(try words([.text("$HOME *.txt `id` a|b")]) == ["$HOME", "*.txt", "`id`", "a|b"])
    #expect(try words([.text("")]).isEmpty)
  }

  @Test func neverSplitsValues() throws {
    #expect(
      try words([.text("echo "), Self.value, .text(" --name="), Self.value, Self.value]) == ["echo", "·", "--name=··"]
    )
    #expect(try words([.text("'a "), Self.value, .text(" b'")]) == ["a · b"])
    let split = try CommandWords.split([.text("a "), Self.value]).get()
    #expect(split.last?.segments == [Self.value])
  }

  @Test func findsWhatIsNotClosed() {
    for text in ["'a", "a 'b c", "\"a", "\"a'", "a\\", "'a' \""] {
      #expect(throws: CommandWords.Problem.self, "\(text)") { try CommandWords.split([.text(text)]).get() }
    }
    #expect(throws: CommandWords.Problem.self) { try CommandWords.split([.text("a\\"), Self.value]).get() }
  }
}
