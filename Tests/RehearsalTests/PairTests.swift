import PromotionModel
import RunbookInterpreter
import SimulatedWorld
import Testing

@testable import Rehearsal

/// Two things at once that a release did not survive once.
@Suite struct PairTests {
  @Test func aPullRequestThatCannotBeClosedIsNoRefusal() throws {
    // *Refused* would say that nothing is left of it, and would leave nothing to resume.
    let future = ExploredFuture([
      Fault(.foreignTag(web, staging, try #require(Version("v5.0.8"))), start: .before(.forgeSetStatus, occurrence: 1)),
      Fault(.call(.forgeClose, occurrence: 1, .fails(.unauthorized))),
    ])
    let result = try exploration(release).explore(future)
    #expect(result.unsafe == nil)
    #expect(result.exit == ExitStatus.undetermined)
  }

  @Test func aRescueWithoutTheRightsIsNotOver() throws {
    let future = ExploredFuture([
      Fault(.image(ImageFault(web, in: production, .crashes(after: .seconds(1200))))),
      Fault(.call(.repositoryCommit, occurrence: 1, .fails(.unauthorized))),
    ])
    #expect(try exploration(release).explore(future).unsafe == nil)
  }

  @Test func aLockThatIsTakenAnewWhileItIsRenewedIsHeld() throws {
    // The renewal of the former lease comes to nothing, and the rollback's own is the one to free.
    let future = ExploredFuture([
      Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(300))))),
      Fault(.slowDelivery(production, by: .seconds(600))),
      Fault(.call(.repositoryPlanReturn, occurrence: 2, .late(by: .seconds(90)))),
    ])
    let result = try exploration(release).explore(future)
    #expect(result.unsafe == nil)
    #expect(result.exit == ExitStatus.takenBack)
  }

  @Test(arguments: [CallFault.Moment.before, .after], [ExploredFuture.shortPause, ExploredFuture.longPause])
  func aPullRequestThatWasClosedIsNotMerged(_ moment: CallFault.Moment, _ pause: Duration) throws {
    // What was closed when the process died is not "already merged" for the one that resumes the run.
    let future = ExploredFuture(
      [
        Fault(.reviewer(.closes(after: .seconds(600)))),
        Fault(.call(.repositoryDeleteBranch, occurrence: 1, .processDies(moment))),
      ],
      pause: pause
    )
    let result = try exploration(release).explore(future)
    #expect(result.unsafe == nil)
    #expect(result.exit == ExitStatus.refused)
  }

  @Test func aClosedPullRequestIsNotMergedWhateverWriteWasTheLast() throws {
    let release = try exploration(release)
    let closed = Fault(.reviewer(.closes(after: .seconds(600))))
    let writes = try release.account(of: ExploredFuture([closed])).writes
    #expect(writes > 10)
    for write in 1...writes {
      for pause in [ExploredFuture.shortPause, ExploredFuture.longPause] {
        let future = ExploredFuture([closed], dyingWrite: write, pause: pause)
        let result = try release.explore(future)
        #expect(result.unsafe == nil, "\(future.name)")
        #expect(result.exit == ExitStatus.refused, "\(future.name)")
      }
    }
  }
}
