import PromotionModel
import RunLog
import SimulatedWorld
import Testing

/// `gitops.records`: promotions and returns add their entries to a record of releases in the repository.
@Suite struct RecordTests {
  private static let ownFiles = "releases/{environment}/{date}-{run}.md"
  private static let quick = "validate staging api\npromote api by commit\nmonitor 30m"

  private func future(_ text: String, _ records: String = Self.ownFiles) throws -> Future {
    let future = try Future(text).replacing("copy: tag", "copy: tag\n  records: \"\(records)\"")
    guard !records.contains("{run}") else { return future }
    let forge = "pull-request: { repository: acme/cluster-gitops, labels: [requires-review], merge: merge }\n"
    return try future.replacing(forge, "")
  }

  /// The entries on the branch, by their paths.
  private func entries(_ stage: Stage) -> [String: String] {
    let paths = stage.simulated.repository.paths.filter { $0.hasPrefix("releases/") || $0 == "RELEASES.md" }
    return Dictionary(
      uniqueKeysWithValues: paths.map { path in
        (path, String(decoding: stage.simulated.repository.file(path) ?? [], as: UTF8.self))
      }
    )
  }

  @Test(arguments: ["by commit", "by pr"]) func promotionAndRollbackEachHaveTheirEntry(way: String) throws {
    let wait = way == "by pr" ? "\nwait merge" : ""
    let text = "validate staging api\npromote api \(way) because \"OPS-17: faster login\"\(wait)\nmonitor 30m"
    let stage = try future(text).stage()
    let told = try stage.run(text, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    let (path, entry) = try #require(entries(stage).first)
    #expect(entries(stage).count == 1)
    #expect(path.hasPrefix("releases/production/20") && path.hasSuffix("-run-0-1.md"))
    let lines = entry.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("# 20") && lines[0].hasSuffix(" UTC: promotion, production"))
    #expect(
      Array(lines.dropFirst()) == [
        "- api: v1.2.2 → v1.3.0", "Reason: OPS-17: faster login", "Run: `run-0`, <https://ci.example/runs/1>",
      ]
    )
    // What was told before is what was made, to the byte.
    guard case .planned(_, let diffs)? = told.first("planned")?.body else {
      Issue.record("nothing was planned")
      return
    }
    let diff = try #require(diffs.first { $0.file == path }).unified
    let added = diff.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.hasPrefix("+") }
    #expect(added.dropFirst().map { $0.dropFirst() + "\n" }.joined() == entry)

    let back = try stage.run("rollback production api because \"login fails\"")
    #expect(back.ending == .ok, "\(back.story)")
    #expect(entries(stage).count == 2 && entries(stage)[path] == entry)
    let other = try #require(entries(stage).first { $0.key != path })
    #expect(other.key.hasSuffix("-run-1-0.md"))
    for part in [" UTC: rollback, production", "- api: v1.3.0 → v1.2.2", "Reason: login fails", "Run: `run-1`"] {
      #expect(other.value.contains(part), "\(part) in \(other.value)")
    }
  }

  @Test(arguments: ["by pr", "by revert", "by undo"]) func everyWayBackAddsAndNoneRemoves(way: String) throws {
    let text = "validate staging api\npromote api\nwait merge\nmonitor 30m"
    let stage = try future(text).stage()
    #expect(try stage.run(text, as: "run-0").ending == .ok)
    let back = try stage.run("rollback production api \(way) because \"login fails\"")
    #expect(back.ending == .ok, "\(back.story)")
    #expect(stage.tag(api) == "api-v1.2.2" && stage.running(api) == "1.2.2")
    let kinds = entries(stage).sorted { $0.key < $1.key }.map { $0.value.contains(": rollback, ") }
    #expect(kinds.sorted { !$0 && $1 } == [false, true], "\(entries(stage))")
  }

  @Test func handlersReturnIsRecordedBesideItsPromotion() throws {
    let text = Self.quick + "\non failure { rollback promoted }"
    let told = try future(text).with(api, .crashes(after: .seconds(300))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(entries(told.stage).count == 2)
    #expect(entries(told.stage).values.contains { $0.contains("Reason: a failed promotion") })
  }

  @Test(arguments: 1...16) func goneAtAnyWriteItIsRecordedOnce(write: Int) throws {
    let stage = try future(Self.quick).stage()
    _ = try stage.run(Self.quick, dying: .atWrite(write))
    try stage.pass(.seconds(90))
    var told = try stage.run(Self.quick)
    for _ in 0..<4 where told.ending == .interrupted { told = try stage.run(Self.quick) }
    #expect(told.ending == .ok, "\(told.story)")
    #expect(entries(stage).count == 1 && stage.commitsOfRuns.count == 1)
  }

  @Test func twoPullRequestsThatWaitAreBothMerged() throws {
    let text = "validate staging web\npromote web\nwait merge\nmonitor 30m"
    let stage = try future(text).with(.reviewer(.merges(after: .seconds(1800)))).stage()
    #expect(try stage.run("validate staging api\npromote api", as: "run-0").ending == .ok)
    try stage.pass(.seconds(600))
    // The other one is merged, with its entry, while this one waits: its approval is of this plan all the same.
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.pullRequests.map(\.state) == [.merged, .merged])
    #expect(entries(stage).count == 2)
    #expect(stage.tag(api) == "api-v1.3.0" && stage.running(web) == "5.0.1")
  }

  @Test func oneFileHasTheNewestFirst() throws {
    let stage = try future(Self.quick, "RELEASES.md").stage()
    #expect(try stage.run(Self.quick, as: "run-0").ending == .ok)
    let first = try #require(entries(stage)["RELEASES.md"])
    #expect(first.hasPrefix("# Releases\n\n<!-- slipway: the newest entry stands first -->\n\n## 20"))
    #expect(try stage.run("rollback production api by revert because \"login fails\"").ending == .ok)
    let both = try #require(entries(stage)["RELEASES.md"])
    let promotion = try #require(both.firstRange(of: ": promotion,"))
    let rollback = try #require(both.firstRange(of: ": rollback,"))
    #expect(rollback.lowerBound < promotion.lowerBound)
    #expect(both.hasSuffix(first.split(separator: "-->\n\n").last ?? "?"))
  }

  @Test func templateIsFilledAndOutsideTextIsHarmless() throws {
    let text = "input ticket \"which\"\nvalidate staging api\npromote api by commit because \"[x](y) <b>\"\nmonitor 30m"
    let records = "{ file: 'releases/{run}.md', entry: '{what} {services} for {ticket}: {reason} {commits}' }"
    let told = try Future(text).replacing("copy: tag", "copy: tag\n  records: \(records)").set("ticket=OPS-17").run()
    #expect(told.ending == .ok, "\(told.story)")
    let (path, entry) = try #require(entries(told.stage).first)
    #expect(path.hasPrefix("releases/run-1-"))
    #expect(entry == "promotion - api: v1.2.2 → v1.3.0 for OPS-17: \\[x\\](y) &lt;b&gt; \n")
  }

  @Test func commitsBetweenTheVersionsAreListed() throws {
    let told = try future(Self.quick).replacing(
      "tag: \"api-v{version}\"",
      "tag: \"api-v{version}\"\n    source: acme/api"
    )
    .run()
    #expect(told.ending == .ok, "\(told.story)")
    let entry = try #require(entries(told.stage).first).value
    #expect(entry.contains(", <https://forge.example/acme/api/compare/api-v1.2.2...api-v1.3.0>\n  - `"))
    #expect(entry.contains("feat: what api-v1.3.0 brings (Grace)"))
  }

  @Test func secretsStandInNoEntry() throws {
    let text = """
      let token = env("DEPLOY_TOKEN")
      validate staging api
      promote api by commit because "with {token}"
      monitor 30m
      """
    let told = try future(text).standingIn { $0.variables["DEPLOY_TOKEN"] = "s3cr3t-value_1" }.run()
    #expect(told.ending == .ok, "\(told.story)")
    let entry = try #require(entries(told.stage).first).value
    #expect(entry.contains("Reason: with \\*\\*\\*") || entry.contains("Reason: with ***"), "\(entry)")
    #expect(!entry.contains("s3cr3t"))
  }

  @Test func diffThatIsShownHasTheEntry() throws {
    let told = try future("show diff production api").run()
    #expect(told.tables.contains { $0.columns.first?.hasPrefix("releases/production/") == true }, "\(told.story)")
    #expect(entries(told.stage).isEmpty)
  }

  @Test func reconciliationIsRecorded() throws {
    let other = try #require(Version("1.2.1"))
    let told = try future("wait 5m; reconcile production api").with(.liveImage(api, production, other)).run()
    let entry = try #require(entries(told.stage).first, "\(told.story)").value
    #expect(entry.contains(": reconciliation, production") && entry.contains("- api: v1.2.2 → v1.2.1"))
  }
}
