import Testing

@testable import GitOpsLayout

@Suite struct RepositoryPathTests {
  @Test(arguments: ["", "/a", "a//b", "a/", "-a", ":a", "a/../b", ".", "a/.git/b", "a/.GIT", "a\u{7}", "a\u{202E}b"])
  func whatLeadsElsewhereIsAProblem(path: String) { #expect(RepositoryPath.problem(path) != nil) }

  @Test(arguments: ["a", "syrf/environments/production/api/config.yaml", "a-b/c.d_e", ".github/x", "a/.hidden", "ä/ö"])
  func whatStaysInTheTreeIsNone(path: String) { #expect(RepositoryPath.problem(path) == nil) }

  @Test func theLookAtBytesSaysWhatTheRulesSay() {
    var generator = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 0 ... .max, using: &generator)
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let pieces = ["a", "Z", "9", "_", "-", ".", "/", ":", "git", ".git", "..", "\u{0}", "\u{7F}", "é", "\u{200B}", " "]
    for _ in 0..<20_000 {
      let path = (0..<next(8)).map { _ in pieces[next(pieces.count)] }.joined()
      #expect(
        RepositoryPath.problem(path) == RepositoryPath.problemByCharacters(path),
        "seed \(seed): \(path.debugDescription)"
      )
    }
    #expect(RepositoryPath.problem(String(repeating: "a", count: 4097)) == "is too long")
  }
}
