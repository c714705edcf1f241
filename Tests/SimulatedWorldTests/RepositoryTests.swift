import PromotionModel
import Testing

@testable import SimulatedWorld

@Suite struct RepositoryTests {
  private static let productionFile = "environments/production/api/config.yaml"

  @Test func theFleetIsSeededWithStagingAhead() throws {
    let world = try TestFleet.world()
    #expect(world.tag(of: api, in: staging) == "api-v1.3.0")
    #expect(world.tag(of: api, in: production) == "api-v1.2.2")
    #expect(world.tag(of: ServiceName("project-management"), in: staging) == "pm-v3.3.0")
    #expect(world.runningVersion(of: web, in: production) == Version("2.2.2"))
    #expect(world.repository.commits.count == 4)
  }

  @Test func otherLayoutsAreSeededToo() throws {
    let world = try TestFleet.world(
      fleet: TestFleet.fleet(
        filePattern: "clusters/{environment}/kustomization.yaml",
        tagPath: "images[name={service}].newTag"
      )
    )
    #expect(world.tag(of: web, in: staging) == "web-v2.3.0")
    #expect(world.tag(of: api, in: production) == "api-v1.2.2")
  }

  @Test func aPromotionChangesTheTagAndNothingElse() throws {
    let world = try TestFleet.world()
    let before = try #require(world.repository.file(Self.productionFile))
    let run = TestRun(world: world)
    let diff = try world.time.run {
      let changes = try await run.plan()
      let diffs = try await world.repository.preview(changes)
      _ = try await world.repository.commit(changes, message: run.message("1"), under: nil)
      return diffs.map(\.unified).joined()
    }
    let after = try #require(world.repository.file(Self.productionFile))
    let text = String(decoding: before, as: UTF8.self)
    #expect(text.hasPrefix("# What production runs."))
    #expect(
      String(decoding: after, as: UTF8.self) == text.split(separator: "api-v1.2.2").joined(separator: "api-v1.3.0")
    )
    #expect(diff.contains("-  chartTag: api-v1.2.2 # what runs here\n+  chartTag: api-v1.3.0 # what runs here\n"))
  }

  @Test func theSameStepPushesOnce() throws {
    let world = try TestFleet.world()
    let run = TestRun(world: world)
    let (first, second) = try world.time.run {
      let changes = try await run.plan()
      let first = try await world.repository.commit(changes, message: run.message("1"), under: nil)
      return (first, try await world.repository.commit(changes, message: run.message("1"), under: nil))
    }
    #expect(first == second)
    #expect(world.repository.commits.count == 5)
  }

  @Test func aLostRaceIsRebuiltOnTheNewHead() throws {
    let world = try TestFleet.world([
      Fault(.foreignCommits(every: nil), start: .before(.repositoryCommit, occurrence: 1))
    ])
    let run = TestRun(world: world)
    let contained = try world.time.run {
      let before = try await world.repository.head()
      let commit = try await run.promote()
      let head = try await world.repository.head()
      let isBased = try await world.repository.contains(before.id, in: commit.id)
      return isBased && head.id == commit.id
    }
    #expect(contained)
    #expect(world.repository.file("docs/notes/1.md") != nil)
    #expect(world.tag(of: api, in: production) == "api-v1.3.0")
  }

  @Test func aValueThatSomebodyElseChangedIsLeftAlone() throws {
    let fix = try #require(Version("1.2.3"))
    let world = try TestFleet.world([
      Fault(.foreignTag(api, production, fix), start: .before(.repositoryCommit, occurrence: 1))
    ])
    let run = TestRun(world: world)
    let outcome = try world.time.run {
      try await world.repository.commit(try await run.plan(), message: run.message("1"), under: nil)
    }
    guard case .superseded(let values) = outcome else { throw Unexpected(what: "\(outcome)") }
    #expect(values.map(\.found) == ["api-v1.2.3"])
    #expect(values.first?.by?.author == "Ada")
    #expect(world.tag(of: api, in: production) == "api-v1.2.3")
  }

  @Test func aPromotionIsTakenBackUnlessSuperseded() throws {
    let world = try TestFleet.world([
      Fault(.foreignTag(web, production, try #require(Version("2.9.9"))), start: .afterPromotion(.seconds(30)))
    ])
    let run = TestRun(world: world)
    let plan = try world.time.run {
      let changes = try await run.plan([api, web])
      _ = try await world.repository.commit(changes, message: run.message("1"), under: nil)
      try await world.clock.sleep(for: .seconds(60))
      let head = try await world.repository.head().id
      let plan = try await world.repository.planReturn(of: changes, services: [api, web], at: head)
      _ = try await world.repository.commit(plan.changes, message: run.message("2"), under: nil)
      return plan
    }
    #expect(plan.superseded.map(\.service) == [web])
    #expect(plan.superseded.first?.by?.author == "Ada")
    #expect(world.tag(of: api, in: production) == "api-v1.2.2")
    #expect(world.tag(of: web, in: production) == "web-v2.9.9")
  }

  @Test func historyNamesTheCommitsThatChangedTheTag() throws {
    let world = try TestFleet.world()
    let run = TestRun(world: world)
    let history = try world.time.run {
      let commit = try await run.promote()
      let history = try await world.repository.history(of: [api, web], in: production, limit: 5)
      return (history, commit)
    }
    let tags = history.0.mapValues { $0.map(\.tag) }
    #expect(tags[api] == ["api-v1.3.0", "api-v1.2.2", "api-v1.2.1"])
    #expect(tags[web] == ["web-v2.2.2", "web-v2.2.1"])
    #expect(history.0[api]?.first?.commit == history.1)
  }

  @Test func theLockIsSwappedAndGuardsThePush() throws {
    let world = try TestFleet.world()
    let (one, two) = (TestRun(world: world), TestRun(world: world, run: "run-2"))
    try world.time.run {
      let repository = world.repository
      guard case .held(let lease, from: nil) = try await repository.takeLock(try one.claim(), takingOver: false) else {
        throw Unexpected(what: "a free lock")
      }
      #expect(try await repository.takeLock(try two.claim(), takingOver: false) == .heldBy(lease.holder))
      guard case .pushed = try await repository.commit(try await one.plan(), message: one.message("1"), under: lease)
      else { throw Unexpected(what: "a push under the lock") }
      guard case .held(_, from: lease.holder) = try await repository.takeLock(try two.claim(), takingOver: true) else {
        throw Unexpected(what: "a takeover")
      }
      let lost = try await repository.commit(try await one.plan([web]), message: one.message("2"), under: lease)
      guard case .lostLock(let holder) = lost else { throw Unexpected(what: "\(lost)") }
      #expect(holder?.run.text == "run-2")
      guard case .heldBy = try await repository.renewLock(lease, as: try one.claim()) else {
        throw Unexpected(what: "a renewal of a lost lock")
      }
      try await repository.releaseLock(lease)
      #expect(try await repository.lockHolder(of: production)?.run.text == "run-2")
      // An expired lock is there to see, and free to take.
      try await world.clock.sleep(for: .seconds(601))
      guard case .held(let again, from: nil) = try await repository.takeLock(try one.claim(), takingOver: false) else {
        throw Unexpected(what: "an expired lock")
      }
      try await repository.releaseLock(again)
    }
    #expect(world.repository.locks.isEmpty)
    #expect(world.tag(of: web, in: production) == "web-v2.2.2")
  }

  @Test func aBranchOfOursIsDeletedOnlyWhereItStands() throws {
    let world = try TestFleet.world()
    let run = TestRun(world: world)
    try world.time.run {
      let request = try await run.propose()
      let other = try await world.repository.head().id
      await #expect(throws: WorldError.self) { try await world.repository.deleteBranch(request.branch, at: other) }
      try await world.repository.deleteBranch(request.branch, at: request.head)
      try await world.repository.deleteBranch(request.branch, at: request.head)
      await #expect(throws: WorldError.self) { try await world.repository.deleteBranch("main", at: other) }
      #expect(try await world.repository.tip(ofBranch: request.branch) == nil)
      #expect(try await world.forge.pullRequest(request.number).state == .closed)
    }
  }

  @Test func servicesThatBelongTogetherAreMadeUpWithOneVersion() throws {
    var fleet = TestFleet.fleet()
    let management = ServiceName("project-management")
    fleet.policy.matching = [[web, management], [management, api]]
    let contents = FleetContents.invented(for: fleet)
    for (environment, version) in [(staging, "1.3.0"), (production, "1.2.2")] {
      #expect(contents.versions[environment]?.values.map(\.description) == [version, version, version])
    }
    fleet.policy.matching = [[web, management, ServiceName("gone")]]
    let versions = FleetContents.invented(for: fleet).versions[production]
    #expect([api, web, management].map { versions?[$0]?.description } == ["1.2.2", "2.2.2", "2.2.2"])
  }
}
