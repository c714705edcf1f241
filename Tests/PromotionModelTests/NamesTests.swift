import FoundationEssentials
import PromotionModel
import Testing

@Suite struct NamesTests {
  static let hex = String(repeating: "0123456789abcdef", count: 4)

  @Test func `a commit's id is 40 or 64 lower-case digits`() throws {
    for text in [String(Self.hex.prefix(40)), Self.hex] {
      let id = try #require(CommitID(text))
      #expect(id.description == text)
      #expect(id.short == "01234567")
    }
  }

  static let noCommits: [String] = {
    let short = String(hex.prefix(39))
    return ["", "HEAD", "main", "01234567", short, "\(short)ab", "\(short)A", "\(short)g", "\(short)\n", "\(short) "]
      + ["--upload-pack=touch /etc/x\(String(repeating: "a", count: 14))", String(repeating: "é", count: 20)]
  }()

  @Test(arguments: noCommits)
  func `what could be an option or a ref is no commit`(text: String) { #expect(CommitID(text) == nil) }

  @Test(arguments: ["", "docker-pullable://ghcr.io/acme/api@", "ghcr.io:5000/acme/api@"])
  func `a digest is taken out of what a runtime reports`(before: String) throws {
    let digest = try #require(ImageDigest(imageID: before + "sha256:" + Self.hex))
    #expect(digest.text == "sha256:" + Self.hex)
    #expect(digest.short == "sha256:0123456789ab")
    #expect(try JSONDecoder().decode([ImageDigest].self, from: JSONEncoder().encode([digest])) == [digest])
  }

  static let noDigests: [String] = {
    let short = "sha256:\(hex.dropLast())"
    return ["", "sha256:", "api:1.2.3", short, "\(short)00", "\(short)F", "\(short)\u{1B}", "sha512:\(hex)"]
      + ["x@\(short)0@z"]
  }()

  @Test(arguments: noDigests)
  func `an image without a digest has none`(imageID: String) { #expect(ImageDigest(imageID: imageID) == nil) }

  @Test(arguments: ["20261123-223000-7f3a", "a", "0", String(repeating: "a", count: 40)])
  func `a run's name is read`(text: String) { #expect(RunID(text)?.description == text) }

  @Test(arguments: [
    "", "-rf", "--force", "a b", "A", "a/b", "../x", "a.lock", "a\n", "a\0", "ä", "a\u{202E}", "a~1", "a^", "a:b",
    String(repeating: "a", count: 41),
  ])
  func `a run's name can be nothing but a part of a branch's name`(text: String) { #expect(RunID(text) == nil) }

  @Test func `a stored name that is not one is an error, not a name`() {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([RunID].self, from: Data("[\"--force\"]".utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([CommitID].self, from: Data("[\"HEAD\"]".utf8)) }
  }

  @Test func `names are keys of JSON objects`() throws {
    let value: [ServiceName: Int] = [ServiceName("api"): 1]
    let data = try JSONEncoder().encode(value)
    #expect(String(decoding: data, as: UTF8.self) == "{\"api\":1}")
    #expect(try JSONDecoder().decode([ServiceName: Int].self, from: data) == value)
  }
}

@Suite struct ServiceImageTests {
  let plain = Service(name: ServiceName("api"), tag: TagPattern(prefix: "api-v"))
  let placed = Service(
    name: ServiceName("api"),
    tag: TagPattern(prefix: "api-v"),
    imageRepository: "registry:5000/acme/api"
  )
  let spelled = Service(
    name: ServiceName("api"),
    tag: TagPattern(prefix: "api-v"),
    imageRepository: "ghcr.io/acme/api",
    imageTag: TagPattern(prefix: "build-", suffix: "-amd64")
  )

  @Test func `an image is the service's by its tag or its version`() {
    for image in ["ghcr.io/acme/api:api-v1.2.3", "api:1.2.3", "api:v1.2.3", "registry:5000/x/api:1.2.3@sha256:abc"] {
      #expect(plain.isImage(image, atTag: "api-v1.2.3"), "\(image)")
    }
    for image in [
      "api", "api:latest", "registry:5000/api", "api:1.2.4", "api:api-v1.2.30", "api@sha256:abc", "", ":", "@",
    ] {
      #expect(!plain.isImage(image, atTag: "api-v1.2.3"), "\(image)")
    }
  }

  @Test func `a configured repository must fit`() {
    #expect(placed.isImage("registry:5000/acme/api:1.2.3", atTag: "api-v1.2.3"))
    #expect(!placed.isImage("registry:5000/acme/proxy:1.2.3", atTag: "api-v1.2.3"))
    #expect(!placed.isImage("acme/api:1.2.3", atTag: "api-v1.2.3"))
  }

  @Test func `a configured spelling is the only one`() {
    #expect(spelled.isImage("ghcr.io/acme/api:build-1.2.3-amd64", atTag: "api-v1.2.3"))
    #expect(!spelled.isImage("ghcr.io/acme/api:1.2.3", atTag: "api-v1.2.3"))
    #expect(!spelled.isImage("ghcr.io/acme/api:api-v1.2.3", atTag: "api-v1.2.3"))
    #expect(!spelled.isImage("ghcr.io/acme/api:build-1.2.3-amd64", atTag: "latest"))
  }

  @Test func `the tag of an image is the one that the service's file would carry`() {
    #expect(plain.tag(ofImage: "x/api:api-v1.2.3") == "api-v1.2.3")
    #expect(plain.tag(ofImage: "x/envoy:1.2.3") == nil)
    #expect(placed.tag(ofImage: "registry:5000/acme/api:1.2.3@sha256:abc") == "api-v1.2.3")
    #expect(placed.tag(ofImage: "registry:5000/acme/api:latest") == nil)
    #expect(placed.tag(ofImage: "registry:5000/acme/api") == nil)
    #expect(spelled.tag(ofImage: "ghcr.io/acme/api:build-2.0.0-amd64") == "api-v2.0.0")
    #expect(spelled.tag(ofImage: "ghcr.io/acme/api:2.0.0") == nil)
  }
}

@Suite struct EndingTests {
  @Test func `endings are ordered from best to worst`() {
    #expect(Ending.allCases == Ending.allCases.sorted())
    #expect([Ending.ok, .failed, .refused].max() == .failed)
    #expect(Ending.allCases.max() == .interrupted)
  }

  @Test(arguments: [
    (Ending.ok, false, 0), (.suspended, false, 0), (.undetermined, false, 4), (.timedOut, false, 4),
    (.refused, false, 2),
    (.failed, false, 1), (.failed, true, 3), (.undetermined, true, 4), (.timedOut, true, 4), (.interrupted, true, 130),
  ])
  func `the exit status is that of the language`(ending: Ending, takenBack: Bool, status: Int32) {
    #expect(ExitStatus.of(ending, takenBack: takenBack) == status)
  }
}
