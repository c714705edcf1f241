import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `for`, `retry`, `within`, procedures, handlers in blocks, `finally`, `stop` and `fail` inside of them.
@Suite struct ControlTests {
  // MARK: for

  @Test func loopRunsOncePerService() throws {
    let told = try Future("for s in production api, web { wait 1m; run \"smoke {s}\" }").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.simulated.commands.lines == ["smoke api", "smoke web"])
    #expect(told.begun == ["0", "0/iteration-0/0", "0/iteration-0/1", "0/iteration-1/0", "0/iteration-1/1"])
  }

  @Test func loopEndsWithTheFirstThatDoesNotEndWell() throws {
    let told = try Future("for s in production api, web { run \"smoke {s}\" }")
      .standingIn { $0.programs = [.init("smoke api", status: 3)] }.run()
    #expect(told.ending == .failed)
    #expect(told.stage.simulated.commands.lines == ["smoke api"])
    #expect(told.message.contains("status 3"))
  }

  // MARK: retry

  @Test func retryRepeatsUntilItGoesWell() throws {
    // The network is away for the first two attempts.
    let told = try Future("retry 4 times every 2m { validate staging api }")
      .with(.networkLost(for: .seconds(200))).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.begun == ["0", "0/attempt-0/0", "0/attempt-1/0", "0/attempt-2/0"])
    #expect(told.elapsed >= .seconds(240) && told.elapsed < .seconds(300))
  }

  @Test func lastEndingCounts() throws {
    let told = try Future("retry 3 times every 30s { run \"smoke\" }")
      .standingIn { $0.programs = [.init("smoke", status: 1)] }.run()
    #expect(told.ending == .failed)
    #expect(told.stage.simulated.commands.lines.count == 3)
    #expect(told.elapsed >= .seconds(60) && told.elapsed < .seconds(90))
  }

  @Test func attemptThatTookLongerIsFollowedAtOnce() throws {
    let told = try Future("retry 2 times every 30s { run \"smoke\" }")
      .standingIn { $0.programs = [.init("smoke", status: 1, duration: .seconds(45))] }.run()
    #expect(told.elapsed == .seconds(90), "\(told.elapsed)")
  }

  @Test func refusedIsNeverRepeated() throws {
    let told = try Future("retry 3 times { require 1 > 2 else \"never\" }").run()
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.begun == ["0", "0/attempt-0/0"])
  }

  /// Rule 4 makes it *failed*, and it stays what it was.
  @Test func refusedAfterAChangeIsNotRepeatedEither() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait rollout; retry 3 times { promote web by commit }"
    ).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.verbs.count { $0 == "promote" } == 2)
  }

  @Test func handlerOfARetriedBlockAnswersEachAttempt() throws {
    let told = try Future("retry 2 times { run \"smoke\"; on failure { run \"clean up\" } }")
      .standingIn { $0.programs = [.init("smoke", status: 1)] }.run()
    #expect(told.stage.simulated.commands.lines == ["smoke", "clean up", "smoke", "clean up"])
    #expect(told.ending == .failed)
  }

  // MARK: within

  @Test func withinEndsWhatIsNotDone() throws {
    let told = try Future("input long = 1h\nwithin 10m { wait 5m; wait (long); wait 1m }").run()
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.elapsed == .seconds(600))
    #expect(told.begun == ["1", "1/0", "1/1"])
    #expect(told.message == "cut off: the `within 10m` of line 2 was over")
  }

  @Test func withinThatIsLongEnoughChangesNothing() throws {
    let told = try Future("within 10m { wait 5m }").run()
    #expect(told.ending == .ok)
    #expect(told.elapsed == .seconds(300))
  }

  @Test func theEarliestDeadlineHolds() throws {
    #expect(try Future("input long = 10m\nwithin 1h { within 2m { wait (long) } }").run().elapsed == .seconds(120))
    #expect(try Future("input long = 10m\nwithin 2m { within 1h { wait (long) } }").run().elapsed == .seconds(120))
    #expect(
      try Future("within 2m { retry 9 times every 50s { run \"x\" } }")
        .standingIn { $0.programs = [.init("x", status: 1)] }.run().elapsed < .seconds(120)
    )
  }

  @Test func whatAnswersADeadlineHasItsOwnTime() throws {
    let told = try Future(
      "input long = 10m\nwithin 2m { wait (long); on failure { wait 5m; run \"clean up\" }; finally { wait 5m } }"
    ).run()
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.stage.simulated.commands.endedLines == ["clean up"])
    #expect(told.elapsed == .seconds(120 + 300 + 5 + 300))
  }

  @Test func promotionThatIsCutOffIsTakenBackWholeOrNotThere() throws {
    for milliseconds in stride(from: 300, through: 6000, by: 300) {
      let told = try Future(
        "validate staging api; within \(milliseconds)ms { promote api by commit }; wait rollout; on failure { rollback promoted even if undetermined }"
      ).run()
      let stage = told.stage
      #expect(stage.locks.isEmpty, "\(told.story)")
      if told.ending == .ok {
        #expect(stage.running(api) == "1.3.0")
      } else {
        #expect(told.ending == .timedOut, "\(told.story)")
        #expect(stage.tag(api) == "api-v1.2.2", "\(told.story)")
      }
    }
  }

  // MARK: Procedures

  @Test func proceduresAreCalledWithTheirArguments() throws {
    let told = try Future(
      """
      procedure check(service, hold = 2m) {
        wait (hold)
        run "smoke {service}"
      }
      check(api)
      check(web, hold = 1m)
      """
    ).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.simulated.commands.lines == ["smoke api", "smoke web"])
    #expect(told.begun == ["1", "1/call/0", "1/call/1", "2", "2/call/0", "2/call/1"])
    #expect(told.elapsed == .seconds(120 + 5 + 60 + 5))
  }

  // MARK: Handlers

  @Test func handlerBelongsToItsBlockAndTheFailureGoesOnUp() throws {
    let told = try Future(
      """
      for s in production api {
        run "smoke {s}"
        on failure { run "inner {failure.kind}" }
      }
      run "after"
      on failure { run "outer {failure.statement}: {failure.message}" }
      """
    ).standingIn { $0.programs = [.init("smoke", status: 7)] }.run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(
      told.stage.simulated.commands.lines == [
        "smoke api", "inner failed",
        "outer run \"smoke {s}\": it ended with status 7; it wrote nothing",
      ]
    )
  }

  @Test func refusalsAndDeadlinesAreAnsweredToo() throws {
    #expect(
      try Future("require 1 > 2; on failure { run \"{failure.kind}\" }").run().stage.simulated.commands.lines == [
        "refused"
      ]
    )
    let late = try Future("input long = 1h\nwithin 1m { wait (long) }; on failure { run \"{failure.kind}\" }").run()
    #expect(late.stage.simulated.commands.lines == ["timed out"])
  }

  @Test func failureNamesItsServices() throws {
    let told = try Future(
      "validate staging api, web; promote api, web by commit; monitor 10m; on failure { run \"page {failure.services}\" }"
    ).with(web, .crashes(after: .seconds(30))).run()
    #expect(told.stage.simulated.commands.lines == ["page web"], "\(told.story)")
  }

  @Test func failureInAHandlerMakesItWorseAndNothingBetter() throws {
    let told = try Future("require 1 > 2; on failure { fail \"and the handler\" }").run()
    #expect(told.ending == .failed)
    #expect(told.message == "and the handler")
    let mild = try Future("fail \"first\"; on failure { require 1 > 2 }").run()
    #expect(mild.message == "first")
  }

  // MARK: finally

  @Test(
    arguments: [
      ("run \"a\"; finally { run \"z\" }", ["a", "z"], Ending.ok),
      ("fail \"x\"; finally { run \"z\" }", ["z"], .failed),
      ("fail \"x\"; on failure { run \"h\" }; finally { run \"z\" }", ["h", "z"], .failed),
      ("finally { run \"z\" }; stop \"s\"", ["z"], .ok),
      ("run \"a\"; finally { fail \"late\" }", ["a"], .failed),
      ("input long = 1h\nwithin 1m { wait (long); finally { run \"z\" } }", ["z"], .timedOut),
      ("for s in production api, web { run \"{s}\"; finally { run \"z\" } }", ["api", "z", "web", "z"], .ok),
      ("require 1 > 2; finally { wait 1s }; on failure { run \"h\" }", ["h"], .refused),
    ] as [(String, [String], Ending)]
  )
  func finallyIsRunHoweverItsBlockEnded(text: String, lines: [String], ending: Ending) throws {
    let told = try Future(text).run()
    #expect(told.stage.simulated.commands.lines == lines, "\(told.story)")
    #expect(told.ending == ending)
  }

  @Test func rollbackInFinallyHoldsAsInAHandler() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait rollout; wait rollout within 1s; monitor 5m; finally { rollback promoted }"
    ).with(.networkLost(for: .seconds(7200)), .afterPromotion(.seconds(600))).run()
    if told.ending == .undetermined || told.ending == .timedOut { #expect(told.stage.tag(api) == "api-v1.3.0") }
    #expect(told.has("run.ended"))
  }

  // MARK: stop and fail

  @Test func stopEndsTheRunFromAnywhere() throws {
    let told = try Future(
      """
      procedure look(s) { if version of s in staging is 1.3.0 { stop "enough" } }
      for s in production api, web { look(s) }
      run "never"
      """
    ).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.simulated.commands.lines.isEmpty)
    #expect(told.verbs.count { $0 == "look" } == 1)
  }

  @Test func stopInARetryIsNoFailure() throws {
    #expect(
      try Future("input yes = true\nretry 3 times { if yes { stop \"enough\" } }; fail \"never\"").run().ending == .ok
    )
  }

  @Test func stopInAHandlerKeepsOuterHandlersFromUndoing() throws {
    let told = try Future(
      """
      validate staging api
      promote api by commit
      wait rollout
      within 1h { fail "red"; on failure { stop "leave it as it is" } }
      on failure { rollback promoted }
      finally { run "always" }
      """
    ).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0")
    #expect(told.stage.simulated.commands.lines == ["always"])
  }

  @Test func stopInsideABlockIsNoGoodEndingInIgnorance() throws {
    let told = try Future("validate staging api; promote api by commit; within 1h { stop \"enough\" }").run()
    #expect(told.ending == .undetermined)
  }
}
