import Testing

@testable import RunbookSyntax

@Suite("How deep strings and interpolations lie in each other")
struct StringLevelsTests {
  /// More than a word has bits, twice.
  @Test("what was pushed comes back in turn, however many", arguments: [1, 63, 64, 65, 128, 129, 200])
  func inTurn(count: Int) {
    let pushed = (0..<count).map { $0 % 3 == 0 ? StringLevels.Level.string : .interpolation }
    var levels = StringLevels()
    for level in pushed { levels.push(level) }
    #expect(levels.count == count)
    var popped: [StringLevels.Level] = []
    while let last = levels.last {
      popped.append(last)
      levels.pop()
    }
    #expect(popped == pushed.reversed())
    levels.pop()
    #expect(levels.count == 0)
    levels.push(.interpolation)
    #expect(levels.last == .interpolation)
  }
}
