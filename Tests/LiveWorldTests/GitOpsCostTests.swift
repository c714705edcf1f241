import LiveWorld
import PromotionModel
import Synchronization
import Testing

/// Notes which git subcommands were started, in their order.
final class RecordingPrograms: ProgramRunner {
  private let programs: any ProgramRunner
  private let started = Mutex<[String]>([])

  init(_ programs: any ProgramRunner) { self.programs = programs }

  func run(_ call: ProgramCall) async throws -> ProgramResult {
    var arguments = call.arguments[...]
    while let first = arguments.first, first.hasPrefix("-") { arguments = arguments.dropFirst(first == "-c" ? 2 : 1) }
    started.withLock { $0.append(arguments.first ?? call.program) }
    return try await programs.run(call)
  }

  func count(_ subcommand: String) -> Int { started.withLock { list in list.filter { $0 == subcommand }.count } }

  /// What `body` started.
  func during(_ body: () async throws -> Void) async rethrows -> [String] {
    let before = started.withLock { $0.count }
    try await body()
    return started.withLock { Array($0.dropFirst(before)) }
  }
}

extension RecordingPrograms {
  /// Checks what `body` starts.
  func expect(
    _ expected: [String],
    at place: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
  ) async throws {
    let started = try await during(body)
    #expect(started == expected, sourceLocation: place)
  }
}

/// What calls cost in processes, and that a cheaper way answers as the dearer did.
@Suite struct GitOpsCostTests {
  private let production = GitOpsFixture.production
  private static let api = "apps/production/api.yaml"

  private func lease(_ outcome: LockOutcome) throws -> LockLease {
    guard case .held(let lease, _) = outcome else { throw GitOpsLockTests.Unexpected(what: "\(outcome)") }
    return lease
  }

  private func pushed(_ outcome: PushOutcome) throws -> Commit {
    guard case .pushed(let commit) = outcome else { throw GitOpsLockTests.Unexpected(what: "\(outcome)") }
    return commit
  }

  @Test func aRunCostsTheSameForThreeAndForThirtyServices() async throws {
    var costs: [[String]] = []
    for count in [3, 30] {
      let names = (1...count).map { "svc\($0)" }
      try await GitOpsFixture.with(services: names) { fixture in
        let recorder = RecordingPrograms(fixture.programs)
        let repository = fixture.repository(recorder)
        let writer = GitRepositoryWriter(repository)
        let lease = try lease(await writer.takeLock(fixture.claim("run-1"), takingOver: false))
        let started = try await recorder.during {
          let head = try await repository.head().id
          _ = try await repository.declared(GitOpsFixture.staging, at: head)
          let versions = Dictionary(uniqueKeysWithValues: names.map { ($0, "1.3.0") })
          let changes = try await repository.plan(fixture.request(versions), at: head)
          #expect(changes.services.count == count)
          _ = try await repository.history(of: names.map { ServiceName($0) }, in: production, limit: 5)
          let commit = try pushed(await writer.commit(changes, message: fixture.message(), under: lease))
          #expect(try await repository.contains(head, in: commit.id))
          #expect(try await repository.head().id == commit.id)
          try await writer.releaseLock(lease)
        }
        #expect(
          started == ["ls-remote", "fetch", "log", "var", "fast-import", "push", "ls-remote", "push"]
        )
        // Before that: the clone, and the lock.
        #expect(recorder.count("cat-file") == 1)
        costs.append(started)
        #expect(fixture.counter.total == started.count + 6)
      }
    }
    #expect(costs[0] == costs[1])
  }

  @Test func locksAreTakenAndFreedByWhatIsKnown() async throws {
    try await GitOpsFixture.with { fixture in
      let recorder = RecordingPrograms(fixture.programs)
      let repository = fixture.repository(recorder)
      let writer = GitRepositoryWriter(repository)
      _ = try await repository.head()
      var lease: LockLease?
      try await recorder.expect(["fast-import", "push"]) {
        lease = try self.lease(await writer.takeLock(fixture.claim("run-1"), takingOver: false))
      }
      let held = try #require(lease)
      try await recorder.expect(["fast-import", "push"]) {
        _ = try self.lease(await writer.renewLock(held, as: fixture.claim("run-1", lasting: .seconds(900))))
      }
      try await recorder.expect(["push"]) { try await writer.releaseLock(held) }
      #expect(try await repository.lockHolder(of: production) == nil)
      // What is known gets old.
      fixture.clock.advance(.seconds(61))
      try await recorder.expect(["ls-remote", "fast-import", "push"]) {
        _ = try await writer.takeLock(fixture.claim("run-1"), takingOver: false)
      }
    }
  }

  @Test func historyIsReadAtTheHeadThatIsKnown() async throws {
    try await GitOpsFixture.with { fixture in
      let recorder = RecordingPrograms(fixture.programs)
      let repository = fixture.repository(recorder)
      let api = ServiceName("api")
      func history() async throws -> [String?]? {
        try await repository.history(of: [api], in: production, limit: 5)[api]?.map(\.tag)
      }
      #expect(try await history() == ["api-v1.2.0"])
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: fixture.tip())
      _ = try await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      // Our own pushes are known, those of others after a while.
      var found: [String?]?
      try await recorder.expect(["log"]) { found = try await history() }
      #expect(found == ["api-v1.3.0", "api-v1.2.0"])
      try await fixture.push([Self.api: GitOpsFixture.file("api", "1.4.0")], message: "By hand")
      fixture.clock.advance(.seconds(61))
      try await recorder.expect(["ls-remote", "fetch", "log", "fetch"]) { found = try await history() }
      #expect(found == ["api-v1.4.0", "api-v1.3.0", "api-v1.2.0"])
    }
  }

  @Test func aLockThatIsSaidToBeHeldIsLookedAtFirst() async throws {
    try await GitOpsFixture.with { fixture in
      let other = GitRepositoryWriter(fixture.repository())
      let lease = try lease(await other.takeLock(fixture.claim("run-2"), takingOver: false))
      let repository = fixture.repository()
      let writer = GitRepositoryWriter(repository)
      #expect(try await repository.lockHolder(of: production)?.run == RunID("run-2"))
      try await other.releaseLock(lease)
      _ = try self.lease(await writer.takeLock(fixture.claim("run-1"), takingOver: false))
      // And one that is said to be free, too, by the push itself.
      let late = fixture.repository()
      #expect(try await late.lockHolder(of: production)?.run == RunID("run-1"))
      let claim = try fixture.claim("run-1")
      try await writer.releaseLock(LockLease(holder: claim, object: lease.object))
      _ = try await late.head()
      let now = try fixture.claim("run-3")
      _ = try self.lease(await writer.takeLock(now, takingOver: false))
      #expect(try await GitRepositoryWriter(late).takeLock(fixture.claim("run-4"), takingOver: false) == .heldBy(now))
    }
  }

  @Test func anEarlierPushOfTheStepIsFoundAlsoWhereItIsNotKnown() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let head = try await repository.head().id
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: head)
      let earlier = GitRepositoryWriter(fixture.repository())
      let committed = try await earlier.commit(changes, message: fixture.message(), under: nil)
      let proposed = try await earlier.propose(changes, branch: "b", message: fixture.message(step: "2"), under: nil)
      fixture.clock.advance(.seconds(5))
      // This one still has the head from before both.
      let writer = GitRepositoryWriter(repository)
      #expect(
        try await writer.propose(changes, branch: "b", message: fixture.message(step: "2"), under: nil) == proposed
      )
      let late = fixture.repository()
      _ = try await late.head()
      try await fixture.push([Self.api: GitOpsFixture.file("api", "1.2.0")], message: "Take it back")
      let tip = try await fixture.tip()
      for known in [repository, late] {
        let writer = GitRepositoryWriter(known)
        #expect(try await writer.commit(changes, message: fixture.message(), under: nil) == committed)
      }
      #expect(try await fixture.tip() == tip)
    }
  }

  @Test func whatIsRememberedNeverSpeaksAgainstAPush() async throws {
    try await GitOpsFixture.with { fixture in
      let repository = fixture.repository()
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: repository.head().id)
      try await fixture.push([Self.api: GitOpsFixture.file("api", "1.2.9")], message: "Hotfix")
      _ = try await repository.head()
      try await fixture.push([Self.api: GitOpsFixture.file("api", "1.2.0")], message: "Take it back")
      let commit = try pushed(
        await GitRepositoryWriter(repository).commit(changes, message: fixture.message(), under: nil)
      )
      #expect(try await fixture.tip() == commit.id)
      #expect(try await fixture.show(Self.api) == GitOpsFixture.file("api", "1.3.0"))
    }
  }

  @Test func proposalsAndTheirEndArePushesAlone() async throws {
    try await GitOpsFixture.with { fixture in
      let recorder = RecordingPrograms(fixture.programs)
      let repository = fixture.repository(recorder)
      let writer = GitRepositoryWriter(repository)
      let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: repository.head().id)
      var commit: Commit?
      try await recorder.expect(["var", "fast-import", "push"]) {
        commit = try pushed(await writer.propose(changes, branch: "b", message: fixture.message(), under: nil))
      }
      let tip = try #require(commit).id
      try await recorder.expect(["push"]) { try await writer.deleteBranch("b", at: tip) }
      try await recorder.expect(["push", "ls-remote"]) { try await writer.deleteBranch("b", at: tip) }
    }
  }

  @Test func gitSaysInWhoseNameIsCommitted() async throws {
    let cases: [(environment: [String: String?], without: String?, author: String, committer: String, asks: Int)] = [
      ([:], nil, "Rita Release <rita@example.org>", "Rita Release <rita@example.org>", 0),
      (
        ["GIT_AUTHOR_NAME": "Ann Author", "GIT_COMMITTER_EMAIL": "bot@example.org", "GIT_AUTHOR_DATE": "nonsense"], nil,
        "Ann Author <rita@example.org>", "Rita Release <bot@example.org>", 0
      ),
      (
        ["EMAIL": "env@example.org"], "user.email", "Rita Release <env@example.org>", "Rita Release <env@example.org>",
        1
      ),
    ]
    for (environment, without, author, committer, asks) in cases {
      try await GitOpsFixture.with { fixture in
        if let without {
          try await fixture.git(["config", "--file", "\(fixture.folder)/gitconfig", "--unset", without])
        }
        let recorder = RecordingPrograms(
          LocalPrograms(environment: fixture.environment.merging(environment, uniquingKeysWith: { $1 }))
        )
        let repository = fixture.repository(recorder)
        let changes = try await repository.plan(fixture.request(["api": "1.3.0"]), at: repository.head().id)
        var message = fixture.message("promote(api): ünchanged")
        message.body = ""
        let commit = try pushed(await GitRepositoryWriter(repository).commit(changes, message: message, under: nil))
        let text = try await fixture.git([
          "--git-dir=\(fixture.folder)/remote.git", "log", "-1", "--format=%an <%ae>|%cn <%ce>|%at %ct|%B",
          commit.id.text,
        ])
        let time = fixture.clock.now().nanosecondsSinceEpoch / 1_000_000_000
        #expect(text == "\(author)|\(committer)|\(time) \(time)|\(message.text)\n")
        #expect(recorder.count("commit-tree") == asks)
      }
    }
  }

  @Test func nearCommitsAreFoundWithoutAsking() async throws {
    try await GitOpsFixture.with { fixture in
      let recorder = RecordingPrograms(fixture.programs)
      let repository = fixture.repository(recorder)
      let first = try await repository.head().id
      var stream = "feature done\n"
      for number in 1...260 {
        stream += "commit refs/heads/main\ncommitter O <o@x> \(1_795_000_100 + number) +0000\ndata 2\nc\n"
        stream += number == 1 ? "from refs/heads/main^0\n\n" : "\n"
      }
      let remote = "--git-dir=\(fixture.folder)/remote.git"
      try await fixture.git([remote, "fast-import", "--quiet", "--force"], input: stream + "done\n")
      let head = try await repository.head().id
      func ancestor(_ count: Int) async throws -> CommitID {
        try #require(CommitID(String(try await fixture.git([remote, "rev-parse", "main~\(count)"]).prefix(40))))
      }
      let (near, far) = (try await ancestor(150), try await ancestor(230))
      let old = try await ancestor(200)
      var answers: [Bool] = []
      try await recorder.expect([]) {
        for (one, other) in [(near, head), (head, head), (first, old), (near, old), (head, near)] {
          answers.append(try await repository.contains(one, in: other))
        }
      }
      #expect(answers == [true, true, true, false, false])
      try await recorder.expect(["merge-base"]) { answers.append(try await repository.contains(far, in: head)) }
      #expect(answers.last == true)
    }
  }
}
