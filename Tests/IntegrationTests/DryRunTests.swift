import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// Everything outside that a dry run could touch, by names and versions.
  struct Outside: Equatable {
    /// Every ref of the repository and what it names.
    var refs: String
    var objects: Int
    /// Pull requests, labels, comments and statuses, as the API tells them.
    var forge: [String]
    /// Every object of the cluster: kind, namespace, name, UID and resource version; those of other tests' fleets apart.
    var cluster: [String]

    static func seen(_ fleet: RigFleet) async throws -> Outside {
      let main = try await fleet.git("rev-parse", "main")
      var forge: [String] = []
      for path in [
        "pulls?state=all&per_page=100", "issues?state=all&per_page=100", "labels?per_page=100",
        "commits/\(main)/status",
      ] {
        forge.append(try await Rig.run("gh", ["api", "repos/\(fleet.github)/\(path)"], mayFail: true))
      }
      let kinds = try await fleet.kubectl("api-resources", "--verbs=list", "-o", "name")
        .split(separator: "\n").joined(separator: ",")
      let row = #"{.kind} {.metadata.namespace} {.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\n"}"#
      let listed = try await fleet.kubectl("get", kinds, "-A", "-o", "jsonpath={range .items[*]}\(row){end}")
      let others = try FileManager.default.contentsOfDirectory(atPath: "\(try #require(Rig.state))/fleets")
        .map { $0.trimmingSuffix(".json") }.filter { $0 != fleet.name }
      let objects = listed.split(separator: "\n").map(String.init).filter { line in
        !others.contains { other in
          ["staging", "production", "argocd"].contains { line.contains(" \(other)-\($0) ") }
        }
      }
      return Outside(
        refs: try await fleet.git("for-each-ref"),
        objects: try await fleet.git("rev-list", "--all", "--objects").split(separator: "\n").count,
        forge: forge,
        cluster: objects.sorted()
      )
    }
  }

  /// The keys of `planned` and `would-write` that the tests need.
  private struct Told: Decodable {
    struct Diff: Decodable, Equatable {
      var file: String
      var unified: String
    }
    var event: String
    var diffs: [Diff]?
    var preview: String?
    var verb: String?
    var what: String?
    var text: String?
    var title: String?
    var branch: String?
  }

  private func told(_ run: SlipwayRun, _ event: String) throws -> [Told] {
    try run.raw.map { try JSONDecoder().decode(Told.self, from: Data($0.utf8)) }.filter { $0.event == event }
  }

  @Test(arguments: ["tag", "file"]) func aDryRunTouchesNothingAndPredictsTheDiff(copy: String) async throws {
    let fleet = try await RigFleet.create("dry-\(copy)", copy: copy)
    let path = "\(fleet.folder)/release.runbook"
    try Data(try Self.release(monitor: "3s").utf8).write(to: URL(filePath: path))
    let before = try await Outside.seen(fleet)
    #expect(before.cluster.count > 100)
    let dry = SlipwayRun(fleet, home: "dry")
    let outcome = try await dry.slipway(["run", path, "--dry-run", "--json"])
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(dry.raw.joined(separator: "\n"))")
    let after = try await Outside.seen(fleet)
    #expect(after == before)

    // Every statement is marked, and for what it is.
    let marks = try told(dry, "step.previewed").map { "\($0.verb ?? "") \($0.preview ?? "")" }
    #expect(
      marks == ["validate previewed", "promote previewed", "wait merge simulated", "monitor simulated"],
      "\(marks)"
    )
    let predicted = try #require(try told(dry, "planned").first?.diffs)
    #expect(predicted.count == 3)
    let writes = try told(dry, "would-write")
    let proposal = try #require(writes.first { $0.what == "pull request" })
    #expect(proposal.text?.contains("- [x] Pods are running and healthy") == true)
    #expect(proposal.text?.contains("rollback production api to v1.2.2") == true)
    let commit = try #require(writes.first { $0.what == "commit" })
    #expect(commit.text?.hasPrefix("promote(api, web, project-management)") == true, "\(commit.text ?? "")")

    // The real run then makes that diff, byte for byte.
    let real = SlipwayRun(fleet, home: "real")
    let made = try await real.slipway(["run", path, "--json"])
    #expect(made.status == 0, "\(made.standardError)\n\(real.raw.suffix(6).joined(separator: "\n"))")
    #expect(try told(real, "planned").first?.diffs == predicted)
    let base = before.refs.split(separator: " ").first.map(String.init) ?? ""
    for diff in predicted {
      // Without the names of blobs and the headings of hunks, which are git's comments on the change.
      let text = try await fleet.git("diff", "--no-color", base, "main", "--", diff.file)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("index ") }
        .map { line in line.replacing(#/^(@@ [^@]+ @@).*/#) { $0.output.1 } }
      #expect(lines.joined(separator: "\n") + "\n" == diff.unified)
    }
    let pull = try #require(try await fleet.pulls().first)
    #expect(pull.title == proposal.title)
    let body = try #require(pull.body)
    #expect(try Self.withoutTimes(body, real) == Self.withoutTimes(proposal.text ?? "", dry))
  }

  /// A pull request's text without the run's name and the moments at which things were seen.
  private static func withoutTimes(_ text: String, _ run: SlipwayRun) throws -> String {
    let name = try #require(run.events.first).run
    return text.replacing(name, with: "RUN").replacing(#/\d{4}-\d\d-\d\dT[0-9:.]+Z/#, with: "TIME")
  }

  @Test func aDryRunFindsWhatIsReallyWrong() async throws {
    let fleet = try await RigFleet.create("dry-bad")
    try fleet.script { $0.behaviours["staging/web-v5.0.1"] = .init(status: 500) }
    let clock = SystemClockSleep.now() + .seconds(20)
    var answer = ""
    let url = try await Rig.run("sed", ["-n", "s|^ *staging: \\(http.*/web\\)$|\\1|p", "\(fleet.folder)/slipway.yaml"])
      .trimmingSuffix("\n")
    while answer != "500", SystemClockSleep.now() < clock {
      answer = try await Rig.run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", url], mayFail: true)
    }
    let before = try await Outside.seen(fleet)
    let run = SlipwayRun(fleet, home: "dry")
    let path = "\(fleet.folder)/release.runbook"
    try Data(try Self.release(monitor: "3s").utf8).write(to: URL(filePath: path))
    let outcome = try await run.slipway(["run", path, "--dry-run", "--json"])
    #expect(outcome.status == 1, "\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "validate") == "failed")
    #expect(run.raw.contains { $0.contains("500 from \(url)") })
    #expect(try await Outside.seen(fleet) == before)
  }

  /// Only a program or a person knows how these end: a dry run says so, starts nothing and asks nobody.
  @Test func aDryRunStartsNoProgramAndAsksNobody() async throws {
    let fleet = try await RigFleet.create("dry-asks")
    let path = "\(fleet.folder)/asks.runbook"
    let ran = "\(fleet.folder)/ran"
    try Data("confirm \"Shall it be?\"\nrun \"touch \(ran)\"\n".utf8).write(to: URL(filePath: path))
    let dry = SlipwayRun(fleet, home: "dry")
    let outcome = try await dry.slipway(["run", path, "--dry-run", "--json"])
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(dry.raw.joined(separator: "\n"))")
    let marks = try told(dry, "step.previewed").map { "\($0.verb ?? "") \($0.preview ?? "")" }
    #expect(marks == ["confirm cannot be previewed", "run cannot be previewed"], "\(marks)")
    #expect(!FileManager.default.fileExists(atPath: ran))
  }

  /// A recording of the live world is a file, and a rehearsal on it needs no server any more.
  @Test func aRecordedFleetIsRehearsedWithoutIt() async throws {
    let fleet = try await RigFleet.create("recorded")
    let path = "\(fleet.folder)/release.runbook"
    try Data(try Self.release(monitor: "30m").utf8).write(to: URL(filePath: path))
    let before = try await Outside.seen(fleet)
    let file = "\(fleet.folder)/fleet.json"
    let live = SlipwayRun(fleet, home: "dry")
    let recorded = try await live.slipway(["rehearse", path, "--from", "live", "--record", file, "--json"])
    #expect(recorded.status == 0, "\(recorded.standardError)")
    #expect(try await Outside.seen(fleet) == before)
    let again = SlipwayRun(fleet, home: "dry")
    let outcome = try await again.slipway(
      ["rehearse", path, "--fleet", file, "--json"],
      environment: ["KUBECONFIG": "/dev/null", "GH_TOKEN": "none", "PATH": "/nowhere"]
    )
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(again.raw == live.raw)
  }
}
