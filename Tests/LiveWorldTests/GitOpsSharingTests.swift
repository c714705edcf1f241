import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// Several runs over one repository and one cache.
@Suite struct GitOpsSharingTests {
  @Test func writersAtOnceLoseNothing() async throws {
    let names = (1...5).map { "svc\($0)" }
    try await GitOpsFixture.with(services: names) { fixture in
      let base = try await fixture.repository().head().id
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in names {
          group.addTask {
            let repository = fixture.repository()
            let changes = try await repository.plan(fixture.request([name: "1.3.0"]), at: base)
            let message = fixture.message("promote(\(name))", run: "run-\(name)")
            let outcome = try await GitRepositoryWriter(repository).commit(changes, message: message, under: nil)
            guard case .pushed(let commit) = outcome else { throw GitOpsLockTests.Unexpected(what: "\(outcome)") }
            #expect(commit.subject == "promote(\(name))")
          }
        }
        try await group.waitForAll()
      }
      for name in names {
        #expect(try await fixture.show("apps/production/\(name).yaml") == GitOpsFixture.file(name, "1.3.0"))
      }
      let log = try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "rev-list", "--count", "main"])
      #expect(log == "6\n")
    }
  }

  /// A crash of the machine, or a full disk, leaves objects that are not what their names say: no run hangs on that.
  @Test func damagedCacheIsMadeAnew() async throws {
    try await GitOpsFixture.with { fixture in
      let cache = "\(fixture.folder)/cache-to-damage"
      let before = fixture.repository(nil, cache: cache)
      let head = try await before.head()
      _ = try await before.declared(GitOpsFixture.production, at: head.id)
      await before.close()
      let packs = try FileManager.default.subpathsOfDirectory(atPath: cache).filter { $0.hasSuffix(".pack") }
      #expect(!packs.isEmpty)
      for pack in packs {
        let path = "\(cache)/\(pack)"
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        for index in 12..<max(12, bytes.count - 20) { bytes[index] = 0xA5 }
        try FileManager.default.removeItem(atPath: path)
        #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
      }
      let after = fixture.repository(nil, cache: cache)
      await #expect {
        _ = try await after.head()
      } throws: { error in
        guard let error = error as? WorldError else { return false }
        return error.isTransient && error.message.contains("the cache was damaged")
      }
      // Whoever asks again is answered.
      #expect(try await after.head() == head)
      #expect(try await after.declared(GitOpsFixture.production, at: head.id).services.isEmpty == false)
      await after.close()
    }
  }

  @Test func twoRunsWithOnePlanMakeOneChange() async throws {
    try await GitOpsFixture.with { fixture in
      let base = try await fixture.repository().head().id
      let changes = try await fixture.repository().plan(fixture.request(["api": "1.3.0"]), at: base)
      let outcomes = try await withThrowingTaskGroup(of: PushOutcome.self) { group in
        for number in 1...3 {
          group.addTask {
            let writer = GitRepositoryWriter(fixture.repository())
            return try await writer.commit(changes, message: fixture.message(run: "run-\(number)"), under: nil)
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      var own: [Commit] = []
      for outcome in outcomes { if case .pushed(let commit) = outcome { own.append(commit) } }
      // The others are told whose change it is.
      let theirs = Superseded(service: ServiceName("api"), expected: "api-v1.2.0", found: "api-v1.3.0", by: own.first)
      #expect(own.count == 1)
      for commit in own { #expect(outcomes.count { $0 == .shared(commit, with: [theirs]) } == 2) }
      let log = try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "rev-list", "--count", "main"])
      #expect(log == "2\n")
    }
  }

  @Test func whatCameByAMergeIsFound() async throws {
    try await GitOpsFixture.with { fixture in
      let remote = "--git-dir=\(fixture.folder)/remote.git"
      try await fixture.git([remote, "branch", "side", "main"])
      let trailers = "\n\n\(Trailer.promotes): production/api api-v1.2.0 -> api-v1.3.0\n"
      let promoted = try await fixture.push(
        ["apps/production/api.yaml": GitOpsFixture.file("api", "1.3.0")],
        message: "promote(api)" + trailers,
        author: "Rita Release",
        branch: "side"
      )
      try await fixture.push(["x": "1\n"], message: "Meanwhile")
      let tree = try await fixture.git([remote, "merge-tree", "--write-tree", "main", "side"]).prefix(40)
      let merge = try await fixture.git(
        [remote, "commit-tree", "-p", "main", "-p", "side", String(tree)],
        input: "Merge pull request #7\n"
      ).prefix(40)
      try await fixture.git([remote, "update-ref", "refs/heads/main", String(merge)])
      let repository = fixture.repository()
      let api = ServiceName("api")
      let history = try await repository.history(of: [api], in: GitOpsFixture.production, limit: 5)
      #expect(history[api]?.map(\.tag) == ["api-v1.3.0", "api-v1.2.0"])
      #expect(history[api]?.first?.commit.id == promoted)
      #expect(history[api]?.first?.commit.trailer(Trailer.promotes) == "production/api api-v1.2.0 -> api-v1.3.0")
      #expect(try await repository.contains(promoted, in: repository.head().id))
    }
  }

  @Test func aSquashKeepsOurTrailers() async throws {
    try await GitOpsFixture.with { fixture in
      let message = """
        promote(api): v1.3.0 → production (#7)

        Why.

        Slipway-Run: run-1
        Slipway-Step: 3

        Co-authored-by: Olga Other <other@example.org>
        """
      try await fixture.push(["x": "1\n"], message: message)
      let head = try await fixture.repository().head()
      #expect(head.trailer(Trailer.run) == "run-1")
      #expect(head.trailer(Trailer.step) == "3")
      #expect(head.trailer("Co-authored-by") == "Olga Other <other@example.org>")
    }
  }

  @Test func theCacheIsPrivate() async throws {
    try await GitOpsFixture.with { fixture in
      _ = try await fixture.repository().head()
      let mode = try await fixture.programs.run(
        "stat",
        ["-c", "%a", "\(fixture.cache)/git"],
        timeout: .seconds(10),
        tool: "stat"
      )
      #expect(String(decoding: mode.stdout, as: UTF8.self) == "700\n")
      _ = try await fixture.programs.run(
        "mkdir",
        ["-p", "-m", "0777", "\(fixture.folder)/open/git"],
        timeout: .seconds(10),
        tool: "mkdir"
      )
      _ = try await fixture.programs.run(
        "chmod",
        ["0777", "\(fixture.folder)/open/git"],
        timeout: .seconds(10),
        tool: "chmod"
      )
      let repository = fixture.repository(cache: "\(fixture.folder)/open")
      await #expect { try await repository.head() } throws: { ($0 as? WorldError)?.reason == .refused }
    }
  }

  @Test func aRepeatedReadStartsNothing() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let head = try await repository.head().id
      _ = try await repository.declared(GitOpsFixture.staging, at: head)
      let before = fixture.counter.total
      _ = try await repository.declared(GitOpsFixture.staging, at: head)
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: head)
      _ = try await repository.preview(changes)
      #expect(fixture.counter.total == before)
      _ = try await repository.head()
      #expect(fixture.counter.total == before + 1)
    }
  }
}
