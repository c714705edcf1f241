import PromotionModel
import RunLog
import RunStore
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `rollback … by undo`, `rollback … otherwise undo`, and `reconcile`.
@Suite struct UndoTests {
  /// A stage on which a run has promoted the api to 1.3.0.
  private func released(_ change: (Future) throws -> Future = { $0 }) throws -> Stage {
    let stage = try change(Future(quickRelease)).stage()
    let told = try stage.run(quickRelease, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    return stage
  }

  private func application(_ stage: Stage, _ service: ServiceName = api) throws -> ApplicationSnapshot {
    try #require(stage.simulated.snapshot(of: production).services[service]?.application)
  }

  private func expectWhole(_ stage: Stage, at version: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    #expect(stage.tag(api) == "api-v\(version)", sourceLocation: sourceLocation)
    #expect(stage.running(api) == version, sourceLocation: sourceLocation)
    let application = try application(stage)
    #expect(application.hasAutoSync && application.suspendedBy == nil, sourceLocation: sourceLocation)
    #expect(application.sync == .synced, sourceLocation: sourceLocation)
  }

  // MARK: By undo

  @Test func byUndoBringsTheClusterBackFirstAndWritesGitToMatch() throws {
    let stage = try released()
    let told = try stage.run("rollback production api by undo because \"it is down\"")
    #expect(told.ending == .ok && told.exit == 0, "\(told.story)")
    #expect(told.message(of: "rollback").hasPrefix("api api-v1.2.2 again, in the cluster and in git ("))
    try expectWhole(stage, at: "1.2.2")
    #expect(stage.commitsOfRuns.last?.subject == "rollback(api): revert production to v1.2.2 due to it is down")
    #expect(stage.commitsOfRuns.last?.trailer(Trailer.rollsBack) == "production/api api-v1.3.0 -> api-v1.2.2")
    let event = try #require(told.events.firstIndex { $0.name == "committed" })
    let brought = told.events.firstIndex {
      if case .progress("brought back to api-v1.2.2 in the cluster") = $0.body { true } else { false }
    }
    #expect(try #require(brought) < event)
    #expect(stage.locks.isEmpty)
  }

  /// A diff that cannot be read keeps no rescue waiting, and what git is to say is told all the same.
  @Test func whatIsPlannedIsToldWhereTheDiffCannotBeRead() throws {
    let stage = try released { $0.with(.call(.repositoryPreview, occurrence: 2, .fails(.missing))) }
    let told = try stage.run("rollback production api by undo because \"it is down\"")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("the diff could not be read, and git is written all the same") })
    let planned = try #require(told.events.firstIndex { $0.name == "planned" })
    let committed = try #require(told.events.firstIndex { $0.name == "committed" })
    #expect(planned < committed)
    guard case .planned(let changes, let diffs) = told.events[planned].body else { return }
    #expect(changes.plan == ["production/api api-v1.3.0 -> api-v1.2.2"] && diffs.isEmpty)
    try expectWhole(stage, at: "1.2.2")
  }

  /// Without another way `by commit` asks for the diff as long as it has time; with one it takes that.
  @Test func aDiffThatCannotBeReadIsAReasonToUndo() throws {
    let stage = try released { $0.with(.call(.repositoryPreview, occurrence: 2, .fails(.missing))) }
    let told = try stage.run("rollback production api otherwise undo because \"it is down\"")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.progress.contains { $0.contains("brought back to api-v1.2.2 in the cluster") })
    try expectWhole(stage, at: "1.2.2")
  }

  @Test func inAHandlerItEndsAsTakenBack() throws {
    let runbook = quickRelease.replacing("rollback promoted", with: "rollback promoted by undo")
    let told = try Future(runbook).with(api, .crashes(after: .seconds(60))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.ending(of: "rollback") == .ok)
    try expectWhole(told.stage, at: "1.2.2")
  }

  @Test func itGoesToTheRevisionOfTheVersionAndNotToTheOneBefore() throws {
    let stage = try released()
    try stage.commit("api-v1.2.1", of: api, in: production)
    try stage.pass(.seconds(600))
    // The one before is 1.3.0.
    let told = try stage.run("rollback production api to v1.2.2 by undo")
    #expect(told.ending == .ok, "\(told.story)")
    try expectWhole(stage, at: "1.2.2")
  }

  @Test func whatIsNotKeptIsRefusedBeforeAnythingIsTouched() throws {
    let stage = try released()
    for patch in 1...12 {
      try stage.commit("api-v1.3.\(patch)", of: api, in: production)
      try stage.pass(.seconds(600))
    }
    let told = try stage.run("rollback production api to v1.2.2 by undo")
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("no kept revision runs api-v1.2.2; kept: api-v1."), "\(told.message)")
    #expect(told.message.contains("`by commit` needs no kept revision"))
    try expectWhole(stage, at: "1.3.12")
  }

  @Test func whatSomebodySetPastGitIsLeftAlone() throws {
    let runbook = """
      validate staging api
      promote api by commit
      wait rollout
      wait 10m
      rollback promoted by undo
      """
    let told = try Future(runbook)
      .with(.liveImage(api, production, try #require(Version("1.1.1"))), .afterPromotion(.seconds(400))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.superseded.map(\.found) == ["api-v1.1.1 in the cluster"])
    #expect(told.stage.running(api) == "1.1.1")
    let application = try application(told.stage)
    #expect(application.hasAutoSync && application.suspendedBy == nil)
  }

  @Test func autoSyncThatDoesNotStaySuspendedEndsItBeforeTheUndo() throws {
    let stage = try released()
    var world = stage.simulated.world
    world.writing.delivery = Stubborn(inner: world.writing.delivery)
    let told = try stage.run("rollback production api by undo", world: world)
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("something puts it back"))
    try expectWhole(stage, at: "1.3.0")
  }

  /// Something that owns the Application writes its policy back at once.
  private struct Stubborn: DeliveryWriting {
    let inner: any DeliveryWriting

    func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
      try await inner.refresh(services, in: environment)
    }
    func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
      try await inner.terminateOperations(of: services, in: environment)
    }
    func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
      -> DeliveryAnswer
    {
      let answer = try await inner.carryOut(order, for: service, in: environment)
      if case .suspendAutoSync = order {
        _ = try await inner.carryOut(.restoreAutoSync, for: service, in: environment)
      }
      return answer
    }
  }

  // MARK: Cut off

  @Test(arguments: 1...14) func aProcessThatIsGoneAnywhereIsGoneOnWith(write: Int) throws {
    let stage = try released()
    let statement = "rollback production api by undo"
    _ = try stage.run(statement, dying: .atWrite(write))
    try stage.pass(.seconds(900))
    let told = try stage.run(statement)
    #expect(told.ending == .ok, "\(told.story)")
    try expectWhole(stage, at: "1.2.2")
    #expect(stage.commitsOfRuns.count { $0.trailer(Trailer.rollsBack) != nil } == 1)
  }

  @Test(arguments: [1, 4, 7, 10, 13, 16, 19, 22, 25, 30, 40]) func abortRestoresAutoSyncOrSaysWhoDoes(seconds: Int)
    throws
  {
    let stage = try released()
    let statement = "rollback production api by undo"
    let cut = try stage.run(statement, dying: .interrupted(after: .seconds(seconds)))
    try stage.pass(.seconds(300))
    let told = try stage.run(statement, aborting: Abortion(by: "ada", reason: "enough"))
    guard cut.ending == .interrupted else { return }
    let application = try application(stage)
    if stage.tag(api) == "api-v\(stage.running(api) ?? "")" {
      #expect(application.suspendedBy == nil && application.hasAutoSync, "\(told.story)")
    } else {
      #expect(application.suspendedBy == "run-1")
      #expect(told.message.contains("`reconcile production api` writes git to match"), "\(told.message)")
      let after = try stage.run("reconcile production api", as: "run-2")
      #expect(after.ending == .ok, "\(after.story)")
      try expectWhole(stage, at: "1.2.2")
    }
  }

  // MARK: Otherwise undo

  @Test func otherwiseUndoWritesGitWhereGitCanBeWritten() throws {
    let stage = try released()
    let told = try stage.run("rollback production api otherwise undo")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(!told.progress.contains { $0.contains("in the cluster") })
    try expectWhole(stage, at: "1.2.2")
  }

  @Test func whereGitRefusesTheClusterIsUndoneAndTheRunSaysThatGitIsBehind() throws {
    let runbook = quickRelease.replacing("rollback promoted", with: "rollback promoted otherwise undo")
    let stage = try Future(runbook).with(api, .crashes(after: .seconds(60)))
      .with(.pushesRejected(10_000), .before(.repositoryCommit, occurrence: 2)).stage()
    let told = try stage.run(runbook)
    #expect(told.ending == .failed && told.exit != 3, "\(told.story)")
    #expect(told.ending(of: "rollback") == .undetermined)
    let message = told.message(of: "rollback")
    #expect(message.contains("api api-v1.2.2 again in the cluster, and seen there; git is behind"), "\(message)")
    #expect(message.contains("`reconcile production api` writes git to match"))
    #expect(stage.running(api) == "1.2.2" && stage.tag(api) == "api-v1.3.0")
    #expect(try application(stage).suspendedBy == "run-1")
    // Within the time that git is given, not after the whole deadline.
    let undone = try #require(
      told.events.first {
        if case .progress("brought back to api-v1.2.2 in the cluster") = $0.body { true } else { false }
      }
    )
    let began = try #require(told.events.first { $0.name == "step.started" && $0.step?.verb == "rollback" })
    #expect(undone.time - began.time < .seconds(200), "\(undone.time - began.time)")
  }

  @Test func onceGitIsBackReconcileWritesItAndRestoresAutoSync() throws {
    let stage = try released()
    // Whatever suspended it: git still names the bad version, and a run is gone.
    _ = try stage.do { world in
      _ = try await world.writing.delivery.carryOut(.suspendAutoSync(by: "run-9"), for: api, in: production)
      return try await world.writing.delivery.carryOut(.undo(toTag: "api-v1.2.2"), for: api, in: production)
    }
    try stage.pass(.seconds(300))
    #expect(stage.running(api) == "1.2.2" && stage.tag(api) == "api-v1.3.0")
    let told = try stage.run("reconcile production api", as: "run-2")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "reconcile").hasPrefix("git says what runs: api api-v1.2.2 ("))
    #expect(stage.commitsOfRuns.last?.subject == "chore(api): sync git with v1.2.2 in production")
    #expect(stage.commitsOfRuns.last?.trailer(Trailer.rollsBack) == "production/api api-v1.3.0 -> api-v1.2.2")
    try expectWhole(stage, at: "1.2.2")
    // Nobody goes back to what was taken back.
    let back = try stage.run("rollback production api", as: "run-3")
    #expect(stage.tag(api) != "api-v1.3.0", "\(back.story)")
  }

  @Test func gitThatComesBackInTimeIsWrittenByTheSameRun() throws {
    let runbook = quickRelease.replacing("rollback promoted", with: "rollback promoted otherwise undo")
    let told = try Future(runbook).with(api, .crashes(after: .seconds(60)))
      .with(.pushesRejected(14), .before(.repositoryCommit, occurrence: 2)).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.ending(of: "rollback") == .ok)
    try expectWhole(told.stage, at: "1.2.2")
  }

  // MARK: Reconcile

  @Test func reconcileWritesWhatSomebodySetByHand() throws {
    let told = try Future("wait 5m; reconcile production api")
      .with(.liveImage(api, production, try #require(Version("1.2.1")))).run()
    #expect(told.ending == .ok, "\(told.story)")
    try expectWhole(told.stage, at: "1.2.1")
    #expect(
      told.stage.commitsOfRuns.last?.trailer(Trailer.reconciles) == "production/api api-v1.2.2 -> api-v1.2.1"
    )
  }

  @Test func reconcileOfWhatAgreesChangesNothing() throws {
    let told = try Future("reconcile production api").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "reconcile") == "git says already what runs: api api-v1.2.2")
    told.expectUntouched()
  }

  @Test func reconcileTakesNothingBackThatIsOnItsWay() throws {
    let stage = try Future("reconcile production api").stage()
    try stage.commit("api-v1.3.0", of: api, in: production)
    let told = try stage.run("reconcile production api")
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("git was not written"))
    #expect(stage.tag(api) == "api-v1.3.0")
  }

  @Test func reconcileByPullRequestProposesAndLeavesItOpen() throws {
    let told = try Future("wait 5m; reconcile production api by pr")
      .with(.liveImage(api, production, try #require(Version("1.2.1")))).with(.reviewer(.neverComes)).run()
    #expect(told.ending == .ok, "\(told.story)")
    let pull = try #require(told.stage.pullRequests.last)
    #expect(pull.state == .open && pull.title == "chore(api): sync git with v1.2.1 in production")
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  // MARK: Readiness

  @Test func whatIsSuspendedIsNotPromotedTo() throws {
    let stage = try Future(quickRelease).stage()
    _ = try stage.do { try await $0.writing.delivery.carryOut(.suspendAutoSync(by: "run-9"), for: api, in: production) }
    let told = try stage.run(quickRelease)
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("its auto-sync is suspended by run run-9"))
    #expect(stage.tag(api) == "api-v1.2.2")
  }

  @Test func aServiceThatKeepsNoRevisionIsWarnedOf() throws {
    let stage = try Future(quickRelease).stage()
    var world = stage.simulated.world
    world.reading.cluster = Forgetful(inner: world.reading.cluster)
    let told = try stage.run(quickRelease, world: world)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("revisionHistoryLimit: 0") && $0.contains("by commit only") })
  }

  private struct Forgetful: ClusterReading {
    let inner: any ClusterReading

    func identify(_ environment: EnvironmentName) async throws -> String { try await inner.identify(environment) }
    func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot {
      var snapshot = try await inner.snapshot(of: environment)
      for name in snapshot.services.keys {
        for index in (snapshot.services[name]?.workloads ?? []).indices {
          snapshot.services[name]?.workloads[index].keptRevisions = 0
        }
      }
      return snapshot
    }
    func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination {
      try await inner.examine(services, in: environment)
    }
    func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation> { inner.observe(environment) }
    func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog] {
      try await inner.logs(requests, in: environment)
    }
  }
}
