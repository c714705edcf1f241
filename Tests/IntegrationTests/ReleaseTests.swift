import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// `examples/release.runbook` with the monitor cut to what a test can wait for.
  static func release(monitor: String = "4s") throws -> String {
    let data = try #require(FileManager.default.contents(atPath: Rig.root + "/examples/release.runbook"))
    return String(decoding: data, as: UTF8.self).replacing("monitor 30m", with: "monitor \(monitor)")
  }

  @Test(arguments: ["merge", "squash", "rebase"]) func releasePromotesThreeServices(method: String) async throws {
    let fleet = try await RigFleet.create("release-\(method)")
    try fleet.script { $0.reviewer.method = method }
    let before = try await fleet.git("rev-parse", "main")
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(try Self.release())
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.events.last?.event == "run.ended")
    #expect(outcome.events.last?.ending == "ok")

    let pulls = try await fleet.pulls()
    #expect(pulls.count == 1)
    let pull = try #require(pulls.first)
    #expect(pull.labels.map(\.name) == ["requires-review"])
    #expect(pull.state == "closed")
    let body = try #require(pull.body)
    #expect(body.contains("- [x] Pods are running and healthy"))
    #expect(body.contains("- [x] Health endpoint returns 200 OK"))
    #expect(body.contains("rollback production api to v1.2.2"))

    #expect(try await fleet.declared("api") == "api-v1.3.0")
    #expect(try await fleet.declared("web") == "web-v5.0.1")
    #expect(try await fleet.declared("project-management") == "pm-v10.45.0")
    for (service, tag) in [("api", "api-v1.3.0"), ("web", "web-v5.0.1"), ("project-management", "pm-v10.45.0")] {
      #expect(try await fleet.image(service) == "registry.example/\(service):\(tag)")
    }
    // Only the tag lines changed.
    let diff = try await fleet.git("diff", "--unified=0", before, "main", "--", "syrf")
    let changed = diff.split(separator: "\n").filter {
      ($0.hasPrefix("+") || $0.hasPrefix("-")) && !$0.hasPrefix("+++") && !$0.hasPrefix("---")
    }
    #expect(changed.count == 6)
    #expect(changed.allSatisfy { $0.contains("chartTag:") }, "\(diff)")
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }

  @Test func copyingFilesDoesWhatTheGuidesAutomationDoes() async throws {
    let fleet = try await RigFleet.create("copy-file", copy: "file")
    let outcome = try await SlipwayRun(fleet).runbook(try Self.release())
    #expect(outcome.status == 0, "\(outcome.standardError)")
    for service in ["api", "web", "project-management"] {
      let staging = try await fleet.git("show", "main:\(fleet.file(service, in: "staging"))")
      let production = try await fleet.git("show", "main:\(fleet.file(service))")
      // The whole file, with `envName` set.
      #expect(production == staging.replacing("envName: staging", with: "envName: production"))
      #expect(production.contains("envName: production"))
    }
  }

  @Test func theOtherLayoutOfTheGuideByCommit() async throws {
    let fleet = try await RigFleet.create("services-layout", layout: "services")
    let outcome = try await SlipwayRun(fleet).runbook(
      """
      validate staging api
      promote api by commit because "OPS-17: a fix"
      wait sync within 1m
      wait rollout within 1m
      monitor 3s
      on failure { rollback promoted }
      """
    )
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let text = try await fleet.git("show", "main:environments/production/services/api.yaml")
    #expect(text.contains("api-v1.3.0"))
    let subject = try await fleet.git("log", "-1", "--format=%s", "main")
    #expect(subject == "promote(api): v1.3.0 → production")
    #expect(try await fleet.pulls().isEmpty)
  }
}
