import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import Testing

/// What the interpreter is handed.
@Suite struct CheckedFormTests {
  private func runbook(_ text: String) throws -> CheckedRunbook {
    let checked = Checked(text, fleet: try CaseFleet.load(), files: ImportTests.files)
    return try #require(checked.result.runbook, "\(checked.rendered)")
  }

  @Test func textsOrdinalsAndLines() throws {
    let runbook = try runbook(
      """
      runbook "Weekly"

      validate staging api,   # the first
        web
      if health of api in staging is healthy {
        promote   api
      } else { stop "no" }
      on failure { rollback promoted }
      monitor 30m production
      """
    )
    #expect(runbook.title == "Weekly")
    #expect(runbook.body.statements.map(\.ordinal) == [1, 2, 4])
    #expect(runbook.body.statements.map(\.line) == [3, 5, 9])
    #expect(
      runbook.body.statements.map(\.text) == [
        "validate staging api, web", "if health of api in staging is healthy", "monitor 30m production",
      ]
    )
    #expect(runbook.body.onFailure?.ordinal == 3)
    #expect(runbook.body.statements.allSatisfy { $0.file == nil })
  }

  @Test func constantsAreWorkedOut() throws {
    let runbook = try runbook(
      """
      input rest = 5m
      let soak = 10m + 20m
      wait (soak)
      wait (soak + rest)
      procedure watch(hold) { monitor (hold) production api }
      watch(soak)
      """
    )
    let actions = runbook.body.statements.map(\.action)
    guard actions.count == 4, case .bind(let variable, let value) = actions[0], case .waitTime(let known) = actions[1],
      case .waitTime(let computed) = actions[2], case .call(let call) = actions[3],
      case .monitor(let monitor)? = call.block.statements.first?.action
    else {
      Issue.record("\(actions)")
      return
    }
    #expect(variable.name == "soak" && variable.type == .duration)
    #expect(value.kind == .constant(.duration(.seconds(1800))))
    #expect(known == .constant(.seconds(1800)))
    #expect(computed.known == nil)
    #expect(monitor.duration == .constant(.seconds(1800)))
    #expect(call.arguments.map(\.variable.name) == ["hold"])
    #expect(runbook.inputs.map(\.variable.name) == ["rest"])
    #expect(runbook.inputs.first?.defaultValue == .duration(.seconds(300)))
  }

  @Test func variablesOfTheSameNameDiffer() throws {
    let runbook = try runbook(
      """
      procedure watch(services) { monitor 30m production services }
      watch([api] + promoted)
      watch([web] + promoted)
      """
    )
    let slots = runbook.body.statements.compactMap { statement in
      if case .call(let call) = statement.action { call.arguments.first?.variable.slot } else { nil }
    }
    #expect(Set(slots).count == 2)
  }

  @Test func allStaysAll() throws {
    let runbook = try runbook(
      "procedure look(services) { validate staging services; announce \"{services}\" }\nlook(all)"
    )
    guard case .call(let call)? = runbook.body.statements.first?.action,
      case .validate(let validate)? = call.block.statements.first?.action
    else {
      Issue.record("no call")
      return
    }
    #expect(validate.targets == .all(except: []))
    #expect(call.arguments.first?.value.type == .list(.service))
  }

  @Test func factsAreCountedByStatement() throws {
    let runbook = try runbook(
      """
      require version of api in staging is version of web in staging
      if ready of api in staging > 1 {
        require ready of web in staging > 1
      } else if ready of web in staging > 2 {
        stop "{version of api in staging}"
      }
      """
    )
    func ordinals(_ expression: CheckedExpression) -> [Int] {
      switch expression.kind {
      case .fact(let fact): [fact.ordinal]
      case .compare(_, let a, let b): ordinals(a) + ordinals(b)
      default: []
      }
    }
    guard runbook.body.statements.count == 2, case .require(let require) = runbook.body.statements[0].action,
      case .condition(let condition) = require.requirement, case .branch(let branch) = runbook.body.statements[1].action
    else {
      Issue.record("not as expected")
      return
    }
    #expect(ordinals(condition) == [0, 1])
    #expect(branch.branches.map(\.condition).flatMap(ordinals) == [0, 1])
    #expect(require.text == "version of api in staging is version of web in staging")
  }

  @Test func targetsKeepTheirOrder() throws {
    let runbook = try runbook(
      "input more = [web]\nlet them = [web, api]\nvalidate staging them\nvalidate staging more, api"
    )
    let targets = runbook.body.statements.compactMap { statement -> Targets? in
      if case .validate(let validate) = statement.action { validate.targets } else { nil }
    }
    #expect(targets.first == .services([ServiceName("web"), ServiceName("api")]))
    guard case .computed(let expressions)? = targets.last else {
      Issue.record("not computed")
      return
    }
    #expect(expressions.map(\.type) == [.list(.service), .service])
  }

  @Test func aStatementThatCannotBeReadKeepsTheRunbookBack() throws {
    let checked = Checked("validate staging api\nmonitor 30x", fleet: try CaseFleet.load())
    #expect(checked.result.runbook == nil)
    #expect(checked.result.findings.isEmpty)
  }

  @Test func scenariosAreReadToTheirValues() throws {
    let runbook = try runbook(
      """
      validate staging all
      scenario "the new api crashes" {
        given production api crashes after 3m
        given metric "error-rate" of api in production is 0.5%
        given the reviewer merges   by squash
        expect timed out at wait merge
        expect api in production is v1.2.2
        expect no pull request
        expect announced rolled-back
        expect exit 3
        expect within 2h
        expect safe
      }
      """
    )
    let scenario = try #require(runbook.scenarios.first)
    let api = ScenarioPlace(environment: EnvironmentName("production"), service: ServiceName("api"))
    #expect(scenario.title == "the new api crashes" && scenario.line == 2)
    #expect(
      scenario.events.map(\.kind) == [
        .crashes(api), .metric("error-rate", api, 0.005), .reviewerMerges(.squash),
      ]
    )
    #expect(scenario.events.map(\.after) == [.seconds(180), nil, nil])
    #expect(scenario.events.last?.text == "given the reviewer merges by squash")
    let version = try #require(Version("1.2.2"))
    #expect(
      scenario.expectations.map(\.kind) == [
        .ending(.timedOut, verb: "wait merge"), .version(api, version), .pullRequest(nil), .announced(.rolledBack),
        .exit(3), .within(.seconds(7200)), .safe,
      ]
    )
    #expect(scenario.expectations.map(\.line) == Array(6...12))
  }

  @Test func aScenarioGivesMetricsThatThereAre() throws {
    let fleet = try CaseFleet.load(
      CaseFleet.text + """

        metrics:
          address: http://prometheus.example:9090
          alerts: { app: "{service}" }
          queries: { error-rate: { query: "errors[{window}]", at-most: 1 } }
        """
    )
    func finding(_ name: String) -> String? {
      let alert = "  given alert \"Slow\" of api in production fires\n"
      let metric = "  given metric \"\(name)\" of api in production is 0.5\n"
      let text = "validate staging all\nscenario \"one\" {\n" + alert + metric
      return Checked(text + "  expect ok\n}\n", fleet: fleet).findings.first?.diagnostic.summary
    }
    #expect(finding("error-rate") == nil)
    #expect(finding("eror-rate") == "unknown metric \"eror-rate\"; did you mean \"error-rate\"?")
    #expect(finding("nope") == "unknown metric \"nope\"")
  }
}
