import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter
@testable import SimulatedWorld

/// Each way back while the git server is down, or takes no push: what ends well, what is left to do, and that doing it ends with
/// git, Argo CD and cluster agreeing. Argo CD heals itself in all of them.
@Suite struct RollbackWithoutGitTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var way: String
    var trouble: GitServer.Trouble
    var testDescription: String { "\(way), git \(trouble.rawValue)" }

    static let all = ["by commit", "by pr", "by revert"].flatMap { way in
      GitServer.Trouble.allCases.map { Case(way: way, trouble: $0) }
    }
  }

  /// A stage on which a run has promoted the api well, and the server that can be broken from then on.
  private func released() throws -> (Stage, GitServer) {
    let stage = try Future(quickRelease).with(.selfHeal(production)).with(.reviewer(.merges(after: .seconds(300))))
      .stage()
    let told = try stage.run(quickRelease, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    return (stage, GitServer(stage))
  }

  private func application(_ stage: Stage) throws -> ApplicationSnapshot {
    try #require(stage.simulated.snapshot(of: production).services[api]?.application)
  }

  /// Git, Argo CD and cluster say the same; nothing is left behind.
  private func expectWhole(_ told: Told, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let stage = told.stage
    #expect(told.ending == .ok, "\(told.story)", sourceLocation: sourceLocation)
    #expect(stage.tag(api) == "api-v1.2.2", "\(told.story)", sourceLocation: sourceLocation)
    #expect(stage.running(api) == "1.2.2", sourceLocation: sourceLocation)
    let application = try application(stage)
    #expect(application.sync == .synced && application.health == .healthy, sourceLocation: sourceLocation)
    #expect(application.hasAutoSync && application.suspendedBy == nil, sourceLocation: sourceLocation)
    #expect(stage.pullRequests.allSatisfy { $0.state != .open }, sourceLocation: sourceLocation)
    #expect(stage.locks.isEmpty, sourceLocation: sourceLocation)
    let returns = stage.commitsOfRuns.filter {
      $0.trailer(Trailer.rollsBack) == "production/api api-v1.3.0 -> api-v1.2.2"
    }
    #expect(try returns.count { try stage.isOnMain($0.id) } == 1, sourceLocation: sourceLocation)
  }

  // MARK: Without another way

  @Test(arguments: Case.all) func gitThatComesBackInTimeIsWrittenByTheSameRun(_ one: Case) throws {
    let (stage, server) = try released()
    server.breaks(one.trouble, for: .seconds(300))
    let told = try stage.run("rollback production api \(one.way) because \"x\"", world: server.world(stage))
    try expectWhole(told)
    #expect(!told.progress.contains { $0.contains("in the cluster") })
  }

  @Test(arguments: Case.all) func withoutGitNothingIsTakenBackAndTheRunIsResumedLater(_ one: Case) throws {
    let (stage, server) = try released()
    server.breaks(one.trouble)
    let text = "rollback production api \(one.way) because \"x\""
    let told = try stage.run(text, world: server.world(stage))
    #expect(told.exit == 4, "\(told.story)")
    #expect(stage.tag(api) == "api-v1.3.0" && stage.running(api) == "1.3.0")
    #expect(try application(stage).suspendedBy == nil)
    server.isBack()
    try expectWhole(try stage.run(text, world: server.world(stage)))
  }

  // MARK: Otherwise undo

  @Test(arguments: ["by commit", "by pr", "by revert"]) func whereGitCanBeWrittenTheClusterIsLeftToArgoCD(way: String)
    throws
  {
    let (stage, server) = try released()
    let told = try stage.run("rollback production api \(way) otherwise undo because \"x\"", world: server.world(stage))
    try expectWhole(told)
    #expect(!told.progress.contains { $0.contains("in the cluster") })
    #expect(stage.pullRequests.count == (way == "by pr" ? 1 : 0))
  }

  @Test(arguments: Case.all, ["reconcile", "resume"])
  func withoutGitTheClusterIsUndoneAndGitIsWrittenLater(_ one: Case, later: String) throws {
    let (stage, server) = try released()
    server.breaks(one.trouble)
    let text = "rollback production api \(one.way) otherwise undo because \"x\""
    let told = try stage.run(text, world: server.world(stage))
    #expect(told.exit == 4, "\(told.story)")
    let message = told.message(of: "rollback")
    #expect(message.contains("api api-v1.2.2 again in the cluster, and seen there; git is behind"), "\(message)")
    #expect(message.contains("`reconcile production api` writes git to match"), "\(message)")
    #expect(stage.running(api) == "1.2.2" && stage.tag(api) == "api-v1.3.0")
    #expect(try application(stage).suspendedBy == "run-1")
    // It is what is done in a hurry: git has its quarter of the time, people are not waited for.
    let undone = try #require(
      told.events.first {
        if case .progress("brought back to api-v1.2.2 in the cluster") = $0.body { true } else { false }
      }
    )
    #expect(undone.time - told.start < .seconds(200), "\(undone.time - told.start)")
    server.isBack()
    let after =
      later == "resume"
      ? try stage.run(text, world: server.world(stage))
      : try stage.run("reconcile production api", as: "run-2", world: server.world(stage))
    try expectWhole(after)
  }

  @Test(arguments: Case.all) func gitThatComesBackAfterTheUndoIsWrittenByTheSameRun(_ one: Case) throws {
    let (stage, server) = try released()
    server.breaks(one.trouble, for: .seconds(260))
    let told = try stage.run(
      "rollback production api \(one.way) otherwise undo because \"x\"",
      world: server.world(stage)
    )
    #expect(told.progress.contains { $0.contains("brought back to api-v1.2.2 in the cluster") }, "\(told.story)")
    try expectWhole(told)
    // Git is not written before it was told what it is to say.
    let planned = try #require(told.events.firstIndex { $0.name == "planned" }, "\(told.story)")
    let written = told.events.firstIndex { $0.name == "committed" || $0.name == "pull-request.opened" }
    #expect(planned < (written ?? .max))
  }

  /// What somebody else set in the meantime is theirs; git is written for the rest, and nothing stays suspended.
  @Test(arguments: ["by commit", "by revert"]) func whatGitSaysToBeSomebodyElsesAfterAnUndoIsLeft(way: String) throws {
    let text = """
      validate staging api, web
      promote api, web by commit
      monitor 30m
      on failure { rollback promoted \(way) otherwise undo because "x" }
      """
    let crashing = Future(text).with(api, .crashes(after: .seconds(300)))
    let usual = try crashing.run()
    let began = try #require(usual.events.first { $0.name == "step.started" && $0.step?.verb == "rollback" }).time
    let reads = usual.stage.simulated.touches.filter { $0.touch == .repositoryHead && $0.time >= began }
    let read = try #require(reads.first).occurrence
    let told = try crashing.with(.call(.repositoryHead, occurrence: read, .fails(.missing)))
      .with(.foreignTag(api, production, try version("1.2.9")), .before(.repositoryHead, occurrence: read)).run()
    let stage = told.stage
    #expect(told.exit == 1 && told.ending(of: "rollback") == .undetermined, "\(told.story)")
    #expect(told.progress.contains { $0.contains("brought back to web-v5.0.0 in the cluster") }, "\(told.story)")
    #expect(told.superseded.map(\.found) == ["api-v1.2.9"], "\(told.story)")
    #expect(stage.tag(web) == "web-v5.0.0" && stage.running(web) == "5.0.0", "\(told.story)")
    #expect(stage.tag(api) == "api-v1.2.9", "\(told.story)")
    for name in [api, web] {
      let application = stage.simulated.snapshot(of: production).services[name]?.application
      #expect(application?.suspendedBy == nil && application?.hasAutoSync == true, "\(name)")
    }
  }

  @Test func aPullRequestNobodyMergesAfterAnUndoIsSaidTruly() throws {
    let stage = try Future(quickRelease).with(.selfHeal(production)).with(.reviewer(.neverComes)).stage()
    #expect(try stage.run(quickRelease, as: "run-0").ending == .ok)
    let server = GitServer(stage)
    server.breaks(.refusing, for: .seconds(260))
    let told = try stage.run("rollback production api by pr otherwise undo because \"x\"", world: server.world(stage))
    #expect(told.exit == 4, "\(told.story)")
    #expect(stage.running(api) == "1.2.2" && stage.tag(api) == "api-v1.3.0")
    #expect(!told.message.contains("nothing was taken back"), "\(told.message)")
    #expect(told.message.contains("#101 was not merged in time and stays open"), "\(told.message)")
    #expect(told.message.contains("auto-sync of api stays suspended"), "\(told.message)")
  }

  /// What a named commit would take back is known from git alone.
  @Test func aNamedCommitIsNotGuessedAtWithoutGit() throws {
    let (stage, server) = try released()
    let promoted = try #require(stage.commitsOfRuns.last)
    server.breaks(.down)
    func rollback(_ commit: String, as run: String) throws -> Told {
      try stage.run(
        "rollback production api by revert of \"\(commit)\" otherwise undo because \"x\"",
        as: run,
        world: server.world(stage)
      )
    }
    let other = try rollback("0123456789", as: "run-1")
    #expect(other.exit == 4, "\(other.story)")
    #expect(other.message.contains("nothing was taken back"), "\(other.message)")
    #expect(stage.running(api) == "1.3.0")
    #expect(try application(stage).suspendedBy == nil)
    // The promotion that this journal knows by its commit is known without git.
    let own = try rollback(String(promoted.id.text.prefix(9)), as: "run-2")
    #expect(own.message.contains("api api-v1.2.2 again in the cluster"), "\(own.story)")
    #expect(stage.running(api) == "1.2.2")
  }
}
