import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Runs with every construct, cut off at every write and at many times, and resumed: the same end as without, no effect
/// twice, the same branches, the right attempt.
@Suite struct ResumedControlTests {
  /// All of the language in one release: what it reads, asks and runs on the way.
  private static let everything = """
    input soak = 3m
    procedure release(service, hold = soak) {
      validate staging service
      let before = version of service in production
      promote service by commit because "{service} was {before}, run {run.id}"
      within 30m {
        wait rollout
        monitor (hold) every 10s
      }
      run "smoke {service}"
      on failure { rollback promoted }
      finally { run "clean up {service}" }
    }
    let token = env("TOKEN")
    require version of api in staging > version of api in production else "nothing is new"
    confirm "Release {version of api in staging}?"
    for s in production api, web {
      if version of s in staging is version of s in production {
        run "nothing to do for {s}"
      } else {
        release(s)
      }
    }
    retry 3 times every 1m { run "check {token}" }
    show versions
    finally { run "report {promoted}" }
    """

  private func future(_ text: String = Self.everything, checks: Int32 = 0, smoke: Int32 = 0) -> Future {
    Future(text).standingIn { standIns in
      standIns.variables["TOKEN"] = "t0ken-of-ada"
      standIns.programs = [
        .init("check", status: checks), .init("smoke api", status: smoke, duration: .seconds(20)), .init(),
      ]
    }
  }

  private func expectSame(
    _ told: Told,
    as whole: Told,
    _ cut: String,
    programs: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let stage = told.stage
    #expect(told.ending == whole.ending, "\(cut)\n\(told.story)", sourceLocation: sourceLocation)
    #expect(told.exit == whole.exit, "\(cut)", sourceLocation: sourceLocation)
    #expect(stage.whole == whole.stage.whole, "\(cut)\n\(told.story)", sourceLocation: sourceLocation)
    #expect(
      stage.commitsOfRuns.map(\.subject) == whole.stage.commitsOfRuns.map(\.subject),
      "\(cut)\n\(told.story)",
      sourceLocation: sourceLocation
    )
    #expect(stage.locks.isEmpty, "\(cut)", sourceLocation: sourceLocation)
    guard programs else { return }
    // A program that was cut off is started again; one that came to its end never is, unless it was not yet stored.
    let lines = stage.simulated.commands.lines
    let wanted = whole.stage.simulated.commands.lines
    #expect(Set(lines) == Set(wanted), "\(cut): \(lines)", sourceLocation: sourceLocation)
    #expect(lines.count <= wanted.count + 1, "\(cut): \(lines)", sourceLocation: sourceLocation)
  }

  /// Resumed until it comes to its end.
  private func finish(_ stage: Stage, _ text: String) throws -> Told {
    for _ in 0..<6 {
      let told = try stage.run(text)
      if told.ending != .interrupted { return told }
    }
    return try stage.run(text)
  }

  @Test func everyConstructInOneRun() throws {
    let told = try future().run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.running(api) == "1.3.0" && told.stage.running(web) == "5.0.1")
    #expect(
      told.stage.simulated.commands.lines == [
        "smoke api", "clean up api", "smoke web", "clean up web", "check t0ken-of-ada", "report web",
      ]
    )
  }

  @Test(arguments: Array(stride(from: 1, through: 120, by: 2)))
  func goneAtAnyWrite(write: Int) throws {
    let whole = try future().run()
    let stage = try future().stage()
    let cut = try stage.run(Self.everything, dying: .atWrite(write))
    guard cut.ending == .interrupted else { return }
    try stage.pass(.seconds(30))
    expectSame(try finish(stage, Self.everything), as: whole, "write \(write)")
  }

  @Test(arguments: [1, 5, 21, 25, 30, 60, 100, 150, 200, 240, 260, 300, 400, 480, 500, 520, 560, 600, 620])
  func interruptedAtAnyTime(seconds: Int) throws {
    let whole = try future().run()
    let stage = try future().stage()
    let cut = try stage.run(Self.everything, dying: .interrupted(after: .seconds(seconds)))
    guard cut.ending == .interrupted else { return }
    #expect(cut.exit == 130)
    try stage.pass(.seconds(90))
    expectSame(try finish(stage, Self.everything), as: whole, "after \(seconds)s")
  }

  /// The smoke test fails: the handler, the `finally` and the outer `finally` are cut off too.
  @Test(arguments: Array(stride(from: 12, through: 64, by: 2)))
  func goneAtAnyWriteOfAFailure(write: Int) throws {
    let whole = try future(smoke: 3).run()
    #expect(whole.exit == 3, "\(whole.story)")
    #expect(whole.stage.running(api) == "1.2.2")
    let stage = try future(smoke: 3).stage()
    let cut = try stage.run(Self.everything, dying: .atWrite(write))
    guard cut.ending == .interrupted else { return }
    try stage.pass(.seconds(30))
    expectSame(try finish(stage, Self.everything), as: whole, "write \(write)")
  }

  // MARK: Branches

  @Test func resumedRunTakesTheSameBranch() throws {
    let text = """
      if version of api in staging is 1.3.0 { wait 10m; run "then" } else { run "else" }
      """
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(60))).ending == .interrupted)
    try stage.commit("api-v1.4.0", of: api, in: staging)
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["then"])
  }

  @Test func listOfALoopIsThatOfItsBeginning() throws {
    let text = "for s in production all { wait 10m; run \"{s}\" }"
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(700))).ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.commands.endedLines == ["api", "web", "project-management"])
  }

  @Test func variablesAndAnswersAreKept() throws {
    let text = "let v = version of api in staging\nconfirm \"Go?\"\nwait 10m\nrun \"{v} {env(\"TOKEN\")}\""
    let stage = try future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(60))).ending == .interrupted)
    try stage.commit("api-v1.4.0", of: api, in: staging)
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["1.3.0 t0ken-of-ada"])
    #expect(!told.has("confirmed"))
  }

  @Test func secretsAreInNoJournalAndAskedForAgain() throws {
    let text = """
      let token = env("TOKEN")
      let header = "Bearer {token}"
      let place = env("PLACE")
      wait 10m
      run "{header} {place}"
      """
    let future = future(text).standingIn { $0.variables["PLACE"] = "here-and-now" }
    let stage = try future.stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(60))).ending == .interrupted)
    let id = try #require(RunID("run-1"))
    let notes = try stage.journal.steps(of: id).flatMap { try stage.journal.notes(of: id, step: $0.step).values }
    #expect(notes.contains { $0.contains("here-and-now") })
    #expect(!notes.contains { $0.contains("t0ken-of-ada") }, "\(notes)")
    // Another value, or none, is no way on; the same is.
    func world(_ token: String?) -> World {
      var world = stage.simulated.world
      world.reading.surroundings.variables = FixedVariables(values: ["TOKEN": token].compactMapValues { $0 })
      return world
    }
    let without = try stage.run(text, world: world(nil))
    #expect(without.exit == 4 && without.message.contains("set TOKEN as it was, and resume"), "\(without.story)")
    let other = try stage.run(text, world: world("another-token"))
    #expect(other.exit == 4 && other.message.contains("is not what it was"), "\(other.story)")
    #expect(stage.simulated.commands.lines.isEmpty)
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["Bearer t0ken-of-ada here-and-now"])
  }

  private struct FixedVariables: VariableReading {
    var values: [String: String]
    func variable(_ name: String) -> String? { values[name] }
  }

  @Test func inputsOfAResumedRunAreThoseItBeganWith() throws {
    let text = "input soak = 30m\nwait (soak)"
    let stage = try Future(text).set("soak=5m").stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(60))).ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .ok)
    #expect(told.elapsed == .seconds(240))
  }

  // MARK: Attempts and deadlines

  @Test func resumedRunEntersTheRightAttempt() throws {
    let text = "retry 4 times every 1m { run \"smoke\" }"
    let future = Future(text).standingIn { $0.programs = [.init("smoke", status: 1, duration: .seconds(30))] }
    let stage = try future.stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(75))).ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .failed, "\(told.story)")
    #expect(stage.simulated.commands.endedLines.count == 4)
    #expect(stage.simulated.commands.lines.count == 5)
    #expect(told.begun.first == "0" && told.begun.dropFirst().first == "0/attempt-1/0")
    #expect(told.warnings.contains { $0.contains("cut off before it ended, and is started again") })
  }

  @Test func pauseBetweenAttemptsGoesOn() throws {
    let text = "retry 2 times every 10m { run \"smoke\" }"
    let stage = try Future(text).standingIn { $0.programs = [.init("smoke", status: 1)] }.stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(100))).ending == .interrupted)
    try stage.pass(.seconds(200))
    let told = try stage.run(text)
    #expect(told.ending == .failed)
    #expect(told.elapsed == .seconds(600 - 300 + 5))
    #expect(stage.simulated.commands.lines.count == 2)
  }

  @Test func deadlineIsKept() throws {
    let text = "input long = 8m\nwithin 10m { wait (long); wait (long) }"
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(120))).ending == .interrupted)
    try stage.pass(.seconds(60))
    let told = try stage.run(text)
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.elapsed == .seconds(600 - 180))
  }

  @Test func deadlineThatIsPastLetsNothingBegin() throws {
    let text = "within 10m { wait 9m; run \"never\"; finally { run \"always\" } }"
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(120))).ending == .interrupted)
    try stage.pass(.seconds(3600))
    let told = try stage.run(text)
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["always"])
  }

  // MARK: On request

  /// A run that could not tell is resumed on request: what could not be told is tried again, and what had answered it is
  /// done afresh.
  @Test func secondGoTriesAgainAndAnswersAnew() throws {
    let text =
      "validate staging api; promote api by commit; monitor 5m; on failure { run \"page\" }; finally { run \"z\" }"
    let stage = try Future(text).with(.networkLost(for: .seconds(3000)), .afterPromotion(.seconds(100))).stage()
    let first = try stage.run(text)
    #expect(first.ending == .undetermined || first.ending == .timedOut, "\(first.story)")
    #expect(stage.simulated.commands.lines == ["page", "z"])
    try stage.pass(.seconds(3600))
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["page", "z", "z"])
    #expect(stage.commitsOfRuns.count == 1)
  }

  @Test func secondGoOfARetryIsItsLastAttempt() throws {
    let text = "retry 2 times every 1m { require health of api in production is healthy }"
    let stage = try Future(text).with(.networkLost(for: .seconds(600))).stage()
    #expect(try stage.run(text).ending == .undetermined)
    try stage.pass(.seconds(3600))
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.begun == ["0", "0/attempt-1/0"])
  }

  /// The handler had begun when the process died: it goes on, and what it answers is not tried again.
  @Test func handlerThatWasCutOffGoesOn() throws {
    let text = "input long = 1h\nwithin 1m { wait (long) }; on failure { wait 10m; run \"clean up\" }"
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(120))).ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["clean up"])
    #expect(told.begun.allSatisfy { $0.contains("on-failure") }, "\(told.begun)")
  }

  @Test func stopInABlockIsKept() throws {
    let text = """
      input yes = true
      within 1h { wait 1m; if yes { stop "enough" } }
      run "never"
      finally { wait 10m; run "z" }
      """
    let stage = try Future(text).stage()
    #expect(try stage.run(text, dying: .interrupted(after: .seconds(120))).ending == .interrupted)
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.simulated.commands.lines == ["z"])
  }
}
