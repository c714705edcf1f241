import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What stands in the way of a rescue, and does not keep it from happening (rule 7).
@Suite struct RescueTests {
  private func application(_ stage: Stage, _ service: ServiceName) throws -> ApplicationSnapshot {
    try #require(stage.simulated.snapshot(of: production).services[service]?.application)
  }

  @Test func whatOnlyShowsDoesNotKeepAHandlerFromAnswering() throws {
    let text = quickRelease.replacing("rollback promoted", with: "diagnose production api; rollback promoted")
    let told = try Future(text).with(api, .crashes(after: .seconds(60)))
      .with(.call(.clusterExamine, occurrence: 1, .fails(.unauthorized))).run()
    #expect(told.verbs.contains("diagnose"), "\(told.story)")
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  private static let two = """
    validate staging api, web
    promote api, web by commit
    monitor 30m
    on failure { rollback promoted by undo }
    """

  /// One of several does not come back: the others do, and Argo CD goes on with all of them, as git says where they are to go.
  @Test func anUndoOfSeveralIsNotGivenUpForOne() throws {
    let former = try #require(Version("1.2.2"))
    let told = try Future(Self.two).with(api, .crashes(after: .seconds(300)))
      .with(
        .image(ImageFault(api, in: production, versions: .exactly(former), .cannotBePulled)),
        .afterPromotion(.seconds(310))
      ).run()
    #expect(told.exit == 1, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2" && told.stage.tag(web) == "web-v5.0.0")
    #expect(told.stage.running(web) == "5.0.0", "\(told.story)")
    for service in [api, web] {
      let application = try application(told.stage, service)
      #expect(application.hasAutoSync && application.suspendedBy == nil, "\(service): \(told.message)")
    }
    #expect(!told.message.contains("to take it back"), "\(told.message)")
  }

  /// What somebody changed by hand only Argo CD can put right, and it is let.
  @Test func anUndoLetsArgoCDPutRightWhatItAloneCan() throws {
    let told = try Future(Self.two).with(api, .health(.status(503), after: .seconds(500)))
      .with(.liveReplicas(api, production, 0), .afterPromotion(.seconds(480))).run()
    #expect(told.stage.running(api) == "1.2.2", "\(told.story)")
    #expect(told.stage.running(web) == "5.0.0")
    #expect(try application(told.stage, api).sync == .synced)
    #expect(told.exit == 3, "\(told.message)")
  }

  /// While people are waited for, an answer of a moment ends nothing.
  @Test(arguments: [WorldError.Reason.unauthorized, .notFound, .missing])
  func aRescueWaitsForPeopleWhateverTheForgeSaysForAMoment(reason: WorldError.Reason) throws {
    let text = quickRelease.replacing("rollback promoted", with: "rollback promoted by pr")
    let told = try Future(text).with(api, .crashes(after: .seconds(60)))
      .with(.reviewer(.merges(after: .seconds(600))))
      .with(.call(.forgeMergeReadiness, occurrence: 1, .fails(reason))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2")
  }

  /// The cluster has nothing to go back to, so git is not given up.
  @Test func whereNothingCanBeUndoneGitHasAllOfTheTime() throws {
    let text = quickRelease.replacing("rollback promoted", with: "rollback promoted otherwise undo")
    let told = try Future(text).with(api, .crashes(after: .seconds(60)))
      .with(.liveDeletion(api, production), .afterPromotion(.seconds(50)))
      .with(.pushesRejected(13), .afterPromotion(.seconds(1))).run()
    #expect(told.stage.tag(api) == "api-v1.2.2", "\(told.story)")
    #expect(told.exit == 3, "\(told.message)")
  }

  @Test func whatIsAnnouncedAsPlannedMayBeKnownLater() throws {
    let loop = """
      validate staging api, web
      announce planned
      for service in staging api, web { promote service by commit }
      monitor 10m
      on failure { rollback promoted }
      """
    let told = try Future(loop).configured("announce: { places: { team: { webhook: SLACK_URL } } }").run()
    #expect(told.ending == .ok, "\(told.story)")
    let text = try #require(told.stage.simulated.announcements.first?.announcement.text)
    #expect(text.contains("\nService: api v1.3.0, web v5.0.1\n"), "\(text)")

    let version = """
      validate staging api
      announce planned
      let wanted = version of api in staging
      promote api by commit at (wanted)
      monitor 10m
      on failure { rollback promoted }
      """
    let other = try Future(version).configured("announce: { places: { team: { webhook: SLACK_URL } } }").run()
    #expect(other.ending == .ok, "\(other.story)")
    let words = try #require(other.stage.simulated.announcements.first?.announcement.text)
    #expect(words.contains("\nService: api\n"), "\(words)")
  }
}
