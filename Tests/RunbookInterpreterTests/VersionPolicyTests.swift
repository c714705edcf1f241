import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter
@testable import SimulatedWorld

/// Which versions may be promoted, and with whose word.
@Suite struct VersionPolicyTests {
  private static let byCommit = "validate staging api\npromote api by commit\nmonitor 30m"
  private static let byMerge = "validate staging api\npromote api\nmerge within 2h\nmonitor 30m"

  /// Staging is at another version of the api than usual.
  private func future(_ text: String, at staged: String = "1.3.0", _ policy: String) throws -> Future {
    let version = try version(staged)
    return Future(text).configured("policy: { \(policy) }").containing { $0.versions[staging]?[api] = version }
  }

  // MARK: Versions left out

  @Test func leftOutVersionIsRefused() throws {
    let told = try future(Self.byCommit, at: "1.2.9", "skip: refuse").run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(
      told.message.contains("api 1.2.2 → 1.2.9 skips 1.2.3, 1.2.4, 1.2.5, 1.2.6, 1.2.7, which never ran in staging")
    )
    told.expectUntouched()
  }

  @Test func leftOutVersionIsWarnedOfByItself() throws {
    let told = try Future(Self.byCommit).containing { $0.versions[staging]?[api] = Version("1.2.5") }.run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.warnings.contains { $0.contains("skips 1.2.3, which never ran in staging") })
    let allowed = try future(Self.byCommit, at: "1.2.4", "skip: allow").run()
    #expect(allowed.ending == .ok && !allowed.warnings.contains { $0.contains("skips") }, "\(allowed.story)")
  }

  @Test func aReasonGoesOverIt() throws {
    let text = "validate staging api\npromote api by commit allowing unstaged because \"tested by hand\"\nmonitor 30m"
    let told = try future(text, at: "1.2.9", "skip: refuse").run()
    #expect(told.ending == .ok, "\(told.story)")
  }

  @Test(arguments: [
    ("1.2.2", "1.2.3", [], []), ("1.2.2", "1.2.5", ["1.2.3"], ["1.2.4"]), ("1.2.2", "1.3.0", [], []),
    ("1.2.2", "1.3.1", [], ["1.3.0"]), ("1.2.2", "1.4.0", ["1.3.7"], []), ("1.2.2", "1.4.0", [], ["1.3.x"]),
    ("1.2.2", "2.0.0", [], []), ("1.2.2", "2.1.0", [], ["2.0.x"]), ("1.2.2", "4.0.0", ["2.5.0"], ["3.x.x"]),
    ("1.2.2", "1.2.1", [], []), ("1.2.2", "1.2.2", [], []), ("1.2.3-rc.1", "1.2.3", [], []),
    ("1.2.2", "1.2.18446744073709551615", [], ["1.2.3", "1.2.4", "1.2.5", "1.2.6", "1.2.7"]),
  ])
  func whatIsLeftOutIsCounted(from: String, to: String, known: [String], missing: [String]) throws {
    let (from, to) = (try version(from), try version(to))
    #expect(Version.leftOut(from: from, to: to, known: known.compactMap { Version($0) }) == missing)
  }

  // MARK: Versions that belong together

  @Test func servicesThatMustMatchMustMatch() throws {
    let told = try future(Self.byCommit, "matching: [[api, web]]").run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(
      told.message.contains("in production there would be api 1.3.0, web 5.0.0, which must have the same version")
    )
    told.expectUntouched()
    let same = try version("1.3.0")
    let matching = try future(Self.byCommit, "matching: [[api, web]]").containing {
      $0.versions[production]?[web] = same
      $0.versions[staging]?[web] = same
    }.run()
    #expect(matching.ending == .ok, "\(matching.story)")
    let others = try future(Self.byCommit, "matching: [[web, docs]]").run()
    #expect(others.ending == .ok, "\(others.story)")
  }

  // MARK: Approvals

  @Test func majorChangeNeedsTheConfiguredPeople() throws {
    let policy = "approvals: { major: [leads] }, teams: { leads: [ada] }"
    let waits = try future(Self.byMerge, at: "2.0.0", policy).with(.reviewer(.merges(after: .seconds(1200)))).run()
    // The reviewer is none of them, and merges all the same: that is said.
    #expect(waits.ending == .ok, "\(waits.story)")
    #expect(waits.progress.contains { $0.contains("a major change needs the approval of leads") })
    #expect(waits.stage.pullRequests.first?.mergedBy == "Reviewer")
    #expect(waits.message(of: "merge").contains("without what it needed: a major change needs the approval of leads"))
    let told = try future(Self.byMerge, at: "2.0.0", policy.replacing("[ada]", with: "[reviewer]"))
      .with(.reviewer(.merges(after: .seconds(1200)))).run()
    #expect(told.ending == .ok && told.stage.pullRequests.first?.mergedBy == "slipway", "\(told.story)")
    let body = try #require(told.stage.simulated.forge.body(of: 101))
    #expect(body.contains("Needs: A major change: the approval of leads"))
  }

  @Test func smallerStepsNeedTheirs() throws {
    let policy = "approvals: { patch: 0, minor: 2 }"
    let told = try future(Self.byMerge, policy).with(.reviewer(.neverComes)).run()
    #expect(told.ending == .timedOut, "\(told.story)")
    #expect(told.message.contains("a minor change needs 2 approvals, and has 0"))
    let patch = try future(Self.byMerge, at: "1.2.3", policy).with(.reviewer(.neverComes)).run()
    #expect(patch.ending == .ok && patch.stage.pullRequests.first?.mergedBy == "slipway", "\(patch.story)")
  }

  @Test func aCommitHasNobodysApproval() throws {
    let told = try future(Self.byCommit, "approvals: { minor: 1 }").run()
    #expect(told.exit == 2, "\(told.story)")
    #expect(told.message.contains("A minor change: 1 approval (`policy.approvals`), which a commit has none of"))
    told.expectUntouched()
  }

  // MARK: Changes

  @Test func commitsBetweenTheVersionsStandInThePullRequest() throws {
    let text = "validate staging api\npromote api"
    func body(_ change: (Future) -> Future) throws -> (String, Told) {
      let future = try Future(text).with(.reviewer(.neverComes))
        .replacing("tag: \"api-v{version}\"", "source: acme/api\n    tag: \"api-v{version}\"")
      let told = try change(future).run()
      return (try #require(told.stage.simulated.forge.body(of: 101), "\(told.story)"), told)
    }
    let (whole, _) = try body { $0 }
    #expect(whole.contains("### Changes\n\n- api: "), "\(whole)")
    #expect(whole.contains("<https://forge.example/acme/api/compare/api-v1.2.2...api-v1.3.0>"))
    #expect(whole.contains(" feat: what api-v1.3.0 brings (Grace)\n"))
    // Nobody waits for it.
    let (without, told) = try body { $0.with(.call(.forgeSourceChanges, occurrence: 1, .fails(.notFound))) }
    #expect(without.contains("- api: its source could not be asked\n"))
    #expect(told.ending == .ok && told.warnings.contains { $0.contains("could not be listed") }, "\(told.story)")
  }

  @Test func riskIsWhatTheInputSays() throws {
    let text = "input risk = \"Low\"\nvalidate staging api\npromote api because \"{risk}\""
    let told = try Future(text).with(.reviewer(.neverComes)).run()
    let body = try #require(told.stage.simulated.forge.body(of: 101), "\(told.story)")
    #expect(body.contains("Risk level: Low\n"))
  }
}
