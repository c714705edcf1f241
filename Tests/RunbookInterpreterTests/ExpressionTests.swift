import PromotionModel
import RunLog
import RunbookCheck
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// `let`, facts, conditions, the environment, inputs: what a runbook works out while it runs.
@Suite struct ExpressionTests {
  @Test func factsAreReadFromRepositoryAndCluster() throws {
    let told = try Future(
      """
      let declared = version of api in production
      let health = health of api in production
      let sync = sync of api in production
      let image = image of api in production
      let ready = ready of api in production
      let wanted = replicas of api in production
      let restarts = restarts of api in production
      let errors = errors of api in production since 5m
      let age = age of api in production
      stop "{declared} {health} {sync} {image} {ready}/{wanted} {restarts} {errors} {age}"
      """
    ).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.values["declared"] == "1.2.2")
    #expect(told.values["health"] == "healthy")
    #expect(told.values["sync"] == "synced")
    #expect(told.values["image"]?.hasSuffix(":api-v1.2.2") == true || told.values["image"]?.contains("1.2.2") == true)
    #expect(told.values["ready"] == told.values["wanted"])
    #expect(told.values["restarts"] == "0")
    #expect(told.values["errors"] == "0")
    #expect(told.values["version of api in production"] == "1.2.2")
    #expect(told.message(of: "stop").contains("stopped: 1.2.2 healthy synced"))
    let fact = try #require(
      told.events.first { $0.body == .value(name: "version of api in production", type: "version", text: "1.2.2") }
    )
    #expect(fact.step?.path.description == "0/fact-0")
    #expect(fact.environment == production && fact.service == api)
  }

  @Test func conditionsDecideWhichBlockIsRun() throws {
    let told = try Future(
      """
      if version of api in staging > version of api in production and not (health of api in staging is degraded) {
        stop "something is new"
      } else {
        fail "nothing is new"
      }
      """
    ).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.begun == ["0", "0/branch-0/0"])
  }

  @Test func elseIfAndElseAreTakenInTheirTurn() throws {
    let text = """
      input size = 5
      if size < 3 { stop "small" } else if size < 10 { stop "middle" } else { stop "large" }
      """
    #expect(try Future(text).run().begun.last == "1/branch-1/0")
    #expect(try Future(text).set("size=2").run().begun.last == "1/branch-0/0")
    #expect(try Future(text).set("size=11").run().begun.last == "1/branch-2/0")
    let none = try Future("input size = 5\nif size < 3 { fail \"small\" }").run()
    #expect(none.ending == .ok && none.begun == ["1"])
  }

  /// Rule 5: could not tell is neither yes nor no.
  @Test func factThatCannotBeHadTakesNeitherBranch() throws {
    let told = try Future(
      "if health of api in production is healthy { stop \"well\" } else { fail \"ill\" }"
    ).with(.networkLost(for: .seconds(600))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.exit == 4)
    #expect(told.begun == ["0"])
    #expect(told.message.contains("the health of api in production cannot be told"))
  }

  @Test func whatIsNotNeededIsNotRead() throws {
    let told = try Future("input deep = false\nif deep and errors of api in production > 0 { fail \"errors\" }").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.simulated.calls[.clusterLogs] == nil)
  }

  @Test func previousVersionIsThatOfTheRunsOwnPromotionElseOfHistory() throws {
    let text = """
      let before = previous version of api in production
      validate staging api
      promote api by commit
      wait rollout
      let after = previous version of api in production
      """
    let told = try Future(text).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.values["after"] == "1.2.2")
    #expect(told.values["before"] != nil && told.values["before"] != "1.2.2")
    let later = try told.stage.run("let before = previous version of api in production", as: "run-2")
    #expect(later.values["before"] == "1.2.2", "\(later.story)")
  }

  @Test func metricThatNobodyCanReadIsRefusedBeforeAnythingIsDone() throws {
    let told = try Future(
      "validate staging api; promote api by commit; wait rollout; require metric \"error-rate\" of api in production over 5m < 0.5%"
    ).run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.begun.isEmpty)
    #expect(told.message.contains("the metric \"error-rate\" cannot be read"))
    told.expectUntouched()
  }

  @Test func metricIsComparedWithAPercentage() throws {
    let text = "require metric \"error-rate\" of api in production over 5m < 0.5%"
    func measuring(_ value: Double?) -> Future { Future(text).with(.metric("error-rate", api, production, value)) }
    #expect(try measuring(0.004).run().ending == .ok)
    let told = try measuring(0.006).run()
    #expect(told.ending == .refused)
    #expect(told.message.contains("metric \"error-rate\" of api in production over 5m is 0.006"))
    #expect(try measuring(nil).run().ending == .undetermined)
  }

  // MARK: The environment and the run

  @Test func variablesOfTheEnvironmentAreUsedAndNotShown() throws {
    let told = try Future("let token = env(\"TOKEN\")\nrun \"curl -H {token} https://x\"\nfail \"{token}\"")
      .standingIn { standIns in
        standIns.variables["TOKEN"] = "s3cr3t-t0ken"
        standIns.programs = [.init("curl", output: [CommandOutput(.output, "sent s3cr3t-t0ken")])]
      }.run()
    #expect(told.stage.simulated.commands.lines == ["curl -H s3cr3t-t0ken https://x"])
    #expect(told.output == ["sent ***"])
    #expect(told.values["token"]?.contains("s3cr3t") == false)
    #expect(!told.events.dropLast(2).contains { "\($0.body)".contains("s3cr3t") }, "\(told.story)")
  }

  @Test func variableThatIsNotSetIsRefusedByName() throws {
    let told = try Future("let token = env(\"TOKEN\")").run()
    #expect(told.ending == .refused)
    #expect(told.message.contains("the environment variable TOKEN is not set"))
  }

  @Test func runKnowsItself() throws {
    let told = try Future(
      "validate staging api; promote api by commit because \"run {run.id}\"; wait rollout; stop \"{run.url} {promoted}\""
    ).run()
    #expect(told.message(of: "stop").hasPrefix("stopped: https://ci.example/runs/1 api."), "\(told.story)")
    #expect(told.ending == .ok)
  }

  @Test func pullRequestThatIsNotThereIsRefused() throws {
    let told = try Future("let url = pull-request.url").run()
    #expect(told.ending == .refused)
    #expect(told.message.contains("no pull request"))
  }

  // MARK: Inputs

  @Test func inputsComeFromTheCommandElseFromTheirDefaults() throws {
    let text = "input soak = 30m\ninput ticket \"change ticket\"\nwait (soak)\nstop \"{ticket}\""
    let told = try Future(text).set("ticket=OPS-17", "soak=2m").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.elapsed >= .seconds(120) && told.elapsed < .seconds(180))
    #expect(told.message(of: "stop").contains("OPS-17"))
    #expect(try told.stage.journal.run(told.run)?.inputs == ["ticket": "OPS-17", "soak": "2m"])
  }

  @Test func everythingThatIsWrongWithInputsIsSaidAtOnce() throws {
    let stage = try Future("").stage()
    let inputs = try stage.checked("input soak = 30m\ninput ticket \"e.g. OPS-17\"\nstop \"{soak} {ticket}\"").inputs
    let error = #expect(throws: RunInputs.Problems.self) {
      try RunInputs.read(["tiket=OPS-17", "soak=30", "x", "soak=1m"], for: inputs)
    }
    let lines = try #require(error).lines
    #expect(lines.count == 4, "\(lines)")
    #expect(lines.contains { $0.contains("did you mean `--set ticket=…`") })
    #expect(lines.contains { $0.contains("`--set x` has no value") })
    #expect(lines.contains { $0.contains("was given twice") })
    #expect(lines.contains { $0.contains("`ticket` has no value") && $0.contains("e.g. OPS-17") })
    let wrong = #expect(throws: RunInputs.Problems.self) { try RunInputs.read(["ticket=", "soak=30"], for: inputs) }
    #expect(try #require(wrong).lines == ["`--set soak=30` does not give a duration, as `--set soak=30m` would"])
  }

  // MARK: Settings

  @Test func settingsAreWorkedOutWhenTheirStatementIsRun() throws {
    let told = try Future(
      """
      let hold = 1m + 30s
      wait (hold)
      let target = version of api in staging
      validate staging api
      promote api at (target) by commit
      monitor (hold + hold) every (hold - 80s)
      """
    ).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.evidence.last == .seconds(180))
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func negativeDurationIsRefusedInWords() throws {
    let told = try Future("input hold = 5m\nwait (hold - 2m)").set("hold=1m").run()
    #expect(told.ending == .refused)
    #expect(told.message == "1m - 2m is less than no time at all")
  }

  @Test func computedMonitorOfNoTimeIsNoProof() throws {
    let told = try Future("input hold = 5m\nmonitor (hold - 1m) production api").set("hold=1m").run()
    #expect(told.ending == .refused, "\(told.story)")
  }

  // MARK: Lists

  @Test func servicesOfAVariableAreTargets() throws {
    let told = try Future("let some = [api, web]\nvalidate staging some").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "validate") == "2 of 2 services sealed")
  }

  @Test func membershipIsAskedOfLists() throws {
    let text =
      "validate staging api; promote api by commit; wait rollout; if api in promoted { stop \"yes\" } else { fail \"no\" }"
    #expect(try Future(text).run().ending == .ok)
  }
}
