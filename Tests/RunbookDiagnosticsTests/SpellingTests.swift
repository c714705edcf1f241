import RunbookDiagnostics
import Testing

@Suite struct SpellingTests {
  private let services = ["api", "web", "project-management", "docs"]

  @Test(arguments: [
    ("promte", "promote"), ("promoet", "promote"), ("PROMOTE", "promote"), ("rolback", "rollback"), ("wiat", "wait"),
  ])
  func oneSlipIsFound(_ typed: String, _ right: String) {
    #expect(nearest(typed, among: ["validate", "promote", "rollback", "wait"]) == right)
  }

  @Test(arguments: ["", "database", "x", "ap-management-x"])
  func whatIsFarFindsNothing(_ typed: String) {
    #expect(nearest(typed, among: services) == nil)
  }

  @Test func theFirstOfEquallyNearOnesStands() {
    #expect(nearest("bat", among: ["cat", "rat"]) == "cat")
    #expect(nearest("project-managment", among: services) == "project-management")
  }

  @Test func theBeginningOfOneAloneIsThatOne() {
    #expect(nearest("prod", among: ["staging", "production"]) == "production")
    #expect(nearest("Proj", among: services) == "project-management")
    #expect(nearest("prod", among: ["production", "production-eu"]) == nil)
    #expect(nearest("pr", among: ["staging", "production"]) == nil)
  }

  @Test func longWordsEndSoon() {
    #expect(nearest(String(repeating: "a", count: 1_000_000), among: services) == nil)
  }
}
