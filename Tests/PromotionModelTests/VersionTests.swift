import FoundationEssentials
import PromotionModel
import Testing

@Suite struct VersionTests {
  /// Section 11 of SemVer 2.0.0, its own examples in order.
  static let precedence = [
    "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
    "1.0.0", "2.0.0", "2.1.0", "2.1.1",
  ]

  @Test func `precedence is SemVer's`() throws {
    let versions = try Self.precedence.map { try #require(Version($0)) }
    for (i, a) in versions.enumerated() {
      for (j, b) in versions.enumerated() {
        #expect((a < b) == (i < j), "\(a) < \(b)")
        #expect((a == b) == (i == j), "\(a) == \(b)")
        #expect(a.hasSamePrecedence(as: b) == (i == j), "\(a), \(b)")
      }
    }
    var shuffler = SeededGenerator(seed: 11)
    #expect(versions.shuffled(using: &shuffler).sorted() == versions)
  }

  @Test func `numbers are compared as numbers, and come before words`() throws {
    let ordered = try [
      "1.0.0-2", "1.0.0-10", "1.0.0--", "1.0.0--0", "1.0.0-0a", "1.0.0-A", "1.0.0-a", "1.0.0", "1.9.0", "1.10.0",
    ]
    .map { try #require(Version($0)) }
    #expect(ordered.reversed().sorted() == ordered)
  }

  @Test func `a hyphen makes an identifier a word`() throws {
    let (word, number) = (try #require(Version("1.0.0--0")), try #require(Version("1.0.0-0")))
    #expect(number < word)
    #expect(!(word < number))
  }

  @Test func `build metadata has no precedence, and still tells versions apart`() throws {
    let (a, b) = (try #require(Version("1.0.0+1")), try #require(Version("1.0.0+2")))
    #expect(a.hasSamePrecedence(as: b))
    #expect(a != b)
    #expect(a < b && !(b < a))
  }

  @Test(arguments: [
    "0.0.0", "1.2.3", "10.45.0", "1.2.3-rc.1+b7", "1.0.0-0A.is.legal", "1.0.0+0.build.01", "1.0.0-x-y-z.--",
    "18446744073709551615.0.0",
  ])
  func `what is SemVer is read, with or without a v, and written back`(text: String) throws {
    let version = try #require(Version(text))
    #expect(version.description == text)
    #expect(Version("v" + text) == version)
    #expect(try JSONDecoder().decode([Version].self, from: JSONEncoder().encode([version])) == [version])
  }

  @Test(arguments: [
    "", "v", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "vv1.2.3", "V1.2.3", "1.2.3-", "1.2.3+", "1.2.3-01",
    "1.2.3-a..b", "1.2.3+a+b", "1.2.3-ü", "1.2.x", "latest", " 1.2.3", "1.2.3 ", "1.2.3\n", "-1.2.3", "1.-2.3",
    "1.2.3-rc_1", "18446744073709551616.0.0", "１.2.3", "1.2.3\u{202E}", "--upload-pack=x",
  ])
  func `what is not SemVer is not read`(text: String) { #expect(Version(text) == nil) }

  @Test func `a tag pattern takes its version out of a tag and puts it in`() throws {
    let pattern = try #require(TagPattern("pm-v{version}"))
    let version = try #require(Version("10.45.0"))
    #expect(pattern.version(ofTag: "pm-v10.45.0") == version)
    #expect(pattern.tag(version) == "pm-v10.45.0")
    for other in [
      "pm-vv10.45.0", "api-v10.45.0", "pm-10.45.0", "pm-v", "pm-vlatest", "latest", "pm-v10.45.0 ", "-pm-v10.45.0",
    ] {
      #expect(pattern.version(ofTag: other) == nil, "\(other)")
    }
  }

  @Test func `a pattern may have text after the version, which must be there too`() throws {
    let pattern = try #require(TagPattern("release/{version}-linux"))
    let version = try #require(Version("1.2.3-rc.1"))
    #expect(pattern.tag(version) == "release/1.2.3-rc.1-linux")
    #expect(pattern.version(ofTag: "release/1.2.3-rc.1-linux") == version)
    #expect(pattern.version(ofTag: "release/1.2.3-rc.1") == nil)
    #expect(try #require(TagPattern("aa{version}aa")).version(ofTag: "aaa") == nil)
  }

  @Test(arguments: ["", "api-v", "{version}{version}", "api-{Version}", "{version", "{version}-{version}"])
  func `a pattern names the version exactly once`(pattern: String) { #expect(TagPattern(pattern) == nil) }
}
