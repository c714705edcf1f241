import LiveWorld
import PromotionModel
import Testing

@Suite struct GitOpsReadingTests {
  @Test func headNamesTheNewestCommit() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      #expect(try await repository.head().id == fixture.tip())
      let text = "Fix \u{1B}[31mthe\u{1B}[0m docs\n\nSlipway-Run: other\nReviewed-by: A\n"
      let id = try await fixture.push(["docs.md": "x\n"], message: text, author: "Eve \u{1B}]0;x\u{07}Escape")
      let head = try await repository.head()
      #expect(head.id == id)
      #expect(head.subject == "Fix the docs")
      #expect(head.author == "Eve Escape")
      #expect(head.trailers == [Trailer(Trailer.run, "other"), Trailer("Reviewed-by", "A")])
      #expect(head.time == fixture.clock.now() - .seconds(1))
    }
  }

  @Test func declaredTellsWhatEachFileSays() async throws {
    try await GitOpsFixture.with(files: ["apps/production/extra.yaml": "a: 1\n"]) { fixture in
      try await fixture.push(
        ["apps/production/web.yaml": nil, "apps/production/pm.yaml": "service: [\n"],
        message: "Break things"
      )
      let repository = fixture.repository()
      let declared = try await repository.declared(GitOpsFixture.production, at: repository.head().id)
      #expect(declared.services[ServiceName("api")]?.tag == "api-v1.2.0")
      #expect(declared.services[ServiceName("api")]?.version == Version("1.2.0"))
      #expect(declared.services[ServiceName("web")]?.exists == false)
      #expect(declared.services[ServiceName("pm")]?.problem != nil)
      #expect(declared.services[ServiceName("pm")]?.tag == nil)
    }
  }

  @Test func aSymbolicLinkIsNoFile() async throws {
    try await GitOpsFixture.with { fixture in
      let blob = try await fixture.git(
        ["--git-dir=\(fixture.folder)/remote.git", "hash-object", "-w", "--stdin"],
        input: "/etc/passwd"
      )
      try await fixture.git(
        ["--git-dir=\(fixture.folder)/remote.git", "fast-import", "--quiet", "--force"],
        input: """
          commit refs/heads/main
          committer E <e@x> 1795000100 +0000
          data 1
          x
          from refs/heads/main^0
          M 120000 \(blob.prefix(40)) apps/production/api.yaml

          """
      )
      let repository = fixture.repository()
      let head = try await repository.head().id
      let declared = try await repository.declared(GitOpsFixture.production, at: head)
      #expect(declared.services[ServiceName("api")]?.problem?.contains("no regular file") == true)
      await #expect(throws: WorldError.self) { try await repository.plan(fixture.request(["api": "1.3.0"]), at: head) }
    }
  }

  @Test func onlyTheContentsAskedForAreFetched() async throws {
    try await GitOpsFixture.with(files: ["big.bin": String(repeating: "x", count: 100_000)]) { fixture in
      let repository = fixture.repository()
      _ = try await repository.declared(GitOpsFixture.production, at: repository.head().id)
      let objects = try await fixture.git([
        "--git-dir=\(try await fixture.clone())", "cat-file", "--batch-all-objects", "--batch-check",
      ])
      let blobs = objects.split(separator: "\n").filter { $0.contains(" blob ") }
      #expect(blobs.count == 6)  // of 8: the services' in both environments, neither big.bin nor README.md
      #expect(objects.split(separator: "\n").filter { $0.contains(" tree ") }.count >= 4)
      let configuration = try await fixture.git([
        "--git-dir=\(try await fixture.clone())", "config", "--list", "--local",
      ])
      #expect(!configuration.contains("remote."))
    }
  }

  @Test func aServerWithoutFiltersServesToo() async throws {
    try await GitOpsFixture.with { fixture in
      try await fixture.git(["-C", "\(fixture.folder)/remote.git", "config", "uploadpack.allowFilter", "false"])
      let repository = fixture.repository()
      let declared = try await repository.declared(GitOpsFixture.staging, at: repository.head().id)
      #expect(declared.services[ServiceName("web")]?.tag == "web-v1.3.0")
    }
  }

  @Test func manyStoresShareOneCache() async throws {
    try await GitOpsFixture.with { fixture in
      let head = try await fixture.tip()
      try await withThrowingTaskGroup(of: CommitID.self) { group in
        for _ in 0..<6 {
          group.addTask { try await fixture.repository().head().id }
        }
        for try await found in group { #expect(found == head) }
      }
    }
  }

  @Test func containsFollowsTheHistory() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let first = try await repository.head().id
      let second = try await fixture.push(["a": "1\n"], message: "More")
      let side = try await fixture.push(["b": "1\n"], message: "Aside", branch: "side")
      #expect(try await repository.contains(first, in: second))
      #expect(try await !repository.contains(second, in: first))
      #expect(try await !repository.contains(side, in: second))
      #expect(try await repository.contains(first, in: first))
      let nobody = try #require(CommitID(String(repeating: "a", count: 40)))
      await #expect { try await repository.contains(nobody, in: second) } throws: {
        ($0 as? WorldError)?.reason == .notFound
      }
    }
  }

  @Test func historyHasTheChangesOfTags() async throws {
    try await GitOpsFixture.with { fixture in
      func api(_ version: String) -> String { GitOpsFixture.file("api", version) }
      try await fixture.push(["apps/production/api.yaml": api("1.2.1")], message: "One")
      try await fixture.push(["apps/production/api.yaml": api("1.2.1") + "more: 1\n"], message: "No tag")
      try await fixture.push(["apps/production/web.yaml": GitOpsFixture.file("web", "1.2.5")], message: "Web")
      try await fixture.push(["apps/production/api.yaml": nil], message: "Gone")
      try await fixture.push(["apps/production/api.yaml": api("1.2.2")], message: "Back")
      let services = ["api", "web"].map { ServiceName($0) }
      let history = try await fixture.repository().history(of: services, in: GitOpsFixture.production, limit: 10)
      #expect(history[services[0]]?.map(\.tag) == ["api-v1.2.2", nil, "api-v1.2.1", "api-v1.2.0"])
      #expect(history[services[0]]?.map(\.commit.subject) == ["Back", "Gone", "One", "Everything as it is"])
      #expect(history[services[1]]?.map(\.tag) == ["web-v1.2.5", "web-v1.2.0"])
      let newest = try await fixture.repository().history(of: services, in: GitOpsFixture.production, limit: 1)
      #expect(newest[services[0]]?.map(\.tag) == ["api-v1.2.2"])
      #expect(newest[services[1]]?.map(\.tag) == ["web-v1.2.5"])
    }
  }

  @Test func whatIsMissingIsSaid() async throws {
    try await GitOpsFixture.with { fixture in
      func reason(_ change: (inout RepositorySettings) -> Void) async -> WorldError.Reason? {
        var fleet = fixture.fleet
        change(&fleet.repository)
        let repository = GitRepository(
          fleet: fleet,
          cacheDirectory: fixture.cache,
          programs: fixture.programs,
          clock: fixture.clock
        )
        do {
          _ = try await repository.head()
          return nil
        } catch { return (error as? WorldError)?.reason }
      }
      #expect(await reason { $0.branch = "nope" } == .notFound)
      #expect(await reason { $0.url = "file://\(fixture.folder)/none.git" } == .notFound)
      #expect(await reason { $0.url = "--upload-pack=touch /tmp/x" } == .refused)
      #expect(await reason { $0.url = "ext::sh -c true" } != nil)
      #expect(await reason { $0.url = "https://127.0.0.1:9/none.git" } == .unreachable)
      #expect(await reason { $0.branch = "--all" } == .refused)
    }
  }

  @Test(arguments: [
    "-x", "a..b", "a b", "a~1", "a^", "a:b", "a*", "a?", "[a", "a\\b", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.",
    "@", "a@{1}", "", "a\u{7}",
  ])
  func namesThatAreNoBranches(name: String) async throws {
    try await GitOpsFixture.with(services: ["api"]) { fixture in
      await #expect { try await fixture.repository().tip(ofBranch: name) } throws: {
        ($0 as? WorldError)?.reason == .refused
      }
      #expect(fixture.counter.total == 0)
    }
  }

  @Test func aBranchIsFoundByItsWholeName() async throws {
    try await GitOpsFixture.with { fixture in
      let tip = try await fixture.push(["b": "1\n"], message: "Aside", branch: "a/feature")
      let repository = fixture.repository()
      #expect(try await repository.tip(ofBranch: "a/feature") == tip)
      #expect(try await repository.tip(ofBranch: "feature") == nil)
    }
  }
}

extension GitOpsFixture {
  /// The cache clone's folder.
  func clone() async throws -> String {
    let found = try await programs.run(
      "find",
      [cache, "-name", "*.git", "-type", "d"],
      timeout: .seconds(10),
      tool: "find"
    )
    return try #require(String(decoding: found.stdout, as: UTF8.self).split(separator: "\n").first.map(String.init))
  }
}
