import LiveWorld
import PromotionModel
import Testing

@Suite struct GitOpsWritingTests {
  static let api = "apps/production/api.yaml"

  /// Plans `versions` on the head as it is.
  private func plan(_ repository: GitRepository, _ fixture: GitOpsFixture, _ versions: [String: String]) async throws
    -> ChangeSet
  {
    try await repository.plan(fixture.request(versions), at: repository.head().id)
  }

  @Test func onlyThePlannedBytesChange() async throws {
    try await GitOpsFixture.with { fixture in
      let base = try await fixture.tip()
      let repository = fixture.repository()
      let changes = try await plan(repository, fixture, ["api": "1.3.0", "web": "1.3.0"])
      let preview = try await repository.preview(changes)
      let outcome = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      let tip = try await fixture.tip()
      guard case .pushed(let commit) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(commit.id == tip)
      #expect(commit.author == "Rita Release")
      #expect(commit.subject == "promote(api): v1.3.0 → production")
      #expect(commit.trailers == fixture.message().trailers)
      #expect(try await fixture.changed(base, tip) == [Self.api, "apps/production/web.yaml"])
      #expect(try await fixture.show(Self.api) == GitOpsFixture.file("api", "1.3.0"))
      #expect(preview.map(\.file) == [Self.api, "apps/production/web.yaml"])
      let diff = try await fixture.git([
        "--git-dir=\(fixture.folder)/remote.git", "diff", base.text, tip.text, "--", Self.api,
      ])
      #expect(diff.hasSuffix(preview[0].unified.split(separator: "\n").suffix(6).joined(separator: "\n") + "\n"))
      #expect(
        try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "fsck", "--strict", "--no-dangling"]) == ""
      )
      #expect(try await repository.head().id == tip)
    }
  }

  /// Several services in one file: one commit, and somebody else's push for a third one is no obstacle and is not lost.
  @Test func oneFileForAllServicesTakesEachServicesValue() async throws {
    func file(_ api: String, _ web: String, _ pm: String) -> String {
      "# all\napi: { image: { tag: api-v\(api) } }\nweb:\n  image:\n    tag: 'web-v\(web)' # web\npm: { image: { tag: pm-v\(pm) } }\n"
    }
    let files = [
      "values-production.yaml": file("1.2.0", "1.2.0", "1.2.0"), "values-staging.yaml": file("1.3.0", "1.3.0", "1.3.0"),
    ]
    try await GitOpsFixture.with(files: files) { fixture in
      var fleet = fixture.fleet
      fleet.repository.filePattern = "values-{environment}.yaml"
      fleet.repository.tagPath = "{service}.image.tag"
      let repository = GitRepository(
        fleet: fleet,
        cacheDirectory: fixture.cache,
        programs: fixture.programs,
        clock: fixture.clock
      )
      let base = try await fixture.tip()
      let changes = try await plan(repository, fixture, ["api": "1.3.0", "web": "1.3.0"])
      try await fixture.push(["values-production.yaml": file("1.2.0", "1.2.0", "1.2.9")], message: "pm by hand")
      let outcome = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      guard case .pushed(let commit) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await fixture.changed(base, commit.id) == ["values-production.yaml"])
      #expect(try await fixture.show("values-production.yaml") == file("1.3.0", "1.3.0", "1.2.9"))
      // Each service has its own history, though all commits touch the file.
      let services = ["api", "pm"].map { ServiceName($0) }
      let history = try await repository.history(of: services, in: GitOpsFixture.production, limit: 10)
      #expect(history[services[0]]?.map(\.tag) == ["api-v1.3.0", "api-v1.2.0"])
      #expect(history[services[1]]?.map(\.tag) == ["pm-v1.2.9", "pm-v1.2.0"])
      let back = try await repository.planReturn(of: changes, services: [services[0]], at: commit.id)
      #expect(back.superseded.isEmpty && back.changes.services.map(\.toTag) == ["api-v1.2.0"])
    }
  }

  @Test func entryOfTheRecordIsPushedWithItsChange() async throws {
    let notes = "# Notes\r\n\r\n## Before\r\n"
    try await GitOpsFixture.with(files: ["NOTES.md": notes], records: "NOTES.md") { fixture in
      let base = try await fixture.tip()
      let repository = fixture.repository()
      #expect(try await repository.files(at: base)["NOTES.md"] == Array(notes.utf8))
      var changes = try await plan(repository, fixture, ["api": "1.3.0"])
      changes.record = RecordEntry(file: "NOTES.md", text: "## Now\n\n- api\n")
      let preview = try await repository.preview(changes)
      #expect(preview.map(\.file) == ["NOTES.md", Self.api])
      // Somebody else's entry comes first; the push is made anew on it, and nothing of it is lost.
      try await fixture.push(["NOTES.md": "# Notes\r\n\r\n## Between\r\n\r\n## Before\r\n"], message: "Theirs")
      let writer = GitRepositoryWriter(repository)
      let outcome = try await writer.commit(changes, message: fixture.message(), under: nil)
      guard case .pushed(let commit) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      let whole = "# Notes\r\n\r\n## Now\r\n\r\n- api\r\n\r\n## Between\r\n\r\n## Before\r\n"
      #expect(try await Array(fixture.show("NOTES.md").utf8) == Array(whole.utf8))
      // Found, not made again.
      #expect(try await writer.commit(changes, message: fixture.message(), under: nil) == .pushed(commit))
      #expect(try await fixture.tip() == commit.id)
      // A revert takes the versions back, not what is told of them.
      let revert = try await repository.planRevert(of: commit.id.text, in: GitOpsFixture.production, at: commit.id)
      #expect(revert.services == [ServiceName("api")] && revert.others.isEmpty && revert.changes.record == nil)
    }
  }

  @Test func recordThatIsNoFileIsRefused() async throws {
    try await GitOpsFixture.with(files: ["NOTES.md/more.md": "x\n"], records: "NOTES.md") { fixture in
      let repository = fixture.repository()
      var changes = try await plan(repository, fixture, ["api": "1.3.0"])
      changes.record = RecordEntry(file: "NOTES.md", text: "## Now\n")
      await #expect(throws: WorldError.self) { try await repository.preview(changes) }
      await #expect(throws: WorldError.self) {
        try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      }
      // The way back of what was recorded there is not barred by it.
      let back = try await repository.planReturn(of: changes, services: [ServiceName("api")], at: changes.base)
      #expect(back.superseded.isEmpty)
    }
  }

  @Test func foreignCommitsAreNeverLost() async throws {
    try await GitOpsFixture.with { fixture in
      let racing = InterruptedPrograms(
        fixture.programs,
        at: "push",
        before: { count in
          if count <= 3 { try await fixture.push(["foreign/\(count)": "kept\n"], message: "Foreign \(count)") }
        }
      )
      let repository = fixture.repository(racing)
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      try await fixture.push(["foreign/0": "kept\n"], message: "Foreign 0")
      let outcome = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      #expect(try await outcome == .pushed(repository.head()))
      for count in 0...3 { #expect(try await fixture.show("foreign/\(count)") == "kept\n") }
      #expect(try await fixture.show(Self.api) == GitOpsFixture.file("api", "1.3.0"))
      let log = try await fixture.git(["--git-dir=\(fixture.folder)/remote.git", "log", "--format=%s", "main"])
      #expect(log.split(separator: "\n").first == "promote(api): v1.3.0 → production")
      #expect(log.split(separator: "\n").count == 6)
    }
  }

  @Test func aBranchThatNeverStandsStillEndsTheTries() async throws {
    try await GitOpsFixture.with { fixture in
      let racing = InterruptedPrograms(
        fixture.programs,
        at: "push",
        before: { try await fixture.push(["foreign/\($0)": "kept\n"], message: "Foreign") }
      )
      let repository = fixture.repository(racing)
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      await #expect {
        try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      } throws: { ($0 as? WorldError)?.reason == .timedOut }
      #expect(try await fixture.show(Self.api) == GitOpsFixture.file("api", "1.2.0"))
    }
  }

  @Test func theSameValueChangedElsewhereIsSuperseded() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let changes = try await plan(repository, fixture, ["api": "1.3.0", "web": "1.3.0"])
      let theirs = try await fixture.push([Self.api: GitOpsFixture.file("api", "1.2.9")], message: "Hotfix by hand")
      try await fixture.push(["x": "1\n"], message: "Later")
      let tip = try await fixture.tip()
      let outcome = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      guard case .superseded(let list) = outcome, let only = list.first else {
        Issue.record("\(outcome)")
        return
      }
      #expect(list.count == 1)
      #expect(only.service == ServiceName("api"))
      #expect(only.found == "api-v1.2.9")
      #expect(only.by?.id == theirs)
      #expect(only.by?.author == "Olga Other")
      #expect(try await fixture.tip() == tip)
    }
  }

  @Test func aReturnTakesBackOnlyWhatIsOurs() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      let changes = try await plan(repository, fixture, ["api": "1.3.0", "web": "1.3.0"])
      _ = try await writer.commit(changes, message: fixture.message(), under: nil)
      let theirs = try await fixture.push(
        ["apps/production/web.yaml": GitOpsFixture.file("web", "1.4.0")],
        message: "Web"
      )
      let services = ["api", "web"].map { ServiceName($0) }
      let back = try await repository.planReturn(of: changes, services: services, at: repository.head().id)
      #expect(back.superseded.map(\.service) == [services[1]])
      #expect(back.superseded.first?.by?.id == theirs)
      _ = try await writer.commit(back.changes, message: fixture.message("rollback(api)", step: "2"), under: nil)
      #expect(try await fixture.show(Self.api) == GitOpsFixture.file("api", "1.2.0"))
      #expect(try await fixture.show("apps/production/web.yaml") == GitOpsFixture.file("web", "1.4.0"))
    }
  }

  @Test func aRepeatedStepFindsItsOwnCommit() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      let first = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      // Somebody took it back meanwhile: the resumed step must not push again.
      try await fixture.push([Self.api: GitOpsFixture.file("api", "1.2.0")], message: "Take it back")
      let tip = try await fixture.tip()
      let resumed = fixture.repository(cache: "\(fixture.folder)/cache2")
      let again = try await GitRepositoryWriter(resumed).commit(changes, message: fixture.message(), under: nil)
      #expect(again == first)
      #expect(try await fixture.tip() == tip)
    }
  }

  @Test func aLostAnswerIsLookedUp() async throws {
    try await GitOpsFixture.with { fixture in
      let deaf = InterruptedPrograms(
        fixture.programs,
        at: "push",
        after: { _ in ProgramResult(status: 128, stderr: Array("fatal: the remote end hung up unexpectedly".utf8)) }
      )
      let repository = fixture.repository(deaf)
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      let outcome = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      #expect(try await outcome == .pushed(repository.head()))
      #expect(try await fixture.show(Self.api) == GitOpsFixture.file("api", "1.3.0"))
    }
  }

  @Test func aProposalStandsOnItsOwnBranch() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      let moved = try await fixture.push(["x": "1\n"], message: "Later")
      let branch = "production-promotion-run-1"
      let outcome = try await writer.propose(changes, branch: branch, message: fixture.message(), under: nil)
      guard case .pushed(let commit) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await repository.tip(ofBranch: branch) == commit.id)
      #expect(try await fixture.tip() == moved)
      #expect(try await fixture.changed(changes.base, commit.id) == [Self.api])
      #expect(try await writer.propose(changes, branch: branch, message: fixture.message(), under: nil) == outcome)
      await #expect(throws: WorldError.self) {
        try await writer.propose(changes, branch: branch, message: fixture.message(run: "run-2"), under: nil)
      }
      await #expect(throws: WorldError.self) { try await writer.deleteBranch(branch, at: moved) }
      try await writer.deleteBranch(branch, at: commit.id)
      try await writer.deleteBranch(branch, at: commit.id)
      #expect(try await repository.tip(ofBranch: branch) == nil)
      await #expect(throws: WorldError.self) { try await writer.deleteBranch("main", at: moved) }
    }
  }

  @Test func aHookThatRefusesIsQuoted() async throws {
    try await GitOpsFixture.with { fixture in
      let hook = "#!/bin/sh\necho 'main is \u{1B}[31mprotected, ask https://bot:hunter2@example.org'\nexit 1\n"
      let path = "\(fixture.folder)/remote.git/hooks/pre-receive"
      _ = try await fixture.programs.run("tee", [path], input: Array(hook.utf8), timeout: .seconds(10), tool: "tee")
      _ = try await fixture.programs.run("chmod", ["+x", path], timeout: .seconds(10), tool: "chmod")
      let repository = fixture.repository()
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      let tip = try await fixture.tip()
      await #expect {
        try await GitRepositoryWriter(repository).propose(changes, branch: "b", message: fixture.message(), under: nil)
      } throws: {
        guard let error = $0 as? WorldError else { return false }
        return error.reason == .refused && error.message.contains("main is protected, ask https://***@example.org")
          && !error.message.contains("\u{1B}")
      }
      #expect(try await fixture.tip() == tip)
      #expect(try await repository.tip(ofBranch: "b") == nil)
    }
  }

  @Test func withoutANameNothingIsCommitted() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      try await fixture.git(["config", "--file", "\(fixture.folder)/gitconfig", "--unset", "user.email"])
      try await fixture.git(["config", "--file", "\(fixture.folder)/gitconfig", "user.useConfigOnly", "true"])
      await #expect {
        try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      } throws: {
        guard let error = $0 as? WorldError else { return false }
        return error.reason == .refused && error.advice?.contains("user.email") == true
      }
    }
  }

  @Test func signingIsAskedOfTheUsersProgram() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      for (key, value) in [("commit.gpgsign", "true"), ("gpg.program", "/bin/false")] {
        try await fixture.git(["config", "--file", "\(fixture.folder)/gitconfig", key, value])
      }
      let tip = try await fixture.tip()
      await #expect {
        try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      } throws: { ($0 as? WorldError)?.advice?.contains("commit.gpgsign") == true }
      #expect(try await fixture.tip() == tip)
    }
  }

  @Test func hostileNamesInChangesAreRefused() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      let changes = try await plan(repository, fixture, ["api": "1.3.0"])
      for file in ["../x", "/etc/passwd", ".git/config", "a/.GIT/hooks/x", "a\nb", "\"x\"", "a//b", ""] {
        var hostile = changes
        hostile.services[0].file = file
        await #expect(throws: WorldError.self, "\(file)") {
          try await writer.commit(hostile, message: fixture.message(), under: nil)
        }
      }
      for branch in ["--force", "main", "a:b", "a b", "refs/../x"] {
        await #expect(throws: WorldError.self, "\(branch)") {
          try await writer.propose(changes, branch: branch, message: fixture.message(), under: nil)
        }
      }
      #expect(try await fixture.tip() == changes.base)
    }
  }
}
