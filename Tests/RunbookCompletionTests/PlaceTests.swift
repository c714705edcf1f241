import RunbookDiagnostics
import Testing

@testable import RunbookCompletion

@Suite("Completion: places")
struct PlaceTests {
  @Test("the word at the place is replaced, in a statement and in an interpolation")
  func replaced() {
    let statement = CompletionPlace(in: SourceText(name: "", text: "promote ap"), at: 10)
    #expect(statement.replaced == 8..<10 && !statement.isDead && statement.around.before.map(\.text) == ["promote"])
    let inside = CompletionPlace(in: SourceText(name: "", text: "fail \"of {ver\""), at: 13)
    #expect(inside.replaced == 10..<13 && inside.isInterpolation)
    #expect(CompletionPlace(in: SourceText(name: "", text: "fail \"of ver\""), at: 12).isDead)
  }
}
