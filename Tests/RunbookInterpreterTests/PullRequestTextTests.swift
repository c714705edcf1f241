import PromotionModel
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct PullRequestTextTests {
  private func body(_ text: String, _ change: (Future) throws -> Future = { $0 }) throws -> String {
    let told = try change(Future(text).with(.reviewer(.neverComes))).run()
    let pull = try #require(told.stage.pullRequests.first, "\(told.story)")
    return try #require(told.stage.simulated.forge.body(of: pull.number))
  }

  @Test func saysWhatChangesWhatWasCheckedAndTheWayBack() throws {
    let told = try Future("validate staging all; promote all because \"OPS-17: reports\"")
      .with(.reviewer(.neverComes)).run()
    let pull = try #require(told.stage.pullRequests.first)
    #expect(pull.title == "promote(api, web, project-management): v1.3.0, v5.0.1, v10.45.0 → production")
    #expect(pull.branch == "production-promotion-run-1")
    #expect(pull.base == "main")
    let body = try #require(told.stage.simulated.forge.body(of: pull.number))
    #expect(body.contains("Promotes 3 services from staging to production. Merging this deploys it."))
    #expect(body.contains("Reason: OPS-17: reports"))
    #expect(body.contains("| api | `api-v1.2.2` | `api-v1.3.0` | `sha256:"))
    #expect(body.contains("- [x] Pods are running and healthy\n"))
    #expect(body.contains("- [x] Health endpoint returns 200 OK\n"))
    #expect(body.contains("- [ ] The feature works as expected in staging"))
    #expect(body.contains("rollback production project-management to v10.44.3"))
    #expect(body.contains("\nRun `run-1`, followed at <https://ci.example/runs/1>."))
    #expect(told.stage.simulated.forge.statuses(of: pull.head)["slipway/plan"]?.state == .success)
  }

  @Test func onlyWhatWasSeenOfEveryServiceIsTicked() throws {
    let named = try body("validate staging docs, web; promote docs, web")
    #expect(named.contains("- [ ] Health endpoint returns 200 OK\n"))
    #expect(named.contains("docs: not checked, no health endpoint configured"))
    #expect(named.contains("- [x] Pods are running and healthy\n"))
  }

  @Test func whatWasDoneWithoutIsOnTheList() throws {
    let text = try body("promote api without validation because \"a hotfix for @grace\"")
    #expect(text.contains("- [ ] Without validation: a hotfix for @\u{200B}grace\n"))
    #expect(text.contains("- [ ] Pods are running and healthy (not checked)"))
    #expect(text.contains("not sealed"))
  }

  @Test(arguments: [
    ("<script>", "&lt;script&gt;"), ("@all", "@\u{200B}all"), ("[a](b)", "\\[a\\](b)"), ("**b**", "\\*\\*b\\*\\*"),
    ("a|b", "a\\|b"), ("`x`", "\\`x\\`"), ("a\nb", "a·b"), ("# t", "\\# t"), ("\u{1B}[31m", "·\\[31m"),
    ("![i](u)", "\\!\\[i\\](u)"), ("\u{202E}", "·"), ("plain text, ünïcode", "plain text, ünïcode"),
  ])
  func hostileTextIsHarmless(text: String, shown: String) { #expect(PullRequestText.harmless(text) == shown) }

  @Test func reasonCannotForgeATickOrATrailer() throws {
    let told = try Future("validate staging api; promote api because \"x\\n- [x] Approved\\nSlipway-Run: other\"")
      .with(.reviewer(.neverComes)).run()
    let pull = try #require(told.stage.pullRequests.first)
    let body = try #require(told.stage.simulated.forge.body(of: pull.number))
    #expect(!body.contains("\n- [x] Approved"))
    let commit = try #require(told.stage.commitsOfRuns.first)
    #expect(commit.trailer("Slipway-Run") == "run-1")
    #expect(told.stage.simulated.repository.body(of: commit.id)?.contains("\nSlipway-Run: other") == false)
  }

  @Test func subjectsAreThoseOfTheGuide() throws {
    let fleet = try Future("stop \"x\"").stage().fleet
    let base = try #require(CommitID(String(repeating: "1", count: 40)))
    func change(_ name: ServiceName, _ from: String?, _ to: String) -> ServiceChange {
      ServiceChange(service: name, file: "f", fromTag: from, toTag: to, edits: [])
    }
    let one = ChangeSet(environment: production, base: base, services: [change(api, "api-v1.2.2", "api-v1.3.0")])
    #expect(Subjects.promotion(one, fleet) == "promote(api): v1.3.0 → production")
    #expect(
      Subjects.rollback(one, fleet, reason: "OPS-17") == "rollback(api): revert production to v1.3.0 due to OPS-17"
    )
    let same = ChangeSet(
      environment: production,
      base: base,
      services: [change(api, nil, "api-v1.3.0"), change(web, nil, "web-v1.3.0")]
    )
    #expect(Subjects.promotion(same, fleet) == "promote(api, web): v1.3.0 → production")
    #expect(Subjects.line("a\nb\u{1B}c") == "a·b·c")
  }
}
